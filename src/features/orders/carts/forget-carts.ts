import type { Context } from '../../../platform/context.ts';

/** A demo shop that is taken away takes its carts along. */
export const forgetCarts = async ({ postgres }: Context, shopId: string): Promise<void> => {
  await postgres`delete from orders.cart_notice n where exists (select from orders.cart c where c.shop_id = ${shopId} and c.origin_id = n.origin_id)`;
  await postgres`delete from orders.cart where shop_id = ${shopId}`;
  await postgres`delete from orders.browse where shop_id = ${shopId}`;
  await postgres`delete from orders.checkout_due where checkout_id in (select id from orders.checkout where shop_id = ${shopId})`;
  await postgres`delete from orders.checkout where shop_id = ${shopId}`;
  await postgres`delete from orders.order_ref where shop_id = ${shopId}`;
  await postgres`delete from orders.cart_rule where shop_id = ${shopId}`;
};
