/**
 * A used installation of any size, in a data folder: customers with identifiers, orders and events, a part of them on a few customers,
 * the copies in ClickHouse filled the ordinary way. For workloads that ask how the product behaves when it is full.
 */
import { zoneOf } from '../src/features/shops/index.ts';
import { features } from '../src/features.ts';
import { connectClickHouse } from '../src/platform/clickhouse.ts';
import { systemClock } from '../src/platform/clock.ts';
import { readConfig } from '../src/platform/config.ts';
import type { Pool } from '../src/platform/context.ts';
import { rebuildCopies } from '../src/platform/copies.ts';
import { startEngines } from '../src/platform/engines/index.ts';
import { buildContext, prepareHouse } from '../src/platform/house.ts';
import { openLog } from '../src/platform/log.ts';
import { openPostgres } from '../src/platform/postgres.ts';

export type Filling = { customers: number; eventsEach: number };
/** Orders are among the events. */
export const ordersEach = 3;
const perBatch = 1_000;
const portion = 1_000_000;

/** Person number i is known as this user id, and as this e-mail address. */
export const userIdOf = (i: number): string => `person-${i}`;

/** Fills an empty data folder and leaves it as a product that was stopped. */
export const fillInstallation = async (folder: string, { customers, eventsEach }: Filling): Promise<void> => {
  const config = readConfig({ REGULARS_DATA: folder, LOG_LEVEL: 'error' });
  const log = openLog('error');
  const engines = await startEngines(config, log, { durable: false });
  const pool = openPostgres(engines.databaseUrl, { max: 4 });
  const clickhouse = connectClickHouse(engines.clickhouse);
  try {
    const context = await buildContext({ config, features, pool, clickhouse, clock: systemClock, log });
    await prepareHouse(context, features);
    await zoneOf(context);
    const [shop] = await pool`select id from shops.shop order by created_at limit 1`;
    await fillPeople(pool, shop.id, customers);
    await fillOrders(pool, shop.id, customers);
    await fillEvents(pool, shop.id, customers, eventsEach - ordersEach);
    await pool`select setval(pg_get_serial_sequence('tracking.batch', 'id'), ${Math.ceil((customers * eventsEach) / perBatch) + 2})`;
    await pool`analyze`;
    await rebuildCopies(
      context,
      features.flatMap(feature => feature.copies),
    );
    await pool`checkpoint`;
  } finally {
    await pool.end({ timeout: 5 });
    await clickhouse.close();
    await engines.stop();
  }
};

const fillPeople = async (pool: Pool, shopId: string, customers: number): Promise<void> => {
  for (let from = 1; from <= customers; from += portion) {
    const until = Math.min(from + portion - 1, customers);
    await pool`
      insert into customers.customer (id, known, known_since, name, first_name, last_name, email, phone, country, city, first_seen_at)
      select i, true, now() - (i % 700) * interval '1 day', given || ' ' || family, given, family, 'person-' || i || '@shop.example',
        '+4477' || lpad((i % 100000000)::text, 8, '0'), (array['GB','DE','FR','US','ES'])[1 + i % 5], 'Town ' || i % 900, now() - (700 + i % 30) * interval '1 day'
      from (select i, (array['Ada','Ben','Cleo','Dora','Emil','Fay','Gus','Hana','Ivo','June'])[1 + i % 10] as given, 'Family' || i % 5000 as family
            from generate_series(${from}::int, ${until}::int) i) people`;
    await pool`
      insert into customers.identifier (kind, source, value, origin_id, customer_id, trust, first_seen_at)
      select kind, source, value, i, i, 'secret', now() - interval '700 days' from generate_series(${from}::int, ${until}::int) i
      cross join lateral (values ('user_id', ${shopId}::text, 'person-' || i), ('email', '', 'person-' || i || '@shop.example')) as one (kind, source, value)`;
    await pool`
      insert into customers.seen (origin_id, customer_id, first_at, last_at)
      select i, i, now() - interval '700 days', now() - (i % 90) * interval '1 day' from generate_series(${from}::int, ${until}::int) i`;
  }
  await pool`select setval('customers.customer_id', ${customers})`;
};

/** Who a row belongs to: a tenth of all rows to a hundred customers. Repeats itself for the same number. */
const whose = (customers: number) =>
  `case when i % 10 = 0 then 1 + hashint8(i) & 63 else 1 + (hashint8extended(i, 7) & 2147483647) % ${customers} end`;
const dayOf = 'i % 699 + 1';

const makeMonths = (pool: Pool) => pool`
  select tracking.make_months(array(select generate_series(date_trunc('month', now() - interval '703 days'), now(), interval '1 month')::date))`;

const fillOrders = async (pool: Pool, shopId: string, customers: number): Promise<void> => {
  await makeMonths(pool);
  const orders = customers * ordersEach;
  const orderId = `lpad(to_hex(i), 32, '0')::uuid`;
  const day = `(now() - (${dayOf}) * interval '1 day')`;
  for (let from = 1; from <= orders; from += portion) {
    const range = `generate_series(${from}::bigint, ${Math.min(from + portion - 1, orders)}::bigint) i`;
    await pool.unsafe(`
      insert into orders."order" (id, origin_id, customer_id, shop_id, number, placed_at, day, currency, state, total_minor, sales_minor, rate, source, historical)
      select ${orderId}, c, c, '${shopId}', 'B' || i, at, at::date, 'EUR', 'placed', amount, amount, 1, 'bench', true
      from (select i, ${whose(customers)} as c, ${day} as at, 1000 + i % 9000 as amount from ${range}) one`);
    await pool.unsafe(`
      insert into orders.line (order_id, position, key, kind, sku, name, category, quantity, unit_price, total_minor)
      select ${orderId}, 0, 'l', 'product', 'SKU-' || i % 500, 'Thing ' || i % 500, 'All', 1, (1000 + i % 9000) / 100.0, 1000 + i % 9000 from ${range}`);
    await pool.unsafe(
      eventSql(
        `${orderId}`,
        whose(customers),
        `'Order Completed'`,
        shopId,
        `jsonb_build_object('order_id', 'B' || i, 'total', (1000 + i % 9000) / 100.0)`,
        range,
        0,
      ),
    );
  }
};

const fillEvents = async (pool: Pool, shopId: string, customers: number, each: number): Promise<void> => {
  const events = customers * each;
  const id = `('e0000000' || lpad(to_hex(i), 24, '0'))::uuid`;
  const name = `(array['Product Viewed','Product Viewed','Product Viewed','Product Added','Page Viewed'])[1 + i % 5]`;
  const properties = `jsonb_build_object('sku', 'SKU-' || i % 500, 'price', (i % 9000) / 100.0, 'category', 'All')`;
  for (let from = 1; from <= events; from += portion) {
    const range = `generate_series(${from}::bigint, ${Math.min(from + portion - 1, events)}::bigint) i`;
    await pool.unsafe(eventSql(id, whose(customers), name, shopId, properties, range, customers * ordersEach));
  }
};

const eventSql = (id: string, owner: string, name: string, shopId: string, properties: string, range: string, before: number) => `
  insert into tracking.event (id, origin_id, name, time, received_at, shop_id, source, historical, properties, context, batch_id)
  select ${id}, ${owner}, ${name}, now() - (${dayOf}) * interval '1 day', now(), '${shopId}', 'bench', true, ${properties}, '{}', 1 + (i + ${before}) / ${perBatch}
  from ${range}`;
