/** Erasure: the books keep number, day and amounts; the person and what could name them goes. */
import type { Context } from '../../platform/context.ts';
import { removeOrderEvents } from './log-order-events.ts';
import { queueCopies } from './postgres.ts';

export const eraseOrders = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  const { postgres } = context;
  const rows =
    await postgres`select id from orders."order" where customer_id = any(${customerIds as number[]}::bigint[]) or origin_id = any(${customerIds as number[]}::bigint[])`;
  const ids = rows.map(row => row.id as string);
  if (ids.length === 0) return;
  await removeOrderEvents(context, ids);
  // Names of a cart at another system lead to a person as much as an outside id does.
  await postgres`delete from orders.order_ref where order_id = any(${ids}::uuid[])`;
  await postgres`
    update orders."order" set origin_id = null, customer_id = null, outside_id = null, country = null, discount_codes = '{}', version = version + 1 where id = any(${ids}::uuid[])`;
  await queueCopies(
    context,
    ids.map(orderId => ({ orderId, fresh: false })),
  );
};
