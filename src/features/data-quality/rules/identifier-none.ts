/** Known customers without any identifier: nothing that happens later can find them. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const identifierNone = peopleRule(
  'identifier_none',
  2,
  context => sqlOf(context)`
    select c.id::text as subject, c.id as customer_id, c.name as label, coalesce(c.city, c.country, '') as value, null::text as proposal
    from customers.customer c where ${counts(context)} and not exists (select from customers.identifier i where i.customer_id = c.id)`,
);
