-- Who may come in, and as what.
create schema if not exists access;

create table access.role (
  id uuid primary key default uuidv7(),
  -- Stable name of a built-in role; null for roles a merchant makes.
  code text unique,
  name text,
  verbs text[] not null,
  fields text[] not null,
  -- null = all shops.
  shop_ids uuid[],
  version int not null default 1,
  created_at timestamptz not null default now(),
  check (code is not null or name is not null)
);

create table access.staff (
  id uuid primary key default uuidv7(),
  email text not null unique check (email = lower(email)),
  name text not null,
  role_id uuid not null references access.role,
  -- null until an invitation is accepted.
  password_hash text,
  password_changed_at timestamptz,
  settings jsonb not null default '{}',
  disabled_at timestamptz,
  disabled_by uuid,
  created_at timestamptz not null,
  version int not null default 1
);

-- One row per browser that signed in; the token itself lives in the browser's cookie only.
create table access.session (
  id uuid primary key default uuidv7(),
  staff_id uuid not null references access.staff,
  token_hash text not null unique,
  browser text not null default '',
  address text not null default '',
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_why text
);
create index session_staff on access.session (staff_id) where ended_at is null;

-- One-time links to accept an invitation or to choose a new password.
create table access.link (
  id uuid primary key default uuidv7(),
  kind text not null check (kind in ('invitation', 'password')),
  staff_id uuid not null references access.staff,
  token_hash text not null unique,
  created_by uuid,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  voided_at timestamptz
);
create index link_staff on access.link (staff_id);

create table access.api_key (
  id uuid primary key default uuidv7(),
  name text not null,
  token_hash text not null unique,
  last4 text not null,
  verbs text[] not null,
  fields text[] not null,
  shop_ids uuid[],
  created_by uuid references access.staff,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by uuid
);

-- Opens the set-up page until the first owner exists.
create table access.setup_token (token_hash text primary key, created_at timestamptz not null);

-- How often something was tried; the bucket is a keyed digest of an account or a network.
create table access.attempt (bucket text primary key, used int not null, resets_at timestamptz not null);
create index attempt_age on access.attempt (resets_at);
