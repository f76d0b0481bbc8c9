-- The first answer to a POST that carried an Idempotency-Key, kept 7 days. The answer is sealed: it may hold a secret shown once.
create table platform.idempotency (
  caller text not null,
  key text not null,
  -- Digest of method, path, query and body.
  request text not null,
  answer text not null,
  created_at timestamptz not null,
  primary key (caller, key)
);
create index idempotency_age on platform.idempotency (created_at);
