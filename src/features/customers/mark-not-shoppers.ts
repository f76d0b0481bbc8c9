import type { Context } from '../../platform/context.ts';
import { queueCopy } from './postgres.ts';
import { touchCustomers } from './touch-customers.ts';

/**
 * Marks customers as wholesale, staff or test in bulk, or takes the mark away (null); owners. With `only`, customers who carry another mark than
 * that are left alone. In the caller's transaction. Returns those who were changed, with the mark they had before.
 */
export const markNotShoppers = async (
  context: Context,
  marks: ReadonlyMap<number, string | null>,
  only: string | null | undefined,
): Promise<Map<number, string | null>> => {
  const wanted = [...marks].sort(([a], [b]) => a - b);
  const rows = await context.postgres`
    with wanted as (select * from unnest(${wanted.map(([id]) => id)}::bigint[], ${wanted.map(([, mark]) => mark)}::text[]) as w(id, mark)),
    before as (
      select c.id, c.not_shopper, w.mark from customers.customer c join wanted w on w.id = c.id
      where c.erased_at is null and c.merged_into is null and c.not_shopper is distinct from w.mark
        and (${only === undefined} or c.not_shopper is not distinct from ${only ?? null})
      order by c.id for update of c)
    update customers.customer c set not_shopper = before.mark, version = version + 1 from before where before.id = c.id
    returning c.id, before.not_shopper as was`;
  const changed = new Map(rows.map(row => [row.id as number, row.was as string | null]));
  const ids = [...changed.keys()];
  await queueCopy(context, ids);
  await touchCustomers(context, ids, ['base'], { historical: false });
  return changed;
};
