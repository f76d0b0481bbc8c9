/**
 * { "orders": "sales", "at_least": { "amount_minor": 100000 }, "within": { "days": 365 } }: totals over orders that count (not cancelled,
 * not test). `first` and `last` take a window instead of a comparison: { "orders": "last", "before": { "days": 90 } }.
 * Net sales = product lines after discount less returned lines, returns at the time they happened (decisions 9).
 */
import { z } from 'zod';
import { type Closure, defineCondition, noNeeds, type Person, type PersonLine, type SqlScope } from '../condition.ts';
import { boundsOf, type Moment } from '../moment.ts';
import { comparisonOf, comparisonShape, oneOperatorReason, type Subject } from '../operator.ts';
import type { Phrase, PhraseValue } from '../phrase.ts';
import {
  boundsSql,
  oneWindow,
  oneWindowReason,
  texts,
  type WindowArguments,
  windowArguments,
  windowOf,
  windowPhrase,
  windowSql,
  windowTest,
} from '../shapes.ts';
import { shopIds, shopNames } from './parts.ts';

export const measures = ['count', 'sales', 'average', 'items', 'discounted_share', 'refund_share', 'first', 'last'] as const;
export type Measure = (typeof measures)[number];
export type OrdersCondition = WindowArguments & { orders: Measure; products?: string[]; categories?: string[]; shops?: string[] };

const subjects: Record<Exclude<Measure, 'first' | 'last'>, Subject> = {
  count: { type: 'number' },
  sales: { type: 'money' },
  average: { type: 'money' },
  items: { type: 'number' },
  discounted_share: { type: 'percent' },
  refund_share: { type: 'percent' },
};
/** What nobody's order makes 0 rather than unknown: customers without one are compared as 0. */
const zeroWithout = new Set<Measure>(['count', 'sales', 'items']);
const comparisons = ['is', 'at_least', 'at_most', 'more_than', 'less_than'];
const dated = (measure: Measure): measure is 'first' | 'last' => measure === 'first' || measure === 'last';
const narrowed = (condition: OrdersCondition): boolean => condition.products !== undefined || condition.categories !== undefined;

/**
 * The aggregate of each measure. `whole`: over `purchase`, one row per order; `part`: over `purchase_line`, when only some products
 * or categories are looked at. Quantities are summed as ten-thousandths, so that the order of the sum cannot matter.
 */
const bought = "kind = 'product' and quantity > 0";
const sold = "kind in ('product', 'return')";
const aggregates: Record<Exclude<Measure, 'first' | 'last'>, { whole?: string; part: string }> = {
  count: { whole: 'count()', part: `uniqExactIf(order_id, ${bought})` },
  sales: { part: `sumIf(amount_minor, ${sold})` },
  average: { whole: 'sum(sales_minor) / count()', part: `sumIf(amount_minor, ${bought}) / uniqExactIf(order_id, ${bought})` },
  items: { part: `sumIf(toInt64(round(quantity * 10000)), ${bought}) / 10000` },
  discounted_share: {
    whole: '100 * countIf(discount_minor > 0) / count()',
    part: `100 * uniqExactIf(order_id, ${bought} and discounted) / uniqExactIf(order_id, ${bought})`,
  },
  refund_share: { part: "100 * negate(sumIf(amount_minor, kind = 'return')) / sumIf(amount_minor, kind = 'product')" },
};

const rowFilters = (condition: OrdersCondition, { bindings }: SqlScope): string[] => [
  ...(condition.products ? [`has(${bindings.bind('Array(String)', condition.products)}, sku)`] : []),
  ...(condition.categories ? [`has(${bindings.bind('Array(String)', condition.categories)}, category)`] : []),
  ...(condition.shops ? [`has(${bindings.bind('Array(UUID)', condition.shops)}, shop_id)`] : []),
];

const totalSql = (condition: OrdersCondition, scope: SqlScope) => {
  const { moment, bindings, ownerOf } = scope;
  const measure = condition.orders as keyof typeof aggregates;
  const whole = narrowed(condition) ? undefined : aggregates[measure].whole;
  const { operator, value } = comparisonOf(condition, comparisons);
  const holdsForNone = zeroWithout.has(condition.orders) && operator.test!(value as never, subjects[measure], moment)(0);
  const test = operator.sql!('total', value as never, subjects[measure], bindings, moment);
  const rows = [windowSql(condition, moment, bindings), ...rowFilters(condition, scope)].join(' and ');
  const sql = `select customer_id from (select ${ownerOf('origin_id')} as customer_id, ${whole ?? aggregates[measure].part} as total
    from ${whole ? 'purchase' : 'purchase_line'} where ${rows} group by customer_id) where isFinite(total) and ${holdsForNone ? `not (${test})` : test}`;
  return holdsForNone ? { sql, complement: true as const } : { sql };
};

const datedSql = (condition: OrdersCondition, scope: SqlScope) => {
  const { moment, bindings, ownerOf } = scope;
  const extreme = condition.orders === 'first' ? 'min(time)' : 'max(time)';
  const table = narrowed(condition) ? 'purchase_line' : 'purchase';
  const rows = [
    boundsSql(boundsOf(null, moment), bindings, 'time'),
    ...(narrowed(condition) ? [bought] : []),
    ...rowFilters(condition, scope),
  ].join(' and ');
  return {
    sql: `select ${ownerOf('origin_id')} as customer_id from ${table} where ${rows} group by customer_id having ${windowSql(condition, moment, bindings, extreme)}`,
  };
};

// ---- the same over one customer's rows --------------------------------------------------------------------------

const isBought = (line: PersonLine): boolean => line.kind === 'product' && line.quantity > 0;
const add = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);
const orderCount = (lines: PersonLine[]): number => new Set(lines.map(line => line.orderId)).size;

type Rows = { purchases: Person['purchases']; lines: PersonLine[] };
const wholeTotals: Partial<Record<Measure, (rows: Rows) => number>> = {
  count: ({ purchases }) => purchases.length,
  average: ({ purchases }) => add(purchases.map(order => order.salesMinor)) / purchases.length,
  discounted_share: ({ purchases }) => (100 * purchases.filter(order => order.discountMinor > 0).length) / purchases.length,
};
const partTotals: Record<keyof typeof aggregates, (rows: Rows) => number> = {
  count: ({ lines }) => orderCount(lines.filter(isBought)),
  sales: ({ lines }) =>
    add(lines.filter(line => line.kind === 'product' || line.kind === 'return').map(line => line.amountMinor)),
  average: ({ lines }) => add(lines.filter(isBought).map(line => line.amountMinor)) / orderCount(lines.filter(isBought)),
  items: ({ lines }) => add(lines.filter(isBought).map(line => Math.round(line.quantity * 10_000))) / 10_000,
  discounted_share: ({ lines }) =>
    (100 * orderCount(lines.filter(line => isBought(line) && line.discounted))) / orderCount(lines.filter(isBought)),
  refund_share: ({ lines }) =>
    (100 * -add(lines.filter(line => line.kind === 'return').map(line => line.amountMinor))) /
    add(lines.filter(line => line.kind === 'product').map(line => line.amountMinor)),
};

const rowsOf = (condition: OrdersCondition, inTime: (time: number) => boolean): ((person: Person) => Rows) => {
  const { products, categories, shops } = condition;
  const fits = (row: { shopId: string; time: number }): boolean => inTime(row.time) && (!shops || shops.includes(row.shopId));
  return person => ({
    purchases: person.purchases.filter(fits),
    lines: person.lines.filter(
      line => fits(line) && (!products || products.includes(line.sku)) && (!categories || categories.includes(line.category)),
    ),
  });
};

const totalClosure = (condition: OrdersCondition, moment: Moment): Closure => {
  const measure = condition.orders as keyof typeof aggregates;
  const { operator, value } = comparisonOf(condition, comparisons);
  const test = operator.test!(value as never, subjects[measure], moment);
  const rows = rowsOf(condition, windowTest(condition, moment));
  const total = (narrowed(condition) ? undefined : wholeTotals[measure]) ?? partTotals[measure];
  return person => {
    const actual = total(rows(person));
    return Number.isFinite(actual) && test(actual);
  };
};

const datedClosure = (condition: OrdersCondition, moment: Moment): Closure => {
  const until = moment.until.getTime();
  const rows = rowsOf(condition, time => time < until);
  const inWindow = windowTest(condition, moment);
  return person => {
    const { purchases, lines } = rows(person);
    const times = (narrowed(condition) ? lines.filter(isBought) : purchases).map(row => row.time);
    return times.length > 0 && inWindow(condition.orders === 'first' ? Math.min(...times) : Math.max(...times));
  };
};

// ---- words ------------------------------------------------------------------------------------------------------

const scopePhrase = (condition: OrdersCondition, vocabulary: Parameters<typeof shopNames>[1]): Phrase | string => {
  const parts: PhraseValue[] = [];
  if (condition.products)
    parts.push({ key: 'segments.sentence.of_products', values: { names: { list: condition.products, join: 'or' } } });
  if (condition.categories)
    parts.push({ key: 'segments.sentence.of_categories', values: { names: { list: condition.categories, join: 'or' } } });
  if (condition.shops)
    parts.push({
      key: 'segments.sentence.of_shops',
      values: { names: { list: shopNames(condition.shops, vocabulary), join: 'or' } },
    });
  return parts.length === 0 ? '' : { key: 'segments.sentence.scope', values: { parts: { list: parts, join: 'and' } } };
};

/** "at least £1,000": the comparison as it stands before a noun. */
const amountPhrase = (condition: OrdersCondition, measure: keyof typeof aggregates): Phrase => {
  const { operator, value } = comparisonOf(condition, comparisons);
  return { key: `segments.amount.${operator.code}`, values: { value: amountOf(value, subjects[measure]) } };
};
const amountOf = (value: unknown, subject: Subject): PhraseValue =>
  subject.type === 'money' ? { money: (value as { amount_minor: number }).amount_minor } : (value as number);

export const ordersCondition = defineCondition<OrdersCondition>({
  key: 'orders',
  label: 'segments.condition.orders.label',
  hint: 'segments.condition.orders.hint',
  arguments: [
    { name: 'orders', type: 'measure', label: 'segments.argument.measure', required: true, choices: measures },
    { name: 'operator', type: 'comparison', label: 'segments.argument.operator', required: false, choices: comparisons },
    { name: 'window', type: 'window', label: 'segments.argument.window', required: false },
    { name: 'products', type: 'products', label: 'segments.argument.products', required: false },
    { name: 'categories', type: 'categories', label: 'segments.argument.categories', required: false },
    { name: 'shops', type: 'shops', label: 'segments.argument.shops', required: false },
  ],
  schema: vocabulary =>
    z.unknown().transform((raw, context) => {
      const measure = z.enum(measures, `Choose one of: ${measures.join(', ')}.`).safeParse((raw as { orders: unknown }).orders);
      if (!measure.success) {
        context.addIssue({ code: 'custom', path: ['orders'], message: measure.error.issues[0].message });
        return z.NEVER;
      }
      const scope = {
        products: texts.optional(),
        categories: texts.optional(),
        shops: shopIds(vocabulary).optional(),
        ...windowArguments,
      };
      const subject = dated(measure.data) ? null : subjects[measure.data];
      const shape = z
        .strictObject({ orders: z.string(), ...scope, ...(subject ? comparisonShape(subject, comparisons) : {}) })
        .refine(oneWindow, oneWindowReason);
      const checked = (
        subject
          ? shape.refine(value => comparisons.filter(code => code in value).length === 1, oneOperatorReason(subject, comparisons))
          : shape.refine(
              value => windowOf(value as WindowArguments) !== null,
              'Say when it was: within, before, since or between.',
            )
      ).safeParse(raw);
      if (checked.success) return checked.data as unknown as OrdersCondition;
      for (const issue of checked.error.issues) context.addIssue({ ...issue } as never);
      return z.NEVER;
    }),
  groups: condition => (condition.orders === 'sales' || condition.orders === 'average' ? ['behaviour', 'money'] : ['behaviour']),
  needs: () => ({ ...noNeeds, purchases: true }),
  changedBy: () => ['Order Completed', 'Order Updated', 'Order Refunded', 'Order Cancelled', 'orders'],
  sql: (condition, scope) => (dated(condition.orders) ? datedSql(condition, scope) : totalSql(condition, scope)),
  closure: (condition, moment) => (dated(condition.orders) ? datedClosure(condition, moment) : totalClosure(condition, moment)),
  sentence: (condition, vocabulary) => ({
    key: `segments.sentence.orders.${condition.orders}`,
    values: {
      window: windowPhrase(condition),
      scope: scopePhrase(condition, vocabulary),
      count: condition.orders === 'count' ? (comparisonOf(condition, comparisons).value as number) : 0,
      amount: dated(condition.orders) ? '' : amountPhrase(condition, condition.orders),
    },
  }),
});
