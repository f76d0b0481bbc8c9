/**
 * WooCommerce's orders, refunds, customers and products in our words. Pure: no I/O, and the same for a webhook, a poll and a backfill.
 * Amounts of lines are without tax in WooCommerce, also where the shop's prices hold the tax (`prices_include_tax` is about typing them in).
 */
import { toMinor } from '../../../platform/money.ts';
import {
  type LineInput,
  type RefundInput,
  type WooStanding,
  wooDecimal,
  wooSkuOf,
  wooStandingOf,
  wooUnitPrice,
} from '../../orders/index.ts';
import type { Buyer, ConsentTold, CustomerTold, OrderTold, ProductTold } from '../connector.ts';
import { plainText } from './entities.ts';
import type { CustomerPayload, OrderPayload, ProductPayload, RefundPayload, VariationPayload } from './payload.ts';

export type TranslatedOrder = {
  standing: WooStanding;
  told: OrderTold;
  consents: ConsentTold[];
  /** The shop names refunds whose lines and days the order does not carry: ask /orders/<id>/refunds. */
  refundIds: string[];
};

/** Plugins that give orders numbers of their own, in the order we believe them. The REST field `number` usually has it already. */
const numberKeys = ['_order_number_formatted', '_order_number', '_alg_wc_custom_order_number', '_wcj_order_number'];

export const numberOf = (order: Pick<OrderPayload, 'id' | 'number' | 'meta_data'>): string => {
  if (order.number !== '' && order.number !== order.id) return order.number;
  for (const key of numberKeys) {
    const value = order.meta_data.find(one => one.key === key)?.value;
    if ((typeof value === 'string' || typeof value === 'number') && String(value).trim() !== '') return String(value).trim();
  }
  return order.number || order.id;
};

/** Gift cards are sold as products; the plugins that make them mark the line. */
const giftCardKey = /^_?(wc_gc_giftcard_|pw_gift_card_|ywgc_)/;

const productLineOf = (line: OrderPayload['line_items'][number], currency: string): LineInput => {
  const total = toMinor(line.total, currency);
  return {
    kind: line.meta_data.some(one => giftCardKey.test(one.key)) ? 'gift_card' : 'product',
    sku: wooSkuOf(line),
    name: plainText(line.name) || null,
    quantity: wooDecimal(line.quantity),
    unitPrice: wooUnitPrice(line.subtotal, line.quantity),
    discountMinor: Math.max(0, toMinor(line.subtotal, currency) - total),
    totalMinor: total,
  };
};

/** Shipping, a fee, or a discount written as a negative fee. A line without money says nothing. */
export const sumLineOf = (kind: 'shipping' | 'fee', name: string, total: string, currency: string): LineInput[] => {
  const totalMinor = toMinor(total, currency);
  if (totalMinor === 0) return [];
  return [
    {
      kind: kind === 'fee' && totalMinor < 0 ? 'discount' : kind,
      sku: null,
      name: plainText(name) || (kind === 'shipping' ? 'Shipping' : 'Fee'),
      quantity: '1',
      unitPrice: wooDecimal(total),
      discountMinor: 0,
      totalMinor,
    },
  ];
};

/** `refunds`: as asked from /orders/<id>/refunds; null where that was not done (the order names none). */
export const translateOrder = (order: OrderPayload, refunds: readonly RefundPayload[] = []): TranslatedOrder => {
  const standing = wooStandingOf(order.status);
  const { currency } = order;
  const placedAt = order.date_created_gmt ?? order.date_modified_gmt ?? new Date(0);
  const lines = [
    ...order.line_items.map(line => productLineOf(line, currency)),
    ...order.shipping_lines.flatMap(line => sumLineOf('shipping', line.method_title, line.total, currency)),
    ...order.fee_lines.flatMap(line => sumLineOf('fee', line.name, line.total, currency)),
  ];
  return {
    standing,
    refundIds: order.refunds.map(one => one.id),
    consents: consentsOf(order.meta_data, placedAt, 'order'),
    told: {
      kind: 'order',
      id: order.id,
      updatedAt: order.date_modified_gmt ?? placedAt,
      buyer: buyerOf(order),
      fulfilments: [],
      order: {
        number: numberOf(order),
        placedAt,
        currency,
        country: countryCode(order.shipping.country) ?? countryCode(order.billing.country),
        state: standing === 'placed' ? 'placed' : 'cancelled',
        cancelledAt: standing === 'placed' ? null : (order.date_modified_gmt ?? placedAt),
        // WooPayments marks what was paid with its test cards.
        test: order.meta_data.some(one => one.key === '_wcpay_mode' && one.value === 'test'),
        totalMinor: toMinor(order.total, currency),
        taxMinor: toMinor(order.total_tax, currency),
        discountCodes: order.coupon_lines.map(one => one.code).filter(code => code !== ''),
        lines,
        refunds: refunds.map(refund => translateRefund(order, refund, lines)),
      },
    },
  };
};

/**
 * A refund names the lines it takes back; their amounts are without tax. One without lines is money given back (a price reduction): no goods
 * return. But one over the whole order, as setting the status to "Refunded" writes it, takes everything back.
 */
export const translateRefund = (order: OrderPayload, refund: RefundPayload, lines: readonly LineInput[]): RefundInput => {
  const { currency } = order;
  const bought = new Map(order.line_items.map(line => [line.id, line]));
  const named = refund.line_items.map(line => {
    const origin = line.meta_data.find(one => one.key === '_refunded_item_id')?.value;
    const of = origin === undefined ? undefined : bought.get(String(origin));
    return {
      sku: of ? wooSkuOf(of) : wooSkuOf(line),
      quantity: wooDecimal(line.quantity.replace(/^-/, '')),
      amountMinor: Math.abs(toMinor(line.total, currency)),
      isGiftCard: of?.meta_data.some(one => giftCardKey.test(one.key)) ?? false,
    };
  });
  const amountMinor = Math.abs(toMinor(refund.amount, currency));
  const isWhole = refund.line_items.length === 0 && amountMinor > 0 && amountMinor === toMinor(order.total, currency);
  const back = isWhole
    ? lines
        .filter(line => line.kind === 'product')
        .map(line => ({ sku: line.sku, quantity: line.quantity, amountMinor: line.totalMinor ?? 0 }))
    : named
        .filter(line => !line.isGiftCard)
        .map(({ sku, quantity, amountMinor: amount }) => ({ sku, quantity, amountMinor: amount }));
  return {
    outsideId: refund.id,
    at: refund.date_created_gmt ?? order.date_modified_gmt ?? order.date_created_gmt ?? new Date(0),
    amountMinor,
    lines: back.filter(line => line.amountMinor !== 0 || line.quantity !== '0'),
  };
};

const countryCode = (text: string | undefined): string | null => (text && /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : null);

type Address = OrderPayload['billing'];
const traitsOf = (billing: Address, shipping: Address, names: { first?: string; last?: string } = {}): Record<string, string> => {
  const country = countryCode(billing.country) ?? countryCode(shipping.country);
  const all = {
    first_name: names.first || billing.first_name || shipping.first_name,
    last_name: names.last || billing.last_name || shipping.last_name,
    city: billing.city || shipping.city,
    region: billing.state || shipping.state,
    postal_code: billing.postcode || shipping.postcode,
    country,
  };
  return Object.fromEntries(Object.entries(all).flatMap(([code, value]) => (value ? [[code, plainText(value)]] : [])));
};

/**
 * A registered buyer goes by the account alone: an order of one account may name somebody else's address (a gift, a parent, a member of
 * staff who typed it). Guests go by e-mail, then phone.
 */
const buyerOf = (order: OrderPayload): Buyer | null => {
  const account = order.customer_id && order.customer_id !== '0' ? order.customer_id : '';
  const email = account === '' ? (order.billing.email ?? '') : '';
  const phone = account === '' ? (order.billing.phone ?? '') : '';
  if (account === '' && email === '' && phone === '') return null;
  return {
    id: account || null,
    email: email || null,
    phone: phone || null,
    // The account says for itself who it is.
    traits: account === '' ? traitsOf(order.billing, order.shipping) : {},
  };
};

/** Accounts of the people who run the shop, unless they also buy. */
const staffRoles = new Set(['administrator', 'shop_manager', 'editor', 'author', 'contributor']);

/** null: an account of staff who never bought. */
export const translateCustomer = (customer: CustomerPayload): CustomerTold | null => {
  if (staffRoles.has(customer.role) && !customer.is_paying_customer) return null;
  const createdAt = customer.date_created_gmt ?? customer.date_modified_gmt ?? new Date(0);
  const updatedAt = customer.date_modified_gmt ?? createdAt;
  return {
    kind: 'customer',
    id: customer.id,
    createdAt,
    updatedAt,
    email: customer.email || customer.billing.email || null,
    phone: customer.billing.phone || null,
    traits: traitsOf(customer.billing, customer.shipping, { first: customer.first_name, last: customer.last_name }),
    // WooCommerce knows no tags of customers.
    tags: null,
    consents: consentsOf(customer.meta_data, updatedAt, 'customer'),
  };
};

/**
 * WooCommerce itself asks nobody for consent. What these plugins write is taken: Mailchimp for WooCommerce on accounts and orders, Brevo on
 * orders. An order's unticked box is no "no"; an account's "0" is.
 */
const consentKeys = ['mailchimp_woocommerce_is_subscribed', 'ws_opt_in', '_wc_other/SendinblueWoocommerce/newsletter_opt_in'];

const consentsOf = (metas: OrderPayload['meta_data'], at: Date, of: 'order' | 'customer'): ConsentTold[] => {
  for (const key of consentKeys) {
    const found = metas.find(one => one.key === key);
    if (!found) continue;
    const value = String(found.value).toLowerCase();
    if (['1', 'true', 'yes', 'on'].includes(value)) return [{ channel: 'email', state: 'subscribed', at }];
    if (of === 'customer' && ['0', 'false', 'no'].includes(value)) return [{ channel: 'email', state: 'unsubscribed', at }];
  }
  return [];
};

/** A product is sold as itself, or as its variations where it has some. Drafts and the trashed are not for sale. */
export const translateProduct = (
  product: ProductPayload,
  variations: readonly VariationPayload[],
  currency: string,
): ProductTold => {
  const name = plainText(product.name);
  const category = plainText(product.categories[0]?.name ?? '') || null;
  const item = (sku: string, ownName: string, price: string) => ({
    sku,
    name: ownName || null,
    category,
    price: /^\d*\.?\d+$/.test(price) ? wooDecimal(price) : null,
    currency,
  });
  const items =
    variations.length === 0
      ? [item(product.sku || `id:${product.id}`, name, product.price)]
      : variations.filter(isForSale).map(one => {
          const options = one.attributes.map(attribute => plainText(attribute.option)).filter(option => option !== '');
          return item(one.sku || `id:${one.id}`, options.length === 0 ? name : `${name} - ${options.join(', ')}`, one.price);
        });
  return {
    kind: 'product',
    id: product.id,
    createdAt: product.date_created_gmt,
    updatedAt: newest([product, ...variations]) ?? new Date(0),
    variants: isForSale(product) ? items : [],
  };
};

const isForSale = (one: { status: string }): boolean => ['', 'publish', 'private'].includes(one.status);

/** Changing a variation does not always touch its product's date. */
export const newest = (all: readonly Pick<ProductPayload, 'date_created_gmt' | 'date_modified_gmt'>[]): Date | null =>
  all.reduce<Date | null>((best, one) => {
    const at = one.date_modified_gmt ?? one.date_created_gmt;
    return at && (!best || at > best) ? at : best;
  }, null);
