/** Numbers without the country in front, which no text message reaches; mended from the country of the person. */
import { callingCodes } from '../calling-codes.ts';
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const phoneNoCountry = peopleRule(
  'phone_no_country',
  2,
  context => {
    const codes = Object.entries(callingCodes);
    return sqlOf(context)`
      select c.id::text as subject, c.id as customer_id, c.name as label, c.phone as value,
        case when k.code is not null and c.phone ~ '^[0-9 ()/.-]{6,20}$'
          then '+' || k.code || regexp_replace(regexp_replace(c.phone, '[^0-9]', '', 'g'), case when c.country in ('IT', 'SM', 'VA') then '^$' else '^0' end, '') end as proposal
      from customers.customer c
      left join unnest(${codes.map(one => one[0])}::text[], ${codes.map(one => one[1])}::text[]) as k(country, code) on k.country = c.country
      where ${counts(context)} and c.phone is not null and c.phone not like '+%'`;
  },
  {
    mends: 'phone',
    of: context =>
      sqlOf(context)`select count(*)::int as n from customers.customer c where ${counts(context)} and c.phone is not null`,
  },
);
