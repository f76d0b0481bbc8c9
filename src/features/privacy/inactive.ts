/** Customers of whom nothing was heard for years: told about first, erased after a waiting time, if they have not come back. */
import type { Context } from '../../platform/context.ts';
import type { RetentionKind, RetentionScope } from '../../platform/retention.ts';
import { addDays, dayIn } from '../../platform/time.ts';
import { forgetPeople } from '../customers/index.ts';
import { createTask } from '../desk/index.ts';
import { zoneOf } from '../shops/index.ts';
import { en } from './texts/en.ts';

/** Between the notice and the erasure. */
export const waiting_days = 14;

/**
 * Silent since `before`: not seen, nothing ordered, nothing said about consent, no open request; known people only, and no wholesale, staff
 * or test customers (they are marked on purpose). Silent visitors are forgotten much earlier (customers).
 */
const silent = (context: Context, { before, held }: RetentionScope) => context.postgres`
  from customers.customer c
  where c.known and c.merged_into is null and c.erased_at is null and c.not_shopper is null and c.id <> all(${held as number[]}::bigint[])
    and c.first_seen_at < ${before}
    and not exists (select 1 from customers.seen s where s.customer_id = c.id and s.last_at >= ${before})
    and not exists (select 1 from orders."order" o where o.customer_id = c.id and o.placed_at >= ${before})
    and not exists (select 1 from consent.consent k where k.customer_id = c.id and k.at >= ${before} and not k.historical)
    and not exists (select 1 from privacy.request r where r.customer_id = c.id and r.state = 'open')`;

/** Notes down who is silent now, takes those back who are not any more, and tells staff once about the new ones. Returns how many are new. */
export const noticeSilent = async (context: Context, scope: RetentionScope): Promise<number> => {
  const sql = context.postgres;
  const now = context.clock.now();
  const dueAt = new Date(now.getTime() + waiting_days * 86_400_000);
  await sql`delete from privacy.notice n where not exists (select 1 ${silent(context, scope)} and c.id = n.customer_id)`;
  const { count } = await sql`
    insert into privacy.notice (origin_id, customer_id, noticed_at, due_at)
    select c.id, c.id, ${now}, ${dueAt} ${silent(context, scope)} order by c.id on conflict (origin_id) do nothing`;
  if (count === 0) return 0;
  const day = dayIn(await zoneOf(context), dueAt);
  const title = en[count === 1 ? 'privacy.task.inactive_one' : 'privacy.task.inactive_other']!.replace(
    '{{count}}',
    String(count),
  ).replace('{{day}}', day);
  await createTask(context, { title, note: en['privacy.task.inactive_note'], dueOn: addDays(day, -3) });
  return count;
};

export const inactiveKind: RetentionKind = {
  code: 'privacy.inactive',
  label: 'privacy.retention.inactive',
  about: 'privacy.retention.inactive_about',
  usualDays: 1095,
  leastDays: 365,
  mostDays: 3650,
  onFromStart: false,
  // Each is an erasure over every table.
  portion: 100,
  count: async (context, scope) => {
    const [row] = await context.postgres`
      select count(*) as rows, count(*) as people,
        min(coalesce((select max(s.last_at) from customers.seen s where s.customer_id = c.id), c.first_seen_at)) as oldest ${silent(context, scope)}`;
    return row as unknown as { rows: number; people: number; oldest: Date | null };
  },
  remove: async (context, { limit, ...scope }) => {
    const rows = await context.postgres`
      select c.id ${silent(context, scope)} and exists (select 1 from privacy.notice n where n.customer_id = c.id and n.due_at <= ${context.clock.now()})
      order by c.id limit ${limit}`;
    const ids = rows.map(row => row.id as number);
    await forgetPeople(context, ids);
    return { rows: ids.length, origins: ids };
  },
};

/** Who waits for their erasure, soonest first. */
export const noticedPeople = async (context: Context, limit: number) => {
  const [{ total }] = await context.postgres`select count(*)::int as total from privacy.notice`;
  const rows = await context.postgres`select customer_id, due_at from privacy.notice order by due_at, customer_id limit ${limit}`;
  return { total: total as number, rows: rows as unknown as { customer_id: number; due_at: Date }[] };
};
