/** What every import of orders does beside recording them: learn the products, and take everything back. */
import type { Context } from '../../platform/context.ts';
import { type Run, takeBackCustomers } from '../imports/index.ts';
import { forgetImportedProducts, recordProducts, unknownSkus } from '../products/index.ts';
import type { OrderInput } from './order.ts';
import { soldItems } from './sold-items.ts';
import { undoOrders } from './undo-orders.ts';

/** SKUs never seen before become products at once; what is known is brought up to date at the end, in one go. */
export const meetProducts = async (context: Context, run: Run, orders: readonly OrderInput[]): Promise<void> => {
  const items = soldItems(orders);
  const fresh = await unknownSkus(context, [...new Set(items.map(item => item.sku))]);
  await recordProducts(
    context,
    items.filter(item => fresh.has(item.sku)),
    { importId: run.importId },
  );
};

/** Names, categories and prices of everything the import's orders hold: the newest wins, the price history widens. */
export const learnProducts = async (context: Context, importId: string): Promise<void> => {
  const rows = await context.postgres`
    select l.sku, o.currency, l.unit_price as price, min(o.placed_at) as first_at, max(o.placed_at) as last_at,
      (array_agg(l.name order by o.placed_at desc) filter (where l.name <> ''))[1] as name,
      (array_agg(l.category order by o.placed_at desc) filter (where l.category <> ''))[1] as category
    from orders."order" o join orders.line l on l.order_id = o.id
    where o.import_id = ${importId} and o.state = 'placed' and l.sku is not null and l.kind = 'product'
    group by l.sku, o.currency, l.unit_price`;
  const items = rows.flatMap(row => {
    const item = {
      sku: row.sku as string,
      name: row.name as string | null,
      category: row.category as string | null,
      price: row.price as string,
      currency: row.currency as string,
    };
    return [
      { ...item, at: row.first_at as Date },
      { ...item, at: row.last_at as Date },
    ];
  });
  await recordProducts(context, items, { importId });
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
