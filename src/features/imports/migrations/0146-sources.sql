-- Places that files are fetched from by a schedule.
create table imports.source (
  id uuid primary key default uuidv7(),
  name text not null,
  place text not null check (place in ('url', 'folder')),
  -- A web address, or a folder below <data>/inbox.
  address text not null,
  -- Of files in a folder: "*.csv".
  pattern text not null default '*',
  auth text not null default 'none' check (auth in ('none', 'basic', 'bearer')),
  user_name text,
  -- Sealed; what is shown are the last four characters and the day.
  secret text,
  secret_last4 text,
  secret_set_at timestamptz,
  shop_id uuid not null,
  kind text,
  mapping_id uuid references imports.saved_mapping (id),
  -- In words a person chose; `rule` is what follows from them (cron, in the organisation's zone).
  every text not null check (every in ('hour', 'day', 'week', 'month')),
  at_time text not null default '05:00',
  weekday int not null default 1,
  month_day int not null default 1,
  rule text not null,
  only_when_changed boolean not null default true,
  paused_at timestamptz,
  next_due_at timestamptz,
  failures int not null default 0,
  etag text,
  last_modified text,
  sha256 text,
  created_by text not null,
  created_by_id uuid,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  version int not null default 1
);
create index source_due on imports.source (next_due_at) where deleted_at is null and paused_at is null;

-- What each visit brought.
create table imports.source_run (
  id uuid primary key default uuidv7(),
  source_id uuid not null references imports.source (id),
  started_at timestamptz not null,
  finished_at timestamptz,
  by_hand boolean not null,
  outcome text check (outcome in ('imported', 'waiting', 'unchanged', 'failed')),
  code text,
  detail text,
  import_id uuid references imports.import (id),
  file_name text
);
create index source_run_newest on imports.source_run (source_id, started_at desc);

-- Files of a folder that came in already: the same content under the same name is not taken twice.
create table imports.source_file (
  source_id uuid not null references imports.source (id),
  name text not null,
  sha256 text not null,
  bytes bigint not null,
  modified_at timestamptz not null,
  taken_at timestamptz not null,
  primary key (source_id, name, sha256)
);

alter table imports.import add column source_id uuid references imports.source (id);
