import type { Context } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { defineSlot } from '../../platform/slot.ts';

/**
 * Figures that later features know of products, shown in the list: e.g. orders fills { sold, customers, sales_minor }.
 * `read` answers for many SKUs at once; a SKU without an entry has no figures.
 */
export type ProductFigures = {
  code: string;
  group: FieldGroup | null;
  read: (context: Context, skus: readonly string[]) => Promise<ReadonlyMap<string, Record<string, number>>>;
};
export const productFigures = defineSlot<ProductFigures>('products.figures', figures => figures.code);
