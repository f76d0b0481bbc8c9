-- Who did what, when. Append-only; holds ids and codes, nothing personal about customers, so that erasure never has to touch it.
create table platform.audit (
  id uuid primary key default uuidv7(),
  at timestamptz not null,
  actor_kind text not null,
  actor_id text,
  actor_name text not null,
  -- "<feature>.<what happened>": access.signed_in, customers.exported
  action text not null,
  subject_kind text,
  subject_id text,
  details jsonb not null default '{}'
);
create index audit_actor on platform.audit (actor_id, id desc);
create index audit_action on platform.audit (action, id desc);
create index audit_subject on platform.audit (subject_kind, subject_id, id desc);

-- What the sequencer has still to chain: rows are deleted as they are chained, never read past.
create table platform.audit_pending (audit_id uuid primary key);

-- The chain: each hash covers the one before it and the whole entry. The key of the hash lives outside the database.
create table platform.audit_chain (
  position bigint primary key,
  audit_id uuid not null unique,
  hash text not null
);

create function platform.queue_audit() returns trigger language plpgsql as $$
begin
  insert into platform.audit_pending (audit_id) values (new.id);
  return null;
end $$;
create trigger queue_audit after insert on platform.audit for each row execute function platform.queue_audit();

create function platform.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_schema || '.' || tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on platform.audit for each row execute function platform.refuse_change();
create trigger append_only before update or delete on platform.audit_chain for each row execute function platform.refuse_change();
create trigger never_emptied before truncate on platform.audit for each statement execute function platform.refuse_change();
create trigger never_emptied before truncate on platform.audit_chain for each statement execute function platform.refuse_change();
