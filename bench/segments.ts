/**
 * W2: segment preview and full refresh (performance.md). 1,000,000 customers and 50,000,000 events made inside ClickHouse from numbers(), skewed
 * (a hundred customers have a tenth of all events). Peer: the same questions written by hand for the same engine; every answer is
 * compared before its time counts.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countDefinition } from '../src/features/segments/ask-clickhouse.ts';
import { leavesSql, SqlCompiler } from '../src/features/segments/compile.ts';
import type { Definition } from '../src/features/segments/definition.ts';
import { type Moment, momentOf } from '../src/features/segments/moment.ts';
import { parseDefinition } from '../src/features/segments/parse-definition.ts';
import { emptyLeaves, fillLeaves, readDifferences } from '../src/features/segments/refresh-segments.ts';
import type { Vocabulary } from '../src/features/segments/vocabulary.ts';
import { ownerOf } from '../src/features/tracking/index.ts';
import { features } from '../src/features.ts';
import { type ClickHouse, connectClickHouse } from '../src/platform/clickhouse.ts';
import type { Context } from '../src/platform/context.ts';
import { startEngines } from '../src/platform/engines/index.ts';
import { median, type Row, range } from './workload.ts';

const repetitions = 7;
const today = '2025-12-31';
const shop = '00000000-0000-7000-8000-000000000001';
const moment: Moment = momentOf(today, new Date(0), 'Europe/London');

const definitions: Record<string, Definition> = {
  windows: {
    all: [
      { did: 'Product Viewed', count: { at_least: 3 }, within: { days: 30 } },
      { did: 'Order Completed', count: { at_least: 2 }, within: { days: 365 } },
    ],
  },
  sums: {
    all: [
      { orders: 'sales', at_least: { amount_minor: 20_000 }, within: { days: 365 } },
      { orders: 'average', at_most: { amount_minor: 12_000 } },
    ],
  },
  'not in 30 days': { all: [{ orders: 'count', at_least: 1 }, { not: { did: 'Message Opened', within: { days: 30 } } }] },
  nested: {
    any: [
      {
        all: [
          { did: 'Product Added', where: [{ property: 'price', at_least: 80 }], within: { days: 90 } },
          { not: { did: 'Order Completed', within: { days: 90 } } },
        ],
      },
      { all: [{ orders: 'count', at_least: 6 }, { any: [{ bought: { any: ['SKU1'] } }, { bought: { any: ['SKU2'] } }] }] },
    ],
  },
  'segment of segment': {
    all: [{ in_segment: 'windows' }, { not: { in_segment: 'not in 30 days' } }, { bought: { any: ['SKU1', 'SKU3'] } }],
  },
};

const vocabulary: Vocabulary = {
  facts: new Map(),
  segments: new Map(Object.entries(definitions).map(([id, definition]) => [id, { id, name: id, definition }])),
  shops: new Map([[shop, 'Shop']]),
  wellKnown: { tags: '', identifiers: '' },
  ownShops: null,
  currency: 'EUR',
};

// ---- the shop ---------------------------------------------------------------------------------------------------

/** Tables as the features declare them, filled by SQL. Times are spread over two years before `today`. */
const fill = async (clickhouse: ClickHouse, customers: number): Promise<void> => {
  const events = customers * 50;
  for (const copy of features.flatMap(feature => feature.copies)) {
    await clickhouse.command(`create table if not exists ${copy.table} ${copy.ddl}`);
    for (const statement of copy.alongside ?? []) await clickhouse.command(statement);
  }
  await clickhouse.command(
    `insert into base select number + 1, cityHash64(number, 9) % 50 != 0, cityHash64(number, 8) % 200 != 0, 1 from numbers(${customers})`,
  );
  // One in a hundred was merged into the customer before.
  await clickhouse.command(
    `insert into owner select number * 100 + 2, number * 100 + 1, 1 from numbers(${Math.floor(customers / 100)})`,
  );
  await clickhouse.command('system reload dictionary owner_map');
  const customer = `if(cityHash64(number, 1) % 10 = 0, 1 + cityHash64(number, 2) % 100, 1 + cityHash64(number, 3) % ${customers})`;
  const time = `toDateTime64('2024-01-01 00:00:00', 3, 'UTC') + toIntervalMillisecond(cityHash64(number, 4) % 63158400000)`;
  const step = 5_000_000;
  for (let from = 0; from < events; from += step) {
    await clickhouse.command(
      `
      insert into event (id, origin_id, name, time, shop_id, source, historical, text, number)
      select toUUID('00000000-0000-4000-8000-000000000001'), ${customer}, ['Product Viewed', 'Product Viewed', 'Product Viewed', 'Product Viewed', 'Message Opened', 'Message Opened', 'Product Added'][1 + cityHash64(number, 5) % 7],
        ${time}, '${shop}', 'browser', false, map(), map('price', toFloat64(cityHash64(number, 6) % 10000) / 100)
      from numbers(${from}, ${Math.min(step, events - from)})`,
      {},
      { timeout_ms: 600_000 },
    );
  }
  const orders = customers * 3;
  const order = `${customer} as origin_id, toUUID(concat('00000000-0000-4000-8000-', leftPad(toString(number), 12, '0'))) as order_id, ${time} as time, 1000 + cityHash64(number, 7) % 20000 as amount`;
  await clickhouse.command(
    `insert into purchase select order_id, origin_id, '${shop}', time, toDate(time), amount, amount, 0, 1, 'EUR' from (select ${order} from numbers(${orders}))`,
  );
  await clickhouse.command(`
    insert into purchase_line select order_id, origin_id, '${shop}', time, toDate(time), concat('SKU', toString(amount % 500)), 'all', 'product', 1, amount, false
    from (select ${order} from numbers(${orders}))`);
  await clickhouse.command(`
    insert into event (id, origin_id, name, time, shop_id, source, historical, text, number)
    select order_id, origin_id, 'Order Completed', time, '${shop}', 'orders', false, map(), map('total', amount / 100) from (select ${order} from numbers(${orders}))`);
  for (const table of ['event', 'purchase', 'purchase_line'])
    await clickhouse.command(`optimize table ${table} final`, {}, { timeout_ms: 900_000 });
};

// ---- by hand ----------------------------------------------------------------------------------------------------

const owner = ownerOf('origin_id');
const counts = 'select customer_id from base final where known and shopper';
/** 30 and 365 days back lie in London's winter, 90 days back (2 October) in its summer. */
const starts: Record<number, string> = { 30: '2025-12-01 00:00:00', 90: '2025-10-01 23:00:00', 365: '2024-12-31 00:00:00' };
const since = (days: number): string => `time >= '${starts[days]}'`;
const until = "time < '2026-01-01 00:00:00'";
const customersOf = (table: string, where: string, having = ''): string =>
  `select ${owner} as customer_id from ${table} where ${where} group by customer_id ${having && `having ${having}`}`;
const windows = `${customersOf('event', `name = 'Product Viewed' and ${since(30)} and ${until}`, 'count() >= 3')} intersect ${customersOf('event', `name = 'Order Completed' and ${since(365)} and ${until}`, 'count() >= 2')}`;
const openedLately = `select ${owner} as customer_id from event where name = 'Message Opened' and ${since(30)} and ${until}`;
const notLately = `(${customersOf('purchase', until)}) except (${openedLately})`;
const byHand: Record<string, string> = {
  windows: `(${windows}) intersect (${counts})`,
  sums: `(${customersOf('purchase_line', `${since(365)} and ${until} and kind in ('product', 'return')`, 'sum(amount_minor) >= 20000')})
    intersect (${customersOf('purchase', until, 'sum(sales_minor) / count() <= 12000')}) intersect (${counts})`,
  'not in 30 days': `((${notLately})) intersect (${counts})`,
  nested: `select customer_id from (
      (select ${owner} as customer_id from event where name = 'Product Added' and number['price'] >= 80 and ${since(90)} and ${until})
      except distinct (select ${owner} as customer_id from event where name = 'Order Completed' and ${since(90)} and ${until}))
    where customer_id in (${counts})
    union all select customer_id from (
      (${customersOf('purchase', until, 'count() >= 6')})
      intersect (select ${owner} as customer_id from purchase_line where sku in ('SKU1', 'SKU2') and kind = 'product' and quantity > 0 and ${until}))
    where customer_id in (${counts})`,
  'segment of segment': `((((${windows}) intersect (${counts})) except (${notLately}))
    intersect (select ${owner} as customer_id from purchase_line where sku in ('SKU1', 'SKU3') and kind = 'product' and quantity > 0 and ${until}))`,
};

// ---- measuring --------------------------------------------------------------------------------------------------

const sortedOf = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const at95 = (values: readonly number[]): number => sortedOf(values)[Math.ceil(values.length * 0.95) - 1];
const timed = async <T>(work: () => Promise<T>): Promise<[number, T]> => {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
};

const countOurs = async (clickhouse: ClickHouse, definition: Definition): Promise<number> => {
  const compiler = new SqlCompiler(moment, vocabulary, ownerOf);
  const whole = compiler.compile(definition);
  const [row] = await clickhouse.query<{ count: number }>(
    `select bitmapCardinality(${whole}) as count from (${leavesSql(compiler.distinctLeaves())})`,
    compiler.bindings.params,
  );
  return row.count;
};
const countByHand = async (clickhouse: ClickHouse, name: string): Promise<number> =>
  (await clickhouse.query<{ count: number }>(`select uniqExact(customer_id) as count from (${byHand[name]})`))[0].count;

/** Each question against itself by hand, taking turns. */
const compareOne = async (clickhouse: ClickHouse, name: string, size: number): Promise<Row> => {
  const definition = parseDefinition(definitions[name], vocabulary);
  const ours: number[] = [];
  const hand: number[] = [];
  let answers: [number, number] = [await countOurs(clickhouse, definition), await countByHand(clickhouse, name)];
  for (let i = 0; i < repetitions; i++) {
    const [ours_ms, a] = await timed(() => countOurs(clickhouse, definition));
    const [hand_ms, b] = await timed(() => countByHand(clickhouse, name));
    ours.push(ours_ms);
    hand.push(hand_ms);
    answers = [a, b];
  }
  const same = answers[0] === answers[1];
  const ratio = same ? median(ours) / median(hand) : null;
  return {
    what: `count: ${name}`,
    size,
    ours_ms: median(ours),
    ours_range_ms: range(ours),
    against: 'the same by hand',
    against_ms: median(hand),
    ratio,
    gate: '<= 2x (goal 1.2x)',
    met: ratio !== null && ratio <= 2,
    answer: same ? `${answers[0].toLocaleString('en')} customers` : `VOID: ${answers.join(' and ')}`,
  };
};

/** The whole preview: count, share, sample and what each condition does, as the builder asks it. */
const measurePreview = async (context: Context, size: number): Promise<Row> => {
  const times: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    for (const definition of Object.values(definitions))
      times.push((await timed(() => countDefinition(context, parseDefinition(definition, vocabulary), moment, vocabulary)))[0]);
  }
  const p95 = at95(times);
  return {
    what: 'preview of all five, p95',
    size,
    ours_ms: p95,
    ours_range_ms: range(times),
    against: 'limit',
    against_ms: 500,
    ratio: p95 / 500,
    gate: '< 500 ms',
    met: p95 < 500,
    answer: `${times.length} previews`,
  };
};

/** A hundred segments, as a shop's list grows: the five, with other numbers here and there. */
const hundred = (): Definition[] =>
  Array.from({ length: 100 }, (_, i): Definition => {
    const days = [30, 60, 90, 180, 365][i % 5];
    const lately: Definition = { not: { did: 'Order Completed', within: { days } } };
    return {
      all: [
        Object.values(definitions)[i % 5],
        ...(i % 2 ? [lately] : []),
        ...(i % 3 ? [{ orders: 'count', at_least: 1 + (i % 4) }] : []),
        ...(i % 7 ? [] : [{ bought: { any: [`SKU${i % 5}`] } }]),
      ],
    };
  });

const refresh = async (context: Context, list: readonly Definition[]): Promise<number> => {
  const run = randomUUID();
  const compiler = new SqlCompiler(moment, vocabulary, ownerOf);
  const results = list.map(definition => compiler.compile(definition));
  await fillLeaves(context, run, compiler);
  const asked = results.map((result, i) => ({ id: segmentId(i), result }));
  let members = 0;
  for (let from = 0; from < asked.length; from += 8) {
    for (const difference of await readDifferences(context, run, compiler, asked.slice(from, from + 8)))
      members += difference.members;
  }
  await emptyLeaves(context, run);
  return members;
};
const segmentId = (i: number): string => `00000000-0000-4000-9000-${String(i).padStart(12, '0')}`;

/** Members as a refresh of the day before left them, so that only differences travel. */
const fillMemberships = async (context: Context, list: readonly Definition[]): Promise<void> => {
  for (const [i, definition] of list.entries()) {
    const compiler = new SqlCompiler(moment, vocabulary, ownerOf);
    const whole = compiler.compile(definition);
    await context.clickhouse.command(
      `insert into membership select '${segmentId(i)}', arrayJoin(bitmapToArray(${whole})), true, 1 from (${leavesSql(compiler.distinctLeaves())})`,
      compiler.bindings.params,
    );
  }
};

const measureRefresh = async (context: Context, size: number): Promise<Row> => {
  const list = hundred().map(definition => parseDefinition(definition, vocabulary));
  await fillMemberships(context, list);
  const all: number[] = [];
  const one: number[] = [];
  let members = 0;
  for (let i = 0; i < 5; i++) {
    const [all_ms, found] = await timed(() => refresh(context, list));
    members = found;
    all.push(all_ms);
    // "One" is the average of the five, each refreshed alone.
    let five_ms = 0;
    for (const definition of list.slice(0, 5)) five_ms += (await timed(() => refresh(context, [definition])))[0];
    one.push(five_ms / 5);
  }
  const ratio = median(all) / median(one);
  return {
    what: 'refresh of 100 segments at once',
    size,
    ours_ms: median(all),
    ours_range_ms: range(all),
    against: 'refresh of one',
    against_ms: median(one),
    ratio,
    gate: '<= 10x',
    met: ratio <= 10,
    answer: `${members.toLocaleString('en')} memberships`,
  };
};

export const workload = {
  name: 'W2',
  title: 'Segments: preview and full refresh',
  run: async ({ small }: { small: boolean }): Promise<Row[]> => {
    const customers = small ? 100_000 : 1_000_000;
    const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-segments-'));
    const engines = await startEngines(
      { dataFolder: folder, databaseUrl: null, clickhouseUrl: null, clickhouseCluster: null },
      { warn: (reason: unknown) => console.error(reason) },
    );
    const clickhouse = connectClickHouse(engines.clickhouse);
    try {
      await fill(clickhouse, customers);
      // The parts under measure ask ClickHouse only.
      const context = { clickhouse } as Context;
      const rows: Row[] = [];
      for (const name of Object.keys(definitions)) rows.push(await compareOne(clickhouse, name, customers));
      rows.push(await measurePreview(context, customers), await measureRefresh(context, customers));
      return rows;
    } finally {
      await clickhouse.close();
      await engines.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
