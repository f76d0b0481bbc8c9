/** How long nothing must happen before a cart counts as abandoned: one rule for the organisation, and one for each shop that wants its own. */
import { audit } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { notFound } from '../../../platform/errors.ts';
import { inTransaction } from '../../../platform/postgres.ts';
import { isShopLimited, maySeeShop, refuseShopLimited } from '../../../platform/shop-limit.ts';
import { findShop, shopsOf } from '../../shops/index.ts';

export const usualIdleMinutes = 60;

/** Minutes by shop; under null the organisation's own. */
export type IdleRules = { forShop: (shopId: string) => number; organisation: number; own: ReadonlyMap<string, number> };

export const readIdleRules = async ({ postgres }: Context): Promise<IdleRules> => {
  const rows = await postgres`select shop_id, idle_minutes from orders.cart_rule`;
  const organisation = (rows.find(row => row.shop_id === null)?.idle_minutes as number | undefined) ?? usualIdleMinutes;
  const own = new Map(rows.flatMap(row => (row.shop_id === null ? [] : [[row.shop_id as string, row.idle_minutes as number]])));
  return { organisation, own, forShop: shopId => own.get(shopId) ?? organisation };
};

export const showIdleRules = async (context: Context) => {
  const rules = await readIdleRules(context);
  const shops = (await shopsOf(context)).filter(shop => maySeeShop(context.actor, shop.id));
  return {
    idle_minutes: rules.organisation,
    may_change_all: !isShopLimited(context.actor),
    shops: shops.map(shop => ({ id: shop.id, name: shop.name, idle_minutes: rules.own.get(shop.id) ?? null })),
  };
};

/** `shopId` null: the organisation's rule; `minutes` null: the shop follows the organisation's again. Open carts are judged by it at once. */
export const setIdleRule = (context: Context, input: { shopId: string | null; minutes: number | null }): Promise<void> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    if (input.shopId === null) refuseShopLimited(inside.actor);
    else if (!maySeeShop(inside.actor, input.shopId) || !(await findShop(inside, input.shopId))) throw notFound('shop');
    if (input.minutes === null) await sql`delete from orders.cart_rule where shop_id is not distinct from ${input.shopId}::uuid`;
    else
      await sql`
        insert into orders.cart_rule (shop_id, idle_minutes) values (${input.shopId}, ${input.minutes})
        on conflict (shop_id) do update set idle_minutes = excluded.idle_minutes`;
    const rules = await readIdleRules(inside);
    for (const shop of await shopsOf(inside)) {
      const minutes = rules.forShop(shop.id);
      await sql`
        update orders.cart set due_at = last_activity_at + ${minutes} * interval '1 minute' where shop_id = ${shop.id} and due_at is not null`;
      await sql`
        update orders.browse set due_at = last_activity_at + ${minutes} * interval '1 minute' where shop_id = ${shop.id} and due_at is not null`;
    }
    await audit(inside, 'orders.cart_rule_changed', { shop_id: input.shopId, idle_minutes: input.minutes });
  });
