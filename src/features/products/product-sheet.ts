/** A shop's own list of products: one row per variant, and how it is read. Pure. */
import { isCurrency } from '../../platform/money.ts';
import { canonical, cellReader, isNegative, type RowRead, type Run } from '../imports/index.ts';

export type SheetRow = {
  sku: string;
  /** What groups variants to one product: a handle or the parent's number; '' = a product of its own. */
  parent: string;
  name: string | null;
  variantName: string | null;
  category: string | null;
  /** Decimal texts per unit. */
  price: string | null;
  cost: string | null;
  currency: string;
  packSize: string | null;
  stock: string | null;
  barcode: string | null;
  /** A spreadsheet has rounded the barcode ("5.01E+12"): it is left out, and the report says so. */
  isBarcodeLost: boolean;
};

const amounts = [
  ['price', 'price'],
  ['cost', 'cost'],
  ['packSize', 'pack_size'],
  ['stock', 'stock'],
] as const;

export const readSheet = (run: Run): ((cells: readonly string[]) => RowRead<SheetRow>) => {
  const cells = cellReader(run);
  const text = Object.fromEntries(
    ['sku', 'parent', 'name', 'variant_name', 'category', 'currency', 'barcode', ...amounts.map(([, field]) => field)].map(
      field => [field, cells.text(field)],
    ),
  );
  const options = cells.many('option');
  const decimals = Object.fromEntries(amounts.map(([, field]) => [field, cells.decimal(field)]));
  return row => {
    const skip = (code: string, field: string): RowRead<SheetRow> => ({
      skip: { code, field, values: { value: (text[field]?.(row) ?? '').slice(0, 80) } },
    });
    const sku = text.sku(row);
    if (sku === '') return { skip: { code: 'missing', field: 'sku' } };
    const said: Record<string, string | null> = {};
    for (const [name, field] of amounts) {
      const value = decimals[field](row);
      if (value === null) return skip('not_a_number', field);
      if (Math.abs(Number(value)) > 1e11) return { skip: { code: 'too_large_number', field } };
      said[name] = value === '' ? null : canonical(value);
    }
    if (said.cost && isNegative(said.cost)) return skip('negative', 'cost');
    if (said.price && isNegative(said.price)) return skip('negative', 'price');
    if (said.packSize && (isNegative(said.packSize) || Number(said.packSize) === 0)) return skip('negative', 'pack_size');
    const currency = text.currency(row).toUpperCase() || (run.settings.currency ?? '');
    if ((said.price !== null || said.cost !== null) && !isCurrency(currency)) return skip('not_a_currency', 'currency');
    const barcode = text.barcode(row);
    const isBarcodeLost = /^\d(\.\d+)?e\+?\d+$/i.test(barcode);
    const named = [text.variant_name(row), ...options.map(one => one.read(row))].filter(
      part => part !== '' && part !== 'Default Title',
    );
    const record: SheetRow = {
      sku,
      parent: text.parent(row),
      name: text.name(row) || null,
      variantName: named.length > 0 ? named.join(', ') : null,
      category: text.category(row) || null,
      price: said.price,
      cost: said.cost,
      currency,
      packSize: said.packSize,
      stock: said.stock,
      barcode: barcode === '' || isBarcodeLost ? null : barcode,
      isBarcodeLost,
    };
    return { record, group: record.parent === '' ? null : record.parent };
  };
};

/** Exports often name a product on its first row only: the others of its group have the same name and category. */
export const fillGroups = (rows: readonly SheetRow[]): SheetRow[] => {
  const first = new Map<string, { name: string | null; category: string | null }>();
  for (const row of rows) {
    if (row.parent === '') continue;
    const known = first.get(row.parent);
    first.set(row.parent, { name: known?.name ?? row.name, category: known?.category ?? row.category });
  }
  return rows.map(row => {
    const known = first.get(row.parent);
    return known ? { ...row, name: row.name ?? known.name, category: row.category ?? known.category } : row;
  });
};

/** What is left of the price after the cost, as a share of the price; null: not known (no price, no cost, two currencies). */
export const marginShare = (one: {
  price: string | null;
  currency: string | null;
  cost: string | null;
  cost_currency: string | null;
}): number | null => {
  if (one.price === null || one.cost === null || one.currency !== one.cost_currency) return null;
  const price = Number(one.price);
  return price > 0 ? Math.round(((price - Number(one.cost)) / price) * 10_000) / 10_000 : null;
};
