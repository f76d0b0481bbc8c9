/**
 * W14: the nightly look for duplicates at 10,000, 100,000 and 1,000,000 customers (performance.md, growth): made by SQL with names as common as
 * they are in life, one in a hundred of them in twice in one of four ways. Against a plain pass over the same tables (the least anybody could
 * do); the growth exponent k of t ~ n^k is what tells a blocked comparison from a quadratic one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDuplicates } from '../src/features/customers/find-duplicates.ts';
import { features } from '../src/features.ts';
import type { Context, Pool } from '../src/platform/context.ts';
import { startEngines } from '../src/platform/engines/index.ts';
import { migrate, openPostgres, withSql } from '../src/platform/postgres.ts';
import { type Row, range, type Workload } from './workload.ts';

/** People number 1..n; the last hundredth repeats the first with a slip: other domain letters, a swapped name, a phone without its country. */
const fill = async (sql: Pool, people: number): Promise<void> => {
  const originals = people - Math.floor(people / 100);
  await sql.unsafe(`
    truncate customers.customer, customers.identifier, customers.address, customers.suggestion, customers.owner;
    create temporary table made as
    select n, case when n > ${originals} then n - ${originals} else n end as as_whom, n > ${originals} as again, (n - ${originals}) % 4 as way from generate_series(1, ${people}) as n;
    create temporary table person as
    select n, again, way,
      'First' || (abs(hashint8(as_whom * 7)) % 3000) as first, 'Last' || (abs(hashint8(as_whom * 13)) % 30000) as last,
      'AB' || (abs(hashint8(as_whom * 3)) % 40000) as post, 'box' || as_whom as box,
      lpad((7000000000 + as_whom)::text, 10, '0') as phone, as_whom
    from made;
    insert into customers.customer (id, known, known_since, first_seen_at, name, email, phone, postal_code, country)
    select n, true, now(), now(),
      case when again and way = 1 then last || ' ' || first else first || ' ' || last end,
      box || case when again and way = 0 then '@gmial.com' when again then '@other.test' else '@gmail.com' end,
      case when again and way = 2 then '0' || phone when not again then '+44' || phone end,
      case when not again or way = 1 then post end, 'GB' from person;
    insert into customers.identifier (kind, source, value, origin_id, customer_id, trust, first_seen_at)
    select 'email', '', email, id, id, 'secret', now() from customers.customer;
    insert into customers.address (origin_id, customer_id, kind, line1, postal_code, country, source, at)
    select n, n, 'shipping', (as_whom % 300) || ' High Street', post, 'GB', 'bench', now() from person where not again or way = 3;
    drop table made, person;
    `);
  for (const table of ['customer', 'identifier', 'address']) await sql.unsafe(`vacuum analyze customers.${table}`);
};

const timed = async <T>(work: () => Promise<T>): Promise<[number, T]> => {
  const start = performance.now();
  const answer = await work();
  return [performance.now() - start, answer];
};

const plainPass = (sql: Pool) => sql`
  select count(*), count(distinct search_name), count(distinct phone), count(distinct postal_code) from customers.customer
  union all select count(*), count(distinct value), 0, 0 from customers.identifier
  union all select count(*), count(distinct line1), count(distinct postal_code), 0 from customers.address`;

const measure = async (sql: Pool, people: number, repetitions: number): Promise<Row> => {
  await fill(sql, people);
  const context = withSql(
    {
      clock: { now: () => new Date() },
      bind: () => ({ announce: async () => {}, live: { publish: async () => {} } }),
    } as unknown as Context,
    sql as never,
  );
  const ours: number[] = [];
  const theirs: number[] = [];
  let pairs = 0;
  for (let i = 0; i < repetitions; i++) {
    const [took, found] = await timed(() => findDuplicates(context));
    ours.push(took);
    pairs = found.pairs;
    theirs.push((await timed(() => plainPass(sql)))[0]);
  }
  const middle = (times: number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!;
  const planted = Math.floor(people / 100);
  const [{ missed }] = (await sql`
    select count(*)::int as missed from generate_series(1, ${planted}::int) as n
    where not exists (select from customers.suggestion s where s.low_id = n and s.high_id = n + ${people - planted}::int)`) as unknown as [
    { missed: number },
  ];
  return {
    what: 'everybody looked at for duplicates',
    size: people,
    ours_ms: middle(ours),
    ours_range_ms: range(ours),
    against: 'plain pass over the same tables',
    against_ms: middle(theirs),
    ratio: middle(ours) / middle(theirs),
    gate: null,
    met: missed === 0,
    answer: `${pairs} pairs, ${missed} of ${planted} planted ones missed`,
  };
};

export const workload: Workload = {
  name: 'W14',
  title: 'Duplicates',
  run: async ({ small }) => {
    const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-duplicates-'));
    const engines = await startEngines(
      { dataFolder: folder, databaseUrl: null, clickhouseUrl: null, clickhouseCluster: null },
      { warn: (reason: unknown) => process.stderr.write(`${String(reason)}\n`) },
    );
    const sql = openPostgres(engines.databaseUrl, { max: 4 });
    try {
      await migrate(
        sql,
        features.flatMap(feature => feature.migrations ?? []),
      );
      const rows: Row[] = [];
      for (const people of small ? [10_000, 100_000] : [10_000, 100_000, 1_000_000])
        rows.push(await measure(sql, people, people >= 1_000_000 ? 3 : 5));
      const [first, last] = [rows[0]!, rows.at(-1)!];
      const k = Math.log(last.ours_ms / first.ours_ms) / Math.log(last.size / first.size);
      rows.push({
        ...last,
        what: 'growth exponent k of t ~ n^k',
        ratio: k,
        gate: 'k <= 1.15',
        met: k <= 1.15,
        answer: `k = ${k.toFixed(2)}`,
      });
      return rows;
    } finally {
      await sql.end({ timeout: 5 });
      await engines.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
