/** Addresses at a mistyped domain of a large provider, whose right spelling is free. */
import { mailTypos } from '../../customers/index.ts';
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const emailTypo = peopleRule(
  'email_typo',
  3,
  context => {
    const sql = sqlOf(context);
    const typos = [...mailTypos()];
    return sql`
      select c.id::text as subject, c.id as customer_id, c.name as label, c.email as value,
        case when not exists (
          select from customers.identifier i where i.kind = 'email' and i.source = '' and i.value = split_part(c.email, '@', 1) || '@' || t.meant)
        then split_part(c.email, '@', 1) || '@' || t.meant end as proposal
      from customers.customer c
      join unnest(${typos.map(one => one[0])}::text[], ${typos.map(one => one[1])}::text[]) as t(typo, meant) on split_part(c.email, '@', 2) = t.typo
      where ${counts(context)}`;
  },
  { mends: 'email' },
);
