-- What a shop's own list says of its products and no order line does: what a unit costs, how it is packed, how many there are.
create table products.detail (
  variant_id uuid primary key references products.variant (id),
  -- "Red, L": what tells this variant from its product's others.
  variant_name text,
  cost numeric check (cost >= 0),
  cost_currency text,
  pack_size numeric check (pack_size > 0),
  stock numeric,
  barcode text,
  at timestamptz not null,
  import_id uuid
);
create index detail_by_import on products.detail (import_id) where import_id is not null;
create index detail_by_barcode on products.detail (barcode) where barcode is not null;
-- False: known from a list only. Its days of sale begin with the first order line.
alter table products.variant add column sold boolean not null default true;
