/** Alerts: what an owner should look at, with the evidence. What happens again while one is open is counted there. */

import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';

export const alertKinds = [
  'new_device',
  'new_network',
  'long_silence',
  'many_refusals',
  'many_wrong_logins',
  'bulk_read',
  'large_export',
  'odd_hour_export',
  'export_stopped',
] as const;
export type AlertKind = (typeof alertKinds)[number];
export type AlertSubject = { kind: 'staff' | 'api-key' | 'network'; id: string; name: string };
export type NewAlert = { kind: AlertKind; subject: AlertSubject; evidence: Record<string, string | number> };

/** Announces `access.alert_raised` for a new one only; a burst that goes on makes no second noise. */
export const raiseAlert = (context: Context, alert: NewAlert): Promise<void> =>
  inTransaction(context, async inside => {
    const now = inside.clock.now();
    const { kind, subject, evidence } = alert;
    const [row] = await inside.postgres<{ id: string; times: number }[]>`
      insert into access.alert as open (kind, subject_kind, subject_id, subject_name, first_at, last_at, evidence)
      values (${kind}, ${subject.kind}, ${subject.id}, ${subject.name}, ${now}, ${now}, ${inside.postgres.json(evidence)})
      on conflict (kind, subject_kind, subject_id) where acknowledged_at is null
      do update set last_at = excluded.last_at, times = open.times + 1, evidence = excluded.evidence
      returning id, times`;
    if (row.times > 1) return;
    await inside.announce('access.alert_raised', {
      alert_id: row.id,
      kind,
      subject_kind: subject.kind,
      subject_id: subject.id,
      subject_name: subject.name,
      tell: await whomToTell(inside, alert),
    });
    await inside.live.publish('alert', { id: row.id }, 'staff:read');
  });

/** The owners, and the person whose login it is: they know whether it was them. */
const whomToTell = async ({ postgres }: Context, { kind, subject }: NewAlert): Promise<string[]> => {
  const owners = await postgres<{ id: string }[]>`
    select staff.id from access.staff staff join access.role role on role.id = staff.role_id where role.code = 'owner' and staff.disabled_at is null`;
  const own = subject.kind === 'staff' && ['new_device', 'new_network', 'long_silence'].includes(kind) ? [subject.id] : [];
  return [...new Set([...owners.map(owner => owner.id), ...own])];
};

type AlertFilter = { state: 'open' | 'done'; limit: number; cursor?: string };

export const listAlerts = async ({ postgres: sql }: Context, { state, limit, cursor }: AlertFilter) => {
  const rows = await sql`
    select *, to_char(last_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as mark from access.alert
    where (acknowledged_at is null) = ${state === 'open'}
      ${cursor ? sql`and (last_at, id) < (${cursor.split('/')[0]}::text::timestamptz, ${cursor.split('/')[1] ?? ''}::text::uuid)` : sql``}
    order by last_at desc, id desc limit ${limit + 1}`;
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(({ subject_kind, subject_id, subject_name, mark: _, ...row }) => ({
      ...row,
      subject: { kind: subject_kind, id: subject_id, name: subject_name },
    })),
    next_cursor: rows.length > limit && last ? `${last.mark}/${last.id}` : null,
  };
};

export const acknowledgeAlert = (context: Context, id: string, note: string | null): Promise<void> =>
  inTransaction(context, async inside => {
    const rows = await inside.postgres`
      update access.alert set acknowledged_at = ${inside.clock.now()}, acknowledged_by = ${inside.actor.name}, note = ${note}
      where id = ${id} and acknowledged_at is null returning id`;
    if (rows.length === 0) throw notFound('alert');
    await audit(inside, 'access.alert_acknowledged', { subject: { kind: 'alert', id } });
    await inside.live.publish('alert', { id }, 'staff:read');
  });
