-- What a consent is for (purpose) and about (topic), sign-ups that wait for the person's confirmation, and what proves a statement.

alter table consent.consent drop constraint consent_state_check;
alter table consent.consent add constraint consent_state_check check (state in ('subscribed', 'unsubscribed', 'pending'));
-- What shows that it was really said: page language, network, browser, the change on the preference page it belongs to.
alter table consent.consent add column proof jsonb not null default '{}';

alter table consent.current drop constraint current_state_check;
alter table consent.current add constraint current_state_check check (state in ('subscribed', 'unsubscribed', 'pending'));
-- Whose statement holds, and whether it may lift a wider "no" of others: not when it was said before two people became one.
alter table consent.current add column origin_id bigint;
alter table consent.current add column lifts_all boolean not null default true;
update consent.current set origin_id = said.origin_id from consent.consent said where said.id = consent_id;
update consent.current set lifts_all = false where customer_id in (select customer_id from customers.owner);
alter table consent.current alter column origin_id set not null;

-- How strict a state is: waiting for a confirmation allows nothing, but less was refused than by a "no".
create function consent.strictness(state text) returns int language sql immutable strict parallel safe
  return case state when 'subscribed' then 1 when 'pending' then 2 else 3 end;

create table consent.purpose (
  code text primary key check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
  -- consent: only after a yes. opt_out: until a no. contract: belongs to what was bought, a no does not stop it.
  basis text not null check (basis in ('consent', 'opt_out', 'contract')),
  -- null for the purposes that ship: their words are texts of the product.
  name text,
  description text,
  -- A yes for all topics at once waits for its confirmation.
  double_opt_in boolean not null default false,
  position int not null,
  created_at timestamptz not null default now(),
  archived_at timestamptz,
  archived_by text,
  version int not null default 1
);
insert into consent.purpose (code, basis, position) values
  ('marketing', 'consent', 10), ('survey', 'consent', 20), ('service', 'contract', 30), ('personalisation', 'consent', 40),
  ('tracking', 'consent', 50), ('profiling', 'opt_out', 60), ('sale', 'opt_out', 70);

create table consent.topic (
  id uuid primary key default uuidv7(),
  brand_id uuid not null,
  purpose text not null references consent.purpose (code),
  code text not null check (code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
  -- By language: { "en": { "name", "description", "frequency" } }
  texts jsonb not null,
  channels text[] not null check (cardinality(channels) > 0),
  double_opt_in boolean not null,
  position int not null,
  created_at timestamptz not null,
  created_by text not null,
  archived_at timestamptz,
  archived_by text,
  version int not null default 1,
  unique (brand_id, code)
);

-- The words people saw, kept for good: a statement's text_version leads here.
create table consent.wording (
  version text primary key,
  kind text not null check (kind in ('page', 'form')),
  brand_id uuid,
  language text not null,
  words jsonb not null,
  made_at timestamptz not null,
  made_by text not null
);
create function consent.refuse_wording_change() returns trigger language plpgsql as $$
begin
  raise exception 'wordings are kept as they were shown: make a new version' using errcode = 'restrict_violation';
end $$;
create trigger wording_kept before update or delete on consent.wording for each row execute function consent.refuse_wording_change();

-- How the preference page of a brand looks and speaks.
create table consent.page (
  brand_id uuid primary key,
  colour text not null default '#1f5fbf' check (colour ~ '^#[0-9a-f]{6}$'),
  -- By language: { "en": { "title", "intro", "contact" } }; what is missing is said in the product's own words.
  texts jsonb not null default '{}',
  version int not null default 1,
  changed_at timestamptz not null default now(),
  changed_by text
);

-- A person's way to their preferences: a random token, stored as a digest to find it and sealed to hand it out again.
create table consent.link (
  id uuid primary key default uuidv7(),
  token_hash text not null unique,
  token_sealed text not null,
  origin_id bigint not null,
  customer_id bigint not null,
  brand_id uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_by text
);
create index link_customer on consent.link (customer_id, brand_id, expires_at desc) where revoked_at is null;
create index link_origin on consent.link (origin_id);

-- A sign-up that waits: the link confirms exactly this statement.
create table consent.confirmation (
  consent_id uuid primary key,
  token_hash text not null unique,
  token_sealed text not null,
  origin_id bigint not null,
  customer_id bigint not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  confirmed_at timestamptz
);
create index confirmation_customer on consent.confirmation (customer_id);
create index confirmation_origin on consent.confirmation (origin_id);

-- Not now, or less often: nothing that needs no contract is written until then, or at most once in so many days.
create table consent.pause (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  -- null: every brand.
  brand_id uuid,
  kind text not null check (kind in ('pause', 'less_often')),
  -- pause: until then.
  until timestamptz,
  -- less_often: days between two messages.
  gap_days int check (gap_days between 1 and 366),
  at timestamptz not null,
  source text not null,
  by_whom text not null,
  ended_at timestamptz,
  ended_by text,
  check ((kind = 'pause') = (until is not null)),
  check ((kind = 'less_often') = (gap_days is not null))
);
create index pause_customer on consent.pause (customer_id) where ended_at is null;
create index pause_origin on consent.pause (origin_id);

-- One visit's change on the preference page: what to put back when it is undone, and why somebody left, if they said so.
create table consent.page_change (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  brand_id uuid not null,
  kind text not null check (kind in ('choices', 'stop_all', 'one_click', 'pause', 'less_often', 'resume')),
  -- [{ purpose, channel, topic, state }] as they were; state null = never asked.
  before jsonb not null,
  reason text,
  reason_words text,
  at timestamptz not null,
  undone_at timestamptz
);
create index page_change_customer on consent.page_change (customer_id, at desc);
create index page_change_origin on consent.page_change (origin_id);
create index page_change_reason on consent.page_change (at desc) where reason is not null;

-- Somebody typed an address at the front door of the preferences. Whether it is known is looked up later, so that the answer tells nothing;
-- rows of unknown addresses go at once.
create table consent.link_request (
  id uuid primary key default uuidv7(),
  brand_id uuid not null,
  email text,
  language text not null,
  origin_id bigint,
  customer_id bigint,
  at timestamptz not null,
  check ((origin_id is null) = (customer_id is null))
);
create index link_request_customer on consent.link_request (customer_id) where customer_id is not null;
create index link_request_origin on consent.link_request (origin_id) where origin_id is not null;

-- How often a public door was used; the bucket is a keyed digest of a network or an address.
create table consent.attempt (bucket text primary key, used int not null, resets_at timestamptz not null);

/*
 * Why somebody may not be written to on a channel about a topic for a purpose, or null when they may. The one rule, in one place:
 *   a suppression beats everything; what belongs to a contract needs no consent; a pause comes next; then the statements decide.
 *   Of the statements about this topic or about all topics, for this brand or for all brands, a "no" (or a sign-up that waits) holds unless
 *   a later "yes" that is no wider lifts it; a purpose that needs consent also needs a "yes".
 * `topic` '' = about no topic in particular: then only statements about all topics count.
 */
create function consent.why_not(customer bigint, for_purpose text, on_channel text, about_topic text, of_brand text, at timestamptz) returns text
language sql stable parallel safe as $$
  with stated as (
    select n.topic, n.brand, n.state, n.since, n.origin_id, n.lifts_all from consent.current n
    where n.customer_id = customer and n.channel = on_channel and n.purpose = for_purpose and n.topic in ('', about_topic) and n.brand in ('', of_brand)),
  refused as (
    select n.topic, n.state from stated n
    where n.state <> 'subscribed' and not exists (
      select 1 from stated y
      where y.state = 'subscribed' and y.since > n.since and (n.topic = '' or y.topic = n.topic) and (n.brand = '' or y.brand = n.brand)
        and (y.lifts_all or y.origin_id = n.origin_id))),
  basis as (select coalesce((select p.basis from consent.purpose p where p.code = for_purpose), 'consent') as it)
  select case
    when not exists (select 1 from customers.customer c where c.id = customer and c.erased_at is null) then 'nobody'
    when exists (select 1 from consent.suppression s where s.customer_id = customer and s.channel = on_channel and s.released_at is null) then 'suppressed'
    when (select it from basis) = 'contract' then null
    when exists (
      select 1 from consent.pause p
      where p.customer_id = customer and p.kind = 'pause' and p.ended_at is null and p.until > why_not.at and (p.brand_id is null or p.brand_id::text = of_brand)) then 'paused'
    when exists (select 1 from refused where state = 'unsubscribed' and topic = '') then 'unsubscribed'
    when exists (select 1 from refused where state = 'unsubscribed') then 'topic_unsubscribed'
    when exists (select 1 from refused) then 'pending'
    when (select it from basis) = 'consent' and not exists (select 1 from stated where state = 'subscribed') then 'never_asked'
  end
$$;
