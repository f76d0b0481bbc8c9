/** Values that did not fit the type an attribute was first seen with (decision 7), and were not kept. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const attributeMisfit = peopleRule(
  'attribute_misfit',
  1,
  context => sqlOf(context)`
    select q.id::text as subject, c.id as customer_id, coalesce(c.name, c.email) as label, q.code || ': ' || q.value || ' (' || q.expected || ')' as value, null::text as proposal
    from customers.quality_issue q join customers.customer c on c.id = q.customer_id
    where q.kind in ('type_misfit', 'too_long') and q.resolved_at is null and ${counts(context)}`,
);
