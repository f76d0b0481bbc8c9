/** An e-mail address where the name should be. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const nameIsEmail = peopleRule(
  'name_is_email',
  2,
  context => sqlOf(context)`
    select c.id::text as subject, c.id as customer_id, c.email as label, c.name as value,
      case when concat_ws(' ', c.first_name, c.last_name) like '%@%' then '' else concat_ws(' ', c.first_name, c.last_name) end as proposal
    from customers.customer c where ${counts(context)} and c.name like '%_@_%'`,
  {
    mends: 'name',
    of: context =>
      sqlOf(context)`select count(*)::int as n from customers.customer c where ${counts(context)} and c.name is not null`,
  },
);
