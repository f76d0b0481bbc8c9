/**
 * First stage of an event's way: the oldest flushes of the inbox become log rows, in one transaction. Single file: whoever else
 * tries meanwhile finds the lock taken and goes home.
 */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { readFlush } from './inbox.ts';
import { type Recorded, recordCalls } from './record-calls.ts';
import { type Call, isRejected, type PlacedRejection, readDelivery } from './segment-call.ts';

/** Number of the lock that one resolver at a time holds, from reading the flushes to their deletion. */
const resolverLock = 7_230_051;
const portion_events = 5_000;
const portion_flushes = 400;

/** Does one portion; says whether there was one. Nothing is half done: the flushes go in the transaction that writes the log. */
export const resolveInbox = async (context: Context): Promise<boolean> => {
  try {
    return await inTransaction(context, inside => resolvePortion(inside, new Set()));
  } catch (error) {
    if (!isAboutData(error)) throw error;
    const bad = await findBadCalls(context);
    context.log.error({ err: error, calls: bad.size }, 'calls that could not be processed were set aside as rejected');
    return inTransaction(context, inside => resolvePortion(inside, bad));
  }
};

/** `bad`: seen ids of calls that are known to break the portion; they are rejected instead of being worked on. */
const resolvePortion = async (context: Context, bad: ReadonlySet<string>, only?: ReadonlySet<string>): Promise<boolean> => {
  const [{ mine }] = await context.postgres`select pg_try_advisory_xact_lock(${resolverLock}) as mine`;
  if (!mine) return false;
  const flushes = await oldestFlushes(context);
  if (flushes.length === 0) return false;
  const { calls, rejected } = await readFlushes(flushes.map(flush => flush.payload));
  const good = calls.filter(call => !bad.has(call.seenId) && (!only || only.has(call.seenId)));
  const failed = calls.filter(call => bad.has(call.seenId)).map(failedCall);
  const recorded = await recordCalls(context, good, [...rejected, ...failed]);
  await context.postgres`delete from tracking.inbox where id = any(${flushes.map(flush => flush.id)}::bigint[])`;
  await countFlushes(context, flushes, recorded);
  return true;
};

type Flush = { id: number; received_at: Date; events: number; payload: string };

/** The oldest flushes up to the size of a portion, at least one. */
const oldestFlushes = async (context: Context): Promise<Flush[]> =>
  (await context.postgres`
    with oldest as (
      select id, sum(events) over (order by id) - events as before
      from (select id, events from tracking.inbox order by id limit ${portion_flushes}) as head)
    select inbox.id, inbox.received_at, inbox.events, inbox.payload
    from oldest join tracking.inbox using (id) where oldest.before < ${portion_events} order by inbox.id`) as unknown as Flush[];

/** Reads flush by flush and lets requests in between: the door has priority over the worker. */
const readFlushes = async (payloads: readonly string[]): Promise<{ calls: Call[]; rejected: PlacedRejection[] }> => {
  const calls: Call[] = [];
  const rejected: PlacedRejection[] = [];
  for (const payload of payloads) {
    let sinceBreath = 0;
    for (const delivery of readFlush(payload)) {
      for (const read of readDelivery(delivery)) {
        if (isRejected(read))
          rejected.push({
            ...read,
            keyId: delivery.keyId,
            shopId: delivery.shopId,
            receivedAt: delivery.receivedAt,
            imported: delivery.door === 'import',
            replayOf: delivery.replayOf,
          });
        else calls.push(read);
        sinceBreath += 1;
      }
      if (sinceBreath >= 300) {
        sinceBreath = 0;
        await new Promise(resolve => setImmediate(resolve));
      }
    }
  }
  return { calls, rejected };
};

const failedCall = (call: Call): PlacedRejection => ({
  reason: 'failed',
  values: {},
  keyId: call.keyId,
  shopId: call.shopId,
  receivedAt: call.receivedAt,
  imported: call.historical,
  replayOf: call.replayOf,
  raw: {
    type: call.type,
    event: call.name,
    userId: call.userId,
    anonymousId: call.anonymousId,
    messageId: call.messageId,
    timestamp: call.time,
    properties: call.properties,
    traits: call.traits,
    context: call.context,
  },
});

const countFlushes = async (context: Context, flushes: readonly Flush[], recorded: Recorded): Promise<void> => {
  const hour = new Date(Math.floor(flushes[0].received_at.getTime() / 3_600_000) * 3_600_000);
  await context.postgres`
    insert into tracking.tally (hour, processed, rejected, duplicate) values (${hour}, ${recorded.processed}, ${recorded.rejected}, ${recorded.duplicate})
    on conflict (hour) do update set processed = tally.processed + excluded.processed, rejected = tally.rejected + excluded.rejected, duplicate = tally.duplicate + excluded.duplicate`;
  await context.live.publish('ingest', recorded);
};

// ---- when a portion breaks ----------------------------------------------------------------------------------------

/** Bad values and bugs come back however often one tries; a lost connection, a full disk or a deadlock does not. */
const isAboutData = (error: unknown): boolean => {
  const code = String((error as { code?: unknown }).code ?? '');
  if (/^[0-9A-Z]{5}$/.test(code))
    return code.startsWith('22') || code.startsWith('23') || code.startsWith('42') || code === 'P0001';
  return code === '' || code.startsWith('ERR_');
};

class Undo extends Error {}

/** Halves the portion, in transactions that are always undone, until each call that breaks it is found. */
const findBadCalls = async (context: Context): Promise<Set<string>> => {
  const flushes = await oldestFlushes(context);
  const { calls } = await readFlushes(flushes.map(flush => flush.payload));
  const breaks = async (ids: readonly string[]): Promise<boolean> => {
    try {
      await inTransaction(context, async inside => {
        await resolvePortion(inside, new Set(), new Set(ids));
        throw new Undo();
      });
      return false;
    } catch (error) {
      if (error instanceof Undo) return false;
      if (isAboutData(error)) return true;
      throw error;
    }
  };
  const search = async (ids: readonly string[]): Promise<string[]> => {
    if (!(await breaks(ids))) return [];
    if (ids.length === 1) return [...ids];
    const middle = ids.length >> 1;
    const found = [...(await search(ids.slice(0, middle))), ...(await search(ids.slice(middle)))];
    // Harmless apart, broken together: none of them can be kept.
    return found.length > 0 ? found : [...ids];
  };
  return new Set(await search([...new Set(calls.map(call => call.seenId))]));
};
