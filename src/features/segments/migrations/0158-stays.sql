-- What brought somebody in: the version of the definition then, what set it off, and the conditions that made the difference.
alter table segments.membership
  add column version integer,
  add column cause text check (cause in ('event', 'time', 'definition')),
  -- Paths of conditions in that version; null = not worked out.
  add column why text[];

-- A time in a segment that is over. Times that go on are rows of segments.membership, so entering costs nothing more.
create table segments.stay (
  id uuid primary key default uuidv7(),
  segment_id uuid not null references segments.segment (id),
  origin_id bigint not null,
  customer_id bigint not null,
  entered_at timestamptz not null,
  entered_version integer,
  entered_cause text,
  entered_why text[],
  left_at timestamptz not null,
  left_version integer,
  left_cause text,
  left_why text[]
);
create index stay_customer on segments.stay (customer_id, left_at desc);
create index stay_origin on segments.stay (origin_id);
create index stay_left on segments.stay (segment_id, left_at);
create index stay_entered on segments.stay (segment_id, entered_at);
