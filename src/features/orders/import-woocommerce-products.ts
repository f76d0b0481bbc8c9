/** Import kind: WooCommerce's own product file (Products > Export): names, categories and prices by SKU, variations included. */
import type { Context } from '../../platform/context.ts';
import {
  canonical,
  cellReader,
  defineImportKind,
  type ImportField,
  type Numbered,
  openTally,
  type Reason,
  type Run,
} from '../imports/index.ts';
import { recordProducts, type SeenItem } from '../products/index.ts';
import { forgetImported } from './import-shared.ts';
import { en } from './texts/en.ts';

type ProductRow = {
  id: string;
  sku: string;
  name: string;
  type: string;
  category: string | null;
  price: string;
  /** Of a variation: its product, by SKU or as "id:100". */
  parent: string;
};

const field = (code: string, type: ImportField['type'], names: string[], required?: boolean): ImportField => ({
  code,
  label: `orders.import.woo_product.${code}`,
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
  field('parent', 'text', ['parent']),
];

/** "Clothing > T-shirts, Music" -> "T-shirts": the first one, by its own name, as the API tells it. */
const categoryOf = (categories: string): string | null => {
  const [first = ''] = categories.split(/(?<!\\),/);
  return first.split('>').at(-1)!.replaceAll('\\,', ',').trim() || null;
};

const reader = (run: Run) => {
  const cells = cellReader(run);
  const text = Object.fromEntries(fields.map(one => [one.code, cells.text(one.code)]));
  const regular = cells.decimal('regular_price');
  const sale = cells.decimal('sale_price');
  return (row: readonly string[]): { record: ProductRow; group: null } | { skip: Reason } => {
    const [onSale, usual] = [sale(row), regular(row)];
    for (const [code, value] of [
      ['sale_price', onSale],
      ['regular_price', usual],
    ] as const)
      if (value === null) return { skip: { code: 'not_a_number', field: code, values: { value: text[code](row).slice(0, 80) } } };
    if (text.product_id(row) === '' && text.sku(row) === '') return { skip: { code: 'missing', field: 'sku' } };
    // -1 draft, 2 waiting for review: not for sale.
    if (['-1', '2'].includes(text.published(row))) return { skip: { code: 'product_unpublished', field: 'published' } };
    return {
      group: null,
      record: {
        id: text.product_id(row),
        sku: text.sku(row),
        name: text.name(row),
        type: text.type(row).toLowerCase(),
        category: categoryOf(text.categories(row)),
        price: onSale || usual || '',
        parent: text.parent(row),
      },
    };
  };
};

const isSold = (row: ProductRow): boolean => !/\b(variable|grouped)\b/.test(row.type);

/** A product with variations is sold as those; they take its category. */
const itemsOf = (rows: readonly Numbered<ProductRow>[], run: Run): SeenItem[] => {
  const categories = new Map(
    rows.flatMap(({ record }) =>
      [record.sku, `id:${record.id}`].filter(key => key !== '').map(key => [key, record.category] as const),
    ),
  );
  return rows
    .filter(({ record }) => isSold(record))
    .map(({ record }) => ({
      sku: record.sku || `id:${record.id}`,
      name: record.name || null,
      category: record.category ?? categories.get(record.parent) ?? null,
      price: record.price === '' ? null : canonical(record.price),
      currency: run.settings.currency ?? '',
      at: run.at,
    }));
};

export const wooProducts = defineImportKind<ProductRow>({
  code: 'woocommerce_products',
  label: 'orders.import.woo_products',
  about: 'orders.import.woo_products.about',
  texts: en,
  signature: ['id', 'type', 'sku', 'name', 'regular price', 'categories'],
  fields,
  options: [],
  money: true,
  needs: 'imports:write',
  reader,
  write: async (context: Context, run, rows) => {
    const items = itemsOf(rows, run);
    await recordProducts(context, items, { importId: run.importId });
    return { added: items.length, merged: [], skipped: [], noted: [], made: { products: items.length } };
  },
  undo: forgetImported,
  previewer: async (_context, run) => {
    const products = openTally();
    return {
      add: async (_inside, rows) => {
        for (const item of itemsOf(rows, run)) products.add(item.sku);
        return { counts: {}, merged: [], skipped: [], noted: [] };
      },
      end: async () => ({ counts: { products: products.size() }, currencies: {}, from: null, until: null, warnings: [] }),
    };
  },
});
