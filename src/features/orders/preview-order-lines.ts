/** The dry run of a file of order lines: counts over the whole file, writes nothing. */
import type { Context } from '../../platform/context.ts';
import { openCustomerPreview, openTally, type Previewer, type Reason, type Run, type Written } from '../imports/index.ts';
import { saysWho } from './gather-order-lines.ts';
import { guessLineKind, notSalesBy } from './guess-line-kind.ts';
import { contentOf, type OrderLine } from './order-line.ts';

export const previewOrderLines = async (_context: Context, run: Run): Promise<Previewer<OrderLine>> => {
  const orders = openTally();
  const returns = openTally();
  const nameless = openTally();
  const products = openTally();
  const equal = openTally();
  const people = openCustomerPreview(run.shopId);
  const currencies: Record<string, number> = {};
  let [lines, equalLines, zero, feeLines] = [0, 0, 0, 0];
  const feeCodes = new Set<string>();
  const kindOf = notSalesBy(String(run.options.not_sales_codes ?? ''));
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add: async (context, rows) => {
      const merged: Written['merged'] = [];
      for (const { row, record: line } of rows) {
        lines++;
        const isFirst = (line.isReturn ? returns : orders).add(line.number);
        if (isFirst) {
          currencies[line.currency] = (currencies[line.currency] ?? 0) + 1;
          if (!saysWho(line) && !line.isReturn) nameless.add(line.number);
        }
        products.add(line.sku ?? line.product ?? '');
        const at = line.at.getTime();
        if (at < from) from = at;
        if (at > until) until = at;
        if (line.sku !== null && guessLineKind(line.sku) && kindOf(line.sku) === 'product') {
          feeLines++;
          if (feeCodes.size < mostCodesShown) feeCodes.add(line.sku);
        }
        if (Number(line.unitPrice) === 0) zero++;
        if (!equal.add(`${line.number}|${contentOf(line)}`)) {
          equalLines++;
          if (run.options.merge_equal_lines === true) merged.push({ row, reason: { code: 'equal_line' } });
        }
      }
      await people.add(context, rows.map(one => one.record).filter(saysWho));
      return { counts: {}, merged, skipped: [], noted: [] };
    },
    end: async () => ({
      counts: {
        orders: orders.size(),
        returns: returns.size(),
        lines,
        ...people.counts(),
        orders_without_customer: nameless.size(),
        products: products.size(),
        equal_lines: equalLines,
        zero_lines: zero,
      },
      currencies,
      from: lines > 0 ? new Date(from) : null,
      until: lines > 0 ? new Date(until) : null,
      warnings: [
        ...(feeLines > 0 ? [{ code: 'looks_like_fees', values: { count: feeLines, codes: [...feeCodes].join(', ') } }] : []),
        ...warningsOf(lines, equalLines, nameless.size(), orders.size(), Object.keys(currencies).length, until),
      ],
    }),
  };
};

/** Enough to recognise them by. */
const mostCodesShown = 12;

const warningsOf = (
  lines: number,
  equal: number,
  nameless: number,
  orders: number,
  currencies: number,
  until: number,
): Reason[] => [
  ...(equal > 0 ? [{ code: 'equal_lines', values: { count: equal } }] : []),
  ...(orders > 0 && nameless === orders ? [{ code: 'nobody_named' }] : []),
  ...(currencies > 1 ? [{ code: 'several_currencies', values: { count: currencies } }] : []),
  ...(lines > 0 && until > Date.now() + 86_400_000 ? [{ code: 'times_in_future' }] : []),
];
