-- The merchant this installation belongs to, its brands and its shops. One default each; more are hidden until there are two.
create schema if not exists shops;

create table shops.organisation (
  only_one bool primary key default true check (only_one),
  name text not null,
  home_currency text not null check (home_currency ~ '^[A-Z]{3}$'),
  -- An IANA zone: days, weeks and months are calendar units of it.
  zone text not null,
  -- The day everything is read as of by default; null = today.
  default_as_of date,
  -- The last day of the data, when it lies so far back that reading as of today would show everybody as lost.
  proposed_as_of date,
  -- A proposal that was answered with no is not made again.
  declined_as_of date,
  version int not null default 1,
  created_at timestamptz not null
);

create table shops.brand (
  id uuid primary key default uuidv7(),
  name text not null,
  is_default bool not null default false,
  version int not null default 1,
  created_at timestamptz not null
);
create unique index brand_one_default on shops.brand (is_default) where is_default;

create table shops.shop (
  id uuid primary key default uuidv7(),
  brand_id uuid not null references shops.brand,
  name text not null,
  kind text not null check (kind in ('shop', 'till', 'demo')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  zone text not null,
  is_default bool not null default false,
  version int not null default 1,
  created_at timestamptz not null
);
create unique index shop_one_default on shops.shop (is_default) where is_default;
