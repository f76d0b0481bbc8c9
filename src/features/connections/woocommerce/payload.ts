/**
 * What WooCommerce's REST API v3 and its webhooks say (woocommerce.github.io/woocommerce-rest-api-docs), as far as it is read here. Ids
 * and decimals become text at once: ids may exceed 2^53 (read bodies with `parseExact`), decimals must not pass through floats. Pure.
 */
import { z } from 'zod';

/** Digit-exact text. */
const id = z.union([z.number(), z.string()]).transform(String);
const words = z
  .union([z.string(), z.number()])
  .nullish()
  .transform(value => (value === null || value === undefined ? '' : String(value)));

/** A decimal without exponent: plugins send 0.1 + 0.2 as they computed it. */
const plain = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(8).replace(/0+$/, '').replace(/\.$/, '');
const decimal = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value, context) => {
    if (value === null || value === undefined || value === '') return '0';
    const text = typeof value === 'number' ? plain(value) : value.trim();
    if (/^-?\d*\.?\d+$/.test(text)) return text;
    context.addIssue({ code: 'custom', message: 'is no decimal number' });
    return z.NEVER;
  });

/** "2017-03-22T19:28:02", in UTC by its name (`..._gmt`). */
const gmt = z
  .string()
  .nullish()
  .transform((value, context) => {
    if (!value) return null;
    const at = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(value) ? value : `${value}Z`);
    if (!Number.isNaN(at.getTime())) return at;
    context.addIssue({ code: 'custom', message: 'is no time' });
    return z.NEVER;
  });

const listOrNone = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform(list => list ?? []);
const meta = z.object({ key: words, value: z.unknown() });
const metas = listOrNone(meta);

const address = z
  .object({
    first_name: words,
    last_name: words,
    city: words,
    state: words,
    postcode: words,
    country: words,
    email: words,
    phone: words,
  })
  .partial();
type Address = z.infer<typeof address>;
/** PHP writes an empty map as []. */
const addressOrNone = z
  .union([address, z.array(z.unknown())])
  .nullish()
  .transform((value): Address => (!value || Array.isArray(value) ? {} : value));

const productLine = z.object({
  id,
  name: words,
  product_id: id.nullish(),
  variation_id: id.nullish(),
  quantity: decimal,
  subtotal: decimal,
  total: decimal,
  sku: words,
  meta_data: metas,
});
const sumLine = z.object({ name: words, method_title: words, total: decimal });

export const orderPayload = z.object({
  id,
  number: words,
  status: z.string(),
  currency: z.string(),
  date_created_gmt: gmt,
  date_modified_gmt: gmt,
  date_paid_gmt: gmt,
  total: decimal,
  total_tax: decimal,
  customer_id: id.nullish(),
  /** The page where an unpaid order can be paid. */
  payment_url: words,
  billing: addressOrNone,
  shipping: addressOrNone,
  meta_data: metas,
  line_items: listOrNone(productLine),
  shipping_lines: listOrNone(sumLine),
  fee_lines: listOrNone(sumLine),
  coupon_lines: listOrNone(z.object({ code: words })),
  refunds: listOrNone(z.object({ id, total: decimal })),
});
export type OrderPayload = z.infer<typeof orderPayload>;

export const refundPayload = z.object({
  id,
  date_created_gmt: gmt,
  amount: decimal,
  line_items: listOrNone(productLine),
});
export type RefundPayload = z.infer<typeof refundPayload>;

export const customerPayload = z.object({
  id,
  date_created_gmt: gmt,
  date_modified_gmt: gmt,
  email: words,
  first_name: words,
  last_name: words,
  role: words,
  is_paying_customer: z.boolean().nullish(),
  billing: addressOrNone,
  shipping: addressOrNone,
  meta_data: metas,
});
export type CustomerPayload = z.infer<typeof customerPayload>;

const attribute = z.object({ name: words, option: words });
export const productPayload = z.object({
  id,
  name: words,
  type: words,
  status: words,
  sku: words,
  price: words,
  date_created_gmt: gmt,
  date_modified_gmt: gmt,
  categories: listOrNone(z.object({ name: words })),
});
export type ProductPayload = z.infer<typeof productPayload>;

export const variationPayload = z.object({
  id,
  status: words,
  sku: words,
  price: words,
  date_created_gmt: gmt,
  date_modified_gmt: gmt,
  attributes: listOrNone(attribute),
});
export type VariationPayload = z.infer<typeof variationPayload>;

/** What a webhook of a deleted thing carries. */
export const deletedPayload = z.object({ id });
