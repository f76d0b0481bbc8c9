-- Which process does it ("host:pid"), for whoever looks after several.
alter table platform.job add column worker text;
