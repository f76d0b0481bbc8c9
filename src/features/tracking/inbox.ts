/**
 * The durable inbox. Requests that arrive while a commit is under way share the next one: one row per commit, answered after it.
 * That is what lets one disk acknowledge 100,000 events a second without losing one.
 */
import { randomUUID } from 'node:crypto';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { parseExact } from './properties.ts';
import { replayOf } from './replay-id.ts';
import type { CallType, Delivery, Trust } from './segment-call.ts';

export type InboxLimits = { waiting_bytes: number; stored_bytes: number; stored_rows: number };
export const usualLimits: InboxLimits = { waiting_bytes: 64 << 20, stored_bytes: 2 * 2 ** 30, stored_rows: 100_000 };

/** One flush stays below this, so that the resolver's portions stay small. */
const largestFlush_bytes = 4 << 20;
const sideBySide = 2;
const depthEvery_ms = 1_000;

export type Accepted = {
  keyId: string;
  shopId: string;
  trust: Trust;
  demo: boolean;
  receivedAt: Date;
  door: CallType | 'batch' | 'import';
  events: number;
  /** The request said "Sec-GPC: 1". */
  gpc?: boolean;
  json: string;
};
type Waiting = Accepted & { line: string; stored: () => void; failed: (error: unknown) => void };

export type Inbox = { store: (accepted: Accepted) => Promise<void> };

export const openInbox = (context: Context, limits: InboxLimits = usualLimits): Inbox => {
  const queue: Waiting[] = [];
  let waiting_bytes = 0;
  let running = 0;
  let count = 0;
  const boot = randomUUID();
  let deep = false;
  let lookedAt = 0;

  /** Looks at the depth at most once a second, beside the requests. */
  const lookAtDepth = (): void => {
    if (Date.now() - lookedAt < depthEvery_ms) return;
    lookedAt = Date.now();
    readDepth(context, limits).then(
      found => {
        deep = found;
      },
      () => {},
    );
  };

  const flush = async (): Promise<void> => {
    running += 1;
    while (queue.length > 0) {
      const portion = takePortion(queue);
      for (const one of portion) waiting_bytes -= one.line.length;
      await storePortion(context, portion);
    }
    running -= 1;
  };

  return {
    store: accepted => {
      lookAtDepth();
      if (deep || waiting_bytes > limits.waiting_bytes) {
        return Promise.reject(
          new Refusal(
            'too_many',
            'tracking.inbox_full',
            'More events are waiting than can be processed now. Send this again after the time in Retry-After; nothing that was acknowledged is lost.',
            {
              retryAfterSeconds: 5,
            },
          ),
        );
      }
      return new Promise((stored, failed) => {
        count += 1;
        const line = writeLine(accepted, `${boot}-${count}`);
        waiting_bytes += line.length;
        queue.push({ ...accepted, line, stored, failed });
        // After the requests of this turn of the event loop have joined.
        if (running < sideBySide) setImmediate(() => running < sideBySide && void flush());
      });
    },
  };
};

const takePortion = (queue: Waiting[]): Waiting[] => {
  let count = 0;
  for (let bytes = 0; count < queue.length && (count === 0 || bytes + queue[count].line.length <= largestFlush_bytes); count++)
    bytes += queue[count].line.length;
  return queue.splice(0, count);
};

const storePortion = async (context: Context, portion: Waiting[]): Promise<void> => {
  try {
    if (await insertFlush(context, portion)) {
      for (const one of portion) one.stored();
      return;
    }
    await storeWithoutRevoked(context, portion);
  } catch (error) {
    context.log.warn(
      { err: error, requests: portion.length },
      'events could not be stored; their senders were asked to send again',
    );
    const refusal = new Refusal('unavailable', 'tracking.not_stored', 'The event could not be stored just now. Send it again.', {
      retryAfterSeconds: 2,
    });
    for (const one of portion) one.failed(refusal);
  }
};

/** One row, if every key in it still lets in; else nothing is stored. */
const insertFlush = async (context: Context, portion: readonly Waiting[]): Promise<boolean> => {
  const keyIds = [...new Set(portion.map(one => one.keyId))];
  const payload = portion.map(one => one.line).join('\n');
  const rows = await context.postgres`
    insert into tracking.inbox (received_at, events, size_bytes, payload)
    select ${portion[0].receivedAt}, ${portion.reduce((sum, one) => sum + one.events, 0)}, ${payload.length}, ${payload}
    where (select count(*) from tracking.write_key where id = any(${keyIds}::uuid[]) and revoked_at is null) = ${keyIds.length}
    returning id`;
  return rows.length === 1;
};

const storeWithoutRevoked = async (context: Context, portion: readonly Waiting[]): Promise<void> => {
  const alive = new Set(
    (await context.postgres`select id from tracking.write_key where revoked_at is null`).map(row => row.id as string),
  );
  for (const one of portion.filter(one => !alive.has(one.keyId))) one.failed(unknownKey());
  const rest = portion.filter(one => alive.has(one.keyId));
  if (rest.length > 0) await storePortion(context, rest as Waiting[]);
};

export const unknownKey = (): Refusal =>
  new Refusal(
    'unauthenticated',
    'tracking.unknown_key',
    'This write key is not known or was revoked. Copy the key from Settings, Tracking, and send it as the user name of basic auth.',
  );

const readDepth = async (context: Context, limits: InboxLimits): Promise<boolean> => {
  const [depth] = await context.postgres`
    select count(*) as rows, coalesce(sum(size_bytes), 0)::bigint as bytes
    from (select size_bytes from tracking.inbox limit ${limits.stored_rows + 1}) as stored`;
  return (depth.rows as number) > limits.stored_rows || (depth.bytes as number) > limits.stored_bytes;
};

// ---- the payload: one line of JSON per request, the body as it was sent -------------------------------------------

export const writeLine = (one: Accepted, id: string): string => {
  // Line breaks inside valid JSON are only ever white space.
  const body = one.json.includes('\n') || one.json.includes('\r') ? one.json.replace(/[\r\n]/g, ' ') : one.json;
  const gpc = one.gpc ? '"g":true,' : '';
  return `{${gpc}"n":"${id}","k":"${one.keyId}","s":"${one.shopId}","t":"${one.trust}","d":${one.demo},"r":${one.receivedAt.getTime()},"o":"${one.door}","b":${body}}`;
};

/** The requests of one flush; a body that cannot be read again (nested too deep) comes back as null. */
export const readFlush = (payload: string): Delivery[] =>
  payload.split('\n').map(line => {
    const head = JSON.parse(`${line.slice(0, line.indexOf(',"b":'))}}`) as {
      n: string;
      k: string;
      s: string;
      t: Trust;
      d: boolean;
      r: number;
      o: Delivery['door'];
      g?: true;
    };
    return {
      id: head.n,
      keyId: head.k,
      shopId: head.s,
      trust: head.t,
      demo: head.d,
      receivedAt: new Date(head.r),
      door: head.o,
      gpc: head.g === true,
      replayOf: replayOf(head.n),
      body: readBody(line),
    };
  });

const readBody = (line: string): unknown => {
  try {
    return (parseExact(line) as { b: unknown }).b;
  } catch {
    return null;
  }
};
