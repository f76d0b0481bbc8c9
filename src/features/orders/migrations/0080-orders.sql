create schema if not exists orders;

-- One row per (shop, order number), whatever brought it: file, webhook, API, event (decisions 8).
create table orders."order" (
  id uuid primary key default uuidv7(),
  -- Both null: an order without a customer.
  origin_id bigint,
  customer_id bigint,
  shop_id uuid not null,
  number text not null,
  outside_id text,
  placed_at timestamptz not null,
  -- The calendar day in the shop's zone: rhythm and models count days.
  day date not null,
  currency text not null,
  country text,
  state text not null check (state in ('placed', 'cancelled')),
  cancelled_at timestamptz,
  test boolean not null default false,
  counts boolean not null generated always as (state = 'placed' and not test) stored,
  -- As the shop stated them, else summed from the lines; minor units of `currency`.
  total_minor bigint not null,
  tax_minor bigint,
  discount_minor bigint not null default 0,
  -- Net sales at placing: product lines after discount, without tax, shipping, tips and gift cards (decisions 9).
  sales_minor bigint not null,
  -- To the organisation's home currency; null = not known, shown unconverted.
  rate numeric,
  discount_codes text[] not null default '{}',
  source text not null,
  import_id uuid,
  historical boolean not null,
  updated_at timestamptz,
  version int not null default 1,
  recorded_at timestamptz not null default now(),
  unique (shop_id, number),
  check ((origin_id is null) = (customer_id is null))
);
create index order_customer on orders."order" (customer_id, placed_at) where customer_id is not null;
create index order_origin on orders."order" (origin_id) where origin_id is not null;
create index order_newest on orders."order" (placed_at desc, id);
create index order_import on orders."order" (import_id) where import_id is not null;
create index order_number_search on orders."order" (lower(number) text_pattern_ops);

create table orders.line (
  order_id uuid not null references orders."order" (id),
  position int not null,
  -- Tells the same line in a second run: the source's line id, or its content and how many equal ones came before it.
  key text not null,
  kind text not null,
  sku text,
  product_id uuid,
  name text,
  category text,
  quantity numeric not null,
  unit_price numeric not null,
  discount_minor bigint not null default 0,
  total_minor bigint not null,
  import_id uuid,
  primary key (order_id, position)
);
create index line_product on orders.line (product_id);

-- What was taken back, dated when it happened (decisions 10).
create table orders.refund (
  id uuid primary key default uuidv7(),
  order_id uuid not null references orders."order" (id),
  key text not null,
  at timestamptz not null,
  day date not null,
  amount_minor bigint not null,
  import_id uuid,
  unique (order_id, key)
);
create table orders.refund_line (
  refund_id uuid not null references orders.refund (id),
  position int not null,
  sku text,
  quantity numeric not null,
  amount_minor bigint not null,
  primary key (refund_id, position)
);

-- A refund that arrives before its order waits here and is tried again.
create table orders.unmatched_refund (
  id uuid primary key default uuidv7(),
  shop_id uuid not null,
  order_number text not null,
  refund jsonb not null,
  source text not null,
  import_id uuid,
  received_at timestamptz not null default now(),
  unique (shop_id, order_number, source, refund)
);

-- Orders whose ClickHouse rows are out of date. A batch number makes a repeated copy the same insert.
create table orders.to_copy (
  order_id uuid not null,
  -- True: ClickHouse has no rows of it yet, so nothing needs deleting.
  fresh boolean not null,
  batch bigint,
  queued_at timestamptz not null default now()
);
create index to_copy_batch on orders.to_copy (batch nulls first);
create sequence orders.copy_batch;

-- Typed by staff: what one unit of a currency is worth in the home currency from a day on.
create table orders.rate (
  currency text not null,
  from_day date not null,
  rate numeric not null check (rate > 0),
  primary key (currency, from_day)
);
