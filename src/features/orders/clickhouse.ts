/** The orders feature's ClickHouse copies: `purchase` (a row per order that counts) and `purchase_line` (its lines, and what came back). */

import type { Context } from '../../platform/context.ts';
import type { Copy } from '../../platform/copies.ts';
import { convertMinor } from '../../platform/money.ts';
import { organisationOf, proposeAsOf } from '../shops/index.ts';

export const purchaseDdl = `
  order_id UUID, origin_id UInt32, shop_id UUID, time DateTime64(3, 'UTC'), day Date, sales_minor Int64, total_minor Int64, discount_minor Int64, items Float64,
  currency LowCardinality(String)`;
export const lineDdl = `
  order_id UUID, origin_id UInt32, shop_id UUID, time DateTime64(3, 'UTC'), day Date, sku String, category LowCardinality(String), kind LowCardinality(String),
  quantity Float64, amount_minor Int64, discounted Bool`;

type Head = {
  id: string;
  origin_id: number;
  shop_id: string;
  placed_at: Date;
  day: string;
  sales_minor: number;
  total_minor: number;
  discount_minor: number;
  currency: string;
  rate: string | null;
};
type LineRow = {
  order_id: string;
  sku: string | null;
  category: string | null;
  kind: string;
  quantity: string;
  total_minor: number;
  discount_minor: number;
};
type ReturnRow = { order_id: string; at: Date; day: string; sku: string | null; quantity: string; amount_minor: number };
type Rows = { purchases: Record<string, unknown>[]; lines: Record<string, unknown>[] };

const seconds = (at: Date): string => at.toISOString().replace('T', ' ').replace('Z', '');

/**
 * The rows of these orders as they are now: only orders that count and have a customer. Money in the home currency; an order in another
 * currency without a known rate counts as an order but adds no money.
 */
export const purchaseRows = async (context: Context, orderIds: readonly string[]): Promise<Rows> => {
  const ids = orderIds as string[];
  const { homeCurrency } = await organisationOf(context);
  const heads = (await context.postgres`
    select id, origin_id, shop_id, placed_at, day, sales_minor, total_minor, discount_minor, currency, rate
    from orders."order" where id = any(${ids}::uuid[]) and counts and origin_id is not null order by id`) as unknown as Head[];
  const lines = (await context.postgres`
    select order_id, sku, category, kind, quantity, total_minor, discount_minor from orders.line where order_id = any(${ids}::uuid[]) order by order_id, position`) as unknown as LineRow[];
  const returned = (await context.postgres`
    select r.order_id, r.at, r.day, l.sku, l.quantity, l.amount_minor
    from orders.refund r join orders.refund_line l on l.refund_id = r.id
    where r.order_id = any(${ids}::uuid[]) order by r.order_id, r.id, l.position`) as unknown as ReturnRow[];
  const byId = new Map(heads.map(head => [head.id, head]));
  const home = (head: Head, amount: number) =>
    head.currency === homeCurrency
      ? amount
      : head.rate === null
        ? 0
        : convertMinor(amount, head.currency, homeCurrency, head.rate);
  const items = new Map<string, number>();
  const out: Rows = { purchases: [], lines: [] };
  for (const line of lines) {
    const head = byId.get(line.order_id);
    if (!head) continue;
    if (line.kind === 'product') items.set(head.id, (items.get(head.id) ?? 0) + Number(line.quantity));
    out.lines.push({
      order_id: head.id,
      origin_id: head.origin_id,
      shop_id: head.shop_id,
      time: seconds(head.placed_at),
      day: head.day,
      sku: line.sku ?? '',
      category: line.category ?? '',
      // An order-wide discount lowers sales like a cheaper product does.
      kind: line.kind === 'discount' ? 'product' : line.kind,
      quantity: line.kind === 'discount' ? 0 : Number(line.quantity),
      amount_minor: home(head, line.total_minor),
      discounted: line.discount_minor > 0,
    });
  }
  for (const line of returned) {
    const head = byId.get(line.order_id);
    if (!head) continue;
    out.lines.push({
      order_id: head.id,
      origin_id: head.origin_id,
      shop_id: head.shop_id,
      time: seconds(line.at),
      day: line.day,
      sku: line.sku ?? '',
      category: '',
      kind: 'return',
      quantity: -Number(line.quantity),
      amount_minor: -home(head, line.amount_minor),
      discounted: false,
    });
  }
  for (const head of heads) {
    out.purchases.push({
      order_id: head.id,
      origin_id: head.origin_id,
      shop_id: head.shop_id,
      time: seconds(head.placed_at),
      day: head.day,
      sales_minor: home(head, head.sales_minor),
      total_minor: home(head, head.total_minor),
      discount_minor: home(head, head.discount_minor),
      items: items.get(head.id) ?? 0,
      currency: head.currency,
    });
  }
  return out;
};

const portion = 4_000;

/** Worker stage: brings ClickHouse up to date with one portion of changed orders; says whether there was one. */
export const copyOrders = async (context: Context): Promise<boolean> => {
  const { postgres, clickhouse } = context;
  const batch = await nextBatch(context);
  if (batch === null) return false;
  const queued = await postgres`
    select order_id, bool_and(fresh) as fresh, bool_and(removed) as removed from orders.to_copy where batch = ${batch} group by order_id order by order_id`;
  const stale = queued.filter(row => !row.fresh && !row.removed).map(row => row.order_id as string);
  if (stale.length > 0) await removeStale(context, batch, stale);
  const { purchases, lines } = await purchaseRows(
    context,
    queued.map(row => row.order_id as string),
  );
  // A crash after an insert repeats the batch: the token makes the second insert nothing.
  if (purchases.length > 0) await clickhouse.insert('purchase', purchases, { token: `purchase-${batch}` });
  if (lines.length > 0) await clickhouse.insert('purchase_line', lines, { token: `purchase-line-${batch}` });
  await postgres`delete from orders.to_copy where batch = ${batch}`;
  await proposeDay(context);
  return true;
};

/** Takes the old rows out and writes down that it was done, so that a repeated batch does not take out what its first try brought. */
const removeStale = async ({ postgres, clickhouse }: Context, batch: number, ids: readonly string[]): Promise<void> => {
  for (const table of ['purchase', 'purchase_line'])
    await clickhouse.command(`DELETE FROM ${table} WHERE order_id IN ({ids:Array(UUID)})`, { ids });
  await postgres`update orders.to_copy set removed = true where batch = ${batch}`;
};

/** Once all is copied: when the newest order is old, the product proposes to look as of its day (decisions 14). */
const proposeDay = async (context: Context): Promise<void> => {
  const [row] = await context.postgres`
    select max(day) as last_day, exists (select 1 from orders.to_copy) as waiting from (select day from orders."order" where counts order by placed_at desc limit 1) newest`;
  if (row.last_day !== null && !row.waiting) await proposeAsOf(context, row.last_day as string);
};

/** A batch left over from a crash first, else a new one from what waits. */
const nextBatch = async ({ postgres }: Context): Promise<number | null> => {
  const [left] = await postgres`select min(batch) as batch from orders.to_copy where batch is not null`;
  if (left.batch !== null) return left.batch as number;
  const [made] = await postgres`
    with taken as (
      update orders.to_copy set batch = (select nextval('orders.copy_batch'))
      where ctid = any(array(select ctid from orders.to_copy where batch is null order by queued_at limit ${portion}))
      returning batch)
    select min(batch) as batch from taken`;
  return (made.batch as number) ?? null;
};

const pageOf = (which: keyof Rows) => async (context: Context, after: string | null, limit: number) => {
  const ids = (
    await context.postgres`select id from orders."order" o where not exists (select 1 from orders.to_copy q where q.order_id = o.id) and id > ${after ?? '00000000-0000-0000-0000-000000000000'} order by id limit ${Math.min(limit, portion)}`
  ).map(row => row.id as string);
  return { rows: ids.length === 0 ? [] : (await purchaseRows(context, ids))[which], next: ids.at(-1) ?? null };
};

export const copies: readonly Copy[] = [
  {
    table: 'purchase',
    ddl: `(${purchaseDdl}) ENGINE = MergeTree PARTITION BY toYear(time) ORDER BY (origin_id, time) SETTINGS non_replicated_deduplication_window = 1000`,
    mode: 'append',
    page: pageOf('purchases'),
  },
  {
    table: 'purchase_line',
    ddl: `(${lineDdl}) ENGINE = MergeTree PARTITION BY toYear(time) ORDER BY (sku, origin_id, time) SETTINGS non_replicated_deduplication_window = 1000`,
    mode: 'append',
    page: pageOf('lines'),
  },
];
