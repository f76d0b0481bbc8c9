create schema if not exists orders;

-- A cart follows from events, checkouts and orders (carts/fold-carts.ts): rows can be made anew at any time.
create table orders.cart (
  id uuid primary key default uuidv7(),
  -- Both null: a checkout of nobody known.
  origin_id bigint,
  customer_id bigint,
  shop_id uuid not null,
  -- The step it began with; steps: all of them, so that a cart is found again when an earlier one arrives late.
  key text not null,
  steps text[] not null,
  refs text[] not null,
  state text not null check (state in ('open', 'checkout', 'abandoned', 'converted', 'recovered')),
  lines jsonb not null,
  items numeric not null,
  value_minor bigint,
  currency text not null,
  coupon text,
  url text,
  email_known boolean not null,
  started_at timestamptz not null,
  last_activity_at timestamptz not null,
  checkout_at timestamptz,
  abandoned_at timestamptz,
  closed_at timestamptz,
  order_id uuid,
  source text not null,
  historical boolean not null,
  -- When it counts as abandoned if nothing more happens; null once that is settled.
  due_at timestamptz,
  -- Of all of the above: what is the same is not written again.
  digest text not null,
  check ((origin_id is null) = (customer_id is null))
);
create index cart_customer on orders.cart (customer_id, shop_id) where customer_id is not null;
create index cart_origin on orders.cart (origin_id) where origin_id is not null;
create index cart_due on orders.cart (due_at) where due_at is not null;
create index cart_newest on orders.cart (last_activity_at desc, id);
create index cart_refs on orders.cart using gin (refs);
create index cart_nobody on orders.cart (shop_id, key) where customer_id is null;

-- Products somebody looked at in their last visit without putting any into a cart.
create table orders.browse (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  shop_id uuid not null,
  products jsonb not null,
  started_at timestamptz not null,
  last_activity_at timestamptz not null,
  added boolean not null,
  abandoned boolean not null,
  historical boolean not null,
  due_at timestamptz,
  digest text not null
);
create index browse_customer on orders.browse (customer_id, shop_id);
create index browse_origin on orders.browse (origin_id);
create index browse_due on orders.browse (due_at) where due_at is not null;

-- What a connection told of a checkout or cart, the newest only; `activity` keeps when anything happened to it.
create table orders.checkout (
  id uuid primary key default uuidv7(),
  shop_id uuid not null,
  kind text not null check (kind in ('cart', 'checkout')),
  outside_id text not null,
  origin_id bigint,
  customer_id bigint,
  refs text[] not null,
  lines jsonb not null,
  value_minor bigint,
  currency text not null,
  coupon text,
  url text,
  email_known boolean not null,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  completed_at timestamptz,
  deleted boolean not null,
  activity timestamptz[] not null,
  source text not null,
  historical boolean not null,
  unique (shop_id, kind, outside_id),
  check ((origin_id is null) = (customer_id is null))
);
create index checkout_customer on orders.checkout (customer_id) where customer_id is not null;
create index checkout_origin on orders.checkout (origin_id) where origin_id is not null;
create index checkout_refs on orders.checkout using gin (refs);

-- Under which names of carts an order goes.
create table orders.order_ref (
  order_id uuid not null,
  shop_id uuid not null,
  ref text not null,
  primary key (order_id, ref)
);
create index order_ref_ref on orders.order_ref (ref, shop_id);

-- Checkouts of nobody known whose cart is to be looked at again.
create table orders.checkout_due (
  checkout_id uuid primary key
);

-- Silences that were announced, each once: the id is made of whose, where and since when.
create table orders.cart_notice (
  id uuid primary key,
  origin_id bigint not null,
  customer_id bigint not null,
  kind text not null check (kind in ('cart', 'browse')),
  at timestamptz not null
);
create index cart_notice_origin on orders.cart_notice (origin_id);

-- How long nothing must happen; shop_id null: the organisation's own rule, for shops without one.
create table orders.cart_rule (
  id uuid primary key default uuidv7(),
  shop_id uuid unique nulls not distinct,
  idle_minutes int not null check (idle_minutes between 5 and 10080)
);
