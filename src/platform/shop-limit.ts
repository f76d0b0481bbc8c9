/**
 * Roles and keys limited to some shops. The rule: such a reader sees the installation as if the other shops were not there. Whatever carries
 * a shop (orders, carts, events, imports, connections, write keys) is filtered by `ofOwnShops`; a person is shown when something of theirs
 * happened in one of these shops (`customersOfShops` of the customers feature), with the shared profile but only these shops' part of what
 * happened; what was worked out over all shops together (scores) is not shown. docs/decisions/150-second-factors-and-roles.md says why.
 *
 * How to use it in a query over your own table:
 *   select ... from orders.cart cart where ${ofOwnShops(context, 'cart.shop_id')} and ...
 * and for one record:  if (!row || !maySeeShop(context.actor, row.shop_id)) throw notFound('cart');
 * and for a table about customers (listCustomers and findOwner do it already):  where ${customersOfShops(context, 't.customer_id')}
 */
import type postgres from 'postgres';
import type { Actor, Context } from './context.ts';
import { Refusal } from './errors.ts';

/** The shops an actor may see; null = all of them. */
export const shopLimitOf = (actor: Actor): readonly string[] | null => (actor.kind === 'system' ? null : actor.shopIds);

export const isShopLimited = (actor: Actor): boolean => shopLimitOf(actor) !== null;

/** Whether an actor may see what belongs to this shop; what belongs to none is for those who see all. */
export const maySeeShop = (actor: Actor, shopId: string | null): boolean => {
  const shops = shopLimitOf(actor);
  return shops === null || (shopId !== null && shops.includes(shopId));
};

/** A condition on a column of shop ids ("o.shop_id"): true for everything when the actor sees all shops. Not a promise: put it into a query. */
export const ofOwnShops = (context: Context, column: string): postgres.PendingQuery<postgres.Row[]> => {
  const sql = context.postgres as postgres.Sql;
  const shops = shopLimitOf(context.actor);
  return shops === null ? sql`true` : sql`${sql(column)} = any(${shops as string[]}::uuid[])`;
};

/** For what concerns all shops at once (a segment's definition, a history of counts): 403 for whoever sees only some. */
export const refuseShopLimited = (actor: Actor): void => {
  if (isShopLimited(actor))
    throw new Refusal(
      'forbidden',
      'access.shop_limited',
      'This concerns all shops, and your role is limited to some of them. Ask a colleague who sees all shops.',
    );
};
