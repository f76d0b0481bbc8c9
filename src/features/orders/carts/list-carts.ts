/** Reads of carts for the admin and the API. Money only for those who may see it; carts of one's own shops only. */
import type { Readable } from 'node:stream';
import { type Context, maySee } from '../../../platform/context.ts';
import { csvStream } from '../../../platform/csv.ts';
import { notFound, Refusal } from '../../../platform/errors.ts';
import { minorDigits, toMinor } from '../../../platform/money.ts';
import { ofOwnShops } from '../../../platform/shop-limit.ts';
import { addDays, dayIn, endOfDay, startOfDay } from '../../../platform/time.ts';
import { guardExport } from '../../access/index.ts';
import { organisationOf } from '../../shops/index.ts';
import type { CartLine } from './cart.ts';
import type { CartRowAnswer } from './contract.ts';

export type CartQuery = {
  state?: string;
  unbought?: 'true' | 'false';
  shop?: string;
  customer?: string;
  known?: 'true' | 'false';
  from?: string;
  to?: string;
  sort: '-activity' | 'activity' | '-value' | 'value';
};
type Page = { limit: number; cursor?: string; count?: 'true' | 'false' };

const readCursor = (text: string | undefined): { value: string; id: string } | null => {
  if (!text) return null;
  const [value, id] = Buffer.from(text, 'base64url').toString().split('|');
  const fits = /^-?\d+$/.test(value) || /^\d{4}-\d\d-\d\d [\d:.+]+$/.test(value);
  if (fits && /^[0-9a-f-]{36}$/.test(id ?? '')) return { value, id };
  throw new Refusal('malformed', 'orders.cursor', 'This page mark does not belong to this list. Start again without "cursor".');
};

const conditions = async (context: Context, input: CartQuery) => {
  const { postgres: sql } = context;
  const { zone } = await organisationOf(context);
  // A function: a piece of SQL that is awaited would run.
  return () => sql`
    ${ofOwnShops(context, 'cart.shop_id')}
    ${input.state ? sql`and cart.state = ${input.state}` : sql``}
    ${input.unbought === 'true' ? sql`and cart.state in ('open', 'checkout', 'abandoned')` : sql``}
    ${input.shop ? sql`and cart.shop_id = ${input.shop}` : sql``}
    ${input.customer ? sql`and cart.customer_id = ${Number(input.customer)}` : sql``}
    ${input.known === undefined ? sql`` : sql`and coalesce((select c.known from customers.customer c where c.id = cart.customer_id), false) = ${input.known === 'true'}`}
    ${input.from ? sql`and cart.last_activity_at >= ${startOfDay(zone, input.from)}` : sql``}
    ${input.to ? sql`and cart.last_activity_at < ${endOfDay(zone, input.to)}` : sql``}`;
};

/** Sorting by money needs the right to see it: an order of rows tells as much as a column. */
export const listCarts = async (context: Context, input: CartQuery & Page) => {
  const { postgres: sql } = context;
  const byValue = input.sort.endsWith('value');
  const descending = input.sort.startsWith('-');
  if (byValue && !maySee(context.actor, 'money'))
    throw new Refusal(
      'forbidden',
      'orders.sort_money',
      'Your role does not show money, so carts cannot be sorted by it. Sort by date.',
    );
  const where = await conditions(context, input);
  const after = readCursor(input.cursor);
  const column = byValue ? sql`coalesce(cart.value_minor, 0)` : sql`cart.last_activity_at`;
  const value = after && (byValue ? sql`${after.value}::bigint` : sql`${after.value}::timestamptz`);
  const paging = after ? sql`and (${column}, cart.id) ${descending ? sql`<` : sql`>`} (${value!}, ${after.id}::uuid)` : sql``;
  const order = descending ? sql`${column} desc, cart.id desc` : sql`${column}, cart.id`;
  const rows = await sql`
    select cart.*, cart.last_activity_at::text as exact, c.name as customer_name, shop.name as shop_name, o.number as order_number
    from (select * from orders.cart where ${where()} ${paging} order by ${order} limit ${input.limit + 1}) cart
    left join customers.customer c on c.id = cart.customer_id left join shops.shop on shop.id = cart.shop_id left join orders."order" o on o.id = cart.order_id
    order by ${order}`;
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  const mark = last && `${byValue ? (last.value_minor ?? 0) : last.exact}|${last.id}`;
  const total =
    input.count === 'true'
      ? ((await sql`select count(*)::int as count from orders.cart where ${where()}`)[0].count as number)
      : undefined;
  return {
    data: shown.map(row => rowOf(context, row)),
    next_cursor: rows.length > input.limit && mark ? Buffer.from(mark).toString('base64url') : null,
    total,
  };
};

export const showCart = async (context: Context, id: string) => {
  const [row] = await context.postgres`
    select cart.*, c.name as customer_name, shop.name as shop_name, o.number as order_number
    from orders.cart left join customers.customer c on c.id = cart.customer_id left join shops.shop on shop.id = cart.shop_id
      left join orders."order" o on o.id = cart.order_id
    where cart.id = ${id} and ${ofOwnShops(context, 'cart.shop_id')}`;
  if (!row) throw notFound('cart');
  return {
    ...rowOf(context, row),
    coupon: row.coupon as string | null,
    // A way back can carry a token that opens the shopper's own checkout.
    url: maySee(context.actor, 'contact') ? (row.url as string | null) : null,
    checkout_at: (row.checkout_at as Date | null)?.toISOString() ?? null,
    source: row.source as string,
  };
};

const iso = (at: unknown): string | null => (at as Date | null)?.toISOString() ?? null;

const rowOf = (context: Context, row: Record<string, unknown>): CartRowAnswer => {
  const money = maySee(context.actor, 'money');
  const behaviour = maySee(context.actor, 'behaviour');
  return {
    id: row.id as string,
    shop_id: row.shop_id as string,
    shop: (row.shop_name as string | null) ?? '',
    customer:
      row.customer_id === null
        ? null
        : { id: String(row.customer_id), name: maySee(context.actor, 'contact') ? (row.customer_name as string | null) : null },
    state: row.state as CartRowAnswer['state'],
    items: Number(row.items),
    value:
      money && row.value_minor !== null ? { amount_minor: row.value_minor as number, currency: row.currency as string } : null,
    reached_checkout: row.checkout_at !== null,
    email_known: row.email_known as boolean,
    started_at: iso(row.started_at)!,
    last_activity_at: iso(row.last_activity_at)!,
    abandoned_at: iso(row.abandoned_at),
    closed_at: iso(row.closed_at),
    order: row.order_id === null ? null : { id: row.order_id as string, number: (row.order_number as string | null) ?? '' },
    lines: behaviour
      ? (row.lines as CartLine[]).map(line => ({
          product_id: line.productId,
          variant_id: line.variantId,
          sku: line.sku,
          name: line.name,
          quantity: line.quantity,
          unit_price: money ? line.unitPrice : null,
          price:
            money && line.unitPrice !== null
              ? { amount_minor: toMinor(line.unitPrice, row.currency as string), currency: row.currency as string }
              : null,
          image_url: line.imageUrl,
          url: line.url,
        }))
      : [],
  };
};

const columns = [
  'id',
  'shop',
  'customer_id',
  'customer',
  'state',
  'items',
  'value',
  'currency',
  'started_at',
  'last_activity_at',
  'abandoned_at',
  'order',
  'products',
] as const;
const mostRows = 100_000;

/** The first page is read before anything is sent, so that a refusal is an answer and not a broken file. */
export const cartsCsv = async (context: Context, input: CartQuery): Promise<Readable> => {
  const first = await listCarts(context, { ...input, limit: 1000, count: 'true' });
  await guardExport(context, {
    kind: 'orders.carts',
    rows: Math.min(first.total ?? first.data.length, mostRows),
    filter: { state: input.state ?? null, shop_id: input.shop ?? null },
  });
  async function* pages() {
    let page = first;
    for (let sent = 0; ; ) {
      yield page.data.map(row => [
        row.id,
        row.shop,
        row.customer?.id,
        row.customer?.name,
        row.state,
        row.items,
        row.value ? row.value.amount_minor / 10 ** minorDigits(row.value.currency) : null,
        row.value?.currency,
        row.started_at,
        row.last_activity_at,
        row.abandoned_at,
        row.order?.number,
        row.lines.map(one => `${one.quantity} x ${one.name ?? one.sku ?? one.product_id ?? ''}`).join('; '),
      ]);
      sent += page.data.length;
      if (page.next_cursor === null || sent >= mostRows) return;
      page = await listCarts(context, { ...input, limit: 1000, cursor: page.next_cursor });
    }
  }
  return csvStream(columns, pages());
};

export type Range = { from?: string; to?: string; shop?: string; as_of?: string };

/** The days asked for, in the organisation's zone: by default the 30 that end on the day looked at; nothing after that day. */
export const rangeOf = async (context: Context, input: Range): Promise<{ from: string; to: string; start: Date; end: Date }> => {
  const { zone } = await organisationOf(context);
  const today = input.as_of ?? dayIn(zone, context.clock.now());
  const to = input.to !== undefined && input.to < today ? input.to : today;
  const from = input.from ?? addDays(to, -29);
  if (from > to)
    throw new Refusal('refused', 'orders.range', 'The first day lies after the last one. Swap the two.', {
      faults: [{ path: 'from', reason: 'This day lies after the last one.' }],
    });
  return { from, to, start: startOfDay(zone, from), end: endOfDay(zone, to) };
};

/** Carts by the day they were last active. Values in the home currency; those without a known rate are left out. */
export const cartFigures = async (context: Context, input: Range) => {
  const { postgres: sql } = context;
  const { from, to, start, end } = await rangeOf(context, input);
  const { homeCurrency } = await organisationOf(context);
  const [row] = await sql`
    select count(*) filter (where state = 'open')::int as open, count(*) filter (where state = 'checkout')::int as checkout, count(*) filter (where state = 'abandoned')::int as abandoned,
      count(*) filter (where state = 'recovered')::int as recovered, count(*) filter (where state = 'converted')::int as converted,
      coalesce(sum(value) filter (where state = 'abandoned'), 0)::float8 as abandoned_value, coalesce(sum(value) filter (where state = 'recovered'), 0)::float8 as recovered_value
    from (
      select state, round(value_minor * case when currency = ${homeCurrency} then 1 else
        (select rate from orders.rate r where r.currency = cart.currency and r.from_day <= last_activity_at::date order by from_day desc limit 1) end) as value
      from orders.cart where ${ofOwnShops(context, 'cart.shop_id')} ${input.shop ? sql`and shop_id = ${input.shop}` : sql``}
        and last_activity_at >= ${start} and last_activity_at < ${end}) carts`;
  const { open, checkout, abandoned, recovered, converted } = row as unknown as Record<
    'open' | 'checkout' | 'abandoned' | 'recovered' | 'converted',
    number
  >;
  const value = (amount: unknown) =>
    maySee(context.actor, 'money') ? { amount_minor: Math.round(amount as number), currency: homeCurrency } : null;
  return {
    from,
    to,
    open,
    checkout,
    abandoned,
    recovered,
    converted,
    abandonment_rate: percent(abandoned, abandoned + converted + recovered),
    recovery_rate: percent(recovered, abandoned + recovered),
    abandoned_value: value(row.abandoned_value),
    recovered_value: value(row.recovered_value),
  };
};

export const percent = (part: number, whole: number): number | null =>
  whole > 0 ? Math.round((1000 * part) / whole) / 10 : null;
