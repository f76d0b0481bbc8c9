/** Rows of a portion by order, who bought, and what `recordOrders` and `recordReturns` take. */
import type { Context } from '../../platform/context.ts';
import { lineTotalMinor } from '../../platform/money.ts';
import {
  bringCustomers,
  hashOf,
  isNegative,
  type Numbered,
  type Person,
  type Run,
  type Said,
  type Written,
} from '../imports/index.ts';
import type { notSalesBy } from './guess-line-kind.ts';
import type { LineInput, OrderInput } from './order.ts';
import { contentOf, type OrderLine } from './order-line.ts';
import type { ReturnInput } from './record-returns.ts';

export type Gathered = {
  number: string;
  first: OrderLine;
  lines: { row: number; line: OrderLine; content: string; equalBefore: number }[];
};
type Gathering = {
  sales: Gathered[];
  returns: Gathered[];
  merged: Written['merged'];
  skipped: Written['skipped'];
  equal: number;
  marks: Map<string, number[]>;
};

/** Rows by order, the first row giving time, customer and currency; equal lines counted, or merged where the switch says so. */
export const gather = (
  rows: readonly Numbered<OrderLine>[],
  seen: ReadonlyMap<string, readonly number[]>,
  mergesEqual: boolean,
): Gathering => {
  const groups = new Map<string, Gathered>();
  const result: Gathering = { sales: [], returns: [], merged: [], skipped: [], equal: 0, marks: new Map() };
  const counts = new Map<string, Map<string, number>>();
  for (const { row, record: line } of rows) {
    const key = `${line.isReturn ? '-' : '+'}${line.number}`;
    let group = groups.get(key);
    if (!group) {
      group = { number: line.number, first: line, lines: [] };
      groups.set(key, group);
      (line.isReturn ? result.returns : result.sales).push(group);
      counts.set(key, new Map());
    }
    if (line.currency !== group.first.currency) {
      result.skipped.push({
        row,
        reason: { code: 'other_currency', field: 'currency', values: { value: line.currency, first: group.first.currency } },
      });
      continue;
    }
    const content = contentOf(line);
    const inGroup = counts.get(key)!;
    let before = inGroup.get(content);
    if (before === undefined) {
      const earlier = seen.get(key);
      const mark = earlier ? hashOf(content) : 0;
      before = earlier ? earlier.filter(one => one === mark).length : 0;
    }
    inGroup.set(content, before + 1);
    if (before > 0) {
      if (mergesEqual) {
        result.merged.push({ row, reason: { code: 'equal_line' } });
        continue;
      }
      result.equal++;
    }
    group.lines.push({ row, line, content, equalBefore: before });
  }
  for (const [key, group] of groups)
    result.marks.set(
      key,
      group.lines.map(one => hashOf(one.content)),
    );
  return result;
};

const buyerKey = (said: Said): string => `${said.shopCustomerId}\u0000${said.email}\u0000${said.phone}`;
export const saysWho = (said: Said): boolean => said.shopCustomerId !== '' || said.email !== '' || said.phone !== '';

/** One resolver call for everybody a portion names. */
export const bringBuyers = async (
  context: Context,
  run: Run,
  lines: readonly OrderLine[],
): Promise<{ originOf: (line: Said) => number | null; created: number; known: number }> => {
  const people = new Map<string, Person>();
  for (const line of lines) {
    if (!saysWho(line)) continue;
    const key = buyerKey(line);
    const person = people.get(key);
    if (!person)
      people.set(key, {
        shopCustomerId: line.shopCustomerId,
        email: line.email,
        phone: line.phone,
        first: line.at,
        last: line.at,
        traits: traitsOf(line),
      });
    else {
      if (line.at < person.first) person.first = line.at;
      if (line.at >= person.last) {
        if (line.at > person.last || line.country || line.name) person.traits = { ...person.traits, ...traitsOf(line) };
        person.last = line.at;
      }
    }
  }
  const keys = [...people.keys()];
  const { origins, created, known: met } = await bringCustomers(context, run, [...people.values()]);
  const byKey = new Map(keys.map((key, index) => [key, origins[index]]));
  return { originOf: line => (saysWho(line) ? (byKey.get(buyerKey(line)) ?? null) : null), created, known: met };
};
const traitsOf = (line: OrderLine): Record<string, unknown> => ({
  ...(line.country ? { country: line.country } : {}),
  ...(line.name ? { name: line.name } : {}),
});

export const buyerOf = (group: Gathered): OrderLine => group.lines.find(one => saysWho(one.line))?.line ?? group.first;

export const orderOf = (
  run: Run,
  group: Gathered,
  customerId: number | null,
  kindOf: ReturnType<typeof notSalesBy>,
): OrderInput => ({
  shopId: run.shopId,
  number: group.number,
  placedAt: group.first.at,
  customerId,
  currency: group.first.currency,
  country: group.first.country,
  state: 'placed',
  lines: group.lines.map(
    ({ line, equalBefore, content }): LineInput => ({
      outsideId: equalBefore > 0 ? `${content}#${equalBefore}` : content,
      // A price below zero takes money off: a discount, or a correction of the books.
      kind: isNegative(line.unitPrice) ? 'discount' : kindOf(line.sku),
      sku: line.sku,
      name: line.product,
      category: line.category,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      discountMinor: line.discountMinor,
      totalMinor: line.totalMinor,
    }),
  ),
  refunds: [],
});

export const returnOf = (run: Run, group: Gathered, customerId: number | null, part: number): ReturnInput => ({
  shopId: run.shopId,
  number: group.number,
  part,
  at: group.first.at,
  customerId,
  currency: group.first.currency,
  country: group.first.country,
  lines: group.lines.map(({ line, content, equalBefore }) => ({
    key: `${content}#${equalBefore}`,
    sku: line.sku,
    name: line.product,
    category: line.category,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    amountMinor: line.totalMinor ?? lineTotalMinor(line.quantity, line.unitPrice, line.currency) - line.discountMinor,
  })),
});
