/** What orders say in the event log: Order Completed / Refunded / Cancelled, each under an id made from the order and the kind. */
import { createHash } from 'node:crypto';
import type { Context } from '../../platform/context.ts';
import { minorDigits } from '../../platform/money.ts';
import { appendEvents, type NewEvent, removeEvents } from '../tracking/index.ts';
import type { RecordOrdersOptions } from './order.ts';

/** A stable UUID (RFC 9562 version 8) from the order and what happened, so that writing it again is the same event. */
export const orderEventId = (orderId: string, what: string): string => {
  const hex = createHash('sha256').update(`${orderId}/${what}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

type Row = {
  id: string;
  origin_id: number | null;
  shop_id: string;
  number: string;
  placed_at: Date;
  cancelled_at: Date | null;
  state: string;
  test: boolean;
  counts: boolean;
  currency: string;
  total_minor: number;
  sales_minor: number;
  discount_minor: number;
  items: string;
  skus: string[] | null;
  discount_codes: string[];
  refunds: { id: string; at: string; amount_minor: number }[] | null;
};

/** Writes the events of these orders as they are now; of a changed order what no longer holds is taken out of the log first. */
export const rewriteOrderEvents = async (
  context: Context,
  orders: readonly { orderId: string; fresh: boolean }[],
  options: Pick<RecordOrdersOptions, 'importId' | 'historical' | 'source'>,
): Promise<void> => {
  if (orders.length === 0) return;
  const rows = await readRows(
    context,
    orders.map(one => one.orderId),
  );
  const changed = new Set(orders.filter(one => !one.fresh).map(one => one.orderId));
  const stale = rows.filter(row => changed.has(row.id)).flatMap(row => possibleIds(row));
  if (stale.length > 0) await removeEvents(context, stale);
  const now = context.clock.now().getTime();
  const events = rows.flatMap(row => eventsOf(row, options, now));
  if (events.length > 0) await appendEvents(context, events);
};

/** Every event id an order can have in the log. */
const possibleIds = (row: Row): string[] => [
  orderEventId(row.id, 'completed'),
  orderEventId(row.id, 'cancelled'),
  ...(row.refunds ?? []).map(refund => orderEventId(row.id, `refunded/${refund.id}`)),
];

/** For undo and erasure: takes all events of these orders out of the log. */
export const removeOrderEvents = async (context: Context, orderIds: readonly string[]): Promise<void> => {
  const rows = await readRows(context, orderIds);
  await removeEvents(context, rows.flatMap(possibleIds));
};

const readRows = async ({ postgres }: Context, ids: readonly string[]): Promise<Row[]> =>
  (await postgres`
    select o.id, o.origin_id, o.shop_id, o.number, o.placed_at, o.cancelled_at, o.state, o.test, o.counts, o.currency, o.total_minor, o.sales_minor, o.discount_minor, o.discount_codes,
      coalesce(l.items, 0) as items, l.skus,
      (select jsonb_agg(jsonb_build_object('id', r.id, 'at', r.at, 'amount_minor', r.amount_minor)) from orders.refund r where r.order_id = o.id) as refunds
    from orders."order" o
    left join lateral (
      select sum(quantity) filter (where kind = 'product') as items, (array_agg(distinct sku) filter (where sku is not null))[1:50] as skus
      from orders.line where order_id = o.id) l on true
    where o.id = any(${ids as string[]}::uuid[])
    order by o.id`) as unknown as Row[];

/** What happened longer ago changes state and sets nothing off (architecture section 3), also when an old order is changed today. */
const fresh_ms = 24 * 3_600_000;

const eventsOf = (
  row: Row,
  options: Pick<RecordOrdersOptions, 'importId' | 'historical' | 'source'>,
  now: number,
): NewEvent[] => {
  if (row.origin_id === null || row.test) return [];
  const units = 10 ** minorDigits(row.currency);
  const base = {
    customerId: row.origin_id,
    shopId: row.shop_id,
    source: options.source,
    importId: options.importId,
    context: {},
  };
  const about = { order_id: row.id, number: row.number, currency: row.currency };
  const event = (what: string, name: string, time: Date, properties: Record<string, unknown>): NewEvent => ({
    ...base,
    historical: options.historical || now - time.getTime() > fresh_ms,
    id: orderEventId(row.id, what),
    messageId: `${row.id}/${what}`,
    name,
    time,
    properties: { ...about, ...properties },
  });
  const events: NewEvent[] = [];
  if (row.counts) {
    events.push(
      event('completed', 'Order Completed', row.placed_at, {
        total: row.total_minor / units,
        revenue: row.sales_minor / units,
        discount: row.discount_minor / units,
        items: Number(row.items),
        skus: row.skus ?? [],
        ...(row.discount_codes.length > 0 ? { coupon: row.discount_codes.join(',') } : {}),
      }),
    );
  }
  if (row.state === 'cancelled')
    events.push(event('cancelled', 'Order Cancelled', row.cancelled_at ?? row.placed_at, { total: row.total_minor / units }));
  for (const refund of row.refunds ?? []) {
    events.push(event(`refunded/${refund.id}`, 'Order Refunded', new Date(refund.at), { total: refund.amount_minor / units }));
  }
  return events;
};
