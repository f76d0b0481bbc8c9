-- What the snippet asks for before it stores or sends anything, by browser key; a key without a row has the defaults.
create table tracking.snippet_setting (
  write_key_id uuid primary key references tracking.write_key (id),
  -- ask: nothing before a yes. allow: everything until a no.
  consent text not null default 'ask' check (consent in ('ask', 'allow')),
  -- Events before the answer of a shop that asks: forgotten, or kept in the page's memory until it comes.
  before_answer text not null default 'hold' check (before_answer in ('drop', 'hold')),
  -- Changes of the address without a new page count as pages.
  spa boolean not null default true,
  -- "Page Left" with the seconds.
  time_on_page boolean not null default true,
  version int not null default 1,
  changed_at timestamptz not null,
  changed_by text not null
);

-- When a page with this key last asked for its settings: the snippet stands there, whether or not anybody has agreed.
create table tracking.snippet_sight (
  write_key_id uuid primary key references tracking.write_key (id),
  first_at timestamptz not null,
  last_at timestamptz not null,
  origin text
);

-- What sends with a key: which library, from which site, and whether visitors ask not to be sold (Global Privacy Control).
create table tracking.sender (
  write_key_id uuid not null references tracking.write_key (id),
  library text not null,
  version text not null,
  site text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  events bigint not null,
  gpc_events bigint not null default 0,
  gpc_last_at timestamptz,
  -- Events that devices had to drop because they could not send for too long.
  lost bigint not null default 0,
  primary key (write_key_id, library, version, site)
);

-- What a shop's server signs its logged-in shoppers with. Sealed; seen once, when it is made. The newest counts, the one before it
-- until its day comes.
create table tracking.signing_secret (
  id uuid primary key default uuidv7(),
  shop_id uuid not null,
  sealed text not null,
  last4 text not null,
  created_at timestamptz not null,
  created_by text not null,
  -- null: the present one.
  ends_at timestamptz
);
create unique index signing_secret_present on tracking.signing_secret (shop_id) where ends_at is null;
create index signing_secret_shop on tracking.signing_secret (shop_id, created_at desc);

-- Signatures by day: how many held, and why the others did not.
create table tracking.signature_tally (
  shop_id uuid not null,
  day date not null,
  outcome text not null check (outcome in ('good', 'wrong', 'expired', 'other_shop', 'unreadable', 'no_secret', 'no_user')),
  count bigint not null,
  last_at timestamptz not null,
  primary key (shop_id, day, outcome)
);
