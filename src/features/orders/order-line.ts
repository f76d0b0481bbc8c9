/** One row of a file of order lines, and how it is read. Pure. */
import { isCurrency, toMinor } from '../../platform/money.ts';
import {
  canonical,
  cellReader,
  countryOf,
  customerIdOf,
  isNegative,
  negate,
  type RowRead,
  type Run,
  type Said,
} from '../imports/index.ts';

export type OrderLine = Said & {
  number: string;
  isReturn: boolean;
  at: Date;
  name: string;
  sku: string | null;
  product: string | null;
  category: string | null;
  /** Positive, also on returns. */
  quantity: string;
  unitPrice: string;
  totalMinor: number | null;
  discountMinor: number;
  currency: string;
  country: string | null;
};

const known = new Map<string, boolean>();
const isKnownCurrency = (code: string): boolean => {
  let answer = known.get(code);
  if (answer === undefined) {
    answer = isCurrency(code);
    known.set(code, answer);
  }
  return answer;
};

/** Prepares reading; the answer reads one row, purely. */
export const readOrderLines = (run: Run): ((cells: readonly string[]) => RowRead<OrderLine>) => {
  const cells = cellReader(run);
  const number = cells.text('order_number');
  const sku = cells.text('sku');
  const product = cells.text('product');
  const category = cells.text('category');
  const quantity = cells.decimal('quantity');
  const price = cells.decimal('unit_price');
  const total = cells.decimal('line_total');
  const discount = cells.decimal('discount');
  const time = cells.time('ordered_at');
  const customer = cells.text('customer_id');
  const email = cells.text('email');
  const phone = cells.text('phone');
  const name = cells.text('customer_name');
  const country = cells.text('country');
  const currencyOf = cells.text('currency');
  const hasQuantity = cells.has('quantity');
  const hasPrice = cells.has('unit_price');
  const prefix = String(run.options.cancel_prefix ?? '')
    .trim()
    .toUpperCase();
  const isCancelled = (text: string) =>
    prefix !== '' && text.length > prefix.length && text.toUpperCase().startsWith(prefix) && /\d/.test(text[prefix.length]);
  const skip = (code: string, field: string, value?: string): RowRead<OrderLine> => ({
    skip: { code, field, values: value === undefined ? undefined : { value: value.slice(0, 80) } },
  });

  return row => {
    const order = number(row);
    if (order === '') return skip('missing', 'order_number');
    const at = time(row);
    if (at === undefined) return skip('missing', 'ordered_at');
    if (at === null) return skip('not_a_time', 'ordered_at', cells.text('ordered_at')(row));
    const item = sku(row);
    const itemName = product(row);
    if (item === '' && itemName === '') return skip('missing', 'sku');
    const amount = hasQuantity ? quantity(row) : '1';
    if (amount === null) return skip('not_a_number', 'quantity', cells.text('quantity')(row));
    if (amount === '') return skip('missing', 'quantity');
    const currency = currencyOf(row).toUpperCase() || (run.settings.currency ?? '');
    if (!isKnownCurrency(currency)) return skip(currency === '' ? 'missing' : 'not_a_currency', 'currency', currency);
    const unit = price(row);
    if (unit === null) return skip('not_a_number', 'unit_price', cells.text('unit_price')(row));
    const stated = total(row);
    if (stated === null) return skip('not_a_number', 'line_total', cells.text('line_total')(row));
    if (unit === '' && stated === '') return skip('missing', hasPrice ? 'unit_price' : 'line_total');
    const off = discount(row);
    if (off === null) return skip('not_a_number', 'discount', cells.text('discount')(row));
    // Beyond this neither the order nor its sums fit the books.
    if (Math.abs(Number(amount)) > 1e9 || Math.abs(Number(unit)) > 1e11 || Math.abs(Number(stated)) > 1e12)
      return skip('too_large_number', 'unit_price');
    const isReturn = isCancelled(order) || isNegative(amount);
    const count = isNegative(amount) ? negate(amount) : amount;
    const statedMinor = stated === '' ? null : toMinor(isReturn && isNegative(stated) ? negate(stated) : stated, currency);
    return {
      group: order,
      record: {
        number: order,
        isReturn,
        at,
        shopCustomerId: customerIdOf(customer(row)),
        email: email(row),
        phone: phone(row),
        name: name(row),
        sku: item === '' ? null : item,
        product: itemName === '' ? null : itemName,
        category: category(row) || null,
        quantity: count,
        unitPrice: unit === '' ? perUnit(stated, count) : isReturn && isNegative(unit) ? negate(unit) : unit,
        totalMinor: statedMinor,
        discountMinor: off === '' ? 0 : Math.abs(toMinor(off, currency)),
        currency,
        country: countryOf(country(row)),
      },
    };
  };
};

/** A unit price from a line's total, to a hundredth of a cent; the stated total stays as stated. */
const perUnit = (total: string, quantity: string): string => {
  const count = Number(quantity);
  return canonical((count === 0 ? 0 : Math.abs(Number(total)) / count).toFixed(4));
};

/** What makes two lines of one order equal. */
export const contentOf = (line: OrderLine): string =>
  `${line.sku ?? line.product}|${line.quantity}|${line.unitPrice}|${line.discountMinor}|${line.totalMinor ?? ''}`;
