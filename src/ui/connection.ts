/**
 * Whether the server can be reached. `navigator.onLine` is no help: a self-hosted Regulars may run on this very machine.
 * A call that fails on the way reports `lost()` and waits there until `/healthz` answers again.
 */
type Listener = () => void;

const listeners = new Set<Listener>();
let since: number | null = null;
let restored: Promise<void> | null = null;
let comeBack: Listener = () => {};

const tell = () => {
  for (const listener of listeners) listener();
};

const seen = () => {
  if (since === null) return;
  since = null;
  restored = null;
  comeBack();
  tell();
};

const probe = async (wait_ms: number): Promise<void> => {
  await new Promise(resolve => setTimeout(resolve, wait_ms));
  if (since === null) return;
  try {
    const response = await fetch('/healthz', { cache: 'no-store' });
    if (response.ok) return seen();
  } catch {
    // still away: ask again, a little later each time
  }
  return probe(Math.min(wait_ms * 1.5, 10_000));
};

/** Resolves once the server answers again; rejects when the caller no longer waits. */
const lost = (signal?: AbortSignal): Promise<void> => {
  if (restored === null) {
    since = Date.now();
    restored = new Promise(resolve => {
      comeBack = resolve;
    });
    tell();
    void probe(800);
  }
  const back = restored;
  return new Promise((resolve, reject) => {
    void back.then(resolve);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
};

export const connection = {
  lost,
  seen,
  /** Milliseconds since 1970 when the connection broke, or null. */
  lostSince: () => since,
  subscribe: (listener: Listener) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};
