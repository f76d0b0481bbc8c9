-- How sure we are that two people are one, and why. Codes only: the values stand with the people.
alter table customers.suggestion
  add column score real,
  add column class text check (class in ('certain', 'likely', 'possible')),
  add column reasons text[] not null default '{}',
  -- "resolve": an identifier was seen with both. "finder": the nightly look at everybody.
  add column found_by text not null default 'resolve' check (found_by in ('resolve', 'finder')),
  add column looked_at timestamptz;
create index suggestion_open on customers.suggestion (score desc nulls last, low_id, high_id) where dismissed_at is null;

-- Merges that were done in one go can be undone in one go.
alter table customers.merge add column batch_id uuid;
create index merge_batch on customers.merge (batch_id) where batch_id is not null;
