import type { Context } from '../../platform/context.ts';
import { maySee } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { productFigures } from './figures.ts';
import { countVariants, listVariants, type ProductFilter, readPricesOf, readProduct, readVariantsOf } from './postgres.ts';
import { marginShare } from './product-sheet.ts';

/** One page of products with whatever figures later features know of them. Cursor: opaque text. */
export const listProducts = async (context: Context, input: Omit<ProductFilter, 'after'> & { cursor?: string }) => {
  const rows = await listVariants(context.postgres, { ...input, after: readCursor(input.cursor), limit: input.limit + 1 });
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  return {
    data: await withFigures(context, shown),
    next_cursor:
      rows.length > input.limit && last ? Buffer.from(JSON.stringify([last.sort_key, last.id])).toString('base64url') : null,
    total: input.query || input.category ? undefined : await countVariants(context.postgres),
  };
};

/** Errors: not_found. */
export const getProduct = async (context: Context, id: string) => {
  const product = await readProduct(context.postgres, id);
  if (!product) throw notFound('product');
  const variants = await readVariantsOf(context.postgres, id);
  const skus = new Map(variants.map(row => [row.id, row.sku]));
  const prices = maySee(context.actor, 'money') ? await readPricesOf(context.postgres, [...skus.keys()]) : [];
  return {
    ...product,
    variants: await withFigures(context, variants),
    prices: prices.map(row => ({
      sku: skus.get(row.variant_id)!,
      price: row.price,
      currency: row.currency,
      first_seen_at: row.first_seen_at.toISOString(),
      last_seen_at: row.last_seen_at.toISOString(),
    })),
  };
};

type Row = Awaited<ReturnType<typeof readVariantsOf>>[number];

const withFigures = async (context: Context, rows: readonly Row[]) => {
  // What was paid for a unit is told by orders: money, as everywhere else.
  const seesMoney = maySee(context.actor, 'money');
  const figures = new Map<string, Record<string, number>>();
  for (const source of context.slots.all(productFigures)) {
    if (!maySee(context.actor, source.group)) continue;
    for (const [sku, values] of await source.read(
      context,
      rows.map(row => row.sku),
    ))
      figures.set(sku, { ...figures.get(sku), ...values });
  }
  return rows.map(row => ({
    id: row.id,
    product_id: row.product_id,
    sku: row.sku,
    name: row.name,
    category: row.category,
    price: seesMoney ? row.price : null,
    currency: seesMoney ? row.currency : null,
    cost: seesMoney ? row.cost : null,
    cost_currency: seesMoney ? row.cost_currency : null,
    margin_share: seesMoney ? marginShare(row) : null,
    variant_name: row.variant_name,
    pack_size: row.pack_size,
    stock: row.stock,
    barcode: row.barcode,
    first_sold_at: row.sold ? row.first_seen_at.toISOString() : null,
    last_sold_at: row.sold ? row.last_seen_at.toISOString() : null,
    figures: figures.get(row.sku),
  }));
};

const readCursor = (cursor: string | undefined): { key: string; id: string } | undefined => {
  if (cursor === undefined) return undefined;
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, string];
    if (typeof key === 'string' && /^[0-9a-f-]{36}$/.test(id)) return { key, id };
  } catch {
    // Falls through to the refusal.
  }
  throw new Refusal('malformed', 'products.cursor', 'This page mark is not one of ours. Start again without "cursor".');
};
