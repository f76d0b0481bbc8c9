/**
 * Import kind: WooCommerce > Analytics > Orders, Download. One row per order and per refund, without the buyer's address and without prices of
 * lines: enough for sales by day, not for knowing who bought what.
 */
import type { Context } from '../../platform/context.ts';
import { isCurrency, toMinor } from '../../platform/money.ts';
import {
  cellReader,
  defineImportKind,
  type ImportField,
  isNegative,
  type Numbered,
  type Reason,
  type Run,
} from '../imports/index.ts';
import { forgetImported } from './import-shared.ts';
import type { OrderInput } from './order.ts';
import { recordOrders } from './record-orders.ts';
import { recordRefunds } from './record-refunds.ts';
import { en } from './texts/en.ts';
import { wooDecimal, wooStandingOf, wooUnitPrice } from './woocommerce.ts';

type AnalyticsRow = {
  number: string;
  at: Date;
  currency: string;
  isCancelled: boolean;
  products: string;
  items: string;
  net: string;
  codes: string[];
};

const field = (code: string, type: ImportField['type'], names: string[]): ImportField => ({
  code,
  label: `orders.import.woo.${code}`,
  type,
  names,
  required: true,
});
const fields: readonly ImportField[] = [
  field('ordered_at', 'time', ['date']),
  field('order_number', 'text', ['order']),
  field('status', 'text', ['status']),
  field('products', 'text', ['product s', 'products']),
  field('items', 'number', ['items sold']),
  field('net', 'number', ['net sales', 'n revenue']),
  { ...field('coupon', 'text', ['coupon s', 'coupons']), required: false },
];

const reader = (run: Run) => {
  const cells = cellReader(run);
  const [number, status, products, coupon] = ['order_number', 'status', 'products', 'coupon'].map(cells.text);
  const [items, net] = ['items', 'net'].map(cells.decimal);
  const orderedAt = cells.time('ordered_at');
  return (row: readonly string[]): { record: AnalyticsRow; group: string } | { skip: Reason } => {
    const at = orderedAt(row);
    if (number(row) === '') return { skip: { code: 'missing', field: 'order_number' } };
    if (!at) return { skip: { code: at === null ? 'not_a_time' : 'missing', field: 'ordered_at' } };
    const [sold, sum] = [items(row), net(row)];
    if (sold === null || sum === null) return { skip: { code: 'not_a_number', field: sold === null ? 'items' : 'net' } };
    const standing = wooStandingOf(status(row));
    if (standing === 'unpaid' || standing === 'draft') return { skip: { code: 'order_unpaid', field: 'status' } };
    const currency = run.settings.currency ?? '';
    if (!isCurrency(currency)) return { skip: { code: 'not_a_currency', field: 'net' } };
    return {
      group: number(row),
      record: {
        number: number(row).replace(/^#/, ''),
        at,
        currency,
        isCancelled: standing === 'cancelled',
        products: products(row),
        items: wooDecimal(sold || '0'),
        net: sum || '0',
        codes: coupon(row)
          .split(',')
          .map(code => code.trim())
          .filter(code => code !== ''),
      },
    };
  };
};

const isRefund = (row: AnalyticsRow): boolean => isNegative(row.net);

/** The sum stands for all its products: the file tells no prices. */
const orderOf = (run: Run, row: AnalyticsRow): OrderInput => ({
  shopId: run.shopId,
  number: row.number,
  placedAt: row.at,
  customerId: null,
  currency: row.currency,
  state: row.isCancelled ? 'cancelled' : 'placed',
  cancelledAt: row.isCancelled ? row.at : null,
  discountCodes: row.codes,
  lines: [
    {
      kind: 'product',
      sku: null,
      name: row.products || null,
      quantity: row.items === '0' ? '1' : row.items,
      unitPrice: wooUnitPrice(row.net, row.items === '0' ? '1' : row.items),
      discountMinor: 0,
      totalMinor: toMinor(row.net, row.currency),
    },
  ],
  refunds: [],
});

const once = (rows: readonly Numbered<AnalyticsRow>[]): Numbered<AnalyticsRow>[] => [
  ...new Map(rows.filter(one => !isRefund(one.record)).map(one => [one.record.number, one])).values(),
];

/** Orders whose refunds the shop itself has told, with their days and lines. */
const toldByShop = async ({ postgres }: Context, run: Run, rows: readonly Numbered<AnalyticsRow>[]): Promise<Set<string>> => {
  const numbers = rows.map(one => one.record.number);
  const known = await postgres`
    select number from orders."order" where shop_id = ${run.shopId} and number = any(${numbers}::text[]) and updated_at is not null`;
  return new Set(known.map(row => row.number as string));
};

export const wooAnalyticsOrders = defineImportKind<AnalyticsRow>({
  code: 'woocommerce_analytics_orders',
  label: 'orders.import.woo_analytics',
  about: 'orders.import.woo_analytics.about',
  texts: en,
  signature: ['order', 'status', 'customer type', 'product s', 'items sold'],
  fields,
  options: [],
  money: true,
  needs: 'imports:write',
  reader,
  write: async (context, run, rows) => {
    const options = { source: 'import', importId: run.importId, historical: true, lines: 'whole' as const };
    const orders = once(rows);
    const outcomes = await recordOrders(
      context,
      orders.map(one => orderOf(run, one.record)),
      options,
    );
    const told = await toldByShop(context, run, rows);
    const refunds = rows.map(one => one.record).filter(one => isRefund(one) && !told.has(one.number));
    await recordRefunds(
      context,
      refunds.map(one => ({
        shopId: run.shopId,
        number: one.number,
        refund: {
          outsideId: `export:${one.number}:${one.at.toISOString()}`,
          at: one.at,
          amountMinor: -toMinor(one.net, one.currency),
          lines: [],
        },
      })),
      options,
    );
    const count = (outcome: string) => outcomes.filter(one => one.outcome === outcome).length;
    return {
      added: count('created') + count('changed') + refunds.length,
      merged: rows
        .filter(one => !isRefund(one.record) && !orders.includes(one))
        .map(one => ({ row: one.row, reason: { code: 'equal_line', field: 'order_number' } })),
      skipped: [],
      noted: [],
      made: {
        orders: count('created'),
        orders_changed: count('changed'),
        orders_known_elsewhere: count('older'),
        orders_without_customer: count('created'),
      },
    };
  },
  undo: forgetImported,
  previewer: async () => {
    const numbers = new Set<string>();
    const currencies: Record<string, number> = {};
    let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    return {
      add: async (_context, rows) => {
        const orders = once(rows);
        for (const { record } of orders) {
          if (numbers.has(record.number)) continue;
          numbers.add(record.number);
          currencies[record.currency] = (currencies[record.currency] ?? 0) + 1;
          from = Math.min(from, record.at.getTime());
          until = Math.max(until, record.at.getTime());
        }
        return {
          counts: {},
          merged: rows
            .filter(one => !isRefund(one.record) && !orders.includes(one))
            .map(one => ({ row: one.row, reason: { code: 'equal_line', field: 'order_number' } })),
          skipped: [],
          noted: [],
        };
      },
      end: async () => ({
        counts: { orders: numbers.size, orders_without_customer: numbers.size },
        currencies,
        from: numbers.size > 0 ? new Date(from) : null,
        until: numbers.size > 0 ? new Date(until) : null,
        warnings: [],
      }),
    };
  },
});
