import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { journalBefore, journalOf } from '../imports/index.ts';
import {
  createVariants,
  lockCreation,
  type PriceRow,
  readPricesToWiden,
  readVariants,
  removeMadeBy,
  restorePrices,
  restoreVariants,
  skusMadeBy,
  updateVariants,
  type VariantRow,
  writePrices,
} from './postgres.ts';
import { foldSightings, type SeenItem, type VariantSighting } from './product.ts';

export type RecordedProduct = { productId: string; category: string | null };

/**
 * Learns products from what was sold: new SKUs become products, newer names, categories and prices win, the price history widens.
 * Idempotent: the same sightings again change nothing. Runs in the caller's transaction. Answer: SKU -> product and its category.
 */
export const recordProducts = async (
  context: Context,
  items: readonly SeenItem[],
  options: { importId: string | null },
): Promise<Map<string, RecordedProduct>> => {
  if (items.length === 0) return new Map();
  return inTransaction(context, async inside => {
    const { variants, prices } = foldSightings(items);
    const known = await findOrCreate(inside, variants, options.importId);
    const changed = variants.filter(seen => changes(known.get(seen.sku)!, seen));
    if (changed.length > 0) {
      await keepBefore(
        inside,
        options.importId,
        'products.variant',
        changed.map(seen => known.get(seen.sku)!),
        row => row.sku,
      );
      await updateVariants(inside.postgres, changed, options.importId);
    }
    const priced = prices.map(price => ({ ...price, variantId: known.get(price.sku)!.id }));
    if (priced.length > 0) {
      if (options.importId) {
        await keepBefore(
          inside,
          options.importId,
          'products.price',
          await readPricesToWiden(inside.postgres, priced),
          row => `${row.variant_id} ${row.currency} ${row.price}`,
        );
      }
      await writePrices(inside.postgres, priced, options.importId);
    }
    const categories = new Map(changed.map(seen => [seen.sku, seen.category]));
    return new Map(
      [...known.values()].map(row => [row.sku, { productId: row.product_id, category: categories.get(row.sku) ?? row.category }]),
    );
  });
};

/** Which of these SKUs no product has. */
export const unknownSkus = async (context: Context, skus: readonly string[]): Promise<Set<string>> =>
  new Set(
    (
      await context.postgres`
    select sku from unnest(${skus as string[]}::text[]) as asked(sku) where not exists (select 1 from products.variant v where v.sku = asked.sku)`
    ).map(row => row.sku as string),
  );

const findOrCreate = async (
  context: Context,
  variants: readonly VariantSighting[],
  importId: string | null,
): Promise<Map<string, VariantRow>> => {
  const known = new Map<string, VariantRow>();
  const read = async (wanted: readonly VariantSighting[]) => {
    for (const row of await readVariants(
      context.postgres,
      wanted.map(seen => seen.sku),
    ))
      known.set(row.sku, row);
    return wanted.filter(seen => !known.has(seen.sku));
  };
  const missing = await read(variants);
  if (missing.length === 0) return known;
  await lockCreation(context.postgres);
  const still = await read(missing);
  if (still.length > 0) for (const row of await createVariants(context.postgres, still, importId)) known.set(row.sku, row);
  return known;
};

/** Would this sighting change the stored row? Spares an update per portion for items that say nothing new. */
const changes = (row: VariantRow, seen: VariantSighting): boolean => {
  if (!row.sold) return true;
  if (seen.firstAt < row.first_seen_at.getTime() || seen.lastAt > row.last_seen_at.getTime()) return true;
  return (
    (row.name === null && seen.name !== null) ||
    (row.category === null && seen.category !== null) ||
    (row.price === null && seen.price !== null)
  );
};

/** Rows this import did not make are remembered as they were, once, so that undo can put them back. */
const keepBefore = async <Row extends { import_id: string | null }>(
  context: Context,
  importId: string | null,
  area: string,
  rows: readonly Row[],
  key: (row: Row) => string,
): Promise<void> => {
  if (!importId) return;
  await journalBefore(
    context,
    importId,
    area,
    rows.filter(row => row.import_id !== importId).map(row => ({ key: key(row), before: row as Record<string, unknown> })),
  );
};

/**
 * Takes back what an import taught: its new products go unless `stillUsed` (SKUs of remaining order lines) or something else holds
 * them, and changed ones get their earlier values. Call it after the import's orders are gone.
 */
export const forgetImportedProducts = async (
  context: Context,
  importId: string,
  stillUsed: (skus: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<void> =>
  inTransaction(context, async inside => {
    const made = await skusMadeBy(inside.postgres, importId);
    await removeMadeBy(inside.postgres, importId, [...(await stillUsed(made))]);
    const variants = (await journalOf(inside, importId, 'products.variant')) as unknown as VariantRow[];
    if (variants.length > 0) await restoreVariants(inside.postgres, importId, variants);
    const prices = (await journalOf(inside, importId, 'products.price')) as unknown as PriceRow[];
    if (prices.length > 0) await restorePrices(inside.postgres, importId, prices);
  });
