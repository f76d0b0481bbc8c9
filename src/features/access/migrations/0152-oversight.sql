-- Browsers somebody has signed in with; the browser keeps the token, sealed, in a cookie.
create table access.device (
  id uuid primary key default uuidv7(),
  staff_id uuid not null references access.staff,
  token_hash text not null,
  browser text not null default '',
  first_at timestamptz not null,
  last_at timestamptz not null,
  unique (staff_id, token_hash)
);
-- Networks somebody has signed in from, as keyed digests.
create table access.network (
  staff_id uuid not null references access.staff,
  digest text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (staff_id, digest)
);

-- Something an owner should look at. One open row per kind and subject: what happens again is counted there.
create table access.alert (
  id uuid primary key default uuidv7(),
  kind text not null,
  subject_kind text not null check (subject_kind in ('staff', 'api-key', 'network')),
  subject_id text not null,
  subject_name text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  times int not null default 1,
  evidence jsonb not null default '{}',
  acknowledged_at timestamptz,
  acknowledged_by text,
  note text
);
create unique index alert_open on access.alert (kind, subject_kind, subject_id) where acknowledged_at is null;
create index alert_newest on access.alert (last_at desc, id desc);

-- How much somebody usually reads: the busiest ten minutes of each day.
create table access.habit (
  subject text not null,
  day date not null,
  customer_pages int not null default 0,
  list_pages int not null default 0,
  primary key (subject, day)
);

-- What left the house as a file.
create table access.export (
  id uuid primary key default uuidv7(),
  at timestamptz not null,
  actor_kind text not null,
  actor_id uuid not null,
  kind text not null,
  rows int not null,
  filter jsonb not null default '{}'
);
create index export_actor on access.export (actor_id, at desc);

-- Who looked at whose rights, and when.
create table access.review (
  id uuid primary key default uuidv7(),
  subject_kind text not null check (subject_kind in ('staff', 'api-key')),
  subject_id uuid not null,
  at timestamptz not null,
  by_id uuid,
  by_name text not null
);
create index review_subject on access.review (subject_id, at desc);
