-- Rejected events can be mended and sent again, or set aside with a reason.
alter table tracking.rejected
  -- It came through /v1/import, or was the past for another reason: sent again, it stays the past.
  add column imported boolean not null default false,
  -- open: waits for somebody. replaying: sent again, the outcome is not known yet. replayed, discarded: settled.
  add column state text not null default 'open' check (state in ('open', 'replaying', 'replayed', 'discarded')),
  add column outcome text check (outcome in ('processed', 'duplicate', 'rejected')),
  -- As somebody mended it.
  add column mended_body text,
  add column attempts int not null default 0,
  add column state_by text,
  add column state_at timestamptz,
  add column discard_reason text;
create index rejected_open on tracking.rejected (reason, write_key_id, id) where state = 'open';

-- That rejections jumped, once a day at most.
create table tracking.rejection_alert (
  at timestamptz primary key,
  rejected int not null,
  accepted int not null,
  usual_share numeric not null
);
