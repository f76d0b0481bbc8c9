/** Import kind: the shop's own list of products, one row per variant, with what a unit costs. */
import type { Context } from '../../platform/context.ts';
import { defineImportKind, type Numbered, openTally, type Previewer, type Run, type Written } from '../imports/index.ts';
import { productFields } from './product-fields.ts';
import { readSheet, type SheetRow } from './product-sheet.ts';
import { unknownSkus } from './record-products.ts';
import { forgetSheet, recordSheet } from './record-sheet.ts';
import { en } from './texts/en.ts';

const lost = (rows: readonly Numbered<SheetRow>[]): Written['noted'] =>
  rows.filter(one => one.record.isBarcodeLost).map(one => ({ row: one.row, reason: { code: 'barcode_lost', field: 'barcode' } }));

/** A SKU again in the same portion: the later row counts. */
const repeated = (rows: readonly Numbered<SheetRow>[]): Written['merged'] => {
  const last = new Map(rows.map(one => [one.record.sku, one.row]));
  return rows.filter(one => last.get(one.record.sku) !== one.row).map(one => ({ row: one.row, reason: { code: 'same_sku' } }));
};

const write = async (context: Context, run: Run, rows: readonly Numbered<SheetRow>[]): Promise<Written> => {
  const { made, changed, costs } = await recordSheet(
    context,
    rows.map(one => one.record),
    { importId: run.importId, at: run.at },
  );
  return {
    added: made + changed,
    merged: repeated(rows),
    skipped: [],
    noted: lost(rows),
    made: { products: made, products_changed: changed, costs },
  };
};

const previewer = async (_context: Context): Promise<Previewer<SheetRow>> => {
  const seen = openTally();
  const counts = { products: 0, products_known: 0, costs: 0 };
  const currencies: Record<string, number> = {};
  return {
    add: async (context, rows) => {
      const fresh = rows.map(one => one.record).filter(record => seen.add(record.sku));
      const unknown = await unknownSkus(
        context,
        fresh.map(record => record.sku),
      );
      for (const record of fresh) {
        counts[unknown.has(record.sku) ? 'products' : 'products_known']++;
        if (record.cost !== null) counts.costs++;
        if (record.price !== null || record.cost !== null) currencies[record.currency] = (currencies[record.currency] ?? 0) + 1;
      }
      return { counts: {}, merged: repeated(rows), skipped: [], noted: lost(rows) };
    },
    end: async () => ({ counts, currencies, from: null, until: null, warnings: [] }),
  };
};

export const productList = defineImportKind<SheetRow>({
  code: 'products',
  label: 'products.import',
  about: 'products.import.about',
  texts: en,
  fields: productFields,
  options: [],
  money: true,
  needs: 'imports:write',
  reader: readSheet,
  write,
  undo: forgetSheet,
  previewer,
});
