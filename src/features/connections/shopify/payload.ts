/**
 * What Shopify's REST records and webhooks say, as far as it is read here. Ids and decimals become text at once: ids may exceed 2^53 (bodies
 * are read with `parseExact`), decimals must not pass through floats. Pure.
 */
import { z } from 'zod';

/** Digit-exact text. */
const id = z.union([z.number(), z.string().min(1)]).transform(String);
const maybeId = z
  .union([z.number(), z.string()])
  .nullish()
  .transform(value => (value === null || value === undefined || value === '' ? null : String(value)));
const words = z
  .union([z.string(), z.number()])
  .nullish()
  .transform(value => (value === null || value === undefined ? '' : String(value).trim()));
const decimal = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value, context) => {
    const text = value === null || value === undefined || value === '' ? '0' : String(value).trim();
    if (/^-?\d*\.?\d+$/.test(text)) return text;
    context.addIssue({ code: 'custom', message: `"${text}" is no decimal number` });
    return z.NEVER;
  });
const time = z.string().transform((text, context) => {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  context.addIssue({ code: 'custom', message: `"${text}" is no time` });
  return z.NEVER;
});
const maybeTime = time.nullish().transform(value => value ?? null);
const moneySet = z.looseObject({ shop_money: z.looseObject({ amount: decimal }).nullish() }).nullish();
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform(value => value ?? []);

const address = z
  .looseObject({
    first_name: words,
    last_name: words,
    name: words,
    phone: words,
    city: words,
    zip: words,
    province_code: words,
    country_code: words,
  })
  .nullish();

const consent = z.looseObject({ state: words, consent_updated_at: maybeTime }).nullish();

export const customerShape = z.looseObject({
  id,
  email: words,
  phone: words,
  first_name: words,
  last_name: words,
  created_at: maybeTime,
  updated_at: maybeTime,
  /** Absent in webhooks since 2025-01. */
  tags: z.string().nullish(),
  email_marketing_consent: consent,
  sms_marketing_consent: consent,
  default_address: address,
});

const taxLine = z.looseObject({ price: decimal });
const allocation = z.looseObject({ amount: decimal, amount_set: moneySet });

const lineItem = z.looseObject({
  id,
  sku: words,
  name: words,
  title: words,
  quantity: z.number(),
  current_quantity: z.number().nullish(),
  price: decimal,
  total_discount: decimal,
  gift_card: z.boolean().nullish(),
  tip: z.unknown().optional(),
  tax_lines: list(taxLine),
  discount_allocations: list(allocation),
});
const shippingLine = z.looseObject({
  id: maybeId,
  title: words,
  price: decimal,
  is_removed: z.boolean().nullish(),
  tax_lines: list(taxLine),
  discount_allocations: list(allocation),
});

const refundLine = z.looseObject({
  quantity: z.number(),
  subtotal: decimal,
  subtotal_set: moneySet,
  total_tax: decimal,
  total_tax_set: moneySet,
  line_item: z.looseObject({ sku: words }).nullish(),
});
export const refundShape = z.looseObject({
  id,
  order_id: maybeId,
  created_at: time,
  processed_at: maybeTime,
  refund_line_items: list(refundLine),
  transactions: list(z.looseObject({ kind: words, status: words, amount: decimal })),
});

export const fulfilmentShape = z.looseObject({
  id,
  order_id: maybeId,
  status: words,
  created_at: time,
  updated_at: maybeTime,
  shipment_status: words,
  tracking_company: words,
  tracking_number: words,
  tracking_url: words,
  line_items: list(z.looseObject({ sku: words })),
});

export const orderShape = z.looseObject({
  id,
  name: z.string().min(1),
  created_at: time,
  updated_at: maybeTime,
  cancelled_at: maybeTime,
  currency: z.string().length(3),
  email: words,
  contact_email: words,
  phone: words,
  financial_status: words,
  test: z.boolean().nullish(),
  taxes_included: z.boolean().nullish(),
  total_price: decimal,
  total_tax: decimal,
  total_discounts: decimal,
  total_tip_received: decimal,
  original_total_duties_set: moneySet,
  original_total_additional_fees_set: moneySet,
  cart_token: words,
  checkout_token: words,
  customer_locale: words,
  discount_codes: list(z.looseObject({ code: words })),
  customer: z.looseObject({ id, email: words, phone: words }).nullish(),
  billing_address: address,
  shipping_address: address,
  line_items: list(lineItem),
  shipping_lines: list(shippingLine),
  refunds: list(refundShape),
  fulfillments: list(z.unknown()),
});

export const productShape = z.looseObject({
  id,
  title: words,
  product_type: words,
  created_at: maybeTime,
  updated_at: maybeTime,
  variants: list(z.looseObject({ sku: words, title: words, price: decimal })),
});

export const checkoutShape = z.looseObject({
  id: maybeId,
  token: words,
  cart_token: words,
  email: words,
  phone: words,
  currency: z.string().length(3),
  created_at: time,
  updated_at: time,
  completed_at: maybeTime,
  abandoned_checkout_url: words,
  subtotal_price: decimal,
  discount_codes: list(z.looseObject({ code: words })),
  customer: z.looseObject({ id, email: words, phone: words, first_name: words, last_name: words }).nullish(),
  billing_address: address,
  shipping_address: address,
  line_items: list(
    z.looseObject({ product_id: maybeId, variant_id: maybeId, sku: words, title: words, quantity: z.number(), price: decimal }),
  ),
});

export type Address = z.output<typeof address>;
export type ShopifyOrder = z.output<typeof orderShape>;
export type ShopifyRefund = z.output<typeof refundShape>;

/** The sum in the shop's own currency where both are given. */
export const inShopMoney = (set: z.output<typeof moneySet>, plain: string): string => set?.shop_money?.amount ?? plain;
