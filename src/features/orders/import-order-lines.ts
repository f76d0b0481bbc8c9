/** Import kind: one row per order line, the plainest way a shop writes its history. */
import type { Context } from '../../platform/context.ts';
import { addSeen, defineImportKind, type Numbered, type Reason, type Run, readSeen, type Written } from '../imports/index.ts';
import { bringBuyers, buyerOf, type Gathered, gather, orderOf, returnOf } from './gather-order-lines.ts';
import { notSalesBy } from './guess-line-kind.ts';
import { forgetImported, learnProducts, meetProducts } from './import-shared.ts';
import type { OrderLine } from './order-line.ts';
import { readOrderLines } from './order-line.ts';
import { orderLineFields, orderLineOptions } from './order-line-fields.ts';
import { previewOrderLines } from './preview-order-lines.ts';
import { recordOrders } from './record-orders.ts';
import { recordReturns, retryReturns } from './record-returns.ts';
import { en } from './texts/en.ts';

const write = async (context: Context, run: Run, rows: readonly Numbered<OrderLine>[]): Promise<Written> => {
  const keys = [...new Set(rows.map(({ record }) => `${record.isReturn ? '-' : '+'}${record.number}`))];
  const seen = await readSeen(context.postgres, run.importId, keys);
  const { sales, returns, merged, skipped, equal, marks } = gather(rows, seen, run.options.merge_equal_lines === true);
  const buyers = await bringBuyers(context, run, [...sales, ...returns].flatMap(buyerWithSpan));
  const elsewhere = await knownElsewhere(context, run, sales);
  const kindOf = notSalesBy(String(run.options.not_sales_codes ?? ''));
  const inputs = sales
    .filter(group => group.lines.length > 0 && !elsewhere.has(group.number))
    .map(group => orderOf(run, group, buyers.originOf(buyerOf(group)), kindOf));
  await meetProducts(context, run, inputs);
  const outcomes = await recordOrders(context, inputs, {
    source: 'import',
    importId: run.importId,
    historical: true,
    lines: 'part',
  });
  const back = await recordReturns(
    context,
    returns
      .filter(group => group.lines.length > 0)
      .map(group => returnOf(run, group, buyers.originOf(buyerOf(group)), seen.get(`-${group.number}`)?.length ?? 0)),
    { importId: run.importId, source: 'import' },
  );
  await addSeen(context.postgres, run.importId, marks);
  const linesIn = (outcome: string) =>
    inputs.reduce((total, input, index) => total + (outcomes[index].outcome === outcome ? input.lines.length : 0), 0);
  const returnLines = returns.reduce((total, group) => total + (back.recorded.has(group.number) ? group.lines.length : 0), 0);
  const unmatched: Written['noted'] = returns.flatMap(group =>
    group.lines
      .filter(one => back.unmatched.has(`${group.number}|${one.content}#${one.equalBefore}`))
      .map(one => ({ row: one.row, reason: { code: 'return_unmatched' } as Reason })),
  );
  return {
    added: linesIn('created') + linesIn('changed') + returnLines,
    merged,
    skipped,
    noted: unmatched,
    made: {
      orders: outcomes.filter(one => one.outcome === 'created').length,
      orders_changed: outcomes.filter(one => one.outcome === 'changed' && !seen.has(`+${one.number}`)).length,
      orders_known_elsewhere: elsewhere.size,
      customers: buyers.created,
      customers_known: buyers.known,
      lines: linesIn('created') + linesIn('changed'),
      equal_lines: equal,
      orders_without_customer: outcomes.filter((one, index) => one.outcome === 'created' && inputs[index].customerId === null)
        .length,
      returns: back.recorded.size,
    },
  };
};

/** Orders that a connection or the API brought: their lines are whole, and a file's own lines would double them. */
const knownElsewhere = async ({ postgres }: Context, run: Run, groups: readonly Gathered[]): Promise<Set<string>> => {
  const rows =
    await postgres`select number from orders."order" where shop_id = ${run.shopId} and number = any(${groups.map(group => group.number)}) and source <> 'import'`;
  return new Set(rows.map(row => row.number as string));
};

/** Everybody an order names, at its time: the buyer's first and last order frame what is known of them. */
const buyerWithSpan = (group: Gathered): OrderLine[] => (group.lines.length === 0 ? [] : [buyerOf(group)]);

export const orderLines = defineImportKind<OrderLine>({
  code: 'order_lines',
  label: 'orders.import.lines',
  about: 'orders.import.lines.about',
  texts: en,
  money: true,
  needs: 'imports:write',
  fields: orderLineFields,
  options: orderLineOptions,
  reader: readOrderLines,
  write,
  finish: async (context, run) => {
    await learnProducts(context, run.importId);
    return { returns_matched_late: await retryReturns(context, run.importId) };
  },
  undo: forgetImported,
  previewer: previewOrderLines,
});
