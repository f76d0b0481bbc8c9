-- What the columns of a kind of file mean, kept under a name: offered for every later file with the same headers.
create table imports.saved_mapping (
  id uuid primary key default uuidv7(),
  name text not null,
  kind text not null,
  -- Headers, normalised: which files it is offered for.
  header_key text not null,
  -- By column name, because places differ between files: [{ "header": "Mail", "field": "email", "name": null }].
  columns jsonb not null,
  -- How the file is read where the file itself does not say it.
  settings jsonb not null,
  options jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  deleted_at timestamptz,
  version int not null default 1
);
create unique index saved_mapping_name on imports.saved_mapping (lower(name)) where deleted_at is null;
create index saved_mapping_header on imports.saved_mapping (header_key) where deleted_at is null;
