-- Uploaded and made files. Content lies in the data folder under its SHA-256; a row says whose it is and until when.
create table platform.file (
  id uuid primary key default uuidv7(),
  owner text not null,
  -- As the person named it; shown, never used as a path.
  name text not null,
  content_type text not null,
  bytes bigint not null check (bytes >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  origin_id bigint,
  customer_id bigint,
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create index file_by_content on platform.file (sha256);
create index file_by_customer on platform.file (customer_id) where customer_id is not null;
create index file_expired on platform.file (expires_at) where expires_at is not null;
-- A merge finds the files of a person by whom they were kept for.
create index file_by_origin on platform.file (origin_id) where origin_id is not null;
