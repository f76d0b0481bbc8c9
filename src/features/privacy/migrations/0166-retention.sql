-- Rules that take away what is old, what each run did, and who was told about before a person is erased for silence.
create table privacy.rule (
  -- Code of a kind in the slot platform.retentionKinds.
  code text primary key,
  is_on boolean not null,
  days int not null check (days > 0),
  changed_at timestamptz not null,
  changed_by text not null,
  version int not null default 1
);

-- One run of one rule. `rows` moves in the transaction that takes the rows away, so a killed run goes on and counts right.
create table privacy.run (
  id uuid primary key default uuidv7(),
  code text not null,
  state text not null check (state in ('running', 'done')),
  days int not null,
  -- Everything older than this.
  cutoff timestamptz not null,
  started_at timestamptz not null,
  started_by text not null,
  finished_at timestamptz,
  rows bigint not null default 0,
  people int
);
create unique index run_one_alive on privacy.run (code) where state = 'running';
create index run_newest on privacy.run (code, started_at desc);

-- Whose rows a run has taken so far, to count each person once; gone when the run is done.
create table privacy.run_person (
  run_id uuid not null references privacy.run (id),
  origin_id bigint not null,
  primary key (run_id, origin_id)
);
create index run_person_origin on privacy.run_person (origin_id);

-- People who will be erased because nothing was heard of them for long, unless they come back or staff object before `due_at`.
create table privacy.notice (
  origin_id bigint primary key,
  customer_id bigint not null,
  noticed_at timestamptz not null,
  due_at timestamptz not null
);
create index notice_customer on privacy.notice (customer_id);
create index notice_due on privacy.notice (due_at);
