import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { ownersOf, tieToShops, touchCustomers } from '../customers/index.ts';
import type { NewEvent } from './event.ts';
import { insertBatch, insertEvents } from './postgres.ts';

/** Beyond this many different sets of names in one batch, everybody is told the union: more is looked at, nothing is missed. */
const mostNameSets = 8;

/**
 * Writes events to the log, queues them for ClickHouse and tells segments and predictions whom they concern; all in the caller's
 * transaction. Does not look whether an id is there already: take the old one back with `removeEvents` first.
 */
export const appendEvents = async (context: Context, events: readonly NewEvent[]): Promise<void> => {
  if (events.length === 0) return;
  await inTransaction(context, async inside => {
    const receivedAt = events.reduce(
      (least, event) => (event.receivedAt && event.receivedAt < least ? event.receivedAt : least),
      inside.clock.now(),
    );
    const batchId = await insertBatch(inside, events.length, receivedAt);
    await insertEvents(inside, events, batchId);
    await tieToShops(
      inside,
      events.map(event => ({ originId: event.customerId, shopId: event.shopId })),
    );
    await touchOwners(inside, events);
    await tellPages(inside, events);
  });
};

/** Beyond this many people at once, open pages are told "somebody" and look for themselves. */
const mostTold = 200;

/** Whoever looks at one of these people sees it now: the live topic "customers", { ids } or { ids: null } for many. */
const tellPages = async (context: Context, events: readonly NewEvent[]): Promise<void> => {
  const origins = [...new Set(events.flatMap(event => (event.historical ? [] : event.customerId)))];
  if (origins.length === 0) return;
  const owners = origins.length > mostTold ? null : new Set((await ownersOf(context, origins)).values());
  await context.live.publish('customers', { ids: owners && [...owners].map(String) }, 'customers:read');
};

/**
 * Takes events back from the log by id, and out of ClickHouse with the next copy. In the caller's transaction; the same ids may be
 * appended again right after.
 */
export const removeEvents = async (context: Context, ids: readonly string[]): Promise<number> => {
  if (ids.length === 0) return 0;
  return inTransaction(context, async inside => {
    const batchId = await insertBatch(inside, 0, inside.clock.now());
    const removed = await inside.postgres`
      with gone as (delete from tracking.event where id = any(${ids as string[]}::uuid[]) returning id, origin_id, name, time, historical)
      , noted as (insert into tracking.removal (batch_id, event_id, origin_id, name, time) select ${batchId}, id, origin_id, name, time from gone)
      select origin_id as "customerId", name, historical from gone`;
    await touchOwners(inside, removed as unknown as Pick<NewEvent, 'customerId' | 'name' | 'historical'>[]);
    return removed.length;
  });
};

const touchOwners = async (
  context: Context,
  events: readonly Pick<NewEvent, 'customerId' | 'name' | 'historical'>[],
): Promise<void> => {
  const owners = await ownersOf(
    context,
    [...new Set(events.map(event => event.customerId))].sort((a, b) => a - b),
  );
  for (const historical of [false, true]) {
    const names = new Map<number, Set<string>>();
    for (const event of events) {
      if (event.historical !== historical) continue;
      const customerId = owners.get(event.customerId) ?? event.customerId;
      const known = names.get(customerId);
      if (known) known.add(event.name);
      else names.set(customerId, new Set([event.name]));
    }
    for (const [changed, customerIds] of groupByNames(names)) await touchCustomers(context, customerIds, changed, { historical });
  }
};

/** [names, customers who had exactly these], or one group of all when there are too many. */
const groupByNames = (names: Map<number, Set<string>>): [string[], number[]][] => {
  if (names.size === 0) return [];
  const groups = new Map<string, [string[], number[]]>();
  for (const [customerId, changed] of names) {
    const list = [...changed].sort();
    const key = list.join('\n');
    const group = groups.get(key);
    if (group) group[1].push(customerId);
    else groups.set(key, [list, [customerId]]);
  }
  if (groups.size <= mostNameSets) return [...groups.values()];
  return [[[...new Set([...names.values()].flatMap(set => [...set]))].sort(), [...names.keys()]]];
};
