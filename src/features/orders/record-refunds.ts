/** Refunds and cancellations that arrive on their own. One that comes before its order waits and is matched when the order does. */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { shopsOf } from '../shops/index.ts';
import { rewriteOrderEvents } from './log-order-events.ts';
import type { RecordOrdersOptions, RefundInput } from './order.ts';
import { insertRefunds, queueCopies } from './postgres.ts';

export type RefundOf = { shopId: string; number: string; refund: RefundInput };
type Options = Pick<RecordOrdersOptions, 'source' | 'importId' | 'historical'>;

/** Adds refunds to known orders, each once; the others wait. Returns how many wait. */
export const recordRefunds = (context: Context, inputs: readonly RefundOf[], options: Options): Promise<number> =>
  inTransaction(context, async inside => {
    if (inputs.length === 0) return 0;
    const known = await ordersByNumber(inside, inputs);
    const matched = inputs.filter(one => known.has(`${one.shopId}/${one.number}`));
    const waiting = inputs.filter(one => !known.has(`${one.shopId}/${one.number}`));
    await addRefunds(
      inside,
      matched.map(one => ({ orderId: known.get(`${one.shopId}/${one.number}`)!, ...one })),
      options,
    );
    const sql = inside.postgres;
    for (const one of waiting) {
      await sql`
        insert into orders.unmatched_refund (shop_id, order_number, refund, source, import_id)
        values (${one.shopId}, ${one.number}, ${sql.json(one.refund as never)}, ${options.source}, ${options.importId})
        on conflict do nothing`;
    }
    return waiting.length;
  });

/** Called for orders that have just come in: refunds that waited for them are added and stop waiting. */
export const matchWaitingRefunds = async (
  context: Context,
  orders: readonly { orderId: string; shopId: string; number: string }[],
  options: Options,
): Promise<void> => {
  const { postgres } = context;
  const rows = await postgres`
    delete from orders.unmatched_refund u
    using unnest(${orders.map(one => one.orderId)}::uuid[], ${orders.map(one => one.shopId)}::uuid[], ${orders.map(one => one.number)}::text[]) as given(order_id, shop_id, number)
    where u.shop_id = given.shop_id and u.order_number = given.number
    returning given.order_id, u.shop_id, u.order_number, u.refund`;
  await addRefunds(
    context,
    rows.map(row => {
      const refund = row.refund as RefundInput;
      return {
        orderId: row.order_id as string,
        shopId: row.shop_id as string,
        number: row.order_number as string,
        refund: { ...refund, at: new Date(refund.at) },
      };
    }),
    options,
  );
};

const addRefunds = async (
  context: Context,
  matched: readonly (RefundOf & { orderId: string })[],
  options: Options,
): Promise<void> => {
  if (matched.length === 0) return;
  const zones = new Map((await shopsOf(context)).map(shop => [shop.id, shop.zone]));
  await insertRefunds(
    context,
    matched.map(one => ({ orderId: one.orderId, zone: zones.get(one.shopId) ?? 'UTC', refunds: [one.refund] })),
    options.importId,
  );
  const orders = [...new Set(matched.map(one => one.orderId))].map(orderId => ({ orderId, fresh: false }));
  await rewriteOrderEvents(context, orders, options);
  await queueCopies(context, orders);
};

/** Cancels known orders at a time; one that is not known is left for the order itself to say. */
export const cancelOrders = (
  context: Context,
  inputs: readonly { shopId: string; number: string; at: Date }[],
  options: Options,
): Promise<void> =>
  inTransaction(context, async inside => {
    const rows = await inside.postgres`
      update orders."order" o set state = 'cancelled', cancelled_at = given.at, version = version + 1
      from unnest(${inputs.map(one => one.shopId)}::uuid[], ${inputs.map(one => one.number)}::text[], ${inputs.map(one => one.at.toISOString())}::timestamptz[]) as given(shop_id, number, at)
      where o.shop_id = given.shop_id and o.number = given.number and o.state = 'placed'
      returning o.id`;
    const orders = [...new Set(rows.map(row => row.id as string))].map(orderId => ({ orderId, fresh: false }));
    await rewriteOrderEvents(inside, orders, options);
    await queueCopies(inside, orders);
  });

const ordersByNumber = async (
  { postgres }: Context,
  inputs: readonly { shopId: string; number: string }[],
): Promise<Map<string, string>> => {
  const rows = await postgres`
    select o.id, o.shop_id, o.number from orders."order" o
    join unnest(${inputs.map(one => one.shopId)}::uuid[], ${inputs.map(one => one.number)}::text[]) as asked(shop_id, number) using (shop_id, number)
    order by o.shop_id, o.number for update of o`;
  return new Map(rows.map(row => [`${row.shop_id}/${row.number}`, row.id as string]));
};
