/** The audit log, newest first. Ids are time-ordered, so the cursor is the last id seen. */
import type { Context } from '../../platform/context.ts';

export type AuditFilter = {
  limit: number;
  cursor?: string;
  actor?: string;
  action?: string;
  subject_kind?: string;
  subject_id?: string;
  from?: string;
  to?: string;
};

export const listAudit = async ({ postgres: sql }: Context, filter: AuditFilter) => {
  const { cursor, actor, action, subject_kind, subject_id, from, to } = filter;
  const rows = await sql`
    select id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, details,
      case subject_kind
        when 'staff' then (select name from access.staff where id::text = subject_id)
        when 'api-key' then (select name from access.api_key where id::text = subject_id)
      end as subject_name
    from platform.audit
    where true
      ${cursor ? sql`and id < ${cursor}` : sql``}
      ${actor ? sql`and (actor_id = ${actor} or position(lower(${actor}) in lower(actor_name)) > 0)` : sql``}
      ${action ? sql`and (action = ${action} or (right(${action}, 1) = '.' and starts_with(action, ${action})))` : sql``}
      ${subject_kind ? sql`and subject_kind = ${subject_kind}` : sql``}
      ${subject_id ? sql`and subject_id = ${subject_id}` : sql``}
      ${from ? sql`and at >= ${from}` : sql``}
      ${to ? sql`and at < ${to}` : sql``}
    order by id desc limit ${filter.limit + 1}`;
  const data = rows.slice(0, filter.limit).map(row => ({
    id: row.id as string,
    at: row.at as Date,
    actor: { kind: row.actor_kind as string, id: row.actor_id as string | null, name: row.actor_name as string },
    action: row.action as string,
    subject: subjectOf(row),
    details: row.details as Record<string, unknown>,
  }));
  return { data, next_cursor: rows.length > filter.limit ? data.at(-1)!.id : null };
};

const subjectOf = (row: Record<string, unknown>) =>
  row.subject_kind === null
    ? null
    : { kind: row.subject_kind as string, id: row.subject_id as string, name: row.subject_name as string | null };
