-- Second factors: codes of an authenticator app, passkeys, recovery codes.
create table access.totp (
  staff_id uuid primary key references access.staff,
  secret_sealed text not null,
  created_at timestamptz not null,
  -- null until a first code has shown that the app has the key.
  confirmed_at timestamptz,
  -- The last 30-second step a code was taken from: no code works twice.
  last_step bigint
);

create table access.recovery_code (
  staff_id uuid not null references access.staff,
  -- Keyed digest; the code itself is shown once.
  digest text not null,
  made_at timestamptz not null,
  used_at timestamptz,
  primary key (staff_id, digest)
);

create table access.passkey (
  id uuid primary key default uuidv7(),
  staff_id uuid not null references access.staff,
  credential_id text not null unique,
  public_key bytea not null,
  -- Rises with every use where the authenticator counts; a lower one is a copy.
  counter bigint not null,
  transports text[] not null default '{}',
  name text not null,
  -- Kept by a service on several devices ("multiDevice") or on one only.
  device_type text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkey_staff on access.passkey (staff_id);

-- A login under way: the password was right and a second factor is missing, or a passkey is asked for (staff_id null).
create table access.pending_login (
  id uuid primary key default uuidv7(),
  token_hash text not null unique,
  staff_id uuid references access.staff,
  challenge text,
  wrong int not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index pending_login_age on access.pending_login (expires_at);

-- How somebody came in, when they last proved who they are, the one challenge a passkey may answer, and as whom they look.
alter table access.session add column second_factor text check (second_factor in ('totp', 'passkey', 'recovery')),
  add column proved_at timestamptz,
  add column challenge text,
  add column challenge_until timestamptz,
  add column view_role_id uuid references access.role,
  add column view_staff_id uuid references access.staff,
  add column view_until timestamptz;
update access.session set proved_at = created_at;

-- null = the shops of the role.
alter table access.staff add column shop_ids uuid[];
alter table access.role add column description text not null default '',
  -- Rows a day that may leave without proving again who one is; null = the installation's number.
  add column export_rows_per_day int check (export_rows_per_day >= 0);

-- What the owner decided; one row.
create table access.policy (
  is_only boolean primary key default true check (is_only),
  second_factor text not null default 'nobody' check (second_factor in ('nobody', 'roles', 'all')),
  second_factor_roles uuid[] not null default '{}',
  grace_days int not null default 7 check (grace_days between 0 and 90),
  decided_at timestamptz,
  decided_by text,
  -- What differs from the limits in policy.ts.
  limits jsonb not null default '{}',
  version int not null default 1
);
insert into access.policy default values;
