-- The dictionary knows more of each event: how often its properties were there, of which types, in which shops, day by day; and people say
-- what it is for.
alter table tracking.dictionary_event
  -- Events whose properties were looked at: what "share filled" is a share of.
  add column looked bigint not null default 0,
  add column shops uuid[] not null default '{}',
  add column description text,
  -- new: nobody has looked at it. expected: somebody says it belongs here. hidden: left out of lists and suggestions.
  add column state text not null default 'new' check (state in ('new', 'expected', 'hidden')),
  add column state_by text,
  add column state_at timestamptz,
  add column version int not null default 1;
alter table tracking.dictionary_property
  -- type -> how often.
  add column types jsonb not null default '{}',
  add column first_at timestamptz,
  add column last_at timestamptz,
  add column description text;
update tracking.dictionary_event e
  set looked = coalesce((select max(count) from tracking.dictionary_property p where p.event_name = e.name), 0);
update tracking.dictionary_property set types = jsonb_build_object(type, count);

-- Events per day (UTC), shop and source; 90 days are kept.
create table tracking.dictionary_day (
  event_name text not null,
  day date not null,
  shop_id uuid not null,
  source text not null,
  count bigint not null,
  primary key (event_name, day, shop_id, source)
);
create index dictionary_day_old on tracking.dictionary_day (day);
