/** Reads of orders for the admin and the API. Money only for those who may see it. */
import type { Context } from '../../platform/context.ts';
import { maySee } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { ofOwnShops } from '../../platform/shop-limit.ts';
import { endOfDay, startOfDay } from '../../platform/time.ts';
import { organisationOf } from '../shops/index.ts';

export type OrderQuery = {
  limit: number;
  cursor?: string;
  query?: string;
  customer?: number;
  state?: string;
  withoutCustomer?: boolean;
  from?: string;
  to?: string;
  sort: '-placed' | 'placed' | '-total' | 'total';
  count?: boolean;
};

type Cursor = { value: string; id: string };
const readCursor = (text: string | undefined): Cursor | null => {
  if (!text) return null;
  try {
    const [value, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string];
    if (typeof value === 'string' && /^[0-9a-f-]{36}$/.test(id)) return { value, id };
  } catch {
    // falls through to the refusal
  }
  throw new Refusal('malformed', 'orders.cursor', 'This page mark does not belong to this list. Start again without "cursor".');
};
const writeCursor = (value: string, id: string): string => Buffer.from(JSON.stringify([value, id])).toString('base64url');

/** Sorting by money needs the right to see it: an order of rows tells as much as a column. */
export const listOrders = async (context: Context, input: OrderQuery) => {
  const { postgres: sql } = context;
  const byTotal = input.sort.endsWith('total');
  const descending = input.sort.startsWith('-');
  if (byTotal && !maySee(context.actor, 'money'))
    throw new Refusal(
      'forbidden',
      'orders.sort_money',
      'Your role does not show money, so orders cannot be sorted by it. Sort by date.',
    );
  const { zone } = await organisationOf(context);
  const after = readCursor(input.cursor);
  const where = sql`
    ${ofOwnShops(context, 'o.shop_id')}
    ${input.customer !== undefined ? sql`and o.customer_id = ${input.customer}` : sql``}
    ${input.withoutCustomer ? sql`and o.customer_id is null` : sql``}
    ${input.state ? sql`and o.state = ${input.state}` : sql``}
    ${
      input.query
        ? sql`and lower(o.number) like ${`${input.query
            .trim()
            .toLowerCase()
            .replace(/[\\%_]/g, '\\$&')}%`}`
        : sql``
    }
    ${input.from ? sql`and o.placed_at >= ${startOfDay(zone, input.from)}` : sql``}
    ${input.to ? sql`and o.placed_at < ${endOfDay(zone, input.to)}` : sql``}`;
  const column = byTotal ? sql`o.total_minor` : sql`o.placed_at`;
  const value = byTotal ? sql`${after?.value ?? '0'}::bigint` : sql`${after?.value ?? 'epoch'}::timestamptz`;
  const paging =
    after === null ? sql`` : sql`and (${column}, o.id) ${descending ? sql`<` : sql`>`} (${value}, ${after.id}::uuid)`;
  const order = descending ? sql`${column} desc, o.id desc` : sql`${column}, o.id`;
  const rows = await sql`
    select o.id, o.number, o.shop_id, o.customer_id, c.name as customer_name, o.placed_at, o.placed_at::text as exact, o.state, o.test, o.total_minor, o.currency, o.source, o.country,
      coalesce((select sum(amount_minor) from orders.refund r where r.order_id = o.id), 0)::bigint as refunded_minor,
      coalesce((select sum(quantity) from orders.line l where l.order_id = o.id and l.kind = 'product'), 0)::float8 as items
    from (select * from orders."order" o where ${where} ${paging} order by ${order} limit ${input.limit + 1}) o
    left join customers.customer c on c.id = o.customer_id
    order by ${order}`;
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  const total = input.count
    ? ((await sql`select count(*)::int as count from orders."order" o where ${where}`)[0].count as number)
    : undefined;
  return {
    data: shown.map(row => rowAnswer(context, row)),
    next_cursor:
      rows.length > input.limit && last
        ? writeCursor(byTotal ? String(last.total_minor) : (last.exact as string), last.id as string)
        : null,
    total,
  };
};

type Row = Record<string, unknown>;
const amount = (context: Context, minor: unknown, currency: unknown) =>
  maySee(context.actor, 'money') && minor !== null ? { amount_minor: minor as number, currency: currency as string } : null;

const rowAnswer = (context: Context, row: Row) => ({
  id: row.id as string,
  number: row.number as string,
  shop_id: row.shop_id as string,
  customer:
    row.customer_id === null
      ? null
      : { id: String(row.customer_id), name: maySee(context.actor, 'contact') ? (row.customer_name as string | null) : null },
  placed_at: (row.placed_at as Date).toISOString(),
  state: row.state as 'placed' | 'cancelled',
  test: row.test as boolean,
  total: amount(context, row.total_minor, row.currency),
  refunded: amount(context, row.refunded_minor, row.currency),
  items: row.items as number,
  source: row.source as string,
  country: maySee(context.actor, 'address') ? (row.country as string | null) : null,
});

export const showOrder = async (context: Context, id: string) => {
  const { postgres: sql } = context;
  const [row] = await sql`
    select o.*, c.name as customer_name, coalesce((select sum(amount_minor) from orders.refund r where r.order_id = o.id), 0)::bigint as refunded_minor,
      coalesce((select sum(quantity) from orders.line l where l.order_id = o.id and l.kind = 'product'), 0)::float8 as items
    from orders."order" o left join customers.customer c on c.id = o.customer_id
    where o.id = ${id} and ${ofOwnShops(context, 'o.shop_id')}`;
  if (!row) throw notFound('order');
  const lines =
    await sql`select position, kind, sku, name, category, quantity, unit_price, total_minor from orders.line where order_id = ${id} order by position`;
  const refunds = await sql`
    select r.at, r.amount_minor, (select coalesce(jsonb_agg(jsonb_build_object('sku', l.sku, 'quantity', l.quantity::text, 'amount_minor', l.amount_minor) order by l.position), '[]') from orders.refund_line l where l.refund_id = r.id) as lines
    from orders.refund r where r.order_id = ${id} order by r.at, r.id`;
  const money = (minor: unknown) => amount(context, minor, row.currency);
  return {
    ...rowAnswer(context, row),
    sales: money(row.sales_minor),
    discount: money(row.discount_minor),
    tax: money(row.tax_minor),
    cancelled_at: (row.cancelled_at as Date | null)?.toISOString() ?? null,
    recorded_at: (row.recorded_at as Date).toISOString(),
    discount_codes: row.discount_codes as string[],
    lines: lines.map(line => ({
      position: line.position as number,
      kind: line.kind as string,
      sku: line.sku as string | null,
      name: line.name as string | null,
      category: line.category as string | null,
      quantity: plainDecimal(line.quantity as string),
      unit_price: maySee(context.actor, 'money') ? plainDecimal(line.unit_price as string) : null,
      total: money(line.total_minor),
    })),
    refunds: refunds.map(refund => ({
      at: (refund.at as Date).toISOString(),
      amount: money(refund.amount_minor),
      lines: (refund.lines as { sku: string | null; quantity: string; amount_minor: number }[]).map(line => ({
        sku: line.sku,
        quantity: plainDecimal(line.quantity),
        amount: money(line.amount_minor),
      })),
    })),
  };
};

/** Decimals without trailing zeros: "2.550" -> "2.55". */
const plainDecimal = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

export const orderFigures = async (context: Context) => {
  const [row] = await context.postgres`
    select count(*)::int as orders, count(customer_id)::int as with_customer, count(distinct customer_id)::int as customers, min(day) as first_day, max(day) as last_day,
      (select count(*)::int from orders.to_copy) as waiting_copy, count(*) filter (where rate is null)::int as unconverted, (select count(*)::int from orders.unmatched_refund u where ${ofOwnShops(context, 'u.shop_id')}) as unmatched_refunds
    from orders."order" o where counts and ${ofOwnShops(context, 'o.shop_id')}`;
  return row as never;
};
