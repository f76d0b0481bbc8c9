-- The welcome form: what matters most to a customer, and at most one more question.
create schema if not exists welcome;

-- One row: the form of this installation.
create table welcome.form (
  id uuid primary key default uuidv7(),
  only_one boolean not null default true unique check (only_one),
  active boolean not null default false,
  -- Anybody may answer with an e-mail address, without a link of their own.
  open_to_all boolean not null default true,
  second_question text check (second_question in ('birthday', 'category_interest', 'heard_from', 'preferred_channel')),
  -- Why we ask, in the merchant's own words: language -> sentence.
  why jsonb not null default '{}',
  -- Web addresses that may show the form inside their pages.
  sites text[] not null default '{}',
  version integer not null default 1,
  changed_at timestamptz not null default now(),
  changed_by text
);

-- A link of one customer's own. The token itself is not kept, only its digest.
create table welcome.link (
  digest text primary key,
  origin_id bigint not null,
  customer_id bigint not null,
  made_at timestamptz not null,
  made_by text not null,
  expires_at timestamptz not null,
  answered_at timestamptz
);
create index link_origin on welcome.link (origin_id);
create index link_customer on welcome.link (customer_id);

create table welcome.answer (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  at timestamptz not null,
  -- "link": the person, by a link of their own. "open": somebody who typed this address.
  via text not null check (via in ('link', 'open')),
  language text not null,
  main_concern text,
  second_question text,
  second_answer text
);
create index answer_origin on welcome.answer (origin_id);
create index answer_customer on welcome.answer (customer_id);
create index answer_at on welcome.answer (at desc);

-- How often one network has sent the form lately; keyed digests, no addresses.
create table welcome.attempt (
  bucket text primary key,
  used integer not null,
  resets_at timestamptz not null
);
