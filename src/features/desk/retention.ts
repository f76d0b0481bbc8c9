/** How long finished tasks are kept. */
import { type RetentionKind, retentionKinds } from '../../platform/retention.ts';
import { fill } from '../../platform/slot.ts';

const tasks: RetentionKind = {
  code: 'desk.tasks',
  label: 'desk.retention.tasks',
  about: 'desk.retention.tasks_about',
  usualDays: 730,
  leastDays: 30,
  mostDays: 3650,
  onFromStart: false,
  count: async (context, { before, held }) => {
    const [row] = await context.postgres`
      select count(*) as rows, count(distinct customer_id) as people, min(done_at) as oldest from desk.task
      where done_at < ${before} and coalesce(origin_id, 0) <> all(${held as number[]}::bigint[])`;
    return row as unknown as { rows: number; people: number; oldest: Date | null };
  },
  remove: async (context, { before, held, limit }) => {
    const gone = await context.postgres`
      delete from desk.task
      where id in (select id from desk.task where done_at < ${before} and coalesce(origin_id, 0) <> all(${held as number[]}::bigint[]) order by id limit ${limit})
      returning origin_id`;
    return { rows: gone.length, origins: gone.flatMap(row => (row.origin_id === null ? [] : [row.origin_id as number])) };
  },
};

export const deskRetention = fill(retentionKinds, tasks);
