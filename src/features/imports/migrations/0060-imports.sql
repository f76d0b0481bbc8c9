create schema if not exists imports;

-- One file on its way in. `position` counts the rows whose effects are committed: it moves in the transaction that writes them,
-- so a killed import goes on exactly there.
create table imports.import (
  id uuid primary key default uuidv7(),
  shop_id uuid not null,
  file_id uuid,
  file_name text not null,
  bytes bigint not null,
  state text not null check (state in ('mapping', 'checking', 'running', 'done', 'cancelled', 'failed', 'undoing', 'undone')),
  kind text not null,
  settings jsonb not null,
  mapping jsonb not null,
  options jsonb not null,
  -- What the look at the file found: header, samples, first rows, how sure.
  found jsonb not null,
  header_key text not null,
  dry_run jsonb,
  position bigint not null default 0,
  counts jsonb not null default '{}',
  total_rows bigint,
  bytes_read bigint not null default 0,
  error jsonb,
  job_id uuid,
  run_started_at timestamptz,
  run_ms bigint not null default 0,
  created_by text not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  undone_at timestamptz,
  version int not null default 1
);
create index import_newest on imports.import (created_at desc);
create index import_by_header on imports.import (header_key, created_at desc);

-- What happened to rows that were not simply kept, with the row as it was read, to mend and bring again.
create table imports.row_report (
  import_id uuid not null references imports.import (id),
  row_number bigint not null,
  outcome text not null check (outcome in ('skipped', 'merged', 'noted')),
  code text not null,
  field text,
  "values" jsonb not null default '{}',
  cells text[] not null,
  primary key (import_id, row_number, code)
);

-- Groups (invoices) whose rows lie apart in the file: which line contents were already seen in this import, for counting equal lines.
create table imports.group_seen (
  import_id uuid not null references imports.import (id),
  group_key text not null,
  marks bigint[] not null,
  primary key (import_id, group_key)
);

-- Rows that an import changed but did not make, as they were before: what undo puts back.
create table imports.journal (
  import_id uuid not null references imports.import (id),
  seq bigint generated always as identity,
  area text not null,
  key text not null,
  before jsonb not null,
  primary key (import_id, area, key)
);

-- Customers an import brought or touched.
create table imports.customer (
  import_id uuid not null references imports.import (id),
  origin_id bigint not null,
  customer_id bigint not null,
  created boolean not null,
  primary key (import_id, origin_id)
);
create index import_customer_owner on imports.customer (customer_id);
create index import_customer_origin on imports.customer (origin_id);
