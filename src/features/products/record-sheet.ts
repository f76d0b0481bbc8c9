/** Writes a portion of a shop's product list: new SKUs become products, what the list says of known ones wins, and undo can put it back. */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { journalBefore, journalOf } from '../imports/index.ts';
import {
  createListed,
  type DetailRow,
  lockCreation,
  readDetails,
  readVariants,
  removeDetails,
  restoreDetails,
  updateListed,
  writeDetails,
} from './postgres.ts';
import { fillGroups, type SheetRow } from './product-sheet.ts';
import { forgetImportedProducts } from './record-products.ts';

/** Of rows with one SKU the last one counts. */
export const recordSheet = (
  context: Context,
  rows: readonly SheetRow[],
  by: { importId: string; at: Date },
): Promise<{ made: number; changed: number; costs: number }> =>
  inTransaction(context, async inside => {
    const bySku = new Map(fillGroups(rows).map(row => [row.sku, row]));
    const sorted = [...bySku.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1));
    const skus = sorted.map(row => row.sku);
    await lockCreation(inside.postgres);
    const before = new Map((await readVariants(inside.postgres, skus)).map(row => [row.sku, row]));
    const fresh = sorted.filter(row => !before.has(row.sku));
    await createListed(inside.postgres, fresh, by);
    const known = sorted.filter(row => before.has(row.sku));
    const changed = known.filter(row => says(row, before.get(row.sku)!));
    await journalBefore(
      inside,
      by.importId,
      'products.variant',
      changed
        .map(row => before.get(row.sku)!)
        .filter(row => row.import_id !== by.importId)
        .map(row => ({ key: row.sku, before: row as Record<string, unknown> })),
    );
    await updateListed(inside.postgres, changed, by);
    const details = await keepDetails(inside, sorted, by);
    return {
      made: fresh.length,
      changed: new Set([...changed.map(row => row.sku), ...details]).size,
      costs: sorted.filter(row => row.cost !== null).length,
    };
  });

const says = (
  row: SheetRow,
  known: { name: string | null; category: string | null; price: string | null; currency: string | null },
): boolean =>
  (row.name !== null && row.name !== known.name) ||
  (row.category !== null && row.category !== known.category) ||
  (row.price !== null && (Number(row.price) !== Number(known.price) || known.price === null || row.currency !== known.currency));

/** Returns the SKUs of which something was known before and is different now. */
const keepDetails = async (
  context: Context,
  rows: readonly SheetRow[],
  by: { importId: string; at: Date },
): Promise<string[]> => {
  const told = rows.filter(row => row.cost ?? row.packSize ?? row.stock ?? row.barcode ?? row.variantName);
  const before = new Map(
    (
      await readDetails(
        context.postgres,
        told.map(row => row.sku),
      )
    ).map(row => [row.sku, row]),
  );
  const changed = told.filter(row => differs(row, before.get(row.sku)));
  await journalBefore(
    context,
    by.importId,
    'products.detail',
    changed
      .flatMap(row => before.get(row.sku) ?? [])
      .filter(row => row.import_id !== by.importId)
      .map(row => ({ key: row.sku, before: row as unknown as Record<string, unknown> })),
  );
  await writeDetails(context.postgres, changed, by);
  return changed.filter(row => before.has(row.sku)).map(row => row.sku);
};

const differs = (row: SheetRow, known: DetailRow | undefined): boolean =>
  !known ||
  (row.cost !== null && (Number(row.cost) !== Number(known.cost) || row.currency !== known.cost_currency)) ||
  (row.packSize !== null && Number(row.packSize) !== Number(known.pack_size)) ||
  (row.stock !== null && (known.stock === null || Number(row.stock) !== Number(known.stock))) ||
  (row.barcode !== null && row.barcode !== known.barcode) ||
  (row.variantName !== null && row.variantName !== known.variant_name);

/** Takes a list back: details first, then products that nothing else has touched since. */
export const forgetSheet = (context: Context, importId: string): Promise<Record<string, number>> =>
  inTransaction(context, async inside => {
    const old = (await journalOf(inside, importId, 'products.detail')) as unknown as DetailRow[];
    await restoreDetails(inside.postgres, importId, old);
    const [{ n: before }] = await inside.postgres`select count(*)::int as n from products.variant`;
    await removeDetails(inside.postgres, importId);
    // A variant sold since has been changed by that sale, so it is not this import's any more.
    await forgetImportedProducts(inside, importId, async () => new Set());
    const [{ n: after }] = await inside.postgres`select count(*)::int as n from products.variant`;
    return { products: (before as number) - (after as number), products_restored: old.length };
  });
