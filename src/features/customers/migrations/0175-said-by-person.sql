-- What a person says about themselves in our own form: weaker than a staff edit, stronger than what systems send.
alter table customers.attribute drop constraint attribute_trust_check;
alter table customers.attribute add constraint attribute_trust_check check (trust in ('staff', 'person', 'secret', 'browser'));
create or replace function customers.trust_rank(trust text) returns int language sql immutable strict parallel safe
  return case trust when 'staff' then 1 when 'person' then 2 when 'secret' then 3 else 4 end;
