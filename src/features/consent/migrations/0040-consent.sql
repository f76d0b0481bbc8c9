-- What people have allowed, and whom we must not write to.
create schema if not exists consent;

-- Append-only: a newer row wins, nothing is changed. The trigger below holds it.
create table consent.consent (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  -- null: every brand of the organisation.
  brand_id uuid,
  purpose text not null default 'marketing',
  channel text not null check (channel in ('email', 'sms', 'push', 'phone', 'post', 'in_app', 'web')),
  topic text not null default '',
  state text not null check (state in ('subscribed', 'unsubscribed')),
  -- When the person said so; recorded_at is when we heard of it.
  at timestamptz not null,
  recorded_at timestamptz not null,
  source text not null,
  -- Which wording they saw.
  text_version text,
  reason text,
  by_whom text not null,
  import_id uuid,
  historical boolean not null default false
);
create index consent_customer on consent.consent (customer_id, channel);
create index consent_origin on consent.consent (origin_id);
create index consent_import on consent.consent (import_id) where import_id is not null;

-- What follows from the rows now; written again whenever they change.
create table consent.current (
  customer_id bigint not null,
  channel text not null,
  purpose text not null,
  topic text not null,
  -- '' : every brand.
  brand text not null,
  state text not null check (state in ('subscribed', 'unsubscribed')),
  since timestamptz not null,
  consent_id uuid not null,
  primary key (customer_id, channel, purpose, topic, brand)
);
create index current_state on consent.current (channel, purpose, state, customer_id);

-- An address we must not use, whatever was allowed. Released, never deleted.
create table consent.suppression (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  channel text not null check (channel in ('email', 'sms', 'push', 'phone', 'post', 'in_app', 'web')),
  class text not null check (class in ('hard_bounce', 'soft_bounce', 'complaint', 'manual', 'legal', 'imported')),
  reason text,
  at timestamptz not null,
  by_whom text not null,
  source text not null,
  import_id uuid,
  released_at timestamptz,
  released_by text,
  released_reason text
);
create index suppression_customer on consent.suppression (customer_id) where released_at is null;
create index suppression_origin on consent.suppression (origin_id);
create unique index suppression_once on consent.suppression (origin_id, channel, class) where released_at is null;

-- Only the owner of a row may change (merge), and only an erasure or the undoing of an import may delete it.
create function consent.refuse_delete() returns trigger language plpgsql as $$
begin
  if current_setting('regulars.may_forget', true) = 'yes' then return old; end if;
  raise exception 'consent rows are append-only: add a newer one';
end $$;
create function consent.allow_owner_change() returns trigger language plpgsql as $$
declare asked bigint := new.customer_id;
begin
  new.customer_id := old.customer_id;
  if new is distinct from old then raise exception 'consent rows are append-only: add a newer one'; end if;
  new.customer_id := asked;
  return new;
end $$;
create trigger consent_append_only before update on consent.consent for each row execute function consent.allow_owner_change();
create trigger consent_kept before delete on consent.consent for each row execute function consent.refuse_delete();
