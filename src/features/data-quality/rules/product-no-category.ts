/** Products that were sold and belong to no category: "bought anything of this kind" does not find them. */
import { type QualityRule, sqlOf } from '../rule.ts';

export const productNoCategory: QualityRule = {
  code: 'product_no_category',
  texts: 'data-quality.rule.product_no_category',
  area: 'products',
  group: null,
  needs: 'products:read',
  weight: 1,
  of: context => sqlOf(context)`select count(*)::int as n from products.product`,
  found: context => sqlOf(context)`
    select p.id::text as subject, null::bigint as customer_id, p.name as label,
      coalesce((select string_agg(v.sku, ', ') from (select sku from products.variant where product_id = p.id order by sku limit 3) as v), '') as value, null::text as proposal
    from products.product p
    where p.category is null and not exists (select from products.variant v where v.product_id = p.id and v.category is not null)`,
  link: subject => `/products/${subject}`,
};
