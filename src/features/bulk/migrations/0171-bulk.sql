create schema if not exists bulk;

create table bulk.change (
  id uuid primary key default uuidv7(),
  action text not null,
  argument text not null,
  -- "matches": everybody a list showed; "ticked": these.
  chosen text not null check (chosen in ('matches', 'ticked')),
  state text not null default 'running' check (state in ('running', 'done', 'undoing', 'undone')),
  customers int not null,
  changed int not null default 0,
  by_id text,
  by_whom text not null,
  at timestamptz not null,
  finished_at timestamptz,
  undone_by text
);
create index change_newest on bulk.change (at desc);

-- Whom it is about, as it was when it was asked for. Kept as long as it can be undone.
create table bulk.item (
  change_id uuid not null references bulk.change (id),
  origin_id bigint not null,
  customer_id bigint not null,
  state text not null default 'waiting' check (state in ('waiting', 'changed', 'same', 'undone', 'kept')),
  -- What was there before, for undo.
  before text,
  primary key (change_id, origin_id)
);
create index item_open on bulk.item (change_id, state, origin_id);
create index item_customer on bulk.item (customer_id);
create index item_origin on bulk.item (origin_id);
