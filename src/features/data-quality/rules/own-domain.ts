/** People with an address at one of the merchant's own domains who are not marked as staff. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

export const ownDomain = peopleRule(
  'own_domain',
  1,
  context => sqlOf(context)`
    select c.id::text as subject, c.id as customer_id, c.name as label, c.email as value, null::text as proposal
    from customers.customer c join platform.setting s on s.key = 'customers.own_domains'
    where ${counts(context)} and s.value ? split_part(c.email, '@', 2)`,
);
