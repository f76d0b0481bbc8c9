/** How long notes and addresses are kept, and how a whole person is forgotten by a rule. */
import type { Context } from '../../platform/context.ts';
import { forgetAnswersAbout } from '../../platform/idempotency.ts';
import { type KeptFor, keptFor, type RetentionKind, retentionKinds } from '../../platform/retention.ts';
import { fill } from '../../platform/slot.ts';
import { customerSettings } from './customer-settings.ts';
import { eraseRows, finishLater } from './erase-customer.ts';
import { lockIdentity, originsOf } from './owners.ts';
import { queueCopy } from './postgres.ts';
import { touchCustomers } from './touch-customers.ts';

/** `code` is also the word that facts listen to. */
const byAge = (table: 'note' | 'address', code: string): RetentionKind => ({
  code: `customers.${code}`,
  label: `customers.retention.${code}`,
  about: `customers.retention.${code}_about`,
  usualDays: 1095,
  leastDays: 30,
  mostDays: 3650,
  onFromStart: false,
  count: async (context, { before, held }) => {
    const sql = context.postgres;
    const [row] = await sql`
      select count(*) as rows, count(distinct customer_id) as people, min(at) as oldest from ${sql(`customers.${table}`)}
      where at < ${before} and origin_id <> all(${held as number[]}::bigint[])`;
    return row as unknown as { rows: number; people: number; oldest: Date | null };
  },
  remove: async (context, { before, held, limit }) => {
    const sql = context.postgres;
    const gone = await sql`
      delete from ${sql(`customers.${table}`)}
      where id in (select id from ${sql(`customers.${table}`)} where at < ${before} and origin_id <> all(${held as number[]}::bigint[]) order by id limit ${limit})
      returning origin_id`;
    const origins = gone.map(row => row.origin_id as number);
    await touchCustomers(context, origins, [code], { historical: true });
    return { rows: gone.length, origins };
  },
});

const visitors: KeptFor = {
  code: 'customers.visitors',
  label: 'customers.retention.visitors',
  about: 'customers.retention.visitors_about',
  days: async context => (await customerSettings(context)).visitor_days || null,
  link: null,
};

export const customersRetention = [
  ...fill(retentionKinds, byAge('note', 'notes'), byAge('address', 'addresses')),
  ...fill(keptFor, visitors),
];

/**
 * Erases these people (owners) in the caller's transaction, without a receipt or a block for each: by a rule, not because they asked. The
 * same tables, files and copies as an erasure.
 */
export const forgetPeople = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  if (customerIds.length === 0) return;
  await lockIdentity(context, 'alone');
  const sql = context.postgres;
  const ids = [...(await originsOf(context, customerIds)).values()].flat().sort((a, b) => a - b);
  const said = await sql`
    select value from customers.identifier where customer_id = any(${ids}::bigint[]) union select unnest(array[name, email, phone]) from customers.customer where id = any(${ids}::bigint[])`;
  await forgetAnswersAbout(
    context,
    said.flatMap(row => (row.value === null ? [] : [row.value as string])),
  );
  const files =
    await sql`select id from platform.file where customer_id = any(${ids}::bigint[]) or origin_id = any(${ids}::bigint[])`;
  await eraseRows(context, ids);
  await queueCopy(context, ids);
  await finishLater(context, { origin_ids: ids, file_ids: files.map(file => file.id as string) });
};
