/** Tells whoever keeps something up to date about customers (segments, predictions, the ClickHouse copy) that they changed. */
import type { Context } from '../../platform/context.ts';
import { touchConsumers } from './slots.ts';

/**
 * Writes one row per customer and consumer in the caller's transaction. `customerIds`: origins or owners, duplicates are fine.
 * `changed`: event names or words of `Fact.changedBy`.
 */
export const touchCustomers = async (
  context: Context,
  customerIds: readonly number[],
  changed: readonly string[],
  options: { historical: boolean },
): Promise<void> => {
  const ids = [...new Set(customerIds)];
  const consumers = context.slots
    .all(touchConsumers)
    .filter(consumer => consumer.wants?.(changed) ?? true)
    .map(consumer => consumer.name);
  if (ids.length === 0 || consumers.length === 0) return;
  const sql = context.postgres;
  await sql`
    insert into customers.touched (consumer, customer_id, changed, historical)
    select consumer, customer_id, ${changed as string[]}::text[], ${options.historical}
    from (
      select distinct coalesce(owner.customer_id, given.id) as customer_id
      from unnest(${ids}::bigint[]) as given(id) left join customers.owner on owner.origin_id = given.id) as people
    cross join unnest(${consumers}::text[]) as consumer`;
  await sql`select pg_notify('regulars_work', 'touched')`;
};

export type Touched = { customerId: number; changed: string[]; historical: boolean; at: Date };

/**
 * Takes up to `limit` rows of one consumer away, in the caller's transaction: they come back if it fails. Several touches of one
 * customer become one; it is historical only if all of them were. `at`: the oldest, for measuring the lag.
 */
export const takeTouched = async (context: Context, consumer: string, limit: number): Promise<Touched[]> => {
  const rows = await context.postgres`
    with taken as (
      delete from customers.touched
      where id in (select id from customers.touched where consumer = ${consumer} order by id for update skip locked limit ${limit})
      returning customer_id, changed, historical, at)
    select taken.customer_id, coalesce(array_agg(distinct word) filter (where word is not null), '{}') as changed, bool_and(historical) as historical, min(at) as at
    from taken left join lateral unnest(taken.changed) as word on true group by taken.customer_id order by taken.customer_id`;
  return rows.map(
    row => ({ customerId: row.customer_id, changed: row.changed, historical: row.historical, at: row.at }) as Touched,
  );
};
