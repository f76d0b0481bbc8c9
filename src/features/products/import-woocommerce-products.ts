/**
 * Import kind: WooCommerce's own product file (Products > Export): names, categories, prices, stock and, where the shop keeps it, the cost of
 * goods. A product with variations is sold as those. One without SKU goes by "id:100", as the file itself and the shop's API name it.
 */
import {
  canonical,
  cellReader,
  defineImportKind,
  type ImportField,
  type Numbered,
  type Reason,
  type Run,
} from '../imports/index.ts';
import { productList } from './import-products.ts';
import type { SheetRow } from './product-sheet.ts';
import { en } from './texts/en.ts';

/** `keys`: by which variations may name their product. */
type WooProduct = SheetRow & { keys: string[]; isSold: boolean };

const field = (code: string, type: ImportField['type'], names: string[], required?: boolean): ImportField => ({
  code,
  label: `products.import.woo.${code}`,
  type,
  names,
  required,
});
const fields: readonly ImportField[] = [
  field('product_id', 'text', ['id'], true),
  field('type', 'text', ['type'], true),
  field('sku', 'text', ['sku']),
  field('name', 'text', ['name'], true),
  field('published', 'text', ['published']),
  field('categories', 'text', ['categories']),
  field('regular_price', 'number', ['regular price']),
  field('sale_price', 'number', ['sale price']),
  field('cost', 'number', ['cost of goods']),
  field('stock', 'number', ['stock']),
  field('barcode', 'text', ['gtin upc ean or isbn']),
  field('parent', 'text', ['parent']),
];
const amounts = ['regular_price', 'sale_price', 'cost', 'stock'] as const;

/** "Clothing > T-shirts, Music" -> "T-shirts": the first one, by its own name, as the API tells it. */
const categoryOf = (categories: string): string | null => {
  const [first = ''] = categories.split(/(?<!\\),/);
  return first.split('>').at(-1)!.replaceAll('\\,', ',').trim() || null;
};

const reader = (run: Run) => {
  const cells = cellReader(run);
  const text = Object.fromEntries(fields.map(one => [one.code, cells.text(one.code)]));
  const decimals = Object.fromEntries(amounts.map(code => [code, cells.decimal(code)]));
  return (row: readonly string[]): { record: WooProduct; group: string | null } | { skip: Reason } => {
    const said: Record<string, string | null> = {};
    for (const code of amounts) {
      const value = decimals[code](row);
      if (value === null) return { skip: { code: 'not_a_number', field: code, values: { value: text[code](row).slice(0, 80) } } };
      said[code] = value === '' ? null : canonical(value);
    }
    const [id, sku] = [text.product_id(row), text.sku(row)];
    if (id === '' && sku === '') return { skip: { code: 'missing', field: 'sku' } };
    // -1 draft, 2 waiting for review: not for sale.
    if (['-1', '2'].includes(text.published(row))) return { skip: { code: 'product_unpublished', field: 'published' } };
    const parent = text.parent(row);
    const barcode = text.barcode(row);
    const isBarcodeLost = /^\d(\.\d+)?e\+?\d+$/i.test(barcode);
    return {
      group: null,
      record: {
        keys: [sku, `id:${id}`],
        isSold: !/\b(variable|grouped)\b/i.test(text.type(row)),
        sku: sku || `id:${id}`,
        parent,
        name: text.name(row) || null,
        variantName: null,
        category: categoryOf(text.categories(row)),
        price: said.sale_price ?? said.regular_price,
        cost: said.cost,
        currency: run.settings.currency ?? '',
        packSize: null,
        stock: said.stock,
        barcode: barcode === '' || isBarcodeLost ? null : barcode,
        isBarcodeLost,
      },
    };
  };
};

/** Variations take the category of their product. */
const sold = (rows: readonly Numbered<WooProduct>[]): Numbered<WooProduct>[] => {
  const categories = new Map(rows.flatMap(({ record }) => record.keys.map(key => [key, record.category] as const)));
  return rows
    .filter(one => one.record.isSold)
    .map(({ row, record }) => ({
      row,
      record: { ...record, category: record.category ?? categories.get(record.parent) ?? null },
    }));
};

export const wooProducts = defineImportKind<WooProduct>({
  ...productList,
  code: 'woocommerce_products',
  label: 'products.import.woo',
  about: 'products.import.woo.about',
  texts: en,
  signature: ['id', 'type', 'sku', 'name', 'regular price', 'categories'],
  fields,
  reader,
  write: (context, run, rows) => productList.write(context, run, sold(rows)),
  previewer: async (context, run) => {
    const inner = await productList.previewer(context, run);
    return { ...inner, add: (inside, rows) => inner.add(inside, sold(rows)) };
  },
});
