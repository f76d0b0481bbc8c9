/** Shops: one store front each, with its currency and zone. Orders, carts and events carry a shop's id. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { organisationOf } from './organisation.ts';

export type Shop = {
  id: string;
  brandId: string;
  name: string;
  kind: 'shop' | 'till' | 'demo';
  currency: string;
  zone: string;
  isDefault: boolean;
  version: number;
};

/** Default shop first. */
export const shopsOf = ({ postgres }: Context): Promise<Shop[]> =>
  postgres<Shop[]>`
    select id, brand_id as "brandId", name, kind, currency, zone, is_default as "isDefault", version
    from shops.shop order by is_default desc, created_at, id`;

export const findShop = async (context: Context, id: string): Promise<Shop | undefined> =>
  (await shopsOf(context)).find(shop => shop.id === id);

/** Where things go that name no shop. */
export const defaultShopOf = async (context: Context): Promise<Shop> => (await shopsOf(context))[0];

type NewShop = { name: string; kind?: Shop['kind']; currency?: string; zone?: string };

export const createShop = (context: Context, input: NewShop): Promise<Shop> =>
  inTransaction(context, async inside => {
    const { homeCurrency, zone } = await organisationOf(inside);
    const [{ id }] = await inside.postgres<{ id: string }[]>`
      insert into shops.shop (brand_id, name, kind, currency, zone, created_at)
      select id, ${input.name}, ${input.kind ?? 'shop'}, ${input.currency ?? homeCurrency}, ${input.zone ?? zone}, ${inside.clock.now()}
      from shops.brand where is_default returning id`;
    await audit(inside, 'shops.shop_made', { subject: { kind: 'shop', id }, kind: input.kind ?? 'shop' });
    return (await findShop(inside, id))!;
  });

type Change = { id: string; version: number; name?: string; kind?: 'shop' | 'till'; currency?: string; zone?: string };

export const changeShop = (context: Context, change: Change): Promise<Shop> =>
  inTransaction(context, async inside => {
    await inside.postgres`select from shops.shop where id = ${change.id} for update`;
    const before = await findShop(inside, change.id);
    if (!before) throw notFound('shop');
    if (before.version !== change.version) throw stale('shop');
    const next = {
      ...before,
      name: change.name ?? before.name,
      currency: change.currency ?? before.currency,
      zone: change.zone ?? before.zone,
    };
    await inside.postgres`
      update shops.shop
      set name = ${next.name}, currency = ${next.currency}, zone = ${next.zone}, kind = ${change.kind ?? before.kind}, version = version + 1
      where id = ${change.id}`;
    await audit(inside, 'shops.shop_changed', { subject: { kind: 'shop', id: change.id } });
    return (await findShop(inside, change.id))!;
  });

/** Takes the demo shop itself away, after every feature has removed what belonged to it. */
export const removeDemoShop = async (context: Context, id: string): Promise<void> => {
  const shop = await findShop(context, id);
  if (!shop) throw notFound('shop');
  if (shop.kind !== 'demo')
    throw new Refusal('refused', 'shops.not_demo', 'Only a demo shop can be removed. A real one keeps its orders.');
  await context.postgres`delete from shops.shop where id = ${id}`;
  await audit(context, 'shops.demo_removed', { subject: { kind: 'shop', id } });
};
