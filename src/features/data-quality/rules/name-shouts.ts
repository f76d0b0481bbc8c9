/** Names in capitals only, or in small letters only. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const nameShouts = peopleRule(
  'name_shouts',
  1,
  context => sqlOf(context)`
    select c.id::text as subject, c.id as customer_id, c.email as label, c.name as value, initcap(c.name) as proposal
    from customers.customer c
    where ${counts(context)} and c.name not like '%@%' and length(c.name) > 4 and upper(c.name) <> lower(c.name) and (c.name = upper(c.name) or c.name = lower(c.name))`,
  {
    mends: 'name',
    of: context =>
      sqlOf(context)`select count(*)::int as n from customers.customer c where ${counts(context)} and c.name is not null`,
  },
);
