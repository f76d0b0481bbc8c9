/** A cart event (Segment's e-commerce spec) as a step of a cart. Pure: no I/O. */
import { isCurrency, toMinor } from '../../../platform/money.ts';
import { type CartLine, cartRefs } from './cart.ts';
import type { CartStep } from './fold-carts.ts';

/** What each event does to a cart. https://segment.com/docs/connections/spec/ecommerce/v2/ */
const whats: Record<string, CartStep['what']> = {
  'Product Viewed': 'view',
  'Product Added': 'added',
  'Product Removed': 'removed',
  'Cart Viewed': 'shown',
  'Checkout Started': 'checkout',
  'Checkout Step Viewed': 'checkout',
  'Checkout Step Completed': 'checkout',
  'Payment Info Entered': 'checkout',
  'Coupon Applied': 'coupon',
};
export const cartEventNames: readonly string[] = Object.keys(whats);

type LoggedStep = {
  id: string;
  originId: number;
  name: string;
  time: Date;
  source: string;
  historical: boolean;
  properties: Record<string, unknown>;
};

const mostLines = 200;
const longest = 500;

export const readStep = (event: LoggedStep, shopCurrency: string): CartStep => {
  const what = whats[event.name];
  const { properties } = event;
  const stated = textOf(properties.currency)?.toUpperCase();
  const currency = stated && isCurrency(stated) ? stated : shopCurrency;
  return {
    id: event.id,
    at: event.time,
    originId: event.originId,
    historical: event.historical,
    source: event.source,
    what,
    refs: cartRefs({
      cartId: idOf(properties.cart_id),
      checkoutIds: [idOf(properties.checkout_id), idOf(properties.checkout_token)],
    }),
    lines: linesOf(what, properties),
    valueMinor: isWhole(what) ? amountOf(properties.value ?? properties.total ?? properties.revenue, currency) : null,
    currency,
    coupon: textOf(properties.coupon) ?? (what === 'coupon' ? textOf(properties.coupon_id) : null),
    url: isWhole(what)
      ? urlOf(properties.checkout_url ?? properties.cart_url ?? properties.recovery_url)
      : urlOf(properties.cart_url),
    emailKnown: typeof properties.email === 'string' && properties.email.includes('@'),
  };
};

const isWhole = (what: CartStep['what']): boolean => what === 'shown' || what === 'checkout';

const linesOf = (what: CartStep['what'], properties: Record<string, unknown>): CartLine[] | null => {
  if (what === 'coupon') return null;
  if (!isWhole(what)) {
    const line = lineOf(properties, what === 'removed' ? 0 : 1);
    return line ? [line] : [];
  }
  if (!Array.isArray(properties.products)) return null;
  return properties.products.slice(0, mostLines).flatMap(product => {
    const line = typeof product === 'object' && product !== null ? lineOf(product as Record<string, unknown>, 1) : null;
    return line ? [line] : [];
  });
};

/** Null for a product that nothing names. */
const lineOf = (product: Record<string, unknown>, quantityLeftOut: number): CartLine | null => {
  const line = {
    productId: idOf(product.product_id),
    variantId: idOf(product.variant_id),
    sku: idOf(product.sku),
    name: textOf(product.name),
  };
  if (Object.values(line).every(value => value === null)) return null;
  const quantity = Number(product.quantity ?? quantityLeftOut);
  return {
    ...line,
    quantity:
      Number.isFinite(quantity) && quantity >= 0 && quantity <= 1e6 ? Math.round(quantity * 1000) / 1000 : quantityLeftOut,
    unitPrice: decimalOf(product.price),
    imageUrl: urlOf(product.image_url),
    url: urlOf(product.url),
  };
};

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, longest) : null;
const idOf = (value: unknown): string | null =>
  typeof value === 'number' && Number.isFinite(value) ? String(value) : typeof value === 'string' ? textOf(value) : null;

/** Links and pictures are shown in the admin and in messages: only web addresses. */
export const urlOf = (value: unknown): string | null => {
  const text = textOf(value);
  return text !== null && /^https?:\/\/[^\s<>"']+$/i.test(text) ? text : null;
};

/** A JSON number or numeric text as plain decimal text, digit-exact where it can be. */
const decimalOf = (value: unknown): string | null => {
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  const text = String(value).trim();
  const number = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number) || number < 0 || number >= 1e12) return null;
  return /^\d+(\.\d{1,8})?$/.test(text) ? text : number.toFixed(8);
};

const amountOf = (value: unknown, currency: string): number | null => {
  const decimal = decimalOf(value);
  return decimal === null ? null : toMinor(decimal, currency);
};
