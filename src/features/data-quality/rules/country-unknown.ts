/** People whose country nobody said; proposed from their phone, else from their newest address. */
import { callingCodes, sharedCodes } from '../calling-codes.ts';
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const countryUnknown = peopleRule(
  'country_unknown',
  2,
  context => {
    // Longest first: +1 is many countries, +44 one. A code that several countries share says nothing.
    const codes = Object.entries(callingCodes).filter(([, code]) => !sharedCodes.has(code));
    return sqlOf(context)`
      select c.id::text as subject, c.id as customer_id, coalesce(c.name, c.email) as label, coalesce(c.phone, '') as value,
        coalesce(
          (select k.country from unnest(${codes.map(one => one[0])}::text[], ${codes.map(one => one[1])}::text[]) as k(country, code)
            where c.phone like '+' || k.code || '%' order by length(k.code) desc limit 1),
          (select a.country from customers.address a where a.customer_id = c.id and a.country ~ '^[A-Z]{2}$' order by a.at desc limit 1)) as proposal
      from customers.customer c where ${counts(context)} and c.country is null`;
  },
  { mends: 'country', group: 'contact' },
);
