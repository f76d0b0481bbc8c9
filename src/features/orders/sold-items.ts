import type { SeenItem } from '../products/index.ts';
import type { OrderInput } from './order.ts';

/** What orders tell about products: their product lines with a SKU, at the order's time. */
export const soldItems = (orders: readonly OrderInput[]): SeenItem[] =>
  orders.flatMap(order =>
    order.lines
      .filter(line => line.kind === 'product' && line.sku !== null)
      .map(line => ({
        sku: line.sku!,
        name: line.name,
        category: line.category ?? null,
        price: line.unitPrice,
        currency: order.currency,
        at: order.placedAt,
      })),
  );
