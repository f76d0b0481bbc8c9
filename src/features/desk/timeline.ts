/** Tasks in a customer's timeline: made, and done. */
import type { TimelineEntry, TimelineSource } from '../customers/index.ts';

export const taskTimeline: TimelineSource = {
  kind: 'task',
  label: 'desk.timeline.kind',
  group: null,
  read: async ({ postgres: sql }, customerIds, { before, limit }) => {
    const rows = await sql`
      select * from (
        select t.id || '/made' as id, t.created_at as at, 'desk.timeline.made' as what, t.title, t.created_by as by, t.id as task from desk.task t where t.customer_id = any(${customerIds as number[]}::bigint[])
        union all
        select t.id || '/done', t.done_at, 'desk.timeline.done', t.title, t.done_by, t.id from desk.task t where t.customer_id = any(${customerIds as number[]}::bigint[]) and t.done_at is not null
        union all
        select c.id || '/today', c.at, 'desk.timeline.today_' || c.verb, c.until::text, c.by_whom, null from desk.today_choice c where c.customer_id = any(${customerIds as number[]}::bigint[]) and c.undone_at is null) as told
      where ${before ? sql`(at, id) < (${before.at}, ${before.id})` : sql`true`}
      order by at desc, id desc limit ${limit}`;
    return rows.map(
      (row): TimelineEntry => ({
        id: row.id as string,
        kind: 'task',
        at: row.at as Date,
        title: row.what as string,
        values: { title: row.title as string, by: row.by as string },
        link: row.task ? `/tasks?open=${row.task}` : null,
      }),
    );
  },
};
