/** The orders feature's queries, one question each. */
import type { Context } from '../../platform/context.ts';
import { copyIn } from '../../platform/copy-in.ts';
import { dayIn } from '../../platform/time.ts';
import type { OrderInput, RecordOrdersOptions, RefundInput } from './order.ts';
import { type Line, refundKey, type Totals } from './total.ts';

export type StoredOrder = {
  id: string;
  shop_id: string;
  number: string;
  origin_id: number | null;
  customer_id: number | null;
  placed_at: Date;
  state: 'placed' | 'cancelled';
  cancelled_at: Date | null;
  test: boolean;
  country: string | null;
  tax_minor: number | null;
  total_minor: number;
  outside_id: string | null;
  discount_codes: string[];
  updated_at: Date | null;
};
export type NewOrder = OrderInput & Totals & { day: string; rate: string | null };

/** Locks the orders already known, in sorted order so that two writers never wait for each other in a circle. */
export const lockOrders = async ({ postgres }: Context, inputs: readonly OrderInput[]): Promise<Map<string, StoredOrder>> => {
  const rows = await postgres`
    select o.id, o.shop_id, o.number, o.origin_id, o.customer_id, o.placed_at, o.state, o.cancelled_at, o.test, o.country, o.tax_minor, o.total_minor, o.outside_id, o.discount_codes, o.updated_at
    from orders."order" o
    join unnest(${inputs.map(one => one.shopId)}::uuid[], ${inputs.map(one => one.number)}::text[]) as asked(shop_id, number) using (shop_id, number)
    order by o.shop_id, o.number
    for update of o`;
  return new Map(rows.map(row => [`${row.shop_id}/${row.number}`, row as unknown as StoredOrder]));
};

export const insertOrders = async (
  { postgres }: Context,
  rows: readonly NewOrder[],
  options: RecordOrdersOptions,
): Promise<string[]> => {
  const inserted = await postgres`
    insert into orders."order" (origin_id, customer_id, shop_id, number, outside_id, placed_at, day, currency, country, state, cancelled_at, test,
      total_minor, tax_minor, discount_minor, sales_minor, rate, discount_codes, source, import_id, historical, updated_at)
    select customer, customers.owner_of(customer), shop, number, outside, placed, day, currency, country, state, cancelled, test, total, tax, discount, sales, rate,
      array(select jsonb_array_elements_text(codes)), ${options.source}, ${options.importId}, ${options.historical}, updated
    from unnest(${rows.map(row => row.customerId)}::bigint[], ${rows.map(row => row.shopId)}::uuid[], ${rows.map(row => row.number)}::text[], ${rows.map(row => row.outsideId ?? null)}::text[],
      ${rows.map(row => row.placedAt.toISOString())}::timestamptz[], ${rows.map(row => row.day)}::date[], ${rows.map(row => row.currency)}::text[], ${rows.map(row => row.country ?? null)}::text[],
      ${rows.map(row => row.state)}::text[], ${rows.map(row => row.cancelledAt?.toISOString() ?? null)}::timestamptz[], ${rows.map(row => String(row.test ?? false))}::text[]::boolean[],
      ${rows.map(row => row.totalMinor)}::bigint[], ${rows.map(row => row.taxMinor ?? null)}::bigint[], ${rows.map(row => row.discountMinor)}::bigint[], ${rows.map(row => row.salesMinor)}::bigint[],
      ${rows.map(row => row.rate)}::numeric[], ${rows.map(row => JSON.stringify(row.discountCodes ?? []))}::text[]::jsonb[], ${rows.map(row => row.updatedAt?.toISOString() ?? null)}::timestamptz[])
      as given(customer, shop, number, outside, placed, day, currency, country, state, cancelled, test, total, tax, discount, sales, rate, codes, updated)
    returning id, shop_id, number`;
  const ids = new Map(inserted.map(row => [`${row.shop_id}/${row.number}`, row.id as string]));
  return rows.map(row => ids.get(`${row.shopId}/${row.number}`)!);
};

type LinesOf = { orderId: string; from: number; lines: readonly Line[] };

export const insertLines = async ({ postgres }: Context, orders: readonly LinesOf[], importId: string | null): Promise<void> => {
  const rows = orders.flatMap(({ orderId, from, lines }) =>
    lines.map((line, index) => ({ orderId, position: from + index, line })),
  );
  if (rows.length === 0) return;
  const columns = [
    'order_id',
    'position',
    'key',
    'kind',
    'sku',
    'name',
    'category',
    'quantity',
    'unit_price',
    'discount_minor',
    'total_minor',
    'import_id',
  ];
  await copyIn(
    postgres,
    'orders.line',
    columns,
    rows.map(({ orderId, position, line }) => [
      orderId,
      position,
      line.key,
      line.kind,
      line.sku,
      line.name,
      line.category ?? null,
      line.quantity,
      line.unitPrice,
      line.discountMinor,
      line.totalMinor,
      importId,
    ]),
  );
};

export const insertRefunds = async (
  { postgres }: Context,
  orders: readonly { orderId: string; zone: string; refunds: readonly RefundInput[] }[],
  importId: string | null,
): Promise<void> => {
  const rows = orders.flatMap(({ orderId, zone, refunds }) =>
    refunds.map(refund => ({ orderId, refund, key: refundKey(refund), day: dayIn(zone, refund.at) })),
  );
  if (rows.length === 0) return;
  const inserted = await postgres`
    insert into orders.refund (order_id, key, at, day, amount_minor, import_id)
    select o, k, at, day, amount, ${importId}
    from unnest(${rows.map(row => row.orderId)}::uuid[], ${rows.map(row => row.key)}::text[], ${rows.map(row => row.refund.at.toISOString())}::timestamptz[], ${rows.map(row => row.day)}::date[],
      ${rows.map(row => row.refund.amountMinor)}::bigint[]) as given(o, k, at, day, amount)
    on conflict (order_id, key) do nothing
    returning id, order_id, key`;
  const ids = new Map(inserted.map(row => [`${row.order_id}/${row.key}`, row.id as string]));
  const lines = rows.flatMap(row => {
    const id = ids.get(`${row.orderId}/${row.key}`);
    return id ? row.refund.lines.map((line, position) => ({ id, position, line })) : [];
  });
  if (lines.length === 0) return;
  await postgres`
    insert into orders.refund_line (refund_id, position, sku, quantity, amount_minor)
    select * from unnest(${lines.map(row => row.id)}::uuid[], ${lines.map(row => row.position)}::int[], ${lines.map(row => row.line.sku)}::text[],
      ${lines.map(row => row.line.quantity)}::numeric[], ${lines.map(row => row.line.amountMinor)}::bigint[])`;
};

export type StoredKeys = { lines: string[]; contents: string[]; refunds: string[] };

/** What a line says, as one text: the same line may be told again with another quantity or discount (an edited order). */
export const lineContent = (line: Line): string =>
  JSON.stringify([
    line.key,
    line.kind,
    line.sku,
    line.name,
    Number(line.quantity),
    Number(line.unitPrice),
    line.discountMinor,
    line.totalMinor,
  ]);

/** Keys and contents of the lines (in order) and keys of the refunds that orders have now. */
export const storedKeys = async ({ postgres }: Context, orderIds: readonly string[]): Promise<Map<string, StoredKeys>> => {
  if (orderIds.length === 0) return new Map();
  const ids = orderIds as string[];
  const rows = await postgres`
    select o.id, (select jsonb_agg(jsonb_build_object('key', l.key, 'kind', l.kind, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity::text, 'unitPrice', l.unit_price::text,
        'discountMinor', l.discount_minor, 'totalMinor', l.total_minor) order by l.position) from orders.line l where l.order_id = o.id) as lines,
      (select jsonb_agg(r.key) from orders.refund r where r.order_id = o.id) as refunds
    from unnest(${ids}::uuid[]) as o(id)`;
  return new Map(
    rows.map(row => {
      const lines = (row.lines ?? []) as Line[];
      return [
        row.id as string,
        { lines: lines.map(line => line.key), contents: lines.map(lineContent), refunds: (row.refunds ?? []) as string[] },
      ];
    }),
  );
};

export const deleteLines = async ({ postgres }: Context, orderIds: readonly string[]): Promise<void> => {
  if (orderIds.length > 0) await postgres`delete from orders.line where order_id = any(${orderIds as string[]}::uuid[])`;
};

export const deleteRefunds = async (
  { postgres }: Context,
  refunds: readonly { orderId: string; key: string }[],
): Promise<void> => {
  const ids = (
    await postgres`
      select r.id from orders.refund r
      join unnest(${refunds.map(one => one.orderId)}::uuid[], ${refunds.map(one => one.key)}::text[]) as gone(order_id, key) using (order_id, key)`
  ).map(row => row.id as string);
  await postgres`delete from orders.refund_line where refund_id = any(${ids}::uuid[])`;
  await postgres`delete from orders.refund where id = any(${ids}::uuid[])`;
};

type Head = {
  id: string;
  customerId: number | null;
  placedAt: Date;
  day: string;
  state: string;
  cancelledAt: Date | null;
  test: boolean;
  country: string | null;
  /** null: summed from the lines. */
  statedTotalMinor: number | null;
  taxMinor: number | null;
  outsideId: string | null;
  discountCodes: readonly string[];
  updatedAt: Date | null;
};

/** Figures are summed anew from the lines; a total the shop stated is kept as stated. A new customer becomes owner and origin. */
export const updateOrders = async ({ postgres }: Context, heads: readonly Head[]): Promise<void> => {
  if (heads.length === 0) return;
  await postgres`
    with given as (
      select * from unnest(${heads.map(head => head.id)}::uuid[], ${heads.map(head => head.customerId)}::bigint[], ${heads.map(head => head.placedAt.toISOString())}::timestamptz[],
        ${heads.map(head => head.day)}::date[], ${heads.map(head => head.state)}::text[], ${heads.map(head => head.cancelledAt?.toISOString() ?? null)}::timestamptz[], ${heads.map(head => String(head.test))}::text[]::boolean[],
        ${heads.map(head => head.country)}::text[], ${heads.map(head => head.statedTotalMinor)}::bigint[], ${heads.map(head => head.taxMinor)}::bigint[], ${heads.map(head => head.outsideId)}::text[],
        ${heads.map(head => JSON.stringify(head.discountCodes))}::text[]::jsonb[], ${heads.map(head => head.updatedAt?.toISOString() ?? null)}::timestamptz[])
        as t (id, customer, placed_at, day, state, cancelled_at, test, country, stated, tax, outside, codes, updated_at)),
    sums as (
      select g.id, coalesce(sum(l.total_minor), 0)::bigint as total, coalesce(sum(l.total_minor) filter (where l.kind in ('product', 'discount')), 0)::bigint as sales,
        (coalesce(sum(l.discount_minor), 0) - coalesce(sum(l.total_minor) filter (where l.kind = 'discount'), 0))::bigint as discount
      from given g left join orders.line l on l.order_id = g.id group by g.id)
    update orders."order" o
    set origin_id = case when o.customer_id is distinct from customers.owner_of(g.customer) then g.customer else o.origin_id end,
      customer_id = customers.owner_of(g.customer), placed_at = g.placed_at, day = g.day, state = g.state, cancelled_at = g.cancelled_at, test = g.test,
      country = g.country, tax_minor = g.tax, outside_id = g.outside,
      discount_codes = array(select jsonb_array_elements_text(g.codes)), updated_at = g.updated_at, version = version + 1,
      total_minor = coalesce(g.stated, sums.total + coalesce(g.tax, 0)), sales_minor = sums.sales, discount_minor = sums.discount
    from given g join sums on sums.id = g.id
    where o.id = g.id`;
};

export const queueCopies = async (
  { postgres }: Context,
  orders: readonly { orderId: string; fresh: boolean }[],
): Promise<void> => {
  if (orders.length === 0) return;
  await postgres`
    insert into orders.to_copy (order_id, fresh)
    select * from unnest(${orders.map(one => one.orderId)}::uuid[], ${orders.map(one => String(one.fresh))}::text[]::boolean[])`;
  await postgres`select pg_notify('regulars_work', 'orders')`;
};

/** Units of the home currency for one unit of another on a day: 1 for itself, the typed rate in force, or null when none is known. */
export const ratesTo = async (
  { postgres }: Context,
  home: string,
  currencies: readonly string[],
): Promise<(currency: string, day: string) => string | null> => {
  const foreign = [...new Set(currencies)].filter(currency => currency !== home);
  const rows =
    foreign.length === 0
      ? []
      : await postgres`select currency, from_day, rate from orders.rate where currency = any(${foreign}) order by from_day desc`;
  return (currency, day) =>
    currency === home ? '1' : ((rows.find(row => row.currency === currency && row.from_day <= day)?.rate as string) ?? null);
};
