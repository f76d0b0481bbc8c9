/** What somebody gave as an e-mail address and is none, unless staff have set the address since. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const emailBad = peopleRule(
  'email_bad',
  3,
  context => sqlOf(context)`
    select q.id::text as subject, c.id as customer_id, c.name as label, q.value,
      case when mended ~ '^[^@ ,;:<>()]+@[^@ ,;:<>()]+[.][a-z]{2,}$'
        and not exists (select from customers.identifier i where i.kind = 'email' and i.source = '' and i.value = mended) then mended end as proposal
    from customers.quality_issue q
    join customers.customer c on c.id = q.customer_id
    cross join lateral (select regexp_replace(regexp_replace(lower(q.value), '[[:space:]<>]|^mailto:|[.;,]+$', '', 'g'), '[,;]', '.', 'g') as mended) as m
    where q.kind = 'bad_email' and q.resolved_at is null and ${counts(context)}
      and not exists (select from customers.attribute a where a.customer_id = c.id and a.code = 'email' and a.trust = 'staff' and a.at >= q.at)`,
  { mends: 'email' },
);
