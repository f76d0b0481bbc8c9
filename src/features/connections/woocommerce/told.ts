/** What a record read from the API tells: itself, and what `read-records.ts` put beside it. Pure. */
import type { CartRefs, CheckoutTold, OrderTold, ResourceCode, Told } from '../connector.ts';
import { customerPayload, type OrderPayload, orderPayload, productPayload, refundPayload, variationPayload } from './payload.ts';
import { translateCustomer, translateOrder, translateProduct } from './translate.ts';

type Payload = Record<string, unknown>;
const listIn = (payload: Payload, key: string): unknown[] => (Array.isArray(payload[key]) ? payload[key] : []);

export const tellRecord = (resource: ResourceCode, payload: Payload): Told[] => {
  switch (resource) {
    case 'customers': {
      const told = translateCustomer(customerPayload.parse(payload));
      return told ? [told] : [];
    }
    case 'products':
      return [
        translateProduct(
          productPayload.parse(payload),
          listIn(payload, 'regulars_variations').map(one => variationPayload.parse(one)),
          String(payload.regulars_currency ?? ''),
        ),
      ];
    case 'orders':
      return tellOrder(payload);
    case 'checkouts':
      return [];
  }
};

/** The account comes first: whoever has one is known by it when the order is. */
const tellOrder = (payload: Payload): Told[] => {
  const order = orderPayload.parse(payload);
  const refunds = listIn(payload, 'regulars_refunds').map(one => refundPayload.parse(one));
  const account = payload.regulars_account ? translateCustomer(customerPayload.parse(payload.regulars_account)) : null;
  const { standing, told, consents } = translateOrder(order, refunds);
  const first: Told[] = account ? [account] : [];
  if (standing === 'draft') return first;
  const named: OrderTold = { ...told, refs: refsOf(order) };
  if (standing === 'unpaid') return [...first, { ...named, onlyKnown: true }, checkoutOf(order, named)];
  return [...first, { ...named, consents }];
};

/** An order is its own checkout: it waits for its payment under the id it keeps. */
const refsOf = (order: OrderPayload): CartRefs => ({ cartId: null, checkoutIds: [order.id] });

/**
 * WooCommerce has no checkouts of its own: an order that waits for its payment, or whose payment failed, is somebody at the checkout. Paid,
 * the order names it.
 */
const checkoutOf = (order: OrderPayload, told: OrderTold): CheckoutTold => ({
  kind: 'checkout',
  id: order.id,
  createdAt: told.order.placedAt,
  updatedAt: told.updatedAt,
  buyer: told.buyer,
  emailKnown: (order.billing.email ?? '') !== '',
  currency: order.currency,
  valueMinor: told.order.lines.filter(line => line.kind === 'product').reduce((sum, line) => sum + (line.totalMinor ?? 0), 0),
  coupon: order.coupon_lines[0]?.code || null,
  url: order.payment_url || null,
  completedAt: null,
  refs: refsOf(order),
  lines: order.line_items.map((line, index) => {
    const { sku, name, unitPrice } = told.order.lines[index];
    return {
      productId: line.product_id ?? null,
      variantId: line.variation_id && line.variation_id !== '0' ? line.variation_id : null,
      sku,
      name,
      quantity: Number(line.quantity),
      unitPrice,
    };
  }),
});
