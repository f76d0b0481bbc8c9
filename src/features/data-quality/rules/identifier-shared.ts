/** Identifiers that came with so many people that they say who nobody is. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const identifierShared = peopleRule(
  'identifier_shared',
  1,
  context => sqlOf(context)`
    select i.kind || '|' || i.source || '|' || i.value as subject, c.id as customer_id, coalesce(c.name, c.email) as label, i.kind || ': ' || i.value as value, null::text as proposal
    from customers.identifier i join customers.customer c on c.id = i.customer_id
    where i.shared and ${counts(context)}`,
  { of: context => sqlOf(context)`select count(*)::int as n from customers.identifier` },
);
