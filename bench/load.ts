/** Requests at a fixed rate, whether or not the ones before are answered: a slow answer delays nobody but itself. */
import { Agent, request } from 'node:http';

export type Answered = { kind: string; took_ms: number };
/** `open` sends one request of this kind and resolves when the whole answer is there. */
export type Asker = (kind: string) => Promise<void>;

export const atRate = async (
  kinds: readonly string[],
  options: { perSecond: number; seconds: number; ask: Asker },
): Promise<Answered[]> => {
  const count = options.perSecond * options.seconds;
  const start = performance.now();
  const answers: Promise<Answered>[] = [];
  for (let i = 0; i < count; i++) {
    const due = start + (i * 1000) / options.perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
    const kind = kinds[i % kinds.length];
    // From the moment it was due: waiting for a turn counts.
    answers.push(options.ask(kind).then(() => ({ kind, took_ms: performance.now() - due })));
  }
  return Promise.all(answers);
};

export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)];

/** GETs with an API key over kept connections. Throws on anything but 200. */
export const getter = (base: string, key: string) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const get = (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      request(`${base}${path}`, { agent, headers: { authorization: `Bearer ${key}` } }, answer => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${path} answered ${answer.statusCode}`)),
        );
      })
        .on('error', reject)
        .end();
    });
  return { get, close: () => agent.destroy() };
};
