/** Orders that belong to nobody: no rhythm, no value and no message can come of them. */
import { type QualityRule, sqlOf } from '../rule.ts';

export const orderNoCustomer: QualityRule = {
  code: 'order_no_customer',
  texts: 'data-quality.rule.order_no_customer',
  area: 'orders',
  group: null,
  needs: 'orders:read',
  weight: 2,
  of: context => sqlOf(context)`select count(*)::int as n from orders."order" o where o.counts`,
  found: context => sqlOf(context)`
    select o.id::text as subject, null::bigint as customer_id, o.number as label, o.day::text || ' · ' || o.source as value, null::text as proposal
    from orders."order" o where o.counts and o.customer_id is null`,
  link: subject => `/orders/${subject}`,
};
