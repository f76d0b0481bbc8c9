/** Birthdays to come, of small children, or of more than 110 years ago: usually the day the form was filled in. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const birthdayImpossible = peopleRule(
  'birthday_impossible',
  1,
  context => sqlOf(context)`
    select c.id::text as subject, c.id as customer_id, c.name as label, c.birthday::text as value, '' as proposal
    from customers.customer c
    where ${counts(context)} and (c.birthday > ${context.clock.now()}::timestamptz - interval '5 years' or c.birthday < ${context.clock.now()}::timestamptz - interval '110 years')`,
  {
    mends: 'birthday',
    of: context =>
      sqlOf(context)`select count(*)::int as n from customers.customer c where ${counts(context)} and c.birthday is not null`,
  },
);
