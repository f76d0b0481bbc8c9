/**
 * What segments keep in ClickHouse: facts that have no SQL of their own (`fact`), and who is in which segment (`membership`), so that a full
 * refresh compares two bitmaps where they lie.
 */
import type { Context } from '../../platform/context.ts';
import type { Copy } from '../../platform/copies.ts';
import { type Fact, listFacts } from '../customers/index.ts';
import { loadFacts } from './load-people.ts';
import type { FactValue } from './vocabulary.ts';

export const factDdl = `(code LowCardinality(String), customer_id UInt32, number Nullable(Float64), text Nullable(String), items Array(String), version UInt64)
  ENGINE = ReplacingMergeTree(version) ORDER BY (code, customer_id)`;
const membershipDdl = `(segment_id UUID, customer_id UInt32, member Bool, version UInt64)
  ENGINE = ReplacingMergeTree(version) ORDER BY (segment_id, customer_id)`;

/** Microseconds of the database's clock: later rows replace earlier ones, whichever process wrote them. */
const versionOf = async (context: Context): Promise<number> =>
  (await context.postgres`select (extract(epoch from clock_timestamp()) * 1000000)::bigint as version`)[0].version as number;

/** Facts whose values lie in the copy. */
export const copiedFacts = (facts: Iterable<Fact>): Fact[] => [...facts].filter(fact => !fact.clickhouse);

const factRow = (code: string, customerId: number, value: FactValue | undefined, version: number) => ({
  code,
  customer_id: customerId,
  number: typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : null,
  text: typeof value === 'string' ? value : null,
  items: Array.isArray(value) ? value : [],
  version,
});

/** Brings the copy of these facts up to date for these customers; a value that went away leaves an empty row over the old one. */
export const copyFacts = async (context: Context, customerIds: readonly number[], facts: readonly Fact[]): Promise<void> => {
  if (customerIds.length === 0 || facts.length === 0) return;
  const version = await versionOf(context);
  const values = await loadFacts(
    context,
    customerIds,
    facts.map(fact => fact.code),
    new Map(facts.map(fact => [fact.code, fact])),
    null,
  );
  const rows = facts.flatMap(fact => customerIds.map(id => factRow(fact.code, id, values.get(id)?.get(fact.code), version)));
  await context.clickhouse.insert('fact', rows);
};

export type MembershipChange = { segmentId: string; customerId: number; member: boolean };

export const copyMemberships = async (context: Context, changes: readonly MembershipChange[]): Promise<void> => {
  if (changes.length === 0) return;
  const version = await versionOf(context);
  await context.clickhouse.insert(
    'membership',
    changes.map(change => ({ segment_id: change.segmentId, customer_id: change.customerId, member: change.member, version })),
  );
};

const factPage: Copy['page'] = async (context, after, limit) => {
  const facts = copiedFacts(await listFacts(context));
  const people = Math.max(1, Math.floor(limit / Math.max(1, facts.length)));
  const ids = (
    await context.postgres`select id from customers.customer where id > ${after ?? '0'}::bigint and merged_into is null and erased_at is null order by id limit ${people}`
  ).map(row => row.id as number);
  if (ids.length === 0) return { rows: [], next: null };
  const values = await loadFacts(
    context,
    ids,
    facts.map(fact => fact.code),
    new Map(facts.map(fact => [fact.code, fact])),
    null,
  );
  const rows = [...values].flatMap(([id, mine]) => [...mine].map(([code, value]) => factRow(code, id, value, 0)));
  return { rows, next: String(ids.at(-1)) };
};

const membershipPage: Copy['page'] = async (context, after, limit) => {
  const [segment, customer] = (after ?? '00000000-0000-0000-0000-000000000000/0').split('/');
  const rows = await context.postgres`
    select segment_id, customer_id from segments.membership
    where (segment_id, customer_id) > (${segment}::uuid, ${customer}::bigint) order by segment_id, customer_id limit ${limit}`;
  const last = rows.at(-1);
  return {
    rows: rows.map(row => ({ ...row, member: true, version: 0 })),
    next: last ? `${last.segment_id}/${last.customer_id}` : null,
  };
};

export const copies: readonly Copy[] = [
  { table: 'fact', ddl: factDdl, mode: 'replace', page: factPage },
  { table: 'membership', ddl: membershipDdl, mode: 'replace', page: membershipPage },
  {
    // Filled and emptied by one refresh: each distinct condition is worked out once, however many segments use it.
    table: 'segment_leaf',
    ddl: '(run UUID, leaf UInt16, bitmap AggregateFunction(groupBitmap, UInt32), at DateTime) ENGINE = MergeTree ORDER BY (run, leaf) TTL at + INTERVAL 1 DAY',
    mode: 'append',
    page: async () => ({ rows: [], next: null }),
  },
];
