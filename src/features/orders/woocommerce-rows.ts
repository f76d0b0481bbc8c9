/** Rows of WooCommerce order files: which column is what, and what a row says. Pure. */
import { isCurrency } from '../../platform/money.ts';
import { cellReader, countryOf, customerIdOf, type ImportField, type Reason, type Run } from '../imports/index.ts';
import { type WooStanding, wooDecimal, wooSkuOf, wooStandingOf, wooUnitPrice } from './woocommerce.ts';

/** What belongs to the order; most exports say it again on every row, some on the first only. */
export type WooHead = {
  standing: WooStanding;
  shopCustomerId: string;
  email: string;
  phone: string;
  traits: Record<string, string>;
  placedAt: Date;
  currency: string;
  country: string | null;
  shipping: string;
  fee: string;
  tax: string;
  total: string;
  refunded: string;
  codes: string[];
  outsideId: string;
};
export type WooLine = { sku: string | null; name: string; quantity: string; unitPrice: string; subtotal: string; total: string };
export type WooRow = { number: string; fault: Reason | null; head: WooHead | null; line: WooLine | null };

const field = (code: string, type: ImportField['type'], names: string[], required?: boolean): ImportField => ({
  code,
  label: `orders.import.woo.${code}`,
  type,
  names,
  required,
});

/** Names as Advanced Order Export ("Order Total Amount") and Customer/Order/Coupon Export ("order_total") write them. */
export const wooFields: readonly ImportField[] = [
  field('order_number', 'text', ['order number', 'order id'], true),
  field('status', 'text', ['order status', 'status'], true),
  field('ordered_at', 'time', ['order date', 'date', 'date created'], true),
  { ...field('currency', 'currency', ['currency', 'order currency']), label: 'orders.import.field.currency' },
  { ...field('email', 'email', ['email billing', 'billing email', 'customer email']), label: 'orders.import.field.email' },
  { ...field('phone', 'phone', ['phone billing', 'billing phone']), label: 'orders.import.field.phone' },
  field('customer_id', 'text', ['customer user id', 'customer id', 'user id']),
  field('first_name', 'text', ['first name billing', 'billing first name', 'first name shipping']),
  field('last_name', 'text', ['last name billing', 'billing last name', 'last name shipping']),
  field('city', 'text', ['city billing', 'billing city']),
  field('postcode', 'text', ['postcode billing', 'billing postcode']),
  field('country', 'country', ['country code shipping', 'shipping country', 'country code billing', 'billing country']),
  field('line_name', 'text', ['item name', 'product name'], true),
  field('line_sku', 'text', ['sku', 'item sku', 'product sku']),
  field('line_product_id', 'text', ['item product id', 'product id']),
  field('line_variation_id', 'text', ['variation id']),
  field('line_quantity', 'number', ['quantity', 'item quantity', 'quantity refund'], true),
  field('line_cost', 'number', ['item cost', 'item price']),
  field('line_subtotal', 'number', ['order line subtotal', 'item subtotal']),
  field('line_total', 'number', ['order line total', 'item total']),
  field('shipping', 'number', ['order shipping amount', 'shipping total']),
  field('fee', 'number', ['order total fee', 'fee total']),
  field('tax', 'number', ['order total tax amount', 'tax total']),
  field('total', 'number', ['order total amount', 'order total'], true),
  field('refunded', 'number', ['order refund amount', 'refunded total']),
  field('coupon', 'text', ['coupon code', 'coupons used', 'coupons']),
  field('outside_id', 'text', ['order id', 'id']),
];

export const wooReader = (run: Run) => {
  const cells = cellReader(run);
  const text = Object.fromEntries(wooFields.map(one => [one.code, cells.text(one.code)]));
  const decimals = Object.fromEntries(
    wooFields.filter(one => one.type === 'number').map(one => [one.code, cells.decimal(one.code)]),
  );
  const orderedAt = cells.time('ordered_at');
  return (row: readonly string[]): { record: WooRow; group: string | null } | { skip: Reason } => {
    const number = text.order_number(row).replace(/^#/, '');
    if (number === '') return { skip: { code: 'missing', field: 'order_number' } };
    let fault: Reason | null = null;
    const blame = (code: string, at: string) => {
      fault ??= { code, field: at, values: { value: text[at](row).slice(0, 80) } };
    };
    const decimal = (code: string): string => {
      const value = decimals[code](row);
      if (value === null) blame('not_a_number', code);
      return value || '0';
    };
    const head =
      text.status(row) === '' && text.total(row) === '' ? null : headOf(run, row, { text, decimal, blame, at: orderedAt(row) });
    const line = text.line_name(row) === '' ? null : lineOf(row, { text, decimal, has: cells.has });
    return { record: { number, fault, head, line }, group: number };
  };
};

type Text = Record<string, (row: readonly string[]) => string>;

const headOf = (
  run: Run,
  row: readonly string[],
  {
    text,
    decimal,
    blame,
    at,
  }: { text: Text; decimal: (code: string) => string; blame: (code: string, at: string) => void; at: Date | null | undefined },
): WooHead => {
  if (at === null) blame('not_a_time', 'ordered_at');
  if (at === undefined) blame('missing', 'ordered_at');
  const currency = text.currency(row).toUpperCase() || (run.settings.currency ?? '');
  if (!isCurrency(currency)) blame('not_a_currency', 'currency');
  const email = text.email(row);
  const country = countryOf(text.country(row));
  const said = {
    first_name: text.first_name(row),
    last_name: text.last_name(row),
    city: text.city(row),
    postal_code: text.postcode(row),
    country: country ?? '',
  };
  return {
    standing: wooStandingOf(text.status(row)),
    // The address says who bought; an account may order for others.
    shopCustomerId: email === '' ? customerIdOf(text.customer_id(row)) : '',
    email,
    phone: text.phone(row),
    traits: Object.fromEntries(Object.entries(said).filter(([, value]) => value !== '')),
    placedAt: at ?? run.at,
    currency,
    country,
    shipping: decimal('shipping'),
    fee: decimal('fee'),
    tax: decimal('tax'),
    total: decimal('total'),
    refunded: decimal('refunded').replace(/^-/, ''),
    codes: text
      .coupon(row)
      .split(/[,|;]/)
      .map(code => code.replace(/^code:/, '').trim())
      .filter(code => code !== ''),
    outsideId: text.outside_id(row),
  };
};

/** Without tax. The cost per item is after discount; where the line's subtotal stands too, the discount is told apart. */
const lineOf = (
  row: readonly string[],
  { text, decimal, has }: { text: Text; decimal: (code: string) => string; has: (code: string) => boolean },
): WooLine => {
  const quantity = wooDecimal(decimal('line_quantity'));
  const cost = decimal('line_cost');
  const total = has('line_total') ? decimal('line_total') : null;
  const subtotal = has('line_subtotal') ? decimal('line_subtotal') : null;
  const known = subtotal ?? total;
  return {
    sku: wooSkuOf({
      sku: text.line_sku(row),
      product_id: text.line_product_id(row) || null,
      variation_id: text.line_variation_id(row) || null,
    }),
    name: text.line_name(row),
    quantity,
    unitPrice: known === null ? wooDecimal(cost) : wooUnitPrice(known, quantity),
    subtotal: known ?? '',
    total: total ?? subtotal ?? '',
  };
};
