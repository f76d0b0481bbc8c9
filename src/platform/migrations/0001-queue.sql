-- The one queue mechanism: rows with due time, lease and fencing token, claimed in sets.
create schema if not exists platform;

create table platform.job (
  id uuid primary key default uuidv7(),
  name text not null,
  -- At most one waiting or running job per (name, key).
  key text not null default uuidv7()::text,
  payload jsonb not null default '{}',
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  done bigint not null default 0,
  total bigint,
  note text,
  result jsonb,
  error jsonb,
  attempts int not null default 0,
  due_at timestamptz not null default now(),
  lease_until timestamptz,
  fence bigint not null default 0,
  created_by text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create unique index job_one_alive on platform.job (name, key) where state in ('queued', 'running');
create index job_due on platform.job (due_at) where state in ('queued', 'running');
create index job_newest on platform.job (created_at desc);

create table platform.schedule (
  name text primary key,
  rule text not null,
  next_due_at timestamptz not null
);

-- One row per announcement and reaction; deleted in the transaction in which the reaction ran.
create table platform.delivery (
  id uuid primary key default uuidv7(),
  announcement text not null,
  reaction text not null,
  payload jsonb not null,
  depth int not null,
  attempts int not null default 0,
  due_at timestamptz not null default now(),
  dead boolean not null default false,
  last_error text,
  created_at timestamptz not null default now()
);
create index delivery_due on platform.delivery (due_at, id) where not dead;

-- Small switches that belong to the installation, e.g. sending_held after a restore.
create table platform.setting (
  key text primary key,
  value jsonb not null,
  changed_at timestamptz not null default now(),
  changed_by text
);
