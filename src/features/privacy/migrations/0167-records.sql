-- Records of processing (GDPR art. 30): what people write; the rest is read from what the installation does.
create table privacy.record (
  -- 'controller', a generated activity ('tracking'), or 'own:<uuid>' for what is done elsewhere.
  code text primary key,
  fields jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null,
  version int not null default 1
);
