create schema if not exists connections;

-- A configured outside system.
create table connections.connection (
  id uuid primary key default uuidv7(),
  kind text not null,
  name text not null,
  shop_id uuid not null,
  -- What is not secret: address of the shop, switches.
  settings jsonb not null default '{}',
  -- broken: it refuses us or has not answered for a while; it is tried again, more slowly, and mends itself.
  state text not null default 'active' check (state in ('active', 'paused', 'broken')),
  -- Who paused it and when.
  paused_at timestamptz,
  paused_by text,
  last_success_at timestamptz,
  failures int not null default 0,
  last_error_code text,
  last_error text,
  last_error_at timestamptz,
  -- Webhooks as the outside system had them when it was last asked.
  webhooks_checked_at timestamptz,
  webhooks_note text,
  created_at timestamptz not null,
  created_by text not null,
  version int not null default 1
);

-- Sealed; shown as last four and date only. The one before stays valid for a while where deliveries are signed with it.
create table connections.secret (
  connection_id uuid not null references connections.connection (id),
  code text not null,
  sealed text not null,
  last4 text not null,
  set_at timestamptz not null,
  previous_sealed text,
  previous_until timestamptz,
  primary key (connection_id, code)
);

-- How far each kind of record has been read.
create table connections.resource (
  connection_id uuid not null references connections.connection (id),
  code text not null,
  -- Last updated_at seen, less an overlap; null = nothing read yet.
  cursor_at timestamptz,
  -- A reading under way: its next page, and the newest updated_at of it so far.
  page text,
  high_at timestamptz,
  started_at timestamptz,
  poll_due_at timestamptz not null,
  lease_until timestamptz,
  fence int not null default 0,
  polled_at timestamptz,
  failures int not null default 0,
  primary key (connection_id, code)
);

-- One row per record of the outside system: which version of it we hold. Whatever brought it, the newest observation wins.
create table connections.record (
  connection_id uuid not null references connections.connection (id),
  resource text not null,
  -- Digit-exact text.
  outside_id text not null,
  -- Of orders: their number, by which refunds and shipments find them.
  number text,
  updated_at timestamptz,
  observed_at timestamptz,
  -- Of the whole record as it was last read from the API; null after a webhook, whose form differs.
  hash text,
  gone_at timestamptz,
  -- Of customers: whom they are here, and what the outside system last said of tags and consents.
  origin_id bigint,
  customer_id bigint,
  tags text[],
  consents jsonb,
  -- The full reading that met it last.
  walk_id uuid,
  primary key (connection_id, resource, outside_id)
);
create index record_origin on connections.record (origin_id) where origin_id is not null;
create index record_customer on connections.record (customer_id) where customer_id is not null;

-- What came through the webhook door, as it came.
create table connections.delivery (
  id uuid primary key default uuidv7(),
  connection_id uuid not null references connections.connection (id),
  topic text not null,
  -- The sender's ids of this delivery and of what it tells about; the same one again is dropped.
  delivery_key text,
  event_key text,
  -- When the outside system says it happened.
  at timestamptz,
  received_at timestamptz not null,
  body bytea,
  bytes int not null,
  sha256 text not null,
  headers jsonb not null default '{}',
  state text not null default 'waiting' check (state in ('waiting', 'done', 'ignored', 'failed')),
  attempts int not null default 0,
  due_at timestamptz not null,
  worked_at timestamptz,
  error text,
  -- How often the same came again.
  repeats int not null default 0,
  origin_id bigint,
  customer_id bigint
);
create unique index delivery_key on connections.delivery (connection_id, delivery_key) where delivery_key is not null;
create unique index delivery_event on connections.delivery (connection_id, topic, event_key) where event_key is not null;
create index delivery_due on connections.delivery (due_at, id) where state = 'waiting';
create index delivery_list on connections.delivery (connection_id, received_at desc, id desc);
create index delivery_origin on connections.delivery (origin_id) where origin_id is not null;
create index delivery_customer on connections.delivery (customer_id) where customer_id is not null;

-- What the door refused, counted by reason and day.
create table connections.refused (
  connection_id uuid not null references connections.connection (id),
  reason text not null,
  day date not null,
  count int not null,
  last_at timestamptz not null,
  primary key (connection_id, reason, day)
);

-- A reading of everything: a backfill or a sweep. Kept so that it goes on after a kill.
create table connections.walk (
  id uuid primary key default uuidv7(),
  connection_id uuid not null references connections.connection (id),
  kind text not null check (kind in ('backfill', 'sweep', 'full_sweep')),
  job_id uuid,
  -- Resources in their order; the first unfinished one is under way.
  resources text[] not null,
  place int not null default 0,
  page text,
  done int not null default 0,
  total int,
  changed int not null default 0,
  gone int not null default 0,
  started_at timestamptz not null,
  finished_at timestamptz
);
create index walk_connection on connections.walk (connection_id, started_at desc);

-- What was changed here and flows to the shop.
create table connections.write_back (
  id uuid primary key default uuidv7(),
  connection_id uuid not null references connections.connection (id),
  origin_id bigint not null,
  customer_id bigint not null,
  outside_id text not null,
  what text not null check (what in ('consent', 'tags')),
  change jsonb not null,
  at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'skipped', 'failed')),
  attempts int not null default 0,
  due_at timestamptz not null,
  worked_at timestamptz,
  outcome text
);
create index write_back_due on connections.write_back (due_at, id) where state = 'waiting';
create index write_back_list on connections.write_back (connection_id, at desc, id desc);
create index write_back_origin on connections.write_back (origin_id);
create index write_back_customer on connections.write_back (customer_id);

-- Orders and sales per day, theirs and ours.
create table connections.comparison (
  connection_id uuid not null references connections.connection (id),
  day date not null,
  currency text not null,
  their_orders int not null,
  our_orders int not null,
  their_gross_minor bigint not null,
  our_gross_minor bigint not null,
  their_net_minor bigint not null,
  our_net_minor bigint not null,
  -- [{ number, order_id, what, theirs_minor, ours_minor }]
  differing jsonb not null default '[]',
  compared_at timestamptz not null,
  primary key (connection_id, day)
);
