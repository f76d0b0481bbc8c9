/**
 * What a merge would change, before it is done: the merge is really made, looked at, and rolled back, so the preview cannot promise
 * anything else than what happens.
 */
import type { ClickHouse } from '../../platform/clickhouse.ts';
import { type Context, maySee } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { customerTableSlot } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { personColumns } from './customer-tables.ts';
import { type Fact, type FactValue, listFacts } from './facts.ts';
import { loadPairPeople } from './find-duplicates.ts';
import { readRows } from './list-rows.ts';
import { mergeMany, refuseBadPair } from './merge-customers.ts';
import { lockIdentity } from './owners.ts';
import { maySeeField } from './show-customer.ts';
import { type MergeEffect, mergeEffects } from './slots.ts';
import { isProfileCode, profileCodes } from './traits.ts';

type Pair = { winnerId: number; loserId: number };

export const previewMerge = async (context: Context, winnerId: number, loserId: number) => {
  const pair = { winnerId, loserId };
  const both = [winnerId, loserId];
  const facts = (await listFacts(context)).filter(fact => fact.merged !== undefined && maySee(context.actor, fact.group));
  const [[winner, loser], before, values, tables, tags, identifiers, conflicts] = await Promise.all([
    readRows(context, both, { columns: [] }),
    bestValues(context, both),
    Promise.all(facts.map(fact => fact.read(context, both, null))),
    countRows(context, pair),
    context.postgres`select distinct tag from customers.tag where customer_id = any(${both}::bigint[]) order by tag`,
    readIdentifiers(context, pair),
    findConflicts(context, pair),
  ]);
  const after = await asIfMerged(context, pair, async merged => ({
    profile: await bestValues(merged, [winnerId]),
    facts: await readAll(merged, facts, winnerId),
    effects: await readEffects(context, merged, pair),
  }));
  return {
    winner,
    loser,
    profile: compareValues(context, pair, before, after.profile),
    tables,
    identifiers,
    conflicts,
    effects: after.effects.map(one => ({ ...one, values: one.values ?? {} })),
    tags: tags.map(row => row.tag as string),
    facts: facts
      .map((fact, i) => ({
        code: fact.code,
        label: fact.label,
        type: fact.type,
        choice_labels: fact.choiceLabels ?? null,
        merged: fact.merged as 'sum' | 'stricter',
        winner: values[i].get(winnerId) ?? null,
        loser: values[i].get(loserId) ?? null,
        after: after.facts.get(fact.code) ?? null,
      }))
      .filter(fact => fact.winner !== null || fact.loser !== null),
  };
};

// ---- the merge that is not kept -----------------------------------------------------------------------------------

/** Leaves a transaction with what was read in it and nothing of what was written. */
class NotKept<T> extends Error {
  readonly seen: T;
  constructor(seen: T) {
    super('a preview is not kept');
    this.seen = seen;
  }
}

/** ClickHouse takes no part in transactions: a preview tells it nothing. */
const silent = (clickhouse: ClickHouse): ClickHouse => ({ ...clickhouse, insert: async () => {}, command: async () => {} });

const asIfMerged = async <T>(context: Context, pair: Pair, look: (merged: Context) => Promise<T>): Promise<T> => {
  try {
    await inTransaction({ ...context, clickhouse: silent(context.clickhouse) }, async inside => {
      await inside.postgres`set local lock_timeout = '5s'`;
      await lockIdentity(inside, 'alone');
      await refuseBadPair(inside, pair.winnerId, pair.loserId);
      await mergeMany(inside, [{ ...pair, reason: 'staff', evidence: [] }]);
      throw new NotKept(await look(inside));
    });
  } catch (error) {
    if (error instanceof NotKept) return error.seen as T;
    // 55P03: others resolve people all the time just now.
    if ((error as { code?: string }).code === '55P03')
      throw new Refusal(
        'unavailable',
        'customers.preview_busy',
        'Many people are being read in just now. Try again in a moment.',
        {
          retryAfterSeconds: 5,
        },
      );
    throw error;
  }
  throw new Error('A preview ended without a look.');
};

const readAll = async (context: Context, facts: readonly Fact[], id: number): Promise<Map<string, FactValue | undefined>> => {
  const found = new Map<string, FactValue | undefined>();
  for (const fact of facts) found.set(fact.code, (await fact.read(context, [id], null)).get(id));
  return found;
};

const readEffects = async (before: Context, after: Context, pair: Pair): Promise<MergeEffect[]> => {
  const effects: MergeEffect[] = [];
  for (const source of before.slots.all(mergeEffects))
    if (maySee(before.actor, source.group)) effects.push(...(await source.read({ before, after }, pair)));
  return effects;
};

// ---- which value wins, and why ------------------------------------------------------------------------------------

type Best = { value: FactValue | null; trust: string; source: string; at: Date; ownedBefore: number };
type Values = Map<number, Map<string, Best>>;

/** The value that counts for each of these owners, by code; `ownedBefore` is whose row it is. */
const bestValues = async (context: Context, ids: readonly number[]): Promise<Values> => {
  const rows = await context.postgres`
    select distinct on (customer_id, code) customer_id, code, value, trust, source, at, origin_id
    from customers.attribute where customer_id = any(${ids as number[]}::bigint[])
    order by customer_id, code, customers.trust_rank(trust), (trust = 'staff' and origin_id <> customer_id), at desc, source desc, origin_id`;
  const values: Values = new Map(ids.map(id => [id, new Map()]));
  for (const row of rows)
    values.get(row.customer_id)?.set(row.code, {
      value: row.value,
      trust: row.trust,
      source: row.source,
      at: row.at,
      ownedBefore: row.origin_id,
    });
  return values;
};

const shown = (best: Best | undefined): string | null =>
  best === undefined || best.value === null ? null : Array.isArray(best.value) ? best.value.join(', ') : String(best.value);

/** Only what differs between the two; profile fields in their usual order, then what the shop made up. */
const compareValues = (context: Context, { winnerId, loserId }: Pair, before: Values, after: Values) => {
  const [winner, loser, merged] = [before.get(winnerId)!, before.get(loserId)!, after.get(winnerId)!];
  const own = [...new Set([...winner.keys(), ...loser.keys()])].filter(code => !isProfileCode(code)).sort();
  const codes = [...profileCodes.filter(code => maySeeField(context, code)), ...(maySee(context.actor, 'behaviour') ? own : [])];
  return codes
    .filter(code => shown(winner.get(code)) !== shown(loser.get(code)))
    .map(code => {
      const kept = merged.get(code);
      const from = shown(kept) === shown(winner.get(code)) ? ('winner' as const) : ('loser' as const);
      const [mine, other] = from === 'winner' ? [winner.get(code), loser.get(code)] : [loser.get(code), winner.get(code)];
      return {
        field: code,
        own: !isProfileCode(code),
        winner: shown(winner.get(code)),
        loser: shown(loser.get(code)),
        after: shown(kept),
        from,
        why: whyKept(mine, other),
        at: kept?.at.toISOString() ?? null,
      };
    });
};

export type Why = 'only' | 'pinned' | 'stays_pinned' | 'said_by_person' | 'trusted' | 'newest';
const whyKept = (mine: Best | undefined, other: Best | undefined): Why => {
  if (!mine || !other || shown(other) === null) return mine?.trust === 'staff' ? 'pinned' : 'only';
  if (mine.trust === 'staff') return other.trust === 'staff' ? 'stays_pinned' : 'pinned';
  if (mine.trust === other.trust) return 'newest';
  return mine.trust === 'person' ? 'said_by_person' : 'trusted';
};

// ---- what comes along ---------------------------------------------------------------------------------------------

/** Tables that only say who is who, or that are worked out anew. */
const notCounted = new Set([
  'customers.customer',
  'customers.merge',
  'customers.attribute',
  'customers.identifier',
  'customers.seen',
]);

const countRows = async (context: Context, { winnerId, loserId }: Pair) => {
  const sql = context.postgres;
  const counted = [];
  for (const table of context.slots.all(customerTableSlot)) {
    if (table.export === null || notCounted.has(table.table)) continue;
    const columns = await personColumns(context, table.table);
    const column = columns.includes('customer_id') ? 'customer_id' : columns[0];
    if (!column) continue;
    const rows = await sql`
      select ${sql(column)} as id, count(*)::int as rows from ${sql(table.table)}
      where ${sql(column)} in (select ${winnerId}::bigint union select ${loserId}::bigint union select origin_id from customers.owner where customer_id in (${winnerId}, ${loserId}))
      group by 1`;
    const owners = column === 'customer_id' ? null : await partsOf(context, loserId);
    const isLoser = (id: number) => (owners ? owners.has(id) : id === loserId);
    const sum = (wanted: boolean) =>
      rows.filter(row => isLoser(row.id) === wanted).reduce((all, row) => all + (row.rows as number), 0);
    const [winner, loser] = [sum(false), sum(true)];
    if (winner + loser > 0) counted.push({ label: table.label, winner, rows: loser });
  }
  return counted;
};

const partsOf = async (context: Context, id: number): Promise<Set<number>> =>
  new Set([
    id,
    ...(await context.postgres`select origin_id from customers.owner where customer_id = ${id}`).map(
      row => row.origin_id as number,
    ),
  ]);

const readIdentifiers = async (context: Context, { winnerId, loserId }: Pair) => {
  const contact = maySee(context.actor, 'contact');
  const rows = await context.postgres`
    select kind, source, value, shared, customer_id from customers.identifier
    where customer_id = any(${[winnerId, loserId]}::bigint[]) order by kind, customer_id = ${loserId}, first_seen_at, value limit 100`;
  return rows
    .filter(row => contact || !['email', 'phone'].includes(row.kind))
    .map(row => ({
      kind: row.kind as string,
      value: row.value as string,
      shared: row.shared as boolean,
      of: row.customer_id === winnerId ? ('winner' as const) : ('loser' as const),
    }));
};

/** What speaks against: nothing of it stops staff, all of it stops Regulars from merging the two by itself. */
const findConflicts = async (context: Context, { winnerId, loserId }: Pair) => {
  const people = await loadPairPeople(context, [winnerId, loserId]);
  const [winner, loser] = [people.get(winnerId), people.get(loserId)];
  const conflicts: { kind: 'two_ids' | 'kept_apart' | 'other_birthday'; values: Record<string, string> }[] = [];
  for (const [source, values] of winner?.ownIds ?? []) {
    const others = loser?.ownIds.get(source);
    if (others && ![...values].some(value => others.has(value)))
      conflicts.push({ kind: 'two_ids', values: { winner: [...values].join(', '), loser: [...others].join(', ') } });
  }
  const [apart] = await context.postgres`
    select dismissed_by, dismissed_at from customers.suggestion
    where dismissed_at is not null and low_id = ${Math.min(winnerId, loserId)} and high_id = ${Math.max(winnerId, loserId)}`;
  if (apart)
    conflicts.push({
      kind: 'kept_apart',
      values: { name: apart.dismissed_by ?? '', day: (apart.dismissed_at as Date).toISOString().slice(0, 10) },
    });
  if (maySee(context.actor, 'contact') && winner?.birthday && loser?.birthday && winner.birthday !== loser.birthday)
    conflicts.push({ kind: 'other_birthday', values: { winner: winner.birthday, loser: loser.birthday } });
  return conflicts;
};
