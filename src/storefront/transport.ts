/**
 * Brings the queue to the door. One tab at a time sends (a lock of the browser); an event leaves the queue once the door has said
 * that it is stored. A delivery may be repeated: message ids make that harmless.
 */
import { type Batch, bytesOf, type Queue } from './queue.ts';

/** Events of one moment travel together. */
const soon_ms = 80;
/** How long to leave another tab to it. */
const taken_ms = 2_000;
const first_ms = 1_000;
const longest_ms = 300_000;
/** A request that may outlive its page may be 64 kB, all of them together. */
const outliving_bytes = 30_000;

export type Post = (body: string, outlives: boolean) => Promise<{ status: number; retryAfter: string | null }>;
export type Transport = {
  /** Sends what is there, soon; after a failure only when its pause is over, or `anyway`. */
  flush: (anyway?: boolean) => void;
  /** Sends, while the page is going away, what this page itself has made; `leaving` are names that need not be sent again. */
  farewell: (own: ReadonlySet<string>, leaving: string | null) => void;
  stop: () => void;
};

/** What to do after an answer: `null` = it arrived, 'lose' = it never will, 'stop' = nobody here is let in, a number = wait so long. */
export const readAnswer = (
  status: number,
  retryAfter: string | null,
  failures: number,
  random: () => number,
): null | 'lose' | 'stop' | number => {
  if (status >= 200 && status < 300) return null;
  if (status === 401 || status === 403) return 'stop';
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return 'lose';
  const pause = Math.min(longest_ms, first_ms * 2 ** failures) * (0.5 + random() / 2);
  return Math.max(pause, Math.min(Number(retryAfter) || 0, 3_600) * 1_000 * (1 + random() / 10));
};

type Outcome = ReturnType<typeof readAnswer>;

/** Alone among the tabs of this shop where the browser has locks; who finds the lock taken comes back later. */
const alone = (work: () => Promise<Outcome>): Promise<Outcome> =>
  navigator.locks
    ? navigator.locks.request('regulars', { ifAvailable: true }, lock => (lock ? work() : Promise.resolve(taken_ms)))
    : work();

export const openTransport = (writeKey: string, queue: Queue, post: Post): Transport => {
  let timer: number | undefined;
  let due_ms = Number.POSITIVE_INFINITY;
  let busy = false;
  let failures = 0;
  let stopped = false;
  const onTheWay = new Set<string>();

  const bodyOf = (batch: Batch, lost: number): string =>
    `{"writeKey":${JSON.stringify(writeKey)},"sentAt":"${new Date().toISOString()}"${
      lost > 0 ? `,"lost":${lost}` : ''
    },"batch":[${batch.events}]}`;

  const later = (wait_ms: number): void => {
    const at = Date.now() + wait_ms;
    if (stopped || at >= due_ms) return;
    clearTimeout(timer);
    due_ms = at;
    timer = setTimeout(() => {
      due_ms = Number.POSITIVE_INFINITY;
      void send();
    }, wait_ms);
  };

  const deliver = async (batch: Batch): Promise<Outcome> => {
    const lost = queue.lost();
    const body = bodyOf(batch, lost);
    for (const name of batch.names) onTheWay.add(name);
    const { status, retryAfter } = await post(body, bytesOf(body) < outliving_bytes).catch(() => ({
      status: 0,
      retryAfter: null,
    }));
    for (const name of batch.names) onTheWay.delete(name);
    const what = readAnswer(status, retryAfter, failures, Math.random);
    if (what === null || what === 'lose') queue.remove(batch.names);
    if (what === null) queue.forgive(lost);
    return what;
  };

  const send = async (): Promise<void> => {
    if (busy || stopped) return;
    busy = true;
    const outcome = await alone(async () => {
      for (let batch = queue.batch(); batch.names.length > 0; batch = queue.batch()) {
        const one = await deliver(batch);
        if (one !== null && one !== 'lose') {
          failures += 1;
          return one;
        }
        failures = 0;
      }
      return null;
    }).catch((): Outcome => longest_ms);
    busy = false;
    if (outcome === 'stop') stopped = true;
    if (typeof outcome === 'number') later(outcome);
  };

  return {
    flush: anyway => {
      if (anyway || failures === 0) later(soon_ms);
    },
    farewell: (own, leaving) => {
      if (stopped) return;
      const batch = queue.batch(outliving_bytes * 2, new Set([...own].filter(name => !onTheWay.has(name))));
      if (batch.names.length === 0) return;
      const gone = navigator.onLine && leaving !== null && batch.names.includes(leaving);
      if (gone) queue.remove([leaving as string]);
      post(bodyOf(batch, 0), true).then(
        ({ status }) => {
          if (status >= 200 && status < 300) queue.remove(batch.names);
        },
        () => {
          // Still here, so the page was only hidden: it goes with the next delivery.
          if (gone) queue.add(batch.events[batch.names.indexOf(leaving as string)]);
        },
      );
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};

/** Plain text needs no permission asked beforehand (CORS), so a delivery is one request, also while the page goes away. */
export const postTo =
  (url: string): Post =>
  async (body, outlives) => {
    if (outlives && !('keepalive' in Request.prototype) && navigator.sendBeacon) {
      return { status: navigator.sendBeacon(url, body) ? 202 : 0, retryAfter: null };
    }
    const answer = await fetch(url, {
      method: 'POST',
      body,
      keepalive: outlives,
      credentials: 'omit',
      headers: { 'content-type': 'text/plain' },
    });
    return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
  };
