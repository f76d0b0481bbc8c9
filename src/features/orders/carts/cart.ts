/**
 * What a cart is, and how one person's carts in one shop follow from what happened. Pure: no I/O, no clock. The steps are sorted here, so
 * the same steps in any order, any number of times, give the same carts.
 */

export const cartStates = ['open', 'checkout', 'abandoned', 'converted', 'recovered'] as const;
/**
 * open: things are in it. checkout: its owner began to pay. abandoned: nothing happened for the idle time. converted: an order came of it.
 * recovered: an order came of it after it had been abandoned.
 */
export type CartState = (typeof cartStates)[number];

export type CartLine = {
  productId: string | null;
  variantId: string | null;
  sku: string | null;
  name: string | null;
  quantity: number;
  /** Decimal text per unit in the cart's currency; null = not known. */
  unitPrice: string | null;
  imageUrl: string | null;
  url: string | null;
};

/** A checkout or a cart as a connection knows it, whole. The newest `updatedAt` wins; sending the same one again changes nothing. */
export type CheckoutInput = {
  shopId: string;
  kind: 'cart' | 'checkout';
  /** The outside system's own id, digit-exact text; one row per (shop, kind, id). */
  outsideId: string;
  /** Other ids under which an order, an event or another webhook may speak of it: a checkout's token... */
  checkoutIds?: readonly string[];
  /** ...and the id or token of the cart it was made from. */
  cartId?: string | null;
  /** As `resolveCustomers` gave it; null: nobody is known yet. */
  customerId: number | null;
  /** The shopper has typed an e-mail address into this checkout. */
  emailKnown: boolean;
  lines: readonly CartLine[];
  currency: string;
  /** What the shop states the items are worth, minor units; null = sum of the lines. */
  valueMinor: number | null;
  coupon?: string | null;
  /** Leads the shopper back to this cart. */
  url?: string | null;
  startedAt: Date;
  updatedAt: Date;
  /** It became an order. The order itself finds it by its ids too, whichever comes first. */
  completedAt?: Date | null;
  /** The shop has deleted it. */
  deleted?: boolean;
};
export type RecordCheckoutsOptions = {
  /** What brought it: "shopify:<connection>". */
  source: string;
  /** A backfill: nothing is ever announced because of it. */
  historical: boolean;
};

/** Names of a cart under which its parts find each other; for `CheckoutInput` made by itself, for `OrderInput.cartRefs` made by the caller. */
export const cartRefs = (given: { cartId?: string | null; checkoutIds?: readonly (string | null | undefined)[] }): string[] => [
  ...(given.cartId ? [`cart:${given.cartId}`] : []),
  ...(given.checkoutIds ?? []).flatMap(id => (id ? [`checkout:${id}`] : [])),
];
