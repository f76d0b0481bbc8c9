/** The work of a bulk change and of its undo: some customers a transaction, so that whoever takes it over goes on where it stopped. */
import { type Context, systemActor } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import type { JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type BulkAction, bulkActions, undoable_days } from './action.ts';

const portion = 500;

type Change = { action: BulkAction; argument: string; customers: number; changed: number };

/** What is written bears the name of whoever asked for it. */
const open = async (
  context: Context,
  id: string,
  by: 'by_whom' | 'undone_by',
): Promise<{ inside: Context; change: Change } | null> => {
  const [row] = await context.postgres`select * from bulk.change where id = ${id}`;
  if (!row) return null;
  const action = context.slots.get(bulkActions, row.action as string);
  if (!action) throw new Refusal('refused', 'bulk.unknown_action', `There is no action "${row.action}" in this version.`);
  const actor = { ...systemActor, id: row.by_id as string | null, name: row[by] as string };
  return {
    inside: { ...context, actor },
    change: { action, argument: row.argument as string, customers: row.customers as number, changed: row.changed as number },
  };
};

export const runChange = async (context: Context, id: string, progress: JobProgress): Promise<void> => {
  const opened = await open(context, id, 'by_whom');
  if (!opened) return;
  const { action, argument, customers } = opened.change;
  for (let done = 0; ; ) {
    const worked = await inTransaction(opened.inside, async inside => {
      const items = await inside.postgres`
        select i.origin_id, i.customer_id, c.erased_at is null as there from bulk.item i join customers.customer c on c.id = i.customer_id
        where change_id = ${id} and state = 'waiting' order by i.origin_id limit ${portion} for update of i`;
      const people = [...new Set(items.flatMap(item => (item.there ? [item.customer_id as number] : [])))];
      const changed = people.length === 0 ? new Map<number, string | null>() : await action.run(inside, people, argument);
      await inside.postgres`
        update bulk.item i set state = case when n.customer_id is null then 'same' else 'changed' end, before = n.before
        from unnest(${items.map(item => item.origin_id as number)}::bigint[]) as one(origin_id)
          join bulk.item mine on mine.change_id = ${id} and mine.origin_id = one.origin_id
          left join unnest(${[...changed.keys()]}::bigint[], ${[...changed.values()]}::text[]) as n(customer_id, before) on n.customer_id = mine.customer_id
        where i.change_id = ${id} and i.origin_id = one.origin_id`;
      return items.length;
    });
    if (worked === 0) break;
    done += worked;
    await progress.report(Math.min(done, customers), customers);
    await context.live.publish('bulk', { id }, 'customers:write');
  }
  await context.postgres`
    update bulk.change set state = 'done', finished_at = ${context.clock.now()},
      changed = (select count(*) from bulk.item where change_id = ${id} and state = 'changed')
    where id = ${id} and state = 'running'`;
  await context.live.publish('bulk', { id }, 'customers:write');
};

export const undoWork = async (context: Context, id: string, progress: JobProgress): Promise<void> => {
  const opened = await open(context, id, 'undone_by');
  if (!opened) return;
  const { action, argument, changed } = opened.change;
  for (let done = 0; ; ) {
    const worked = await inTransaction(opened.inside, async inside => {
      const items = await inside.postgres`
        select i.origin_id, i.customer_id, i.before from bulk.item i
        where change_id = ${id} and state = 'changed' order by i.origin_id limit ${portion} for update`;
      const before = new Map(items.map(item => [item.customer_id as number, item.before as string | null]));
      const back = before.size === 0 ? [] : await action.undo(inside, before, argument);
      await inside.postgres`
        update bulk.item set state = case when customer_id = any(${back}::bigint[]) then 'undone' else 'kept' end
        where change_id = ${id} and origin_id = any(${items.map(item => item.origin_id as number)}::bigint[])`;
      return items.length;
    });
    if (worked === 0) break;
    done += worked;
    await progress.report(Math.min(done, changed), changed);
    await context.live.publish('bulk', { id }, 'customers:write');
  }
  await context.postgres`update bulk.change set state = 'undone' where id = ${id} and state = 'undoing'`;
  await context.live.publish('bulk', { id }, 'customers:write');
};

/** What cannot be undone any more needs no list of people. */
export const forgetItems = async (context: Context): Promise<void> => {
  const before = new Date(context.clock.now().getTime() - undoable_days * 86_400_000);
  await context.postgres`
    delete from bulk.item i using bulk.change c where c.id = i.change_id and c.state in ('done', 'undone') and c.at < ${before}`;
};
