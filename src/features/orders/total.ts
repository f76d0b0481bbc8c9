/** What an order's figures are, from its lines (decisions 9). Pure. */
import { lineTotalMinor } from '../../platform/money.ts';
import type { LineInput, OrderInput, RefundInput } from './order.ts';

export type Line = LineInput & { totalMinor: number; key: string };

/** Kinds that are sales; a discount line lowers them. Shipping, fees, tips and gift-card sales are not. */
const saleKinds = new Set(['product', 'discount']);

/**
 * Lines with their total and their key. Equal lines within one order are told apart by how many came before, so the same line
 * of a second run gets the same key and two equal lines stay two.
 */
export const completeLines = (order: OrderInput): Line[] => {
  const seen = new Map<string, number>();
  return order.lines.map(line => {
    const content = line.outsideId ?? [line.sku ?? '', line.quantity, line.unitPrice, line.discountMinor, line.kind].join('|');
    const before = seen.get(content) ?? 0;
    seen.set(content, before + 1);
    return {
      ...line,
      totalMinor: line.totalMinor ?? lineTotalMinor(line.quantity, line.unitPrice, order.currency) - line.discountMinor,
      key: `${content}#${before}`,
    };
  });
};

export type Totals = { totalMinor: number; salesMinor: number; discountMinor: number; items: number };

/** Totals the shop states are kept as stated; what it does not state is summed from the lines. */
export const totalsOf = (order: OrderInput, lines: readonly Line[]): Totals => {
  let sum = 0;
  let sales = 0;
  let discount = 0;
  let items = 0;
  for (const line of lines) {
    sum += line.totalMinor;
    discount += line.discountMinor;
    if (line.kind === 'discount') discount -= line.totalMinor;
    if (saleKinds.has(line.kind)) sales += line.totalMinor;
    if (line.kind === 'product') items += Number(line.quantity);
  }
  return { totalMinor: order.totalMinor ?? sum + (order.taxMinor ?? 0), salesMinor: sales, discountMinor: discount, items };
};

/** Tells the same refund in a second run: the source's id, or when, how much and what. */
export const refundKey = (refund: RefundInput): string =>
  refund.outsideId ??
  `${refund.at.toISOString()}|${refund.amountMinor}|${refund.lines.map(line => `${line.sku}*${line.quantity}`).join(',')}`;
