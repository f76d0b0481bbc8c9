/**
 * Step-up: when the server wants to know again who one is (403 `access.proof_needed`), the call waits here while the shell's dialog asks,
 * and goes out again afterwards. Whoever closes the dialog gets the refusal.
 */
type Listener = () => void;
type Asked = { sentence: string; done: (proved: boolean) => void };

const listeners = new Set<Listener>();
let asked: Asked | null = null;
let answer: Promise<boolean> | null = null;

const tell = () => {
  for (const listener of listeners) listener();
};

/** Several calls at once share one dialog. */
const ask = (sentence: string): Promise<boolean> => {
  answer ??= new Promise<boolean>(resolve => {
    asked = {
      sentence,
      done: proved => {
        asked = null;
        answer = null;
        tell();
        resolve(proved);
      },
    };
    tell();
  });
  return answer;
};

export const proof = {
  ask,
  /** What is being asked now; the dialog calls `done`. */
  asked: () => asked,
  subscribe: (listener: Listener) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};
