/** What one member of staff should know. Other features tell them through this front door. */
import type { Context } from '../../platform/context.ts';
import { notFound } from '../../platform/errors.ts';

/** `title` is a text key with `values`; `link` an address inside the admin app. Writes in the caller's transaction. */
export const notify = async (
  context: Context,
  input: { staffId: string; title: string; values: Record<string, string | number>; link: string | null },
): Promise<void> => {
  const { postgres: sql, clock } = context;
  await sql`
    insert into desk.notification (staff_id, title, values, link, at)
    values (${input.staffId}::uuid, ${input.title}, ${sql.json(input.values)}, ${input.link}, ${clock.now()})`;
  await context.live.publish('notification', { staff_id: input.staffId });
};

/** One's own, newest first; keys have none. */
export const listNotifications = async (context: Context, limit: number) => {
  const rows = context.actor.id
    ? await context.postgres`
        select id, title, values, link, at, read_at from desk.notification where staff_id = ${context.actor.id}::uuid order by at desc, id desc limit ${limit}`
    : [];
  const [{ unread }] = context.actor.id
    ? await context.postgres`select count(*)::int as unread from desk.notification where staff_id = ${context.actor.id}::uuid and read_at is null`
    : [{ unread: 0 }];
  return {
    data: rows.map(row => ({
      id: row.id as string,
      title: row.title as string,
      values: row.values as Record<string, string | number>,
      link: row.link as string | null,
      at: (row.at as Date).toISOString(),
      read_at: (row.read_at as Date | null)?.toISOString() ?? null,
    })),
    unread: unread as number,
  };
};

export const markRead = async (context: Context, id: string, read: boolean): Promise<void> => {
  const rows = await context.postgres`
    update desk.notification set read_at = ${read ? context.clock.now() : null} where id = ${id} and staff_id = ${context.actor.id}::uuid returning id`;
  if (rows.length === 0) throw notFound('notification');
};

export const markAllRead = async (context: Context): Promise<void> => {
  await context.postgres`
    update desk.notification set read_at = ${context.clock.now()} where staff_id = ${context.actor.id}::uuid and read_at is null`;
};
