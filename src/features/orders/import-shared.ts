/** What every import of orders does beside recording them: learn the products, and take everything back. */
import type { Context } from '../../platform/context.ts';
import { type Run, takeBackCustomers } from '../imports/index.ts';
import { forgetImportedProducts, recordProducts, type SeenItem } from '../products/index.ts';
import type { OrderInput } from './order.ts';
import { undoOrders } from './undo-orders.ts';

export const learnProducts = async (context: Context, run: Run, orders: readonly OrderInput[]): Promise<void> => {
  const items: SeenItem[] = [];
  for (const order of orders) {
    for (const line of order.lines) {
      if (line.sku === null || line.kind !== 'product') continue;
      items.push({
        sku: line.sku,
        name: line.name,
        category: line.category ?? null,
        price: line.unitPrice,
        currency: order.currency,
        at: order.placedAt,
      });
    }
  }
  await recordProducts(context, items, { importId: run.importId });
};

/** Undo, last brought first: orders, then products and customers that nothing else holds. */
export const forgetImported = async (context: Context, importId: string): Promise<Record<string, number>> => {
  const { removed, restored } = await undoOrders(context, importId);
  await forgetImportedProducts(context, importId, async skus => {
    const rows = await context.postgres`select distinct sku from orders.line where sku = any(${skus as string[]})`;
    return new Set(rows.map(row => row.sku as string));
  });
  const customers = await takeBackCustomers(context, importId);
  return { orders: removed, orders_restored: restored, customers };
};
