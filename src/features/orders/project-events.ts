/**
 * Orders from Segment's e-commerce events (https://segment.com/docs/connections/spec/ecommerce/v2/): Order Completed / Updated / Refunded /
 * Cancelled become rows here, and this feature writes what belongs into the log.
 */
import type { Context } from '../../platform/context.ts';
import { isCurrency, toMinor } from '../../platform/money.ts';
import { organisationOf, shopsOf } from '../shops/index.ts';
import type { Projection, RefusedEvent, ResolvedEvent } from '../tracking/index.ts';
import { cartRefs } from './carts/cart.ts';
import type { LineInput, OrderInput, RefundInput } from './order.ts';
import { recordOrders } from './record-orders.ts';
import { cancelOrders, recordRefunds } from './record-refunds.ts';
import { en } from './texts/en.ts';

const names = ['Order Completed', 'Order Updated', 'Order Refunded', 'Order Cancelled'] as const;
const mostLines = 1000;

export const orderProjection: Projection = {
  name: 'orders',
  names,
  claims: true,
  texts: en,
  project: async (context, events) => {
    const refused: RefusedEvent[] = [];
    const currencies = new Map((await shopsOf(context)).map(shop => [shop.id, shop.currency]));
    const home = (await organisationOf(context)).homeCurrency;
    // One by one in order of arrival: a later event of the same batch may be about the same order.
    for (const event of events) {
      const reason = await projectOne(context, event, currencies.get(event.shopId) ?? home);
      if (reason) refused.push({ id: event.id, reason });
    }
    return refused;
  },
};

const projectOne = async (context: Context, event: ResolvedEvent, shopCurrency: string): Promise<string | null> => {
  const number = textOf(event.properties.order_id);
  if (!number || number.length > 100) return 'orders.reason.no_order_id';
  const currency = textOf(event.properties.currency)?.toUpperCase() ?? shopCurrency;
  if (!isCurrency(currency)) return 'orders.reason.currency';
  const options = { source: event.source, importId: null, historical: event.historical };
  if (event.name === 'Order Cancelled') {
    if (event.trust === 'browser') return 'orders.reason.browser';
    await cancelOrders(context, [{ shopId: event.shopId, number, at: event.time }], options);
    return null;
  }
  if (event.name === 'Order Refunded') {
    if (event.trust === 'browser') return 'orders.reason.browser';
    await recordRefunds(context, [{ shopId: event.shopId, number, refund: refundOf(event, currency) }], options);
    return null;
  }
  const order = orderOf(event, number, currency);
  if (order === null) return 'orders.reason.products';
  // A public key may tell of a new order, but never change one (decisions 4).
  if (event.trust === 'browser' && (await isKnown(context, event.shopId, number))) return null;
  await recordOrders(context, [order], { ...options, lines: 'whole' });
  return null;
};

const isKnown = async ({ postgres }: Context, shopId: string, number: string): Promise<boolean> =>
  (await postgres`select 1 from orders."order" where shop_id = ${shopId} and number = ${number}`).length > 0;

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== ''
    ? value.trim()
    : typeof value === 'number' && Number.isFinite(value)
      ? String(value)
      : null;

/** A JSON number or numeric text as plain decimal text; null when it is neither. */
const decimalOf = (value: unknown): string | null => {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number) || Math.abs(number) >= 1e12) return null;
  const text = String(value).trim();
  return /^-?\d+(\.\d{1,8})?$/.test(text) ? text : number.toFixed(8);
};

const lineOf = (product: Record<string, unknown>, currency: string): LineInput | null => {
  const price = decimalOf(product.price ?? 0);
  const quantity = decimalOf(product.quantity ?? 1);
  if (price === null || quantity === null) return null;
  const discount = decimalOf(product.discount ?? 0) ?? '0';
  return {
    outsideId: null,
    kind: 'product',
    sku: textOf(product.sku) ?? textOf(product.product_id),
    name: textOf(product.name),
    category: textOf(product.category),
    quantity,
    unitPrice: price,
    discountMinor: toMinor(discount, currency),
    totalMinor: null,
  };
};

const extraLine = (kind: LineInput['kind'], amount: string): LineInput => ({
  outsideId: null,
  kind,
  sku: null,
  name: null,
  quantity: '1',
  unitPrice: amount,
  discountMinor: 0,
  totalMinor: null,
});

const orderOf = (event: ResolvedEvent, number: string, currency: string): OrderInput | null => {
  const { properties } = event;
  const products = Array.isArray(properties.products) ? properties.products : [];
  if (products.length > mostLines) return null;
  const lines: LineInput[] = [];
  for (const product of products) {
    const line = product !== null && typeof product === 'object' ? lineOf(product as Record<string, unknown>, currency) : null;
    if (line === null) return null;
    lines.push(line);
  }
  const [revenue, total, tax, shipping, discount] = [
    properties.revenue,
    properties.total ?? properties.value,
    properties.tax,
    properties.shipping,
    properties.discount,
  ].map(value => (value === undefined || value === null ? null : decimalOf(value)));
  // Without a product list the order still has its sales: one line of what the shop calls revenue.
  if (lines.length === 0 && (revenue ?? total) !== null) lines.push(extraLine('product', (revenue ?? total)!));
  if (shipping !== null && Number(shipping) !== 0) lines.push(extraLine('shipping', shipping));
  if (discount !== null && Number(discount) > 0) lines.push(extraLine('discount', `-${discount}`));
  const coupon = textOf(properties.coupon);
  return {
    shopId: event.shopId,
    number,
    placedAt: event.time,
    customerId: event.customerId,
    currency,
    state: 'placed',
    totalMinor: total === null ? null : toMinor(total, currency),
    taxMinor: tax === null ? null : toMinor(tax, currency),
    discountCodes: coupon ? [coupon.slice(0, 100)] : [],
    cartRefs: cartRefs({
      cartId: textOf(properties.cart_id)?.slice(0, 500),
      checkoutIds: [textOf(properties.checkout_id)?.slice(0, 500), textOf(properties.checkout_token)?.slice(0, 500)],
    }),
    lines,
    refunds: [],
    updatedAt: event.time,
  };
};

const refundOf = (event: ResolvedEvent, currency: string): RefundInput => {
  const products = Array.isArray(event.properties.products) ? (event.properties.products as Record<string, unknown>[]) : [];
  const lines = products.slice(0, mostLines).flatMap(product => {
    const line = product !== null && typeof product === 'object' ? lineOf(product, currency) : null;
    return line
      ? [
          {
            sku: line.sku,
            quantity: line.quantity,
            amountMinor: Math.abs(toMinor(line.unitPrice, currency)) * Math.max(1, Math.round(Math.abs(Number(line.quantity)))),
          },
        ]
      : [];
  });
  const stated = decimalOf(event.properties.total ?? event.properties.revenue ?? event.properties.value ?? null);
  const amountMinor =
    stated !== null ? Math.abs(toMinor(stated, currency)) : lines.reduce((sum, line) => sum + line.amountMinor, 0);
  // Without products the whole amount comes off the sales.
  return {
    outsideId: event.messageId,
    at: event.time,
    amountMinor,
    lines: lines.length > 0 ? lines : [{ sku: null, quantity: '0', amountMinor }],
  };
};
