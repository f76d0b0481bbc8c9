/** What of this feature is about a customer. */
import type { Context } from '../../platform/context.ts';
import type { CustomerTable } from '../../platform/feature.ts';

/** A task's words often name the person, and so does the notification that told of it. */
const eraseTasks = async ({ postgres }: Context, ids: readonly number[]): Promise<void> => {
  await postgres`
    delete from desk.notification n using desk.task t where t.customer_id = any(${ids as number[]}::bigint[]) and n.link = '/tasks?open=' || t.id`;
  await postgres`delete from desk.task where customer_id = any(${ids as number[]}::bigint[])`;
};

export const customerTables: readonly CustomerTable[] = [
  { table: 'desk.task', label: 'desk.table.task', merge: 'move', erase: eraseTasks },
  { table: 'desk.today_choice', label: 'desk.table.today_choice', merge: 'move', erase: 'delete' },
];
