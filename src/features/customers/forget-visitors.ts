/** Anonymous visitors who have been silent for long go, with everything that was kept about them (decision 5). */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { customerSettings } from './customer-settings.ts';
import { eraseRows, finishLater } from './erase-customer.ts';
import { lockIdentity } from './owners.ts';

const portion = 1_000;

/** Days of silence after which a visitor who never said who they are is forgotten; a setting, 0 = never. */
const daysKept = async (context: Context): Promise<number> => (await customerSettings(context)).visitor_days;

/** Forgets one portion; returns how many. Orders without a customer stay: they never belonged to a visitor's row alone. */
export const forgetVisitors = async (context: Context): Promise<number> => {
  const days = await daysKept(context);
  if (days <= 0) return 0;
  const before = new Date(context.clock.now().getTime() - days * 86_400_000);
  return inTransaction(context, async inside => {
    await lockIdentity(inside, 'alone');
    const sql = inside.postgres;
    const rows = await sql`
      select c.id from customers.customer c join customers.seen s on s.origin_id = c.id
      where not c.known and c.merged_into is null and c.erased_at is null and s.last_at < ${before}
        and not exists (select 1 from customers.owner o where o.customer_id = c.id)
      order by c.id limit ${portion}`;
    const ids = rows.map(row => row.id as number);
    if (ids.length === 0) return 0;
    await eraseRows(inside, ids);
    await finishLater(inside, { origin_ids: ids, file_ids: [] });
    return ids.length;
  });
};

export const forgetAllVisitors = async (context: Context): Promise<Record<string, unknown>> => {
  let forgotten = 0;
  for (let some = await forgetVisitors(context); some > 0; some = await forgetVisitors(context)) forgotten += some;
  return { forgotten };
};
