/**
 * Import kind: Shopify's order export (Admin > Orders > Export). One row per line; what belongs to the order stands on its first row only
 * (help.shopify.com, "Exporting orders to a CSV file"). An order with one faulty row waits as a whole, so that a mended file brings it whole.
 */
import type { Context } from '../../platform/context.ts';
import { isCurrency, lineTotalMinor, toMinor } from '../../platform/money.ts';
import {
  bringCustomers,
  cellReader,
  countryOf,
  defineImportKind,
  type ImportField,
  type Numbered,
  openCustomerPreview,
  openTally,
  type Person,
  type Reason,
  type Run,
  type Said,
  type Written,
} from '../imports/index.ts';
import { forgetImported, learnProducts, meetProducts } from './import-shared.ts';
import type { LineInput, OrderInput } from './order.ts';
import { recordOrders } from './record-orders.ts';
import { en } from './texts/en.ts';

/** One row; order fields are null where the row does not carry them. */
export type ShopifyRow = {
  number: string;
  fault: Reason | null;
  head: Head | null;
  line: { name: string; sku: string | null; quantity: string; price: string; discount: string; vendor: string } | null;
};
type Head = Said & {
  name: string;
  country: string | null;
  placedAt: Date;
  cancelledAt: Date | null;
  isVoid: boolean;
  currency: string;
  shipping: string;
  taxes: string;
  subtotal: string;
  total: string;
  discount: string;
  discountCode: string;
  refunded: string;
  outsideId: string;
};

const text = (code: string, names: string[], required?: boolean): ImportField => ({
  code,
  label: `orders.import.shopify.${code}`,
  type: 'text',
  names,
  required,
});
const number = (code: string, names: string[], required?: boolean): ImportField => ({
  code,
  label: `orders.import.shopify.${code}`,
  type: 'number',
  names,
  required,
});
const time = (code: string, names: string[], required?: boolean): ImportField => ({
  code,
  label: `orders.import.shopify.${code}`,
  type: 'time',
  names,
  required,
});

const fields: readonly ImportField[] = [
  text('order_number', ['name'], true),
  { code: 'email', label: 'orders.import.field.email', type: 'email', names: ['email'] },
  text('financial_status', ['financial status']),
  time('created_at', ['created at'], true),
  time('cancelled_at', ['cancelled at']),
  { code: 'currency', label: 'orders.import.field.currency', type: 'currency', names: ['currency'] },
  number('subtotal', ['subtotal']),
  number('shipping', ['shipping']),
  number('taxes', ['taxes']),
  number('total', ['total']),
  number('discount_amount', ['discount amount']),
  text('discount_code', ['discount code']),
  number('refunded_amount', ['refunded amount']),
  number('line_quantity', ['lineitem quantity'], true),
  text('line_name', ['lineitem name'], true),
  number('line_price', ['lineitem price'], true),
  text('line_sku', ['lineitem sku']),
  number('line_discount', ['lineitem discount']),
  text('vendor', ['vendor']),
  text('billing_name', ['billing name']),
  text('shipping_name', ['shipping name']),
  { code: 'phone', label: 'orders.import.field.phone', type: 'phone', names: ['phone', 'billing phone'] },
  { code: 'country', label: 'orders.import.field.country', type: 'country', names: ['shipping country', 'billing country'] },
  text('outside_id', ['id']),
];

const reader = (run: Run) => {
  const cells = cellReader(run);
  const read = Object.fromEntries(fields.map(field => [field.code, cells.text(field.code)]));
  const createdAt = cells.time('created_at');
  const cancelledAt = cells.time('cancelled_at');
  const decimals = Object.fromEntries(
    fields.filter(field => field.type === 'number').map(field => [field.code, cells.decimal(field.code)]),
  );
  return (row: readonly string[]): { record: ShopifyRow; group: string | null } | { skip: Reason } => {
    const orderNumber = read.order_number(row);
    if (orderNumber === '') return { skip: { code: 'missing', field: 'order_number' } };
    let fault: Reason | null = null;
    const blame = (code: string, field: string) => {
      fault ??= { code, field, values: { value: read[field](row).slice(0, 80) } };
    };
    const decimal = (field: string): string => {
      const value = decimals[field](row);
      if (value === null) blame('not_a_number', field);
      return value || '0';
    };
    const at = createdAt(row);
    if (at === null) blame('not_a_time', 'created_at');
    const cancelled = cancelledAt(row);
    if (cancelled === null) blame('not_a_time', 'cancelled_at');
    // Only the first row of an order states its total and currency.
    const isHead = read.total(row) !== '' || read.currency(row) !== '' || read.financial_status(row) !== '';
    let head: Head | null = null;
    if (isHead) {
      const currency = read.currency(row).toUpperCase() || (run.settings.currency ?? '');
      if (!isCurrency(currency)) blame('not_a_currency', 'currency');
      if (at === undefined) blame('missing', 'created_at');
      head = {
        shopCustomerId: '',
        email: read.email(row),
        phone: read.phone(row),
        name: read.billing_name(row) || read.shipping_name(row),
        country: countryOf(read.country(row)),
        placedAt: at ?? run.at,
        cancelledAt: cancelled ?? null,
        isVoid: ['voided', 'expired'].includes(read.financial_status(row).toLowerCase()),
        currency,
        shipping: decimal('shipping'),
        taxes: decimal('taxes'),
        subtotal: decimal('subtotal'),
        total: decimal('total'),
        discount: decimal('discount_amount'),
        discountCode: read.discount_code(row),
        refunded: decimal('refunded_amount'),
        outsideId: read.outside_id(row),
      };
    }
    const hasLine = read.line_name(row) !== '' || read.line_quantity(row) !== '';
    const line = hasLine
      ? {
          name: read.line_name(row),
          sku: read.line_sku(row) || null,
          quantity: decimal('line_quantity'),
          price: decimal('line_price'),
          discount: decimal('line_discount'),
          vendor: read.vendor(row),
        }
      : null;
    return { record: { number: orderNumber, fault, head, line }, group: orderNumber };
  };
};

type Group = { number: string; rows: Numbered<ShopifyRow>[]; head: Head | null; fault: Reason | null };

const gather = (rows: readonly Numbered<ShopifyRow>[]): Group[] => {
  const groups = new Map<string, Group>();
  for (const one of rows) {
    const group = groups.get(one.record.number) ?? { number: one.record.number, rows: [], head: null, fault: null };
    group.rows.push(one);
    group.head ??= one.record.head;
    group.fault ??= one.record.fault;
    groups.set(group.number, group);
  }
  return [...groups.values()];
};

/** Rows of groups that cannot be kept, each with its own reason or its sibling's. */
const refused = (groups: readonly Group[]): Written['skipped'] =>
  groups
    .filter(group => group.fault !== null || group.head === null)
    .flatMap(group =>
      group.rows.map(({ row, record }) => ({
        row,
        reason:
          record.fault ??
          (group.head === null
            ? { code: 'order_without_head', field: 'created_at' }
            : { code: 'order_has_fault', field: 'order_number' }),
      })),
    );

const sound = (groups: readonly Group[]): (Group & { head: Head })[] =>
  groups.filter((group): group is Group & { head: Head } => group.fault === null && group.head !== null);

/**
 * Lines without tax. Where the shop's prices hold the tax (subtotal + shipping = total), each line gives up its share of it, the last one
 * what rounding left over.
 */
const orderOf = (run: Run, group: Group & { head: Head }, customerId: number | null): OrderInput => {
  const { head } = group;
  const minor = (decimal: string) => toMinor(decimal, head.currency);
  const lines: LineInput[] = group.rows.flatMap(({ record: { line } }) =>
    line === null
      ? []
      : [
          {
            kind: 'product' as const,
            sku: line.sku,
            name: line.name || null,
            category: null,
            quantity: line.quantity,
            unitPrice: line.price,
            discountMinor: minor(line.discount),
            totalMinor: lineTotalMinor(line.quantity, line.price, head.currency) - minor(line.discount),
          },
        ],
  );
  const onLines = lines.reduce((total, line) => total + line.discountMinor, 0);
  const onOrder = minor(head.discount) - onLines;
  const extra = (kind: LineInput['kind'], name: string, totalMinor: number): LineInput => ({
    kind,
    sku: null,
    name,
    quantity: '1',
    unitPrice: '0',
    discountMinor: 0,
    totalMinor,
  });
  if (onOrder > 0) lines.push(extra('discount', head.discountCode || 'Discount', -onOrder));
  if (minor(head.shipping) > 0) lines.push(extra('shipping', 'Shipping', minor(head.shipping)));
  const tax = minor(head.taxes);
  if (tax > 0 && minor(head.subtotal) + minor(head.shipping) === minor(head.total)) takeTaxOut(lines, tax);
  const isCancelled = head.cancelledAt !== null || head.isVoid;
  const refundedMinor = minor(head.refunded);
  return {
    shopId: run.shopId,
    number: group.number,
    outsideId: head.outsideId || null,
    placedAt: head.placedAt,
    customerId,
    currency: head.currency,
    country: head.country,
    state: isCancelled ? 'cancelled' : 'placed',
    cancelledAt: isCancelled ? (head.cancelledAt ?? head.placedAt) : null,
    totalMinor: minor(head.total),
    taxMinor: tax,
    discountCodes: head.discountCode
      ? head.discountCode
          .split(',')
          .map(code => code.trim())
          .filter(code => code !== '')
      : [],
    lines,
    // The export names the sum but not the day: the order's own is the only one known.
    refunds:
      refundedMinor > 0
        ? [{ outsideId: `export:${group.number}`, at: head.cancelledAt ?? head.placedAt, amountMinor: refundedMinor, lines: [] }]
        : [],
  };
};

const takeTaxOut = (lines: LineInput[], tax: number): void => {
  const gross = lines.reduce((total, line) => total + line.totalMinor!, 0);
  if (gross <= 0) return;
  let left = tax;
  lines.forEach((line, index) => {
    const share = index === lines.length - 1 ? left : Math.round((line.totalMinor! * tax) / gross);
    left -= share;
    line.totalMinor = line.totalMinor! - share;
  });
};

const personOf = (head: Head): Person => ({
  shopCustomerId: '',
  email: head.email,
  phone: head.phone,
  first: head.placedAt,
  last: head.placedAt,
  traits: { ...(head.name ? { name: head.name } : {}), ...(head.country ? { country: head.country } : {}) },
});
const saysWho = (said: Said): boolean => said.email !== '' || said.phone !== '';

const write = async (context: Context, run: Run, rows: readonly Numbered<ShopifyRow>[]): Promise<Written> => {
  const groups = gather(rows);
  const whole = sound(groups);
  const buyers = whole.filter(group => saysWho(group.head));
  const { origins, created, known } = await bringCustomers(
    context,
    run,
    buyers.map(group => personOf(group.head)),
  );
  const originOf = new Map(buyers.map((group, index) => [group.number, origins[index]]));
  const inputs = whole.map(group => orderOf(run, group, originOf.get(group.number) ?? null));
  await meetProducts(context, run, inputs);
  const outcomes = await recordOrders(context, inputs, {
    source: 'import',
    importId: run.importId,
    historical: true,
    lines: 'whole',
  });
  const rowsOf = (outcome: string) =>
    whole.reduce((total, group, index) => total + (outcomes[index].outcome === outcome ? group.rows.length : 0), 0);
  const count = (outcome: string) => outcomes.filter(one => one.outcome === outcome).length;
  return {
    added: rowsOf('created') + rowsOf('changed'),
    merged: [],
    skipped: refused(groups),
    noted: whole
      .filter(group => group.head.refunded !== '0')
      .map(group => ({ row: group.rows[0].row, reason: { code: 'refund_undated', field: 'refunded_amount' } })),
    made: {
      orders: count('created'),
      orders_changed: count('changed'),
      customers: created,
      customers_known: known,
      lines: whole.reduce(
        (total, group, index) =>
          total + (outcomes[index].outcome === 'created' ? group.rows.filter(one => one.record.line).length : 0),
        0,
      ),
      orders_without_customer: whole.filter(
        (_, index) => outcomes[index].outcome === 'created' && inputs[index].customerId === null,
      ).length,
    },
  };
};

export const shopifyOrders = defineImportKind<ShopifyRow>({
  code: 'shopify_orders',
  label: 'orders.import.shopify',
  about: 'orders.import.shopify.about',
  texts: en,
  signature: ['name', 'financial status', 'created at', 'lineitem name', 'lineitem quantity', 'lineitem price'],
  fields,
  options: [],
  money: true,
  needs: 'imports:write',
  reader,
  write,
  finish: async (context, run) => {
    await learnProducts(context, run.importId);
    return {};
  },
  undo: forgetImported,
  previewer: async (_context, run) => {
    const orders = openTally();
    const people = openCustomerPreview(run.shopId);
    const currencies: Record<string, number> = {};
    let [lines, nameless] = [0, 0];
    let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    return {
      add: async (context, rows) => {
        const groups = gather(rows);
        for (const { number: orderNumber, head, rows: own } of sound(groups)) {
          orders.add(orderNumber);
          lines += own.filter(one => one.record.line).length;
          currencies[head.currency] = (currencies[head.currency] ?? 0) + 1;
          if (!saysWho(head)) nameless++;
          from = Math.min(from, head.placedAt.getTime());
          until = Math.max(until, head.placedAt.getTime());
        }
        await people.add(
          context,
          sound(groups)
            .map(group => group.head)
            .filter(saysWho),
        );
        return { counts: {}, merged: [], skipped: refused(groups), noted: [] };
      },
      end: async () => ({
        counts: { orders: orders.size(), lines, ...people.counts(), orders_without_customer: nameless },
        currencies,
        from: orders.size() > 0 ? new Date(from) : null,
        until: orders.size() > 0 ? new Date(until) : null,
        warnings:
          Object.keys(currencies).length > 1
            ? [{ code: 'several_currencies', values: { count: Object.keys(currencies).length } }]
            : [],
      }),
    };
  },
});
