/**
 * The one way an order comes in. Bulk and idempotent: orders are told apart by (shop, number), lines and refunds by their key,
 * newer state wins, and what is the same changes nothing. Writes the log's Order Completed / Refunded / Cancelled itself, so that
 * `did "Order Completed"` and "number of orders" agree by construction (decisions 8).
 */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { dayIn } from '../../platform/time.ts';
import { recordProducts } from '../products/index.ts';
import { shopsOf } from '../shops/index.ts';
import { noteCartRefs } from './carts/record-checkouts.ts';
import { homeCurrencyFor } from './home-currency.ts';
import { removeOrderEvents, rewriteOrderEvents } from './log-order-events.ts';
import type { OrderInput, OrderOutcome, RecordOrdersOptions, RefundInput } from './order.ts';
import {
  deleteLines,
  deleteRefunds,
  insertLines,
  insertOrders,
  insertRefunds,
  lineContent,
  lockOrders,
  type NewOrder,
  queueCopies,
  ratesTo,
  type StoredKeys,
  type StoredOrder,
  storedKeys,
  updateOrders,
} from './postgres.ts';
import { matchWaitingRefunds } from './record-refunds.ts';
import { soldItems } from './sold-items.ts';
import { completeLines, type Line, refundKey, totalsOf } from './total.ts';

type Prepared = { input: OrderInput; lines: Line[]; day: string; zone: string };
type Change = { orderId: string; fresh: boolean; before: StoredOrder | null; prepared: Prepared };

/**
 * Records whole orders or parts of them in one transaction. Inputs of one (shop, number) must not repeat within a call;
 * customers must have been resolved before. Returns what happened to each input, in order.
 */
export const recordOrders = (
  context: Context,
  inputs: readonly OrderInput[],
  options: RecordOrdersOptions,
): Promise<OrderOutcome[]> =>
  inTransaction(context, async inside => {
    if (inputs.length === 0) return [];
    const zones = new Map((await shopsOf(inside)).map(shop => [shop.id, shop.zone]));
    const prepared = inputs.map(input => prepare(input, zones.get(input.shopId) ?? 'UTC'));
    const known = await lockOrders(
      inside,
      prepared.map(one => one.input),
    );
    const fresh = prepared.filter(one => !known.has(keyOf(one.input)));
    // Files teach products by themselves, in one go at their end.
    if (options.importId === null) await recordProducts(inside, soldItems(inputs), { importId: null });
    const ids = await addOrders(inside, fresh, options);
    const changes: Change[] = fresh.map((one, index) => ({ orderId: ids[index], fresh: true, before: null, prepared: one }));
    const outcomes = new Map<string, OrderOutcome>(
      changes.map(change => [
        keyOf(change.prepared.input),
        { number: change.prepared.input.number, orderId: change.orderId, outcome: 'created' },
      ]),
    );
    const keys = await storedKeys(
      inside,
      [...known.values()].map(order => order.id),
    );
    const plans = prepared.flatMap(one => {
      const before = known.get(keyOf(one.input));
      return before ? [planChange(before, keys.get(before.id)!, one, options)] : [];
    });
    for (const { before, one, outcome } of plans) {
      outcomes.set(keyOf(one.input), { number: one.input.number, orderId: before.id, outcome });
      if (outcome === 'changed') changes.push({ orderId: before.id, fresh: false, before, prepared: one });
    }
    await writeChanges(inside, plans, options);
    await rewriteOrderEvents(
      inside,
      changes.map(({ orderId, fresh: isNew }) => ({ orderId, fresh: isNew })),
      options,
    );
    await queueCopies(
      inside,
      changes.map(({ orderId, fresh: isNew }) => ({ orderId, fresh: isNew })),
    );
    await matchWaitingRefunds(
      inside,
      fresh.map((one, index) => ({ orderId: ids[index], shopId: one.input.shopId, number: one.input.number })),
      options,
    );
    await noteCartRefs(
      inside,
      inputs.map(one => ({ orderId: outcomes.get(keyOf(one))!.orderId, shopId: one.shopId, refs: one.cartRefs ?? [] })),
      options,
    );
    return inputs.map(input => outcomes.get(keyOf(input))!);
  });

export const keyOf = (order: { shopId: string; number: string }): string => `${order.shopId}/${order.number}`;

const prepare = (input: OrderInput, zone: string): Prepared => ({
  input,
  lines: completeLines(input),
  day: dayIn(zone, input.placedAt),
  zone,
});

const addOrders = async (context: Context, fresh: readonly Prepared[], options: RecordOrdersOptions): Promise<string[]> => {
  if (fresh.length === 0) return [];
  const currencies = fresh.map(one => one.input.currency);
  const rate = await ratesTo(context, await homeCurrencyFor(context, currencies), currencies);
  const rows: NewOrder[] = fresh.map(one => ({
    ...one.input,
    ...totalsOf(one.input, one.lines),
    day: one.day,
    rate: rate(one.input.currency, one.day),
  }));
  const ids = await insertOrders(context, rows, options);
  await insertLines(
    context,
    fresh.map((one, index) => ({ orderId: ids[index], from: 0, lines: one.lines })),
    options.importId,
  );
  await insertRefunds(
    context,
    fresh.map((one, index) => ({ orderId: ids[index], zone: one.zone, refunds: one.input.refunds })),
    options.importId,
  );
  return ids;
};

type Plan = {
  before: StoredOrder;
  one: Prepared;
  outcome: 'changed' | 'same' | 'older';
  /** Lines to write, from which place on; `replace`: those there go first. */
  lines: { replace: boolean; from: number; lines: Line[] } | null;
  refunds: RefundInput[];
  /** Keys of stored refunds that the input, which names all, does not name. */
  goneRefunds: string[];
  head: ReturnType<typeof headOf>;
};

/** What brings a known order to what the input says; "older" and "same" change nothing. */
const planChange = (before: StoredOrder, keys: StoredKeys, one: Prepared, options: RecordOrdersOptions): Plan => {
  const { input } = one;
  const stored = new Set(keys.lines);
  const added = one.lines.filter(line => !stored.has(line.key));
  const isWhole = options.lines === 'whole';
  const contents = new Set(keys.contents);
  const linesDiffer =
    added.length > 0 ||
    (isWhole && (stored.size !== one.lines.length || one.lines.some(line => !contents.has(lineContent(line)))));
  const refunds = input.refunds.filter(refund => !keys.refunds.includes(refundKey(refund)));
  const named = new Set(input.refunds.map(refundKey));
  const goneRefunds = options.refunds === 'whole' ? keys.refunds.filter(key => !named.has(key)) : [];
  const head = headOf(before, input, !isWhole, linesDiffer);
  // A file knows less than the shop itself, which says when it last changed the order.
  const isLess = options.importId !== null && input.updatedAt == null;
  const isOlder = before.updated_at !== null && (isLess || (input.updatedAt != null && input.updatedAt < before.updated_at));
  const isSame = !linesDiffer && refunds.length === 0 && goneRefunds.length === 0 && !head.changed;
  const lines = isWhole ? { replace: true, from: 0, lines: one.lines } : { replace: false, from: stored.size, lines: added };
  return {
    before,
    one,
    outcome: isOlder ? 'older' : isSame ? 'same' : 'changed',
    lines: linesDiffer ? lines : null,
    refunds,
    goneRefunds,
    head,
  };
};

/** All changed orders in a handful of statements. */
const writeChanges = async (context: Context, plans: readonly Plan[], options: RecordOrdersOptions): Promise<void> => {
  const changed = plans.filter(plan => plan.outcome === 'changed');
  if (changed.length === 0) return;
  await deleteLines(
    context,
    changed.filter(plan => plan.lines?.replace).map(plan => plan.before.id),
  );
  await insertLines(
    context,
    changed.flatMap(({ before, lines }) => (lines ? [{ orderId: before.id, from: lines.from, lines: lines.lines }] : [])),
    options.importId,
  );
  const shorter = changed.filter(plan => plan.goneRefunds.length > 0);
  // Before the rows go: the events are found through them.
  if (shorter.length > 0) {
    await removeOrderEvents(
      context,
      shorter.map(plan => plan.before.id),
    );
    await deleteRefunds(
      context,
      shorter.flatMap(({ before, goneRefunds }) => goneRefunds.map(key => ({ orderId: before.id, key }))),
    );
  }
  await insertRefunds(
    context,
    changed.map(({ before, one, refunds }) => ({ orderId: before.id, zone: one.zone, refunds })),
    options.importId,
  );
  await updateOrders(
    context,
    changed.map(({ before, one, head }) => ({ ...head, id: before.id, day: dayIn(one.zone, head.placedAt) })),
  );
};

/** The order's own fields after the input: a part never takes a customer or a first time away. */
const headOf = (before: StoredOrder, input: OrderInput, isPart: boolean, linesDiffer: boolean) => {
  // Both name one person when they were merged: the input says whom it was written for, the order also who that is now.
  const isSame = input.customerId === null || input.customerId === before.customer_id;
  const customerId = isSame ? before.origin_id : input.customerId;
  const placedAt = isPart && before.placed_at < input.placedAt ? before.placed_at : input.placedAt;
  const next = {
    customerId,
    placedAt,
    state: isPart && before.state === 'cancelled' ? before.state : input.state,
    cancelledAt: input.cancelledAt ?? before.cancelled_at,
    test: input.test ?? before.test,
    country: input.country ?? before.country,
    // Without a word about the total it follows from changed lines; unchanged ones leave it as the shop stated it.
    statedTotalMinor: input.totalMinor ?? (linesDiffer ? null : before.total_minor),
    taxMinor: input.taxMinor ?? before.tax_minor,
    outsideId: input.outsideId ?? before.outside_id,
    discountCodes: isPart || !input.discountCodes ? before.discount_codes : input.discountCodes,
    updatedAt: input.updatedAt ?? before.updated_at,
  };
  const changed =
    next.customerId !== before.origin_id ||
    next.placedAt.getTime() !== before.placed_at.getTime() ||
    next.state !== before.state ||
    next.test !== before.test ||
    (next.cancelledAt?.getTime() ?? 0) !== (before.cancelled_at?.getTime() ?? 0) ||
    next.country !== before.country ||
    next.taxMinor !== before.tax_minor ||
    next.outsideId !== before.outside_id ||
    next.discountCodes.join('\n') !== before.discount_codes.join('\n') ||
    (next.statedTotalMinor !== null && next.statedTotalMinor !== before.total_minor);
  return { ...next, changed };
};
