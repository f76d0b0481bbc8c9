/** Tells the rest of the house, and the event log, that a cart or a look around was given up: once for each silence. */
import type { Context } from '../../../platform/context.ts';
import { minorDigits } from '../../../platform/money.ts';
import { appendEvents, type NewEvent } from '../../tracking/index.ts';
import type { CartLine } from './cart.ts';
import type { Browse, Cart } from './fold-carts.ts';
import { idOf } from './record-checkouts.ts';

/** `since`: the last sign of life. The same person, shop and time are the same silence. */
export type Silence = { customerId: number; originId: number; shopId: string; since: Date } & (
  | { kind: 'cart'; cartId: string; at: Date; cart: Cart }
  | { kind: 'browse'; browse: Browse }
);

/** What was given up longer ago than this is history (architecture: older than 24 h). */
const fresh_ms = 86_400_000;

export const announceSilences = async (context: Context, silences: readonly Silence[]): Promise<void> => {
  const now = context.clock.now();
  const recent = silences.filter(one => now.getTime() - one.since.getTime() < fresh_ms + longestIdle_ms(one));
  if (recent.length === 0) return;
  const byId = new Map(recent.map(one => [noticeId(one), one]));
  const noted = await context.postgres`
    insert into orders.cart_notice (id, origin_id, customer_id, kind, at)
    select id, origin, customer, kind, ${now}
    from unnest(${[...byId.keys()]}::uuid[], ${[...byId.values()].map(one => one.originId)}::bigint[], ${[...byId.values()].map(one => one.customerId)}::bigint[],
      ${[...byId.values()].map(one => one.kind)}::text[]) as n(id, origin, customer, kind)
    order by id on conflict do nothing returning id`;
  const told = noted.map(row => [row.id as string, byId.get(row.id as string)!] as const);
  await appendEvents(
    context,
    told.map(([id, silence]) => eventOf(id, silence, now)),
  );
  for (const [, silence] of told) {
    const about = { customer_id: String(silence.customerId), shop_id: silence.shopId };
    if (silence.kind === 'cart') await context.announce('orders.cart_abandoned', { ...about, cart_id: silence.cartId });
    else await context.announce('orders.browse_abandoned', about);
  }
};

/** A long idle time is no reason to call a silence old. */
const longestIdle_ms = (silence: Silence): number =>
  silence.kind === 'cart' ? silence.at.getTime() - silence.since.getTime() : 0;

const noticeId = (one: Silence): string => idOf(`silence/${one.kind}/${one.shopId}/${one.originId}/${one.since.getTime()}`);

const eventOf = (id: string, silence: Silence, now: Date): NewEvent => ({
  id,
  customerId: silence.originId,
  name: silence.kind === 'cart' ? 'Cart Abandoned' : 'Browse Abandoned',
  time: now,
  shopId: silence.shopId,
  source: 'orders',
  messageId: id,
  historical: false,
  properties: silence.kind === 'cart' ? aboutCart(silence) : aboutBrowse(silence.browse),
});

const aboutCart = ({ cart, cartId }: { cart: Cart; cartId: string }): Record<string, unknown> => ({
  cart_id: cartId,
  reached: cart.checkoutAt === null ? 'cart' : 'checkout',
  items: cart.items,
  currency: cart.currency,
  ...(cart.valueMinor === null ? {} : { value: cart.valueMinor / 10 ** minorDigits(cart.currency) }),
  ...(cart.coupon === null ? {} : { coupon: cart.coupon }),
  ...(cart.url === null ? {} : { url: cart.url }),
  email_known: cart.emailKnown,
  ...aboutProducts(cart.lines),
});

const aboutBrowse = (browse: Browse): Record<string, unknown> => ({
  items: browse.products.length,
  ...aboutProducts(browse.products),
});

const mostProducts = 20;
const aboutProducts = (lines: readonly CartLine[]): Record<string, unknown> => ({
  skus: lines.flatMap(line => line.sku ?? line.variantId ?? line.productId ?? []).slice(0, mostProducts),
  products: lines.slice(0, mostProducts).map(line => ({
    product_id: line.productId,
    variant_id: line.variantId,
    sku: line.sku,
    name: line.name,
    quantity: line.quantity,
    price: line.unitPrice === null ? null : Number(line.unitPrice),
    image_url: line.imageUrl,
    url: line.url,
  })),
});
