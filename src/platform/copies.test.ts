import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { type Copy, copying, ensureCopies, rebuildCopies } from './copies.ts';
import { startTestHouse, type TestHouse } from './testing.ts';

let house: TestHouse;
let context: Context;

/** A small feature: things that are copied through a queue, as orders and events are. */
const page: Copy['page'] = async ({ postgres }, after, limit) => {
  const rows = await postgres`
    select id, name from thing.thing where id > ${after ?? 0}::bigint and not exists (select from thing.to_copy where thing_id = thing.id)
    order by id limit ${Math.min(limit, 40)}`;
  return { rows: rows.map(row => ({ ...row })), next: rows.length === 0 ? null : String(rows.at(-1)?.id) };
};
const copyOf = (ddl: string): Copy => ({ table: 'thing', ddl, mode: 'append', page });
const first = copyOf(
  '(id UInt64, name String) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100',
);
const second = copyOf(
  '(id UInt64, name String, length UInt64 MATERIALIZED length(name)) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100',
);

const add = (from: number, to: number) => context.postgres`
  with added as (insert into thing.thing select n, 'thing ' || n from generate_series(${from}::int, ${to}::int) as n returning id)
  insert into thing.to_copy select id from added`;

const copyThings = copying(async ({ postgres, clickhouse }) => {
  const rows = await postgres`select id, name from thing.thing join thing.to_copy on thing_id = id order by id limit 30`;
  if (rows.length === 0) return false;
  await clickhouse.insert(
    'thing',
    rows.map(row => ({ ...row })),
    { token: `thing-${rows[0]?.id}` },
  );
  await postgres`delete from thing.to_copy where thing_id = any(${rows.map(row => row.id)}::bigint[])`;
  return true;
});

const inClickHouse = async () =>
  (
    await context.clickhouse.query<{ n: number; distinct: number }>('SELECT count() AS n, uniqExact(id) AS distinct FROM thing')
  )[0];

beforeAll(async () => {
  house = await startTestHouse({ features: [] });
  context = house.context;
  await context.postgres.unsafe(
    'create schema thing; create table thing.thing (id bigint primary key, name text); create table thing.to_copy (thing_id bigint)',
  );
});
afterAll(() => house?.close());

test('a new table is there at once; a changed one is filled again beside it, while new rows keep coming', async () => {
  await (await ensureCopies(context, [first])).refilling;
  await add(1, 100);
  while (await copyThings(context)) await Promise.resolve();
  expect(await inClickHouse()).toEqual({ n: 100, distinct: 100 });

  await add(101, 150);
  const { refilling } = await ensureCopies(context, [second]);
  await add(151, 200);
  for (let i = 0; i < 20; i++) await copyThings(context);
  await refilling;
  while (await copyThings(context)) await Promise.resolve();
  expect(await inClickHouse()).toEqual({ n: 200, distinct: 200 });
  expect(await context.clickhouse.query('SELECT length FROM thing WHERE id = 100')).toEqual([{ length: 9 }]);
});

test('an unchanged one is left alone', async () => {
  await context.clickhouse.insert('thing', [{ id: 999, name: 'only here' }]);
  await (await ensureCopies(context, [second])).refilling;
  expect(await inClickHouse()).toEqual({ n: 201, distinct: 201 });
});

test('a rebuild makes every number as PostgreSQL has it', async () => {
  const seen: number[] = [];
  await rebuildCopies(context, [second], (_table, rows) => seen.push(rows));
  expect(await inClickHouse()).toEqual({ n: 200, distinct: 200 });
  expect(seen.at(-1)).toBe(200);
});

test('a ClickHouse that lost everything is filled at the next start', async () => {
  await context.clickhouse.command('DROP TABLE thing SYNC');
  await context.clickhouse.command('DROP TABLE copy_definition SYNC');
  await (await ensureCopies(context, [second])).refilling;
  expect(await inClickHouse()).toEqual({ n: 200, distinct: 200 });
});

test('no step copies while a refill is going on', async () => {
  await add(201, 210);
  let during: boolean | null = null;
  const slow: Copy = {
    ...second,
    page: async (inside, after, limit) => {
      during ??= await copyThings(context);
      return page(inside, after, limit);
    },
  };
  await rebuildCopies(context, [slow]);
  expect(during).toBe(false);
  expect(await copyThings(context)).toBe(true);
  expect(await inClickHouse()).toEqual({ n: 210, distinct: 210 });
});
