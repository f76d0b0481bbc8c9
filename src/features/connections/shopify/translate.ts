/** Shopify's records in our words. Pure. */
import { lineTotalMinor, toMinor } from '../../../platform/money.ts';
import type { LineInput, RefundInput } from '../../orders/index.ts';
import type {
  Buyer,
  CheckoutTold,
  ConsentTold,
  CustomerTold,
  FulfilmentTold,
  OrderTold,
  ProductTold,
  Told,
} from '../connector.ts';
import {
  type Address,
  checkoutShape,
  customerShape,
  fulfilmentShape,
  inShopMoney,
  orderShape,
  productShape,
  type ShopifyOrder,
  type ShopifyRefund,
} from './payload.ts';

const orNull = (text: string): string | null => (text === '' ? null : text);

/** Only what is said: an empty text is no news. */
const said = (pairs: Record<string, string | undefined>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== undefined && value !== ''));

const placeOf = (address: Address): Record<string, unknown> =>
  said({ city: address?.city, postal_code: address?.zip, region: address?.province_code, country: address?.country_code });

// ---- customers ---------------------------------------------------------------------------------------------------------

/** "Not subscribed" was never said by anybody, "pending" is not confirmed yet; redacted means gone, so nothing may be sent. */
const stateOf: Record<string, ConsentTold['state'] | undefined> = {
  subscribed: 'subscribed',
  unsubscribed: 'unsubscribed',
  redacted: 'unsubscribed',
};

type ConsentShape = { state: string; consent_updated_at: Date | null } | null | undefined;
export const consentOf = (channel: ConsentTold['channel'], consent: ConsentShape, otherwise: Date): ConsentTold[] => {
  const state = consent ? stateOf[consent.state.toLowerCase()] : undefined;
  return state ? [{ channel, state, at: consent!.consent_updated_at ?? otherwise }] : [];
};

export const tagsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map(tag => tag.trim())
      .filter(tag => tag !== ''),
  ),
];

export const customerOf = (payload: unknown, at: Date): CustomerTold => {
  const customer = customerShape.parse(payload);
  const createdAt = customer.created_at ?? customer.updated_at ?? at;
  return {
    kind: 'customer',
    id: customer.id,
    createdAt,
    updatedAt: customer.updated_at ?? at,
    email: orNull(customer.email),
    phone: orNull(customer.phone),
    traits: { ...said({ first_name: customer.first_name, last_name: customer.last_name }), ...placeOf(customer.default_address) },
    tags: typeof customer.tags === 'string' ? tagsOf(customer.tags) : null,
    consents: [
      ...consentOf('email', customer.email_marketing_consent, createdAt),
      ...consentOf('sms', customer.sms_marketing_consent, createdAt),
    ],
  };
};

// ---- orders ------------------------------------------------------------------------------------------------------------

/** Where the shop's prices hold the tax, a line gives up its own; then totals are without tax, as ours are. */
const withoutTax = (order: ShopifyOrder, taxes: readonly { price: string }[]): number =>
  order.taxes_included ? taxes.reduce((sum, tax) => sum + toMinor(tax.price, order.currency), 0) : 0;

const allocated = (
  order: ShopifyOrder,
  line: { discount_allocations: { amount: string; amount_set?: never }[] | { amount: string }[] },
): number =>
  (line.discount_allocations as { amount: string; amount_set?: Parameters<typeof inShopMoney>[0] }[]).reduce(
    (sum, one) => sum + toMinor(inShopMoney(one.amount_set, one.amount), order.currency),
    0,
  );

const kindOf = (line: ShopifyOrder['line_items'][number]): LineInput['kind'] =>
  line.gift_card ? 'gift_card' : line.tip !== null && line.tip !== undefined ? 'tip' : 'product';

const goodsOf = (order: ShopifyOrder): LineInput[] =>
  order.line_items.map(line => {
    const quantity = String(line.quantity);
    const onLine = allocated(order, line);
    const discountMinor = line.discount_allocations.length > 0 ? onLine : toMinor(line.total_discount, order.currency);
    return {
      outsideId: line.id,
      kind: kindOf(line),
      sku: orNull(line.sku),
      name: orNull(line.name) ?? orNull(line.title),
      category: null,
      quantity,
      unitPrice: line.price,
      discountMinor,
      totalMinor: lineTotalMinor(quantity, line.price, order.currency) - discountMinor - withoutTax(order, line.tax_lines),
    };
  });

const extra = (kind: LineInput['kind'], outsideId: string, name: string, totalMinor: number): LineInput => ({
  outsideId,
  kind,
  sku: null,
  name,
  quantity: '1',
  unitPrice: '0',
  discountMinor: 0,
  totalMinor,
});

/** Shipping, tips, duties and fees, and what discount the lines do not account for. */
const extrasOf = (order: ShopifyOrder, goods: readonly LineInput[]): LineInput[] => {
  const { currency } = order;
  const kept = order.shipping_lines.filter(line => !line.is_removed);
  const shipping = kept.map((line, index) =>
    extra(
      'shipping',
      `shipping:${line.id ?? index}`,
      line.title || 'Shipping',
      toMinor(line.price, currency) - allocated(order, line) - withoutTax(order, line.tax_lines),
    ),
  );
  const discounted =
    goods.reduce((sum, line) => sum + line.discountMinor, 0) + kept.reduce((sum, line) => sum + allocated(order, line), 0);
  const onOrder = toMinor(order.total_discounts, currency) - discounted;
  const codes = order.discount_codes.map(one => one.code).join(', ');
  const tip = goods.some(line => line.kind === 'tip') ? 0 : toMinor(order.total_tip_received, currency);
  const duties = toMinor(inShopMoney(order.original_total_duties_set, '0'), currency);
  const fees = toMinor(inShopMoney(order.original_total_additional_fees_set, '0'), currency);
  return [
    ...(onOrder > 0 ? [extra('discount', 'discount', codes || 'Discount', -onOrder)] : []),
    ...shipping.filter(line => line.totalMinor !== 0),
    ...(tip > 0 ? [extra('tip', 'tip', 'Tip', tip)] : []),
    ...(duties > 0 ? [extra('fee', 'duties', 'Duties', duties)] : []),
    ...(fees > 0 ? [extra('fee', 'fees', 'Fees', fees)] : []),
  ];
};

/** What was taken back, per line and without tax; the amount is the money that went back, tax and shipping included. */
export const refundOf = (refund: ShopifyRefund, currency: string, taxesIncluded: boolean): RefundInput => {
  const lines = refund.refund_line_items.map(line => {
    const subtotal = toMinor(inShopMoney(line.subtotal_set, line.subtotal), currency);
    const tax = toMinor(inShopMoney(line.total_tax_set, line.total_tax), currency);
    return {
      sku: orNull(line.line_item?.sku ?? ''),
      quantity: String(line.quantity),
      net: taxesIncluded ? subtotal - tax : subtotal,
      tax,
    };
  });
  const paid = refund.transactions
    .filter(one => one.kind === 'refund' && one.status === 'success')
    .reduce((sum, one) => sum + toMinor(one.amount, currency), 0);
  return {
    outsideId: refund.id,
    at: refund.processed_at ?? refund.created_at,
    amountMinor: paid > 0 ? paid : lines.reduce((sum, line) => sum + line.net + line.tax, 0),
    lines: lines.map(({ sku, quantity, net }) => ({ sku, quantity, amountMinor: net })),
  };
};

/** Null until it has gone out. */
export const fulfilmentOf = (payload: unknown): (FulfilmentTold & { orderId: string | null }) | null => {
  const one = fulfilmentShape.parse(payload);
  if (one.status !== 'success') return null;
  return {
    id: one.id,
    orderId: one.order_id,
    at: one.created_at,
    updatedAt: one.updated_at ?? one.created_at,
    shipmentStatus: orNull(one.shipment_status),
    company: orNull(one.tracking_company),
    trackingNumber: orNull(one.tracking_number),
    trackingUrl: orNull(one.tracking_url),
    skus: one.line_items.map(line => line.sku).filter(sku => sku !== ''),
  };
};

type BuyerShape = { customer?: { id: string; email: string; phone: string } | null; email: string; phone: string };
/** The customer where there is one; else what a guest left. */
const buyerOf = (
  from: BuyerShape & { billing_address?: Address; shipping_address?: Address; customer_locale?: string },
): Buyer | null => {
  if (from.customer)
    return { id: from.customer.id, email: orNull(from.customer.email), phone: orNull(from.customer.phone), traits: {} };
  if (from.email === '' && from.phone === '') return null;
  const address = from.billing_address ?? from.shipping_address;
  return {
    id: null,
    email: orNull(from.email),
    phone: orNull(from.phone),
    traits: {
      ...said({ first_name: address?.first_name, last_name: address?.last_name, language: from.customer_locale }),
      ...placeOf(from.shipping_address ?? from.billing_address),
    },
  };
};

export const orderOf = (payload: unknown): OrderTold => {
  const order = orderShape.parse(payload);
  const goods = goodsOf(order);
  const isVoid = ['voided', 'expired'].includes(order.financial_status);
  const isCancelled = order.cancelled_at !== null || isVoid;
  return {
    kind: 'order',
    id: order.id,
    updatedAt: order.updated_at ?? order.created_at,
    buyer: buyerOf({ ...order, email: order.email || order.contact_email }),
    order: {
      number: order.name,
      placedAt: order.created_at,
      currency: order.currency,
      country: orNull((order.shipping_address ?? order.billing_address)?.country_code ?? ''),
      state: isCancelled ? 'cancelled' : 'placed',
      cancelledAt: isCancelled ? (order.cancelled_at ?? order.created_at) : null,
      test: order.test ?? false,
      totalMinor: toMinor(order.total_price, order.currency),
      taxMinor: toMinor(order.total_tax, order.currency),
      discountCodes: order.discount_codes.map(one => one.code).filter(code => code !== ''),
      lines: [...goods, ...extrasOf(order, goods)],
      refunds: order.refunds.map(refund => refundOf(refund, order.currency, order.taxes_included ?? false)),
    },
    fulfilments: order.fulfillments.flatMap(one => fulfilmentOf(one) ?? []),
    refs: { cartId: orNull(order.cart_token), checkoutIds: [order.checkout_token].filter(token => token !== '') },
  };
};

// ---- products, checkouts -----------------------------------------------------------------------------------------------

export const productOf = (payload: unknown, currency: string, at: Date): ProductTold => {
  const product = productShape.parse(payload);
  return {
    kind: 'product',
    id: product.id,
    createdAt: product.created_at,
    updatedAt: product.updated_at ?? at,
    variants: product.variants
      .filter(variant => variant.sku !== '')
      .map(variant => ({
        sku: variant.sku,
        name: ['', 'Default Title'].includes(variant.title) ? orNull(product.title) : `${product.title} - ${variant.title}`,
        category: orNull(product.product_type),
        price: variant.price,
        currency,
      })),
  };
};

export const checkoutOf = (payload: unknown): CheckoutTold => {
  const checkout = checkoutShape.parse(payload);
  const id = checkout.token || checkout.id;
  if (!id) throw new Error('This checkout has neither a token nor an id.');
  return {
    kind: 'checkout',
    id,
    createdAt: checkout.created_at,
    updatedAt: checkout.updated_at,
    buyer: buyerOf(checkout),
    emailKnown: checkout.email !== '' || (checkout.customer?.email ?? '') !== '',
    currency: checkout.currency,
    valueMinor: toMinor(checkout.subtotal_price, checkout.currency),
    coupon: orNull(checkout.discount_codes[0]?.code ?? ''),
    url: orNull(checkout.abandoned_checkout_url),
    completedAt: checkout.completed_at,
    refs: { cartId: orNull(checkout.cart_token), checkoutIds: checkout.id ? [checkout.id] : [] },
    lines: checkout.line_items.map(line => ({
      productId: line.product_id,
      variantId: line.variant_id,
      sku: orNull(line.sku),
      name: orNull(line.title),
      quantity: line.quantity,
      unitPrice: line.price,
    })),
  };
};

export const translate = (resource: string, payload: Record<string, unknown>, currency: string): Told[] => {
  const at = new Date(0);
  if (resource === 'customers') return [customerOf(payload, at)];
  if (resource === 'products') return [productOf(payload, currency, at)];
  if (resource === 'orders') return [orderOf(payload)];
  return [checkoutOf(payload)];
};
