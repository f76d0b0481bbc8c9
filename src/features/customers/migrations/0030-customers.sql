-- Who the shoppers are. Identity and merge rules: README.md of this folder.
create schema if not exists customers;
create extension if not exists pg_trgm with schema public;
create extension if not exists unaccent with schema public;

-- Below 2^32: segments keep sets of customers as bitmaps of unsigned integers.
create sequence customers.customer_id as bigint maxvalue 4294967295;

-- Lower case without accents: what search compares. Immutable because the dictionary is named.
create function customers.fold(text) returns text language sql immutable strict parallel safe
  return lower(public.unaccent('public.unaccent'::regdictionary, $1));

-- A shopper, known or anonymous. The profile columns are a reading of customers.attribute, written again whenever that changes.
create table customers.customer (
  id bigint primary key default nextval('customers.customer_id'),
  known boolean not null default false,
  known_since timestamptz,
  not_shopper text check (not_shopper in ('wholesale', 'staff', 'test')),
  -- Set while this person is part of another one (a merge that was not undone).
  merged_into bigint references customers.customer,
  name text,
  first_name text,
  last_name text,
  email text,
  phone text,
  language text,
  birthday date,
  zone text,
  country text,
  region text,
  city text,
  postal_code text,
  first_seen_at timestamptz not null,
  created_at timestamptz not null default now(),
  import_id uuid,
  version integer not null default 1,
  erased_at timestamptz,
  search_name text generated always as (customers.fold(name)) stored,
  -- People without a name come last; "C" so that the order is the same on every machine.
  sort_name text collate "C" not null generated always as (coalesce(customers.fold(name), U&'\FFFF')) stored,
  search_contact text generated always as (customers.fold(coalesce(email, '') || ' ' || regexp_replace(coalesce(phone, ''), '[^0-9]', '', 'g'))) stored
);
create index customer_search_name on customers.customer using gin (search_name gin_trgm_ops);
create index customer_search_contact on customers.customer using gin (search_contact gin_trgm_ops);
-- Short searches have no trigrams: they match the beginning.
create index customer_name_start on customers.customer (search_name text_pattern_ops) where known;
create index customer_contact_start on customers.customer (search_contact text_pattern_ops) where known;
create index customer_newest on customers.customer (known_since desc, id desc) where known and merged_into is null and erased_at is null;
create index customer_by_name on customers.customer (sort_name, id) where known and merged_into is null and erased_at is null;
create index customer_country on customers.customer (country) where known;
create index customer_anonymous on customers.customer (first_seen_at) where not known and merged_into is null;
create index customer_import on customers.customer (import_id) where import_id is not null;
create index customer_parts on customers.customer (merged_into) where merged_into is not null;

-- Who owns what was written for another: one row per merged origin. No row: everybody owns themselves.
create table customers.owner (
  origin_id bigint primary key,
  customer_id bigint not null
);
create index owner_customer on customers.owner (customer_id);

-- The owner of an origin; for inserts that write customer_id beside origin_id.
create function customers.owner_of(origin bigint) returns bigint language sql stable strict parallel safe
  return coalesce((select customer_id from customers.owner where origin_id = origin), origin);

create table customers.identifier (
  kind text not null check (kind in ('email', 'user_id', 'shop_customer_id', 'phone', 'anonymous_id', 'push_endpoint')),
  -- Connection or source; '' for e-mail and phone, which are the same everywhere.
  source text not null default '',
  value text not null,
  origin_id bigint not null,
  customer_id bigint not null,
  -- "browser": claimed with a public key; a trusted source may take it over.
  trust text not null check (trust in ('secret', 'browser')),
  -- More than five people came with it: it no longer says who somebody is.
  shared boolean not null default false,
  -- Other people who came with it.
  rivals bigint[] not null default '{}',
  first_seen_at timestamptz not null,
  import_id uuid,
  primary key (kind, source, value)
);
-- People are looked up by what they are called in their shop.
create index identifier_value on customers.identifier (value text_pattern_ops) where kind in ('user_id', 'shop_customer_id');
create index identifier_customer on customers.identifier (customer_id);
create index identifier_origin on customers.identifier (origin_id);
create index identifier_import on customers.identifier (import_id) where import_id is not null;

-- When somebody was first and last heard of. Apart from the profile, because it changes with every visit.
create table customers.seen (
  origin_id bigint primary key,
  customer_id bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null
);
create index seen_customer on customers.seen (customer_id);

-- One value per person, code and source; the profile shows the pinned one, else the newest of the most trusted.
create table customers.attribute (
  origin_id bigint not null,
  code text not null,
  source text not null,
  customer_id bigint not null,
  value jsonb not null,
  at timestamptz not null,
  trust text not null check (trust in ('staff', 'secret', 'browser')),
  import_id uuid,
  primary key (origin_id, code, source)
);
create index attribute_customer on customers.attribute (customer_id, code);
create index attribute_import on customers.attribute (import_id) where import_id is not null;

-- Staff edits pin, then trusted sources, then what a browser claims: less is more.
create function customers.trust_rank(trust text) returns int language sql immutable strict parallel safe
  return case trust when 'staff' then 1 when 'secret' then 2 else 3 end;

-- The type an attribute was first seen with holds.
create table customers.attribute_type (
  code text primary key,
  type text not null check (type in ('text', 'number', 'boolean', 'date', 'set')),
  first_seen_at timestamptz not null,
  source text not null
);

-- What does not fit: kept to be looked at, never silently dropped.
create table customers.quality_issue (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  kind text not null check (kind in ('type_misfit', 'too_long', 'bad_email')),
  code text not null,
  value text not null,
  expected text not null,
  source text not null,
  at timestamptz not null,
  import_id uuid,
  resolved_at timestamptz,
  resolved_by text,
  unique (origin_id, kind, code)
);
create index quality_issue_customer on customers.quality_issue (customer_id);
create index quality_issue_open on customers.quality_issue (at desc) where resolved_at is null;

create table customers.tag (
  origin_id bigint not null,
  tag text not null,
  customer_id bigint not null,
  at timestamptz not null,
  by_whom text not null,
  import_id uuid,
  primary key (origin_id, tag)
);
create index tag_customer on customers.tag (customer_id);
create index tag_name on customers.tag (tag, customer_id);

create table customers.note (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  text text not null,
  at timestamptz not null,
  staff_id text,
  by_whom text not null
);
create index note_customer on customers.note (customer_id, at desc);
create index note_origin on customers.note (origin_id);

create table customers.address (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  kind text not null check (kind in ('shipping', 'billing', 'other')),
  recipient text,
  line1 text,
  line2 text,
  postal_code text,
  city text,
  region text,
  country text,
  phone text,
  source text not null,
  at timestamptz not null,
  import_id uuid
);
-- The same address twice is one address.
create unique index address_once on customers.address (origin_id, kind, md5(coalesce(recipient, '') || '|' || coalesce(line1, '') || '|' || coalesce(line2, '') || '|' || coalesce(postal_code, '') || '|' || coalesce(city, '') || '|' || coalesce(region, '') || '|' || coalesce(country, '')));
create index address_customer on customers.address (customer_id);

-- The identity journal. A merge that was undone keeps its row.
create table customers.merge (
  id uuid primary key default uuidv7(),
  winner_id bigint not null,
  loser_id bigint not null,
  origin_ids bigint[] not null,
  at timestamptz not null,
  by_whom text not null,
  reason text not null check (reason in ('staff', 'identifier', 'login')),
  evidence jsonb not null default '{}',
  -- What tables with a merge of their own need to undo it, by table name.
  journal jsonb not null default '{}',
  undone_at timestamptz,
  undone_by text
);
create index merge_winner on customers.merge (winner_id);
create index merge_loser on customers.merge (loser_id);
create unique index merge_one_active on customers.merge (loser_id) where undone_at is null;

-- Two people who may be one. Dismissed = kept apart for good, also from merges that would happen by themselves.
create table customers.suggestion (
  low_id bigint not null,
  high_id bigint not null,
  reason text not null,
  evidence jsonb not null default '{}',
  at timestamptz not null,
  dismissed_at timestamptz,
  dismissed_by text,
  primary key (low_id, high_id),
  check (low_id < high_id)
);
create index suggestion_high on customers.suggestion (high_id);

-- Keyed digests of the identifiers of erased people, so that an import does not bring them back.
create table customers.blocked (
  digest text primary key,
  at timestamptz not null,
  reason text not null,
  receipt_id uuid,
  released_at timestamptz,
  released_by text
);

-- What was erased, when and by whom; nothing about the person.
create table customers.erasure (
  id uuid primary key default uuidv7(),
  at timestamptz not null,
  by_whom text not null,
  reason text not null,
  blocked boolean not null,
  counts jsonb not null,
  -- Keyed digests, until they are in the journal outside the database and for as long as backups are kept.
  digests text[] not null,
  backups_until timestamptz not null,
  journaled_at timestamptz
);

-- Customers whose facts may have changed, one row per consumer. Consumers delete what they have taken.
create table customers.touched (
  id bigint generated always as identity primary key,
  consumer text not null,
  customer_id bigint not null,
  changed text[] not null,
  historical boolean not null,
  at timestamptz not null default now()
);
create index touched_consumer on customers.touched (consumer, id);
