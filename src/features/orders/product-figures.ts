import { shopLimitOf } from '../../platform/shop-limit.ts';
import type { ProductFigures } from '../products/index.ts';
import { ownerOf } from '../tracking/index.ts';

/** Units sold less returned, and how many people bought, per SKU. Without ClickHouse the list shows no figures rather than none at all. */
export const soldFigures: ProductFigures = {
  code: 'orders.sold',
  group: null,
  read: async (context, skus) => {
    if (skus.length === 0) return new Map();
    const shops = shopLimitOf(context.actor);
    const rows = await context.clickhouse
      .query<{ sku: string; sold: number; customers: number }>(
        `SELECT sku, sum(quantity) AS sold, uniqExactIf(${ownerOf('origin_id')}, kind = 'product') AS customers FROM purchase_line
         WHERE sku IN {skus:Array(String)} AND kind IN ('product', 'return')${shops ? ' AND has({shops:Array(UUID)}, shop_id)' : ''} GROUP BY sku`,
        { skus: [...skus], ...(shops && { shops }) },
      )
      .catch(error => {
        context.log.warn({ err: error }, 'figures of products are not known now');
        return [];
      });
    return new Map(rows.map(row => [row.sku, { sold: Number(row.sold), customers: Number(row.customers) }]));
  },
};
