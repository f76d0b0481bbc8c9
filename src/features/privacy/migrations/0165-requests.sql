-- What people ask about their data, what was done about it, and whom nothing may be taken from for now.
create schema if not exists privacy;

create table privacy.request (
  id uuid primary key default uuidv7(),
  kind text not null check (kind in ('access', 'portability', 'erasure', 'objection', 'change')),
  -- null: nobody is known by what was given, or the person has been erased since.
  origin_id bigint,
  customer_id bigint,
  -- What the person gave to be found by, e.g. an address. Goes with an erasure and when the request is old.
  subject text,
  note text,
  -- 'staff', 'api', 'preference_page', 'connection:<id>'
  source text not null,
  -- Id of the request at its source: the same one again opens nothing new.
  outside_id text,
  received_at timestamptz not null,
  -- One month after it arrived (GDPR art. 12 (3)), or three when it was extended.
  due_on date not null,
  extended_at timestamptz,
  -- How we know that it is them: 'mailbox' (they opened a link sent there), 'connection' (the shop said so), 'staff'.
  identity text check (identity in ('mailbox', 'connection', 'staff')),
  identity_note text,
  state text not null default 'open' check (state in ('open', 'done', 'refused')),
  closed_at timestamptz,
  closed_by text,
  outcome text,
  -- Receipt of the erasure, for kind = 'erasure'.
  erasure_id uuid,
  task_id uuid,
  -- Names, addresses and words were taken out because the request is old or the person erased.
  blanked_at timestamptz,
  version int not null default 1,
  check ((origin_id is null) = (customer_id is null))
);
create unique index request_once on privacy.request (source, outside_id, kind) where outside_id is not null;
create index request_open on privacy.request (due_on, id) where state = 'open';
create index request_newest on privacy.request (received_at desc, id desc);
create index request_customer on privacy.request (customer_id) where customer_id is not null;
create index request_origin on privacy.request (origin_id) where origin_id is not null;

-- What was done, one line per deed: the receipt is made of them.
create table privacy.request_step (
  id uuid primary key default uuidv7(),
  request_id uuid not null references privacy.request (id),
  code text not null check (code in ('received', 'asked_again', 'identity', 'note', 'extended', 'downloaded', 'erased', 'objected', 'refused', 'done', 'reopened')),
  note text,
  at timestamptz not null,
  by_whom text not null
);
create index request_step_of on privacy.request_step (request_id, at, id);

-- A legal hold: nothing of this person is erased or taken away by a retention rule until it is released.
create table privacy.hold (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  reason text not null,
  at timestamptz not null,
  by_whom text not null,
  released_at timestamptz,
  released_by text,
  released_reason text
);
create index hold_customer on privacy.hold (customer_id) where released_at is null;
create index hold_origin on privacy.hold (origin_id);
