/**
 * Import kind: orders of a WooCommerce shop, one row per line, as the two common export plugins write them. The shop's API knows more
 * (dated refunds, discounts per line): what a connection has said of an order stands, and what a file said gives way to it.
 */
import type { Context } from '../../platform/context.ts';
import { lineTotalMinor, toMinor } from '../../platform/money.ts';
import {
  bringCustomers,
  defineImportKind,
  type ImportKind,
  type Numbered,
  openCustomerPreview,
  openTally,
  type Person,
  type Reason,
  type Run,
  type Written,
} from '../imports/index.ts';
import { forgetImported, learnProducts, meetProducts } from './import-shared.ts';
import type { LineInput, OrderInput } from './order.ts';
import { recordOrders } from './record-orders.ts';
import { en } from './texts/en.ts';
import { wooDecimal } from './woocommerce.ts';
import { type WooHead, type WooLine, type WooRow, wooFields, wooReader } from './woocommerce-rows.ts';

type Group = { number: string; rows: Numbered<WooRow>[]; head: WooHead | null; fault: Reason | null };
type Sound = Group & { head: WooHead };

const gather = (rows: readonly Numbered<WooRow>[]): Group[] => {
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

const isOrder = (head: WooHead): boolean => head.standing === 'placed' || head.standing === 'cancelled';
const sound = (groups: readonly Group[]): Sound[] =>
  groups.filter((group): group is Sound => group.fault === null && group.head !== null && isOrder(group.head));

/** An order with one faulty row waits as a whole; one that was never paid is none. */
const refused = (groups: readonly Group[]): Written['skipped'] =>
  groups.flatMap(group => {
    const { head, fault } = group;
    if (fault === null && head !== null && isOrder(head)) return [];
    const reason: Reason =
      fault !== null
        ? { code: 'order_has_fault', field: 'order_number' }
        : head === null
          ? { code: 'order_without_head', field: 'ordered_at' }
          : { code: 'order_unpaid', field: 'status' };
    return group.rows.map(({ row, record }) => ({ row, reason: record.fault ?? reason }));
  });

const lineOf = (line: WooLine, currency: string): LineInput => {
  const subtotal =
    line.subtotal === '' ? lineTotalMinor(line.quantity, line.unitPrice, currency) : toMinor(line.subtotal, currency);
  const total = line.total === '' ? subtotal : toMinor(line.total, currency);
  return {
    kind: 'product',
    sku: line.sku,
    name: line.name || null,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    discountMinor: Math.max(0, subtotal - total),
    totalMinor: total,
  };
};

const extra = (kind: 'shipping' | 'fee', name: string, amount: string, currency: string): LineInput[] => {
  const totalMinor = toMinor(amount, currency);
  if (totalMinor === 0) return [];
  return [
    {
      kind: kind === 'fee' && totalMinor < 0 ? 'discount' : kind,
      sku: null,
      name,
      quantity: '1',
      unitPrice: wooDecimal(amount),
      discountMinor: 0,
      totalMinor,
    },
  ];
};

const orderOf = (run: Run, { number, head, rows }: Sound, customerId: number | null): OrderInput => {
  const refundedMinor = toMinor(head.refunded, head.currency);
  return {
    shopId: run.shopId,
    number,
    outsideId: head.outsideId || null,
    placedAt: head.placedAt,
    customerId,
    currency: head.currency,
    country: head.country,
    state: head.standing === 'placed' ? 'placed' : 'cancelled',
    cancelledAt: head.standing === 'placed' ? null : head.placedAt,
    totalMinor: toMinor(head.total, head.currency),
    taxMinor: toMinor(head.tax, head.currency),
    discountCodes: head.codes,
    lines: [
      ...rows.flatMap(({ record }) => (record.line === null ? [] : [lineOf(record.line, head.currency)])),
      ...extra('shipping', 'Shipping', head.shipping, head.currency),
      ...extra('fee', 'Fee', head.fee, head.currency),
    ],
    // The export names the sum but not the day: the order's own is the only one known.
    refunds:
      refundedMinor > 0 ? [{ outsideId: `export:${number}`, at: head.placedAt, amountMinor: refundedMinor, lines: [] }] : [],
  };
};

const saysWho = (head: WooHead): boolean => head.email !== '' || head.phone !== '' || head.shopCustomerId !== '';
const personOf = (head: WooHead): Person => ({
  shopCustomerId: head.shopCustomerId,
  email: head.email,
  phone: head.phone,
  first: head.placedAt,
  last: head.placedAt,
  traits: head.traits,
});

const write = async (context: Context, run: Run, rows: readonly Numbered<WooRow>[]): Promise<Written> => {
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
  const newIn = (wanted: readonly string[]) => whole.filter((_, index) => wanted.includes(outcomes[index].outcome));
  const fresh = newIn(['created']);
  return {
    added: newIn(['created', 'changed']).reduce((sum, group) => sum + group.rows.length, 0),
    merged: [],
    skipped: refused(groups),
    noted: whole
      .filter((_, index) => inputs[index].refunds.length > 0 && outcomes[index].outcome !== 'older')
      .map(group => ({ row: group.rows[0].row, reason: { code: 'refund_undated', field: 'refunded' } })),
    made: {
      orders: fresh.length,
      orders_changed: newIn(['changed']).length,
      orders_known_elsewhere: newIn(['older']).length,
      customers: created,
      customers_known: known,
      lines: fresh.reduce((sum, group) => sum + group.rows.filter(one => one.record.line).length, 0),
      orders_without_customer: whole.filter(
        (_, index) => outcomes[index].outcome === 'created' && inputs[index].customerId === null,
      ).length,
    },
  };
};

const previewer: ImportKind<WooRow>['previewer'] = async (_context, run) => {
  const orders = openTally();
  const people = openCustomerPreview(run.shopId);
  const currencies: Record<string, number> = {};
  let [lines, nameless] = [0, 0];
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add: async (context, rows) => {
      const groups = gather(rows);
      const whole = sound(groups);
      for (const { number, head, rows: own } of whole) {
        orders.add(number);
        lines += own.filter(one => one.record.line).length;
        currencies[head.currency] = (currencies[head.currency] ?? 0) + 1;
        if (!saysWho(head)) nameless++;
        from = Math.min(from, head.placedAt.getTime());
        until = Math.max(until, head.placedAt.getTime());
      }
      await people.add(context, whole.map(group => group.head).filter(saysWho));
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
};

export const wooOrders = defineImportKind<WooRow>({
  code: 'woocommerce_orders',
  label: 'orders.import.woo',
  about: 'orders.import.woo.about',
  signatures: [
    ['order number', 'order status', 'order total amount', 'item name'],
    ['order number', 'status', 'order total', 'item name', 'item quantity'],
  ],
  texts: en,
  fields: wooFields,
  options: [],
  money: true,
  needs: 'imports:write',
  reader: wooReader,
  write,
  finish: async (context, run) => {
    await learnProducts(context, run.importId);
    return {};
  },
  undo: forgetImported,
  previewer,
});
