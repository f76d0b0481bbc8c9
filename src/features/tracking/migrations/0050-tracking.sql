-- The way of one event: inbox -> log -> copy in ClickHouse. README.md of this folder walks through it.
create schema if not exists tracking;

-- What lets a sender in. A browser key is public by nature and shown in full; of a secret key only its hash stays.
create table tracking.write_key (
  id uuid primary key default uuidv7(),
  shop_id uuid not null,
  kind text not null check (kind in ('browser', 'secret')),
  name text not null,
  hash bytea not null unique,
  shown text not null,
  created_at timestamptz not null,
  created_by text not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text
);

-- One row per group commit: many requests, as they were sent. Gone once its events are in the log.
create table tracking.inbox (
  id bigint generated always as identity primary key,
  received_at timestamptz not null,
  events int not null,
  size_bytes int not null,
  payload text not null
);
-- Rows live for seconds: compressing them costs more than it saves.
alter table tracking.inbox alter column payload set storage external;
alter table tracking.inbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Message ids that were counted once, as a hash of (shop, message id); forgotten after 40 days.
create table tracking.seen_message (
  id uuid primary key,
  day date not null
);
create index seen_message_day on tracking.seen_message using brin (day);

-- The event log: what customers did and what happened to them. Truth; never changed, only taken back.
create table tracking.event (
  id uuid not null,
  origin_id bigint not null,
  name text not null,
  time timestamptz not null,
  received_at timestamptz not null,
  shop_id uuid,
  source text not null,
  message_id text,
  import_id uuid,
  historical boolean not null,
  properties jsonb not null,
  context jsonb not null,
  batch_id bigint not null
) partition by range (time);
create index event_customer on tracking.event (origin_id, name, time);
create index event_id on tracking.event (id);
create index event_batch on tracking.event (batch_id);
create index event_import on tracking.event (import_id) where import_id is not null;

-- Months are made when they are needed (tracking.make_months). Before 2000 and from 2100 on is no month's business,
-- but an order file may say so: those rows still have a place.
create table tracking.event_before_2000 partition of tracking.event for values from (minvalue) to ('2000-01-01 00:00+00');
create table tracking.event_from_2100 partition of tracking.event for values from ('2100-01-01 00:00+00') to (maxvalue);

-- Makes the partitions of these months ('2026-11-01') where they are missing. Attaching a filled-in copy of the parent
-- locks neither readers nor writers out, and lets two makers of one month take turns. (A lock on the table, because only
-- that makes PostgreSQL look again at what exists by now.)
create function tracking.make_months(months date[]) returns void language plpgsql as $$
declare
  month date;
  partition text;
begin
  foreach month in array months loop
    partition := 'event_' || to_char(month, 'YYYY_MM');
    continue when month < '2000-01-01' or month >= '2100-01-01' or to_regclass('tracking.' || partition) is not null;
    lock table tracking.event in share update exclusive mode;
    continue when to_regclass('tracking.' || partition) is not null;
    execute format('create table tracking.%I (like tracking.event including defaults)', partition);
    execute format('alter table tracking.event attach partition tracking.%I for values from (%L) to (%L)',
      partition, month::text || ' 00:00+00', (month + interval '1 month')::date::text || ' 00:00+00');
  end loop;
end $$;

-- What the copy still has to bring to ClickHouse: batches of log rows, and rows that were taken back.
create table tracking.chunk (
  id uuid primary key default uuidv7(),
  -- Removals are done before the insert and never again: a repeated insert is recognised by its token, a repeated removal would take it away.
  removed boolean not null default false,
  made_at timestamptz not null default now()
);
create table tracking.batch (
  id bigint generated always as identity primary key,
  events int not null,
  received_at timestamptz not null,
  chunk_id uuid references tracking.chunk (id)
);
create index batch_chunk on tracking.batch (chunk_id);
create table tracking.removal (
  batch_id bigint not null,
  event_id uuid not null,
  origin_id bigint not null,
  name text not null,
  time timestamptz not null
);
create index removal_batch on tracking.removal (batch_id);

-- Calls that were refused after they were accepted, with the reason. Kept 30 days.
create table tracking.rejected (
  id uuid primary key default uuidv7(),
  received_at timestamptz not null,
  shop_id uuid,
  write_key_id uuid,
  reason text not null,
  reason_values jsonb not null default '{}',
  type text,
  name text,
  user_id text,
  anonymous_id text,
  email text,
  body text
);
create index rejected_newest on tracking.rejected (received_at desc, id desc);

-- What became of accepted calls, by hour of arrival.
create table tracking.tally (
  hour timestamptz primary key,
  processed bigint not null default 0,
  rejected bigint not null default 0,
  duplicate bigint not null default 0
);

-- The event dictionary: names, properties, types and frequent values, learnt while copying.
create table tracking.dictionary_event (
  name text primary key,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  sources text[] not null
);
create table tracking.dictionary_property (
  event_name text not null,
  path text not null,
  type text not null check (type in ('text', 'number', 'boolean', 'date', 'list', 'mixed')),
  count bigint not null,
  -- value -> how often it was met; only values that many customers share are worth suggesting.
  samples jsonb not null,
  primary key (event_name, path)
);
