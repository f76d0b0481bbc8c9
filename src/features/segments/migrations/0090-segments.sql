-- Saved definitions of customers, and who is in them now.
create schema if not exists segments;

create table segments.segment (
  id uuid primary key default uuidv7(),
  name text not null,
  description text not null default '',
  folder text not null default '',
  -- Canonical form (parse-definition.ts).
  definition jsonb not null,
  -- Field groups a reader must hold to see more than name and count.
  groups text[] not null default '{}',
  version integer not null default 1,
  -- Null until the first refresh has filled it.
  members integer,
  refreshed_at timestamptz,
  -- Why the definition cannot be read any more (a fact went away); it keeps the members it had.
  broken text,
  archived_at timestamptz,
  deleted_at timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index segment_name on segments.segment (lower(name)) where deleted_at is null;

-- Every definition a segment ever had.
create table segments.version (
  segment_id uuid not null references segments.segment (id),
  version integer not null,
  name text not null,
  definition jsonb not null,
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (segment_id, version)
);

create table segments.membership (
  segment_id uuid not null references segments.segment (id),
  customer_id bigint not null,
  origin_id bigint not null,
  entered_at timestamptz not null,
  primary key (segment_id, customer_id)
);
create index membership_customer on segments.membership (customer_id);

-- One row per segment and day of the organisation's zone on which it was looked at.
create table segments.day (
  segment_id uuid not null references segments.segment (id),
  day date not null,
  members integer not null,
  entered integer not null default 0,
  exited integer not null default 0,
  primary key (segment_id, day)
);

-- Whom the evaluate stage has seen, and whether they counted then: the first look at somebody asks every definition. `at` tells
-- a full refresh whose membership is newer than what it read.
create table segments.seen (
  customer_id bigint primary key,
  origin_id bigint not null,
  counts boolean not null,
  at timestamptz not null
);
create index seen_at on segments.seen (at);
