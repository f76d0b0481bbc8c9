import type { Sql } from '../../platform/context.ts';
import type { PriceSighting, VariantSighting } from './product.ts';
import type { SheetRow } from './product-sheet.ts';

export type VariantRow = {
  id: string;
  product_id: string;
  sku: string;
  name: string | null;
  category: string | null;
  price: string | null;
  currency: string | null;
  first_seen_at: Date;
  last_seen_at: Date;
  import_id: string | null;
  changed_by: string | null;
  /** False: known from a list of products only. */
  sold: boolean;
};

export const readVariants = async (sql: Sql, skus: readonly string[]): Promise<VariantRow[]> =>
  (await sql`select * from products.variant where sku = any(${skus as string[]})`) as unknown as VariantRow[];

/** New SKUs come one transaction at a time, so that no product is made twice. */
export const lockCreation = (sql: Sql) => sql`select pg_advisory_xact_lock(hashtextextended('products.create', 0))`;

/** One product with one variant per new SKU. */
export const createVariants = async (
  sql: Sql,
  variants: readonly VariantSighting[],
  importId: string | null,
): Promise<VariantRow[]> =>
  (await sql`
    with seen as (
      select uuidv7() as product_id, * from unnest(
        ${variants.map(v => v.sku)}::text[], ${variants.map(v => v.name)}::text[], ${variants.map(v => v.category)}::text[], ${variants.map(v => v.price)}::numeric[],
        ${variants.map(v => v.currency)}::text[], ${variants.map(v => new Date(v.firstAt).toISOString())}::timestamptz[], ${variants.map(v => new Date(v.lastAt).toISOString())}::timestamptz[])
        as t (sku, name, category, price, currency, first_at, last_at)),
    made as (insert into products.product (id, name, category) select product_id, name, category from seen)
    insert into products.variant (product_id, sku, name, category, price, currency, first_seen_at, last_seen_at, import_id, changed_by)
    select product_id, sku, name, category, price, currency, first_at, last_at, ${importId}::uuid, ${importId}::uuid from seen
    returning *`) as unknown as VariantRow[];

/** Newer sightings win field by field; a sighting that says nothing changes nothing. Returns the SKUs that changed. */
export const updateVariants = async (sql: Sql, variants: readonly VariantSighting[], importId: string | null): Promise<void> => {
  await sql`
    with seen as (
      select * from unnest(
        ${variants.map(v => v.sku)}::text[], ${variants.map(v => v.name)}::text[], ${variants.map(v => v.category)}::text[], ${variants.map(v => v.price)}::numeric[],
        ${variants.map(v => v.currency)}::text[], ${variants.map(v => new Date(v.firstAt).toISOString())}::timestamptz[], ${variants.map(v => new Date(v.lastAt).toISOString())}::timestamptz[])
        as t (sku, name, category, price, currency, first_at, last_at)),
    changed as (
      update products.variant v set
        name = case when s.last_at >= v.last_seen_at then coalesce(s.name, v.name) else coalesce(v.name, s.name) end,
        category = case when s.last_at >= v.last_seen_at then coalesce(s.category, v.category) else coalesce(v.category, s.category) end,
        price = case when s.last_at >= v.last_seen_at then coalesce(s.price, v.price) else coalesce(v.price, s.price) end,
        currency = case when s.last_at >= v.last_seen_at and s.price is not null then s.currency else v.currency end,
        first_seen_at = case when v.sold then least(v.first_seen_at, s.first_at) else s.first_at end,
        last_seen_at = case when v.sold then greatest(v.last_seen_at, s.last_at) else s.last_at end, sold = true, changed_by = ${importId}::uuid
      from seen s where v.sku = s.sku
      returning v.product_id, v.name, v.category)
    update products.product p set name = c.name, category = c.category from changed c
    where p.id = c.product_id and (p.name is distinct from c.name or p.category is distinct from c.category)`;
};

export type PriceRow = {
  variant_id: string;
  currency: string;
  price: string;
  first_seen_at: Date;
  last_seen_at: Date;
  import_id: string | null;
  changed_by: string | null;
};

/** Prices already known whose span these sightings would widen: what undo must be able to put back. */
export const readPricesToWiden = async (
  sql: Sql,
  prices: readonly (PriceSighting & { variantId: string })[],
): Promise<PriceRow[]> =>
  (await sql`
    select p.* from products.price p
    join unnest(${prices.map(p => p.variantId)}::uuid[], ${prices.map(p => p.currency)}::text[], ${prices.map(p => p.price)}::numeric[], ${prices.map(p => new Date(p.firstAt).toISOString())}::timestamptz[], ${prices.map(p => new Date(p.lastAt).toISOString())}::timestamptz[])
      as s (variant_id, currency, price, first_at, last_at) on p.variant_id = s.variant_id and p.currency = s.currency and p.price = s.price
    where s.first_at < p.first_seen_at or s.last_at > p.last_seen_at`) as unknown as PriceRow[];

export const writePrices = async (
  sql: Sql,
  prices: readonly (PriceSighting & { variantId: string })[],
  importId: string | null,
): Promise<void> => {
  await sql`
    insert into products.price as p (variant_id, currency, price, first_seen_at, last_seen_at, import_id, changed_by)
    select variant_id, currency, price, first_at, last_at, ${importId}::uuid, ${importId}::uuid
    from unnest(${prices.map(p => p.variantId)}::uuid[], ${prices.map(p => p.currency)}::text[], ${prices.map(p => p.price)}::numeric[], ${prices.map(p => new Date(p.firstAt).toISOString())}::timestamptz[], ${prices.map(p => new Date(p.lastAt).toISOString())}::timestamptz[])
      as s (variant_id, currency, price, first_at, last_at)
    on conflict (variant_id, currency, price) do update set
      first_seen_at = least(p.first_seen_at, excluded.first_seen_at), last_seen_at = greatest(p.last_seen_at, excluded.last_seen_at), changed_by = excluded.changed_by
    where excluded.first_seen_at < p.first_seen_at or excluded.last_seen_at > p.last_seen_at`;
};

// ---- undo -------------------------------------------------------------------------------------------------------

export const skusMadeBy = async (sql: Sql, importId: string): Promise<string[]> =>
  (
    await sql`select sku from products.variant where import_id = ${importId} and changed_by is not distinct from ${importId}::uuid order by sku`
  ).map(row => row.sku as string);

/** Removes what an import made and nobody touched since; `keepSkus` are still named by an order line. */
export const removeMadeBy = async (sql: Sql, importId: string, keepSkus: readonly string[]): Promise<void> => {
  await sql`
    delete from products.price p using products.variant v
    where p.variant_id = v.id and p.import_id = ${importId} and p.changed_by is not distinct from ${importId}::uuid and v.sku <> all(${keepSkus as string[]})`;
  const gone = await sql`
    delete from products.variant v
    where v.import_id = ${importId} and v.changed_by is not distinct from ${importId}::uuid and v.sku <> all(${keepSkus as string[]})
      and not exists (select 1 from products.price p where p.variant_id = v.id) and not exists (select 1 from products.detail d where d.variant_id = v.id)
    returning product_id`;
  const productIds = [...new Set(gone.map(row => row.product_id as string))];
  await sql`
    delete from products.product p
    where p.id = any(${productIds}::uuid[]) and not exists (select 1 from products.variant v where v.product_id = p.id)`;
};

export const restoreVariants = async (sql: Sql, importId: string, rows: readonly VariantRow[]): Promise<void> => {
  await sql`
    with old as (
      select * from unnest(${rows.map(r => r.sku)}::text[], ${rows.map(r => r.name)}::text[], ${rows.map(r => r.category)}::text[], ${rows.map(r => r.price)}::numeric[], ${rows.map(r => r.currency)}::text[],
        ${rows.map(r => new Date(r.first_seen_at).toISOString())}::timestamptz[], ${rows.map(r => new Date(r.last_seen_at).toISOString())}::timestamptz[], ${rows.map(r => r.changed_by)}::uuid[], ${rows.map(r => String(r.sold ?? true))}::text[]::boolean[])
        as t (sku, name, category, price, currency, first_at, last_at, changed_by, sold)),
    restored as (
      update products.variant v set name = o.name, category = o.category, price = o.price, currency = o.currency, first_seen_at = o.first_at, last_seen_at = o.last_at, changed_by = o.changed_by, sold = o.sold
      from old o where v.sku = o.sku and v.changed_by is not distinct from ${importId}::uuid
      returning v.product_id, v.name, v.category)
    update products.product p set name = r.name, category = r.category from restored r where p.id = r.product_id`;
};

export const restorePrices = async (sql: Sql, importId: string, rows: readonly PriceRow[]): Promise<void> => {
  await sql`
    update products.price p set first_seen_at = o.first_at, last_seen_at = o.last_at, changed_by = o.changed_by
    from unnest(${rows.map(r => r.variant_id)}::uuid[], ${rows.map(r => r.currency)}::text[], ${rows.map(r => r.price)}::numeric[], ${rows.map(r => new Date(r.first_seen_at).toISOString())}::timestamptz[], ${rows.map(r => new Date(r.last_seen_at).toISOString())}::timestamptz[],
      ${rows.map(r => r.changed_by)}::uuid[]) as o (variant_id, currency, price, first_at, last_at, changed_by)
    where p.variant_id = o.variant_id and p.currency = o.currency and p.price = o.price and p.changed_by is not distinct from ${importId}::uuid`;
};

// ---- lists of products that a shop keeps itself ------------------------------------------------------------------

/** New SKUs of a list; those of one parent are variants of one product, the parent's if one of its SKUs is known. */
export const createListed = async (sql: Sql, rows: readonly SheetRow[], by: { importId: string; at: Date }): Promise<void> => {
  if (rows.length === 0) return;
  await sql`
    with listed as (
      select *, case when parent = '' then sku else parent end as grouped from unnest(${rows.map(r => r.sku)}::text[], ${rows.map(r => r.parent)}::text[], ${rows.map(r => r.name)}::text[], ${rows.map(r => r.category)}::text[],
        ${rows.map(r => r.price)}::numeric[], ${rows.map(r => (r.price === null ? null : r.currency))}::text[]) as t (sku, parent, name, category, price, currency)),
    grouped as (select grouped, uuidv7() as product_id, min(name) as name, min(category) as category from listed group by grouped),
    made as (insert into products.product (id, name, category) select product_id, name, category from grouped)
    insert into products.variant (product_id, sku, name, category, price, currency, first_seen_at, last_seen_at, import_id, changed_by, sold)
    select g.product_id, l.sku, l.name, l.category, l.price, l.currency, ${by.at}, ${by.at}, ${by.importId}::uuid, ${by.importId}::uuid, false
    from listed l join grouped g using (grouped)`;
};

/** What the list says of known SKUs wins; the days of sale stay. */
export const updateListed = async (sql: Sql, rows: readonly SheetRow[], by: { importId: string }): Promise<void> => {
  if (rows.length === 0) return;
  await sql`
    with listed as (
      select * from unnest(${rows.map(r => r.sku)}::text[], ${rows.map(r => r.name)}::text[], ${rows.map(r => r.category)}::text[], ${rows.map(r => r.price)}::numeric[], ${rows.map(r => r.currency)}::text[])
        as t (sku, name, category, price, currency)),
    changed as (
      update products.variant v set name = coalesce(l.name, v.name), category = coalesce(l.category, v.category), price = coalesce(l.price, v.price),
        currency = case when l.price is null then v.currency else l.currency end, changed_by = ${by.importId}::uuid
      from listed l where v.sku = l.sku returning v.product_id, v.name, v.category)
    update products.product p set name = c.name, category = c.category from changed c
    where p.id = c.product_id and (p.name is distinct from c.name or p.category is distinct from c.category)`;
};

export type DetailRow = {
  sku: string;
  variant_name: string | null;
  cost: string | null;
  cost_currency: string | null;
  pack_size: string | null;
  stock: string | null;
  barcode: string | null;
  at: Date;
  import_id: string | null;
};

export const readDetails = async (sql: Sql, skus: readonly string[]): Promise<DetailRow[]> =>
  (await sql`
    select v.sku, d.variant_name, d.cost, d.cost_currency, d.pack_size, d.stock, d.barcode, d.at, d.import_id
    from products.detail d join products.variant v on v.id = d.variant_id where v.sku = any(${skus as string[]})`) as unknown as DetailRow[];

/** What a row leaves out stays as it was. */
export const writeDetails = async (sql: Sql, rows: readonly SheetRow[], by: { importId: string; at: Date }): Promise<void> => {
  if (rows.length === 0) return;
  await sql`
    insert into products.detail as d (variant_id, variant_name, cost, cost_currency, pack_size, stock, barcode, at, import_id)
    select v.id, t.variant_name, t.cost, t.cost_currency, t.pack_size, t.stock, t.barcode, ${by.at}, ${by.importId}::uuid
    from unnest(${rows.map(r => r.sku)}::text[], ${rows.map(r => r.variantName)}::text[], ${rows.map(r => r.cost)}::numeric[], ${rows.map(r => (r.cost === null ? null : r.currency))}::text[],
      ${rows.map(r => r.packSize)}::numeric[], ${rows.map(r => r.stock)}::numeric[], ${rows.map(r => r.barcode)}::text[]) as t (sku, variant_name, cost, cost_currency, pack_size, stock, barcode)
    join products.variant v on v.sku = t.sku
    on conflict (variant_id) do update set variant_name = coalesce(excluded.variant_name, d.variant_name), cost = coalesce(excluded.cost, d.cost),
      cost_currency = coalesce(excluded.cost_currency, d.cost_currency), pack_size = coalesce(excluded.pack_size, d.pack_size), stock = coalesce(excluded.stock, d.stock),
      barcode = coalesce(excluded.barcode, d.barcode), at = excluded.at, import_id = excluded.import_id`;
};

/** Details this import changed, back as they were, unless a later list has spoken since. */
export const restoreDetails = async (sql: Sql, importId: string, rows: readonly DetailRow[]): Promise<void> => {
  if (rows.length === 0) return;
  await sql`
    update products.detail d set variant_name = o.variant_name, cost = o.cost, cost_currency = o.cost_currency, pack_size = o.pack_size, stock = o.stock, barcode = o.barcode, at = o.at, import_id = o.import_id
    from unnest(${rows.map(r => r.sku)}::text[], ${rows.map(r => r.variant_name)}::text[], ${rows.map(r => r.cost)}::numeric[], ${rows.map(r => r.cost_currency)}::text[], ${rows.map(r => r.pack_size)}::numeric[],
      ${rows.map(r => r.stock)}::numeric[], ${rows.map(r => r.barcode)}::text[], ${rows.map(r => new Date(r.at).toISOString())}::timestamptz[], ${rows.map(r => r.import_id)}::uuid[])
      as o (sku, variant_name, cost, cost_currency, pack_size, stock, barcode, at, import_id)
    join products.variant v on v.sku = o.sku
    where d.variant_id = v.id and d.import_id = ${importId}`;
};

/** Details only this import has told. */
export const removeDetails = async (sql: Sql, importId: string): Promise<void> => {
  await sql`delete from products.detail where import_id = ${importId}`;
};

// ---- lists ------------------------------------------------------------------------------------------------------

export const productSorts = ['name', 'sku', 'last_sold'] as const;
export type ProductSort = (typeof productSorts)[number];
export type ListedVariant = VariantRow & { sort_key: string } & Details;
type Details = { [K in keyof Omit<DetailRow, 'sku' | 'at' | 'import_id'>]: DetailRow[K] };
const detailColumns = (sql: Sql) => sql`d.variant_name, d.cost, d.cost_currency, d.pack_size, d.stock, d.barcode`;
export type ProductFilter = {
  query?: string;
  category?: string;
  sort: ProductSort;
  after?: { key: string; id: string };
  limit: number;
};

/** One page of variants with their product, in a stable order. */
export const listVariants = async (sql: Sql, filter: ProductFilter): Promise<ListedVariant[]> => {
  const descending = filter.sort === 'last_sold';
  const key =
    filter.sort === 'name'
      ? sql`lower(coalesce(v.name, v.sku)) collate "C"`
      : filter.sort === 'sku'
        ? sql`v.sku collate "C"`
        : sql`to_char(v.last_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`;
  const pattern = filter.query ? `%${filter.query.replace(/[\\%_]/g, '\\$&')}%` : null;
  return (await sql`
    select v.*, ${detailColumns(sql)}, ${key} as sort_key from products.variant v left join products.detail d on d.variant_id = v.id
    where ${pattern === null ? sql`true` : sql`(v.name ilike ${pattern} or v.sku ilike ${pattern} or v.category ilike ${pattern} or d.barcode = ${filter.query?.trim() ?? ''})`}
      and ${filter.category === undefined ? sql`true` : sql`v.category = ${filter.category}`}
      and ${!filter.after ? sql`true` : descending ? sql`(${key}, v.id) < (${filter.after.key}, ${filter.after.id}::uuid)` : sql`(${key}, v.id) > (${filter.after.key}, ${filter.after.id}::uuid)`}
    order by ${key} ${descending ? sql`desc` : sql``}, v.id ${descending ? sql`desc` : sql``}
    limit ${filter.limit}`) as unknown as ListedVariant[];
};

export const countVariants = async (sql: Sql): Promise<number> =>
  (await sql`select count(*) as n from products.variant`)[0].n as number;

export const readProduct = async (
  sql: Sql,
  productId: string,
): Promise<{ id: string; name: string | null; category: string | null } | null> =>
  ((await sql`select id, name, category from products.product where id = ${productId}`)[0] as never) ?? null;

export const readVariantsOf = async (sql: Sql, productId: string): Promise<(VariantRow & Details)[]> =>
  (await sql`
    select v.*, ${detailColumns(sql)} from products.variant v left join products.detail d on d.variant_id = v.id
    where v.product_id = ${productId} order by v.sku`) as unknown as (VariantRow & Details)[];

export const readPricesOf = async (sql: Sql, variantIds: readonly string[]): Promise<PriceRow[]> =>
  (await sql`select * from products.price where variant_id = any(${variantIds as string[]}::uuid[]) order by last_seen_at desc, price`) as unknown as PriceRow[];
