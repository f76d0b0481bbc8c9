-- A list as somebody likes to see it.
create schema if not exists views;

create table views.view (
  id uuid primary key default uuidv7(),
  staff_id uuid not null,
  made_by text not null,
  name text not null,
  page text not null,
  query text not null,
  hidden text[],
  shared boolean not null default false,
  made_at timestamptz not null
);
create unique index view_own_name on views.view (staff_id, page, lower(name));
create index view_page on views.view (page) where shared;
