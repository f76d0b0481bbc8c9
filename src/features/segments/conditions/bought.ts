/**
 * { "bought": { "any": ["85123A"] }, "but_not": ["22423"] }: products by SKU (or categories, with "by": "category"), any or all of them and
 * none of others, in the same time. { "bought": ["A", "B"] } and { "bought": "A" } are read as `any`.
 */
import { z } from 'zod';
import { defineCondition, noNeeds } from '../condition.ts';
import type { PhraseValue } from '../phrase.ts';
import {
  oneWindow,
  oneWindowReason,
  texts,
  type WindowArguments,
  windowArguments,
  windowPhrase,
  windowSql,
  windowTest,
} from '../shapes.ts';
import { shopIds } from './parts.ts';

type Wanted = { any?: string[]; all?: string[] };
export type BoughtCondition = WindowArguments & {
  bought: Wanted;
  but_not?: string[];
  by?: 'product' | 'category';
  shops?: string[];
};

const wanted = z.preprocess(
  raw => (typeof raw === 'string' ? { any: [raw] } : Array.isArray(raw) ? { any: raw } : raw),
  z
    .strictObject({ any: texts.optional(), all: texts.optional() }, 'Write { "any": ["SKU"] } or { "all": ["SKU"] }.')
    .refine(value => (value.any === undefined) !== (value.all === undefined), 'Either any or all of the products.'),
);
const columnOf = (condition: BoughtCondition): 'category' | 'sku' => (condition.by === 'category' ? 'category' : 'sku');
const unique = (values: readonly string[]): string[] => [...new Set(values)];

export const boughtCondition = defineCondition<BoughtCondition>({
  key: 'bought',
  label: 'segments.condition.bought.label',
  hint: 'segments.condition.bought.hint',
  arguments: [
    { name: 'bought', type: 'products', label: 'segments.argument.bought', required: true, choices: ['any', 'all'] },
    { name: 'but_not', type: 'products', label: 'segments.argument.but_not', required: false },
    { name: 'by', type: 'choice', label: 'segments.argument.by', required: false, choices: ['product', 'category'] },
    { name: 'window', type: 'window', label: 'segments.argument.window', required: false },
    { name: 'shops', type: 'shops', label: 'segments.argument.shops', required: false },
  ],
  schema: vocabulary =>
    z
      .strictObject({
        bought: wanted,
        but_not: z.preprocess(raw => (typeof raw === 'string' ? [raw] : raw), texts).optional(),
        by: z.enum(['product', 'category']).optional(),
        shops: shopIds(vocabulary).optional(),
        ...windowArguments,
      })
      .refine(oneWindow, oneWindowReason) as never,
  groups: () => ['behaviour'],
  needs: () => ({ ...noNeeds, purchases: true }),
  changedBy: () => ['Order Completed', 'Order Updated', 'Order Cancelled', 'orders'],
  sql: (condition, { moment, bindings, ownerOf }) => {
    const column = columnOf(condition);
    const list = unique(condition.bought.all ?? condition.bought.any ?? []);
    const rows = [
      "kind = 'product' and quantity > 0",
      `${column} in ${bindings.bind('Array(String)', unique([...list, ...(condition.but_not ?? [])]))}`,
      windowSql(condition, moment, bindings),
      ...(condition.shops ? [`has(${bindings.bind('Array(UUID)', condition.shops)}, shop_id)`] : []),
    ];
    const from = `select ${ownerOf('origin_id')} as customer_id from purchase_line where ${rows.join(' and ')}`;
    if (condition.bought.any && !condition.but_not) return { sql: from };
    const found = `uniqExactIf(${column}, has(${bindings.bind('Array(String)', list)}, ${column})) >= ${bindings.bind('Float64', condition.bought.all ? list.length : 1)}`;
    const having = condition.but_not
      ? `${found} and countIf(has(${bindings.bind('Array(String)', condition.but_not)}, ${column})) = 0`
      : found;
    return { sql: `${from} group by customer_id having ${having}` };
  },
  closure: (condition, moment) => {
    const column = columnOf(condition);
    const inWindow = windowTest(condition, moment);
    const { any, all } = condition.bought;
    return person => {
      const lines = person.lines.filter(
        line =>
          line.kind === 'product' &&
          line.quantity > 0 &&
          inWindow(line.time) &&
          (!condition.shops || condition.shops.includes(line.shopId)),
      );
      const basket = new Set(lines.map(line => line[column]));
      const found = all ? all.every(one => basket.has(one)) : (any ?? []).some(one => basket.has(one));
      return found && !(condition.but_not ?? []).some(one => basket.has(one));
    };
  },
  sentence: condition => {
    const names: PhraseValue = condition.bought.all
      ? { list: condition.bought.all, join: 'and' }
      : { list: condition.bought.any ?? [], join: 'or' };
    const butNot: PhraseValue = condition.but_not
      ? { key: 'segments.sentence.but_not_bought', values: { names: { list: condition.but_not, join: 'or' } } }
      : '';
    return {
      key: `segments.sentence.bought_${condition.by ?? 'product'}`,
      values: { names, but_not: butNot, window: windowPhrase(condition) },
    };
  },
});
