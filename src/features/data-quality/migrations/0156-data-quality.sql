-- What is wrong with the data: how much of it by day, what was mended and can be taken back, what is left alone on purpose.
create schema if not exists data_quality;

create table data_quality.day (
  rule text not null,
  day date not null,
  -- How many records are wrong, and how many were looked at; left alone ones do not count as wrong.
  wrong integer not null,
  looked_at integer not null,
  fixable integer not null,
  at timestamptz not null,
  primary key (rule, day)
);

-- Left alone for good.
create table data_quality.ignored (
  rule text not null,
  subject text not null,
  -- Both null: not about a customer.
  origin_id bigint,
  customer_id bigint,
  at timestamptz not null,
  by_whom text not null,
  primary key (rule, subject)
);
create index ignored_origin on data_quality.ignored (origin_id) where origin_id is not null;

-- One press of "fix": its values carry its id and go with its undo.
create table data_quality.fix (
  id uuid primary key default uuidv7(),
  rule text not null,
  at timestamptz not null,
  by_whom text not null,
  undone_at timestamptz,
  undone_by text
);
create table data_quality.fix_item (
  fix_id uuid not null references data_quality.fix (id),
  subject text not null,
  origin_id bigint,
  customer_id bigint,
  before text not null,
  after text not null,
  primary key (fix_id, subject)
);
create index fix_item_origin on data_quality.fix_item (origin_id) where origin_id is not null;

-- The monthly look at all of it.
create table data_quality.review (
  id uuid primary key default uuidv7(),
  month date not null unique,
  at timestamptz not null,
  staff_id uuid,
  -- Per rule: code, wrong then, wrong now.
  summary jsonb not null,
  score_before real,
  score real,
  done_at timestamptz,
  done_by text
);
