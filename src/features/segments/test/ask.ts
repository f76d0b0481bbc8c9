/** Puts a random world into ClickHouse's tables and asks definitions there. */
import type { ClickHouse } from '../../../platform/clickhouse.ts';
import { startTestHouse } from '../../../platform/testing.ts';
import { factDdl } from '../clickhouse.ts';
import { leavesSql, SqlCompiler } from '../compile.ts';
import type { SqlScope } from '../condition.ts';
import type { Definition } from '../definition.ts';
import { momentOf } from '../moment.ts';
import { testVocabulary, type World } from './world.ts';

export type Engine = ClickHouse;

/** Tables of the shapes that the copies of tracking, orders and customers have, in a database of their own. */
const ddl = [
  `event (id UUID, origin_id UInt32, name LowCardinality(String), time DateTime64(3, 'UTC'), shop_id UUID, source LowCardinality(String), historical Bool,
    import_id UUID, text Map(LowCardinality(String), String), number Map(LowCardinality(String), Float64)) engine = Memory`,
  `purchase (order_id UUID, origin_id UInt32, shop_id UUID, time DateTime64(3, 'UTC'), day Date, sales_minor Int64, total_minor Int64, discount_minor Int64,
    items Float64, currency LowCardinality(String)) engine = Memory`,
  `purchase_line (order_id UUID, origin_id UInt32, shop_id UUID, time DateTime64(3, 'UTC'), day Date, sku String, category LowCardinality(String),
    kind LowCardinality(String), quantity Float64, amount_minor Int64, discounted Bool) engine = Memory`,
  'owner (origin_id UInt32, customer_id UInt32, version UInt64) engine = ReplacingMergeTree(version) order by origin_id',
  'base (customer_id UInt32, known Bool, shopper Bool, version UInt64) engine = ReplacingMergeTree(version) order by customer_id',
  `fact ${factDdl}`,
];

/** A house without features: only its engines are used. */
export const openEngine = async (): Promise<{ engine: Engine; close: () => Promise<void> }> => {
  const house = await startTestHouse({ features: [] });
  const engine = house.context.clickhouse;
  for (const table of ddl) await engine.command(`create table ${table}`);
  const [{ name }] = await engine.query<{ name: string }>('select currentDatabase() as name');
  await engine.command(`create dictionary owner_map (origin_id UInt64, customer_id UInt32) primary key origin_id
    source(clickhouse(query 'select origin_id, customer_id from ${name}.owner final')) layout(flat()) lifetime(0)`);
  return { engine, close: house.close };
};

const clock = (time: number): string => new Date(time).toISOString().replace('T', ' ').replace('Z', '');
const tables = ['event', 'purchase', 'purchase_line', 'fact', 'owner', 'base'];
const uuidOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const loadWorld = async (engine: Engine, world: World): Promise<void> => {
  for (const table of tables) await engine.command(`truncate table ${table}`);
  await engine.insert(
    'base',
    world.customers.map(customer => ({ customer_id: customer.id, known: customer.known, shopper: customer.shopper, version: 1 })),
  );
  await engine.insert(
    'owner',
    [...world.owners].map(([origin_id, customer_id]) => ({ origin_id, customer_id, version: 1 })),
  );
  await engine.insert(
    'event',
    world.events.map((event, i) => ({
      id: uuidOf(i),
      origin_id: event.originId,
      name: event.name,
      time: clock(event.time),
      shop_id: event.shopId,
      source: 'test',
      historical: false,
      import_id: uuidOf(0),
      text: event.text,
      number: event.number,
    })),
  );
  await engine.insert(
    'purchase',
    world.purchases.map(one => ({
      order_id: one.orderId,
      origin_id: one.originId,
      shop_id: one.shopId,
      time: clock(one.time),
      day: '2024-01-01',
      sales_minor: one.salesMinor,
      total_minor: one.salesMinor,
      discount_minor: one.discountMinor,
      items: 0,
      currency: 'GBP',
    })),
  );
  await engine.insert(
    'purchase_line',
    world.lines.map(line => ({
      order_id: line.orderId,
      origin_id: line.originId,
      shop_id: line.shopId,
      time: clock(line.time),
      day: '2024-01-01',
      sku: line.sku,
      category: line.category,
      kind: line.kind,
      quantity: line.quantity,
      amount_minor: line.amountMinor,
      discounted: line.discounted,
    })),
  );
  await engine.insert(
    'fact',
    world.facts.map(({ code, customerId, value }) => ({
      code,
      customer_id: customerId,
      version: 1,
      number: typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : null,
      text: typeof value === 'string' ? value : null,
      items: Array.isArray(value) ? value : [],
    })),
  );
  await engine.command('system reload dictionary owner_map');
};

export const ownerOf: SqlScope['ownerOf'] = column =>
  `dictGetOrDefault('owner_map', 'customer_id', toUInt64(${column}), ${column})`;

/** Members of each definition, in its order. */
export const sqlMembers = async (
  engine: Engine,
  definitions: readonly Definition[],
  world: World,
  segments: Record<string, Definition> = {},
): Promise<number[][]> => {
  const vocabulary = testVocabulary(
    new Map(Object.entries(segments).map(([id, definition]) => [id, { id, name: id, definition }])),
  );
  const compiler = new SqlCompiler(momentOf(world.asOf, new Date(0), world.zone), vocabulary, ownerOf);
  const results = definitions.map(definition => `bitmapToArray(${compiler.compile(definition)})`);
  const rows = await engine.query<{ members: number[][] }>(
    `select [${results.join(', ')}] as members from (${leavesSql(compiler.distinctLeaves())})`,
    compiler.bindings.params,
  );
  return rows[0].members.map(members => [...members].map(Number).sort((a, b) => a - b));
};
