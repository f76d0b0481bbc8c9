-- What the shop sells, as far as order lines and connections have told. A SKU names a variant; a product groups variants.
create schema if not exists products;

create table products.product (
  id uuid primary key default uuidv7(),
  name text,
  category text,
  created_at timestamptz not null default now()
);
create index product_by_category on products.product (category);

-- The SKU is digit-exact text, told apart by case, and one for all shops of the organisation.
-- import_id: the import that made the row; changed_by: the import that changed it last (null: something else). Undo reads both.
create table products.variant (
  id uuid primary key default uuidv7(),
  product_id uuid not null references products.product (id),
  sku text not null unique,
  name text,
  category text,
  price numeric,
  currency text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  import_id uuid,
  changed_by uuid
);
create index variant_by_product on products.variant (product_id);
create index variant_by_import on products.variant (import_id) where import_id is not null;

-- Price history: each price an item was sold at, and from when until when it was seen.
create table products.price (
  variant_id uuid not null references products.variant (id),
  currency text not null,
  price numeric not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  import_id uuid,
  changed_by uuid,
  primary key (variant_id, currency, price)
);
create index price_by_import on products.price (import_id) where import_id is not null;
