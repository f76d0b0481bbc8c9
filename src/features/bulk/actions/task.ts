import { createTask, withdrawTasks } from '../../desk/index.ts';
import type { BulkAction } from '../action.ts';

/** One task each, for people to talk to one by one. */
export const makeTask: BulkAction = {
  code: 'call',
  label: 'bulk.action.call',
  told: 'bulk.told.call',
  needs: 'tasks:write',
  argument: { kind: 'text', label: 'bulk.call', most_letters: 200 },
  most: 500,
  run: async (context, ids, title) => {
    const made = new Map<number, string>();
    for (const id of ids) made.set(id, (await createTask(context, { kind: 'call', title, customerId: id })).id);
    return made;
  },
  // One that somebody has done or changed stays.
  undo: (context, changed) => withdrawTasks(context, [...changed.values()] as string[]),
};
