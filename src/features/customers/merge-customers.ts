/**
 * Merge without moving (decision 2): rows keep the origin they were written for; only who owns that origin changes. Because the owner
 * of every row follows from the merges that are not undone, merges can be undone in any order, chains included.
 */
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { type CustomerTable, customerTableSlot } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import type { Identifier } from './identifier.ts';
import { lockIdentity } from './owners.ts';
import { queueCopy } from './postgres.ts';
import { recomputeProfiles } from './record-attributes.ts';
import { touchCustomers } from './touch-customers.ts';

export type MergeReason = 'staff' | 'identifier' | 'login';
type Merge = { winnerId: number; loserId: number; reason: MergeReason; evidence: readonly Identifier[] };
/** What anybody keeping something up to date about a customer should look at again after a merge or its undo. */
const changedByMerge = ['base', 'merge', 'attributes', 'tags', 'consent'];

/** Joins `loserId` into `winnerId`. Staff may join any two customers, but an anonymous one never swallows a known one. */
export const mergeCustomers = async (
  context: Context,
  input: { winnerId: number; loserId: number },
): Promise<{ mergeId: string }> =>
  inTransaction(context, async inside => {
    await lockIdentity(inside, 'alone');
    await refuseBadPair(inside, input.winnerId, input.loserId);
    const [mergeId] = await mergeMany(inside, [{ ...input, reason: 'staff', evidence: [] }]);
    await inside.announce('customers.merged', {
      merge_id: mergeId,
      winner_id: String(input.winnerId),
      loser_id: String(input.loserId),
    });
    return { mergeId };
  });

export const refuseBadPair = async (context: Context, winnerId: number, loserId: number): Promise<void> => {
  if (winnerId === loserId)
    throw new Refusal('refused', 'customers.merge_self', 'A customer cannot be merged with themselves. Pick another person.');
  const rows = await context.postgres`
    select id, known, merged_into, erased_at from customers.customer where id = any(${[winnerId, loserId].sort((a, b) => a - b)}::bigint[]) order by id for update`;
  const found = new Map(rows.map(row => [row.id as number, row]));
  for (const id of [winnerId, loserId]) {
    const row = found.get(id);
    if (!row || row.erased_at) throw notFound('customer');
    if (row.merged_into !== null) {
      throw new Refusal(
        'refused',
        'customers.merge_part',
        'One of the two is already part of another customer. Open that customer, and merge from there.',
        { values: { id: String(id) } },
      );
    }
  }
  if (!found.get(winnerId)!.known && found.get(loserId)!.known) {
    throw new Refusal('refused', 'customers.merge_into_anonymous', 'The known customer must be the one who stays. Swap the two.');
  }
};

/**
 * Joins many pairs in the order given, in a few statements. The caller holds the identity lock alone and has checked the pairs.
 * Returns the merge ids.
 */
export const mergeMany = async (context: Context, merges: readonly Merge[]): Promise<string[]> => {
  const parts = await partsOf(
    context,
    merges.flatMap(merge => [merge.winnerId, merge.loserId]),
  );
  const owner = new Map<number, number>();
  const journal = merges.map(merge => {
    const originIds = parts.get(merge.loserId)!;
    parts.set(merge.winnerId, [...parts.get(merge.winnerId)!, ...originIds]);
    for (const origin of originIds) owner.set(origin, merge.winnerId);
    return { ...merge, originIds };
  });
  const ids = await writeJournal(context, journal);
  await setOwners(context, owner);
  await markMerged(context, merges);
  await moveRows(context, owner);
  for (const [i, one] of journal.entries()) await runOwnMerges(context, ids[i], one);
  const winners = [...new Set(owner.values())];
  await recomputeProfiles(context, winners);
  await queueCopy(context, [...owner.keys(), ...winners]);
  await touchCustomers(context, winners, changedByMerge, { historical: true });
  return ids;
};

/** Takes a merge back: the loser and everything written for them, before or since, is theirs again. The two are kept apart from then on. */
export const undoMerge = async (context: Context, mergeId: string): Promise<{ winnerId: number; loserId: number }> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await lockIdentity(inside, 'alone');
    const [merge] =
      await sql`select id, winner_id, loser_id, journal, undone_at from customers.merge where id = ${mergeId} for update`;
    if (!merge) throw notFound('merge');
    if (merge.undone_at)
      throw new Refusal('refused', 'customers.merge_undone', 'This merge was already undone. Load the page again.');
    const loserId = merge.loser_id as number;
    const originIds = await subtreeOf(inside, loserId);
    await sql`update customers.merge set undone_at = ${inside.clock.now()}, undone_by = ${inside.actor.name} where id = ${mergeId}`;
    await sql`update customers.customer set merged_into = null, version = version + 1 where id = ${loserId}`;
    await setOwners(inside, new Map(originIds.map(origin => [origin, loserId])));
    const [{ winner }] = await sql`select customers.owner_of(${merge.winner_id}) as winner`;
    await moveRows(inside, new Map(originIds.map(origin => [origin, loserId])), 'reverse');
    const input = { mergeId, winnerId: winner as number, loserId, originIds };
    for (const table of [...ownMerges(inside)].reverse())
      await table.merge.undo(inside, input, (merge.journal as Record<string, unknown>)[table.table]);
    await keepApart(inside, merge.winner_id as number, loserId);
    await recomputeProfiles(inside, [winner, loserId]);
    await queueCopy(inside, [...originIds, winner]);
    await touchCustomers(inside, [winner, loserId], changedByMerge, { historical: true });
    await inside.announce('customers.merge_undone', { merge_id: mergeId, winner_id: String(winner), loser_id: String(loserId) });
    return { winnerId: winner as number, loserId };
  });

/** Dismisses a suggestion for good: it never comes back, and nothing joins the two by itself. */
export const keepApart = async (context: Context, a: number, b: number): Promise<void> => {
  await context.postgres`
    insert into customers.suggestion (low_id, high_id, reason, at, dismissed_at, dismissed_by)
    values (${Math.min(a, b)}, ${Math.max(a, b)}, 'kept_apart', ${context.clock.now()}, ${context.clock.now()}, ${context.actor.name})
    on conflict (low_id, high_id) do update set dismissed_at = excluded.dismissed_at, dismissed_by = excluded.dismissed_by`;
};

/** Each of these owners with all origins it owns now, itself first. */
const partsOf = async (context: Context, ids: readonly number[]): Promise<Map<number, number[]>> => {
  const parts = new Map(ids.map(id => [id, [id]]));
  for (const row of await context.postgres`select origin_id, customer_id from customers.owner where customer_id = any(${[...parts.keys()]}::bigint[]) order by 1`) {
    parts.get(row.customer_id as number)!.push(row.origin_id as number);
  }
  return parts;
};

/** Everybody whose way up the merges that are not undone leads through `id`, itself included. */
const subtreeOf = async (context: Context, id: number): Promise<number[]> => {
  const rows = await context.postgres`
    with recursive part as (
      select id from customers.customer where id = ${id}
      union select c.id from customers.customer c join part on c.merged_into = part.id)
    select id from part order by id`;
  return rows.map(row => row.id as number);
};

const setOwners = async (context: Context, owner: ReadonlyMap<number, number>): Promise<void> => {
  const rows = [...owner].sort((a, b) => a[0] - b[0]);
  const selfOwned = rows.filter(([origin, id]) => origin === id).map(([origin]) => origin);
  const others = rows.filter(([origin, id]) => origin !== id);
  await context.postgres`delete from customers.owner where origin_id = any(${selfOwned}::bigint[])`;
  await context.postgres`
    insert into customers.owner (origin_id, customer_id)
    select * from unnest(${others.map(row => row[0])}::bigint[], ${others.map(row => row[1])}::bigint[])
    on conflict (origin_id) do update set customer_id = excluded.customer_id`;
};

const markMerged = async (context: Context, merges: readonly Merge[]): Promise<void> => {
  await context.postgres`
    update customers.customer c set merged_into = m.winner_id, version = c.version + 1
    from unnest(${merges.map(merge => merge.loserId)}::bigint[], ${merges.map(merge => merge.winnerId)}::bigint[]) as m(loser_id, winner_id)
    where c.id = m.loser_id`;
  await context.postgres`update customers.customer set version = version + 1 where id = any(${merges.map(merge => merge.winnerId)}::bigint[])`;
};

/** The generic update of every registered table. Table names come from the features' own lists, never from outside. */
const moveRows = async (
  context: Context,
  owner: ReadonlyMap<number, number>,
  order: 'forward' | 'reverse' = 'forward',
): Promise<void> => {
  const sql = context.postgres;
  const tables = context.slots.all(customerTableSlot).filter(table => table.merge === 'move');
  const [origins, owners] = [[...owner.keys()], [...owner.values()]];
  for (const { table } of order === 'forward' ? tables : [...tables].reverse()) {
    await sql`
      update ${sql(table)} t set customer_id = m.customer_id
      from unnest(${origins}::bigint[], ${owners}::bigint[]) as m(origin_id, customer_id)
      where t.origin_id = m.origin_id and t.customer_id is distinct from m.customer_id`;
  }
};

type OwnMergeTable = CustomerTable & { merge: Exclude<CustomerTable['merge'], string> };
const ownMerges = (context: Context): OwnMergeTable[] =>
  context.slots.all(customerTableSlot).filter((table): table is OwnMergeTable => typeof table.merge === 'object');

const runOwnMerges = async (context: Context, mergeId: string, merge: Merge & { originIds: number[] }): Promise<void> => {
  const kept: Record<string, unknown> = {};
  for (const table of ownMerges(context)) {
    const memory = await table.merge.merge(context, {
      mergeId,
      winnerId: merge.winnerId,
      loserId: merge.loserId,
      originIds: merge.originIds,
    });
    if (memory !== undefined && memory !== null) kept[table.table] = memory;
  }
  if (Object.keys(kept).length === 0) return;
  await context.postgres`update customers.merge set journal = ${context.postgres.json(kept as never)} where id = ${mergeId}`;
};

const writeJournal = async (context: Context, merges: readonly (Merge & { originIds: number[] })[]): Promise<string[]> => {
  const rows = await context.postgres`
    insert into customers.merge (winner_id, loser_id, origin_ids, at, by_whom, reason, evidence)
    select winner_id, loser_id, origin_ids::bigint[], ${context.clock.now()}, ${context.actor.name}, reason, evidence::jsonb
    from unnest(${merges.map(one => one.winnerId)}::bigint[], ${merges.map(one => one.loserId)}::bigint[], ${merges.map(one => `{${one.originIds.join(',')}}`)}::text[],
      ${merges.map(one => one.reason as string)}::text[], ${merges.map(one => JSON.stringify(one.evidence))}::text[])
      with ordinality as m(winner_id, loser_id, origin_ids, reason, evidence, position)
    order by position returning id, loser_id`;
  // A loser loses once in a batch, so the row is found by it whatever the order of the answer.
  const byLoser = new Map(rows.map(row => [row.loser_id as number, row.id as string]));
  return merges.map(one => byLoser.get(one.loserId)!);
};
