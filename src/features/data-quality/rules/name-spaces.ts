/** Names with blanks at their ends or several in a row. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const nameSpaces = peopleRule(
  'name_spaces',
  1,
  context => sqlOf(context)`
    select c.id::text as subject, c.id as customer_id, c.email as label, c.name as value, btrim(regexp_replace(c.name, '[[:space:]\u00a0]+', ' ', 'g')) as proposal
    from customers.customer c where ${counts(context)} and c.name ~ '^[[:space:]\u00a0]|[[:space:]\u00a0]$|[[:space:]\u00a0]{2}|[\t\u00a0]'`,
  {
    mends: 'name',
    of: context =>
      sqlOf(context)`select count(*)::int as n from customers.customer c where ${counts(context)} and c.name is not null`,
  },
);
