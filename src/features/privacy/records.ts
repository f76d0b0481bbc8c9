/** Records of processing activities (GDPR art. 30): read from what this installation truly does, completed by what people write. */
import { randomUUID } from 'node:crypto';
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { fieldGroups } from '../../platform/contract.ts';
import { csvLine } from '../../platform/csv.ts';
import { notFound, stale } from '../../platform/errors.ts';
import { customerTableSlot } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { keptFor, retentionKinds } from '../../platform/retention.ts';
import { purposesOf } from '../consent/index.ts';
import { organisationOf } from '../shops/index.ts';
import { hasEnglish, sayEnglish } from './english.ts';
import { recipients } from './recipients.ts';
import { ruleOf } from './retention.ts';

/** What people write, by the names of the contract. */
export type RecordFields = Partial<Record<string, string>>;

type Stored = { code: string; fields: RecordFields; changed_at: Date; changed_by: string; version: number };

const storedRecords = async (context: Context): Promise<Map<string, Stored>> => {
  const rows =
    (await context.postgres`select code, fields, changed_at, changed_by, version from privacy.record order by code`) as unknown as Stored[];
  return new Map(rows.map(row => [row.code, row]));
};

/** Tables grouped by the feature that owns them: what is kept about people, how much, and what an erasure does with it. */
const activitiesOf = async (context: Context) => {
  const tables = Map.groupBy(
    context.slots.all(customerTableSlot).filter(table => table.export !== null),
    table => table.table.split('.')[0],
  );
  const estimates = new Map(
    (
      await context.postgres`
      select n.nspname || '.' || c.relname as name,
        (case when c.relkind = 'p' then (select coalesce(sum(greatest(p.reltuples, 0)), 0) from pg_inherits i join pg_class p on p.oid = i.inhrelid where i.inhparent = c.oid) else greatest(c.reltuples, 0) end)::bigint as rows
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')`
    ).map(row => [row.name as string, row.rows as number]),
  );
  return [...tables].map(([code, list]) => ({
    code,
    data: list.map(table => ({
      table: table.table,
      label: table.label,
      rows: estimates.get(table.table) ?? 0,
      erased: table.erase === 'delete' ? ('deleted' as const) : ('own_rule' as const),
    })),
  }));
};

const retentionOf = async (context: Context) => {
  const lines: { feature: string; label: string; days: number | null; on: boolean }[] = [];
  for (const kind of context.slots.all(retentionKinds)) {
    const rule = await ruleOf(context, kind);
    lines.push({ feature: kind.code.split('.')[0], label: kind.label, days: rule.days, on: rule.on });
  }
  for (const one of context.slots.all(keptFor)) {
    const days = await one.days(context);
    lines.push({ feature: one.code.split('.')[0], label: one.label, days, on: days !== null });
  }
  return lines;
};

/** Who in the team may see what: roles with their field groups, and how many people hold them. */
const accessOf = async (context: Context) =>
  (await context.postgres`
    select coalesce(r.name, r.code) as role, r.code is not null as built_in, r.fields, (select count(*)::int from access.staff s where s.role_id = r.id and s.disabled_at is null) as people
    from access.role r order by people desc, role`) as unknown as {
    role: string;
    built_in: boolean;
    fields: string[];
    people: number;
  }[];

export const showRecords = async (context: Context) => {
  const [organisation, stored, activities, retention, access, purposes] = await Promise.all([
    organisationOf(context),
    storedRecords(context),
    activitiesOf(context),
    retentionOf(context),
    accessOf(context),
    purposesOf(context),
  ]);
  const outside = (await Promise.all(context.slots.all(recipients).map(source => source.read(context)))).flat();
  const [{ exports, people }] = await context.postgres`
    select count(*)::int as exports, count(distinct actor_id)::int as people from platform.audit
    where action like '%.exported' and at > ${new Date(context.clock.now().getTime() - 90 * 86_400_000)}`;
  const written = (code: string) => {
    const row = stored.get(code);
    return {
      fields: row?.fields ?? {},
      version: row?.version ?? 0,
      changed_at: row?.changed_at ?? null,
      changed_by: row?.changed_by ?? null,
    };
  };
  return {
    organisation: organisation.name,
    made_at: context.clock.now(),
    controller: written('controller'),
    activities: activities.map(activity => ({
      ...activity,
      own: false,
      ...written(activity.code),
      retention: retention.filter(line => line.feature === activity.code).map(({ feature: _, ...line }) => line),
    })),
    own: [...stored.values()]
      .filter(row => row.code.startsWith('own:'))
      .map(({ code }) => ({ code, own: true, data: [], retention: [], ...written(code) })),
    purposes: purposes
      .filter(purpose => purpose.archivedAt === null)
      .map(({ code, basis, name, description }) => ({ code, basis, name, description })),
    recipients: outside,
    access: access.map(one => ({ ...one, fields: fieldGroups.filter(group => one.fields.includes(group)) })),
    exports: { days: 90, count: exports as number, people: people as number },
  };
};

type Change = { version: number; fields: RecordFields };

/** Errors: not_found (neither an activity of this installation nor one of one's own), conflict. */
export const changeRecord = (context: Context, code: string, change: Change): Promise<void> =>
  inTransaction(context, async inside => {
    const known = code === 'controller' || (await activitiesOf(inside)).some(activity => activity.code === code);
    const before = (await storedRecords(inside)).get(code);
    if (!known && !before) throw notFound('record');
    if ((before?.version ?? 0) !== change.version) throw stale('record');
    const written = await inside.postgres`
      insert into privacy.record (code, fields, changed_at, changed_by) values (${code}, ${inside.postgres.json(change.fields as never)}, ${inside.clock.now()}, ${inside.actor.name})
      on conflict (code) do update set fields = excluded.fields, changed_at = excluded.changed_at, changed_by = excluded.changed_by, version = privacy.record.version + 1
      where privacy.record.version = ${change.version} returning code`;
    if (written.length === 0) throw stale('record');
    await audit(inside, 'privacy.record_changed', { subject: { kind: 'record', id: code } });
  });

/** An activity outside of this installation (a paper file, a courier's list). */
export const addRecord = (context: Context, fields: RecordFields): Promise<string> =>
  inTransaction(context, async inside => {
    const code = `own:${randomUUID()}`;
    await inside.postgres`
      insert into privacy.record (code, fields, changed_at, changed_by) values (${code}, ${inside.postgres.json(fields as never)}, ${inside.clock.now()}, ${inside.actor.name})`;
    await audit(inside, 'privacy.record_changed', { subject: { kind: 'record', id: code } });
    return code;
  });

/** Only one's own: what the installation does cannot be written away. */
export const removeRecord = (context: Context, code: string): Promise<void> =>
  inTransaction(context, async inside => {
    const gone = await inside.postgres`delete from privacy.record where code = ${code} and code like 'own:%' returning code`;
    if (gone.length === 0) throw notFound('record');
    await audit(inside, 'privacy.record_removed', { subject: { kind: 'record', id: code } });
  });

/** One line per activity and kind of data, in English. */
export const recordsCsv = async (context: Context): Promise<string> => {
  const records = await showRecords(context);
  const header = [
    'activity',
    'purpose',
    'legal_basis',
    'people',
    'data',
    'rows_about',
    'on_erasure',
    'kept',
    'recipients',
    'transfers',
    'note',
  ];
  const lines = [...records.activities, ...records.own].flatMap(activity => {
    const { fields } = activity;
    const kept = activity.retention
      .map(line => `${sayEnglish(line.label)}: ${line.on && line.days !== null ? `${line.days} days` : 'for good'}`)
      .join('; ');
    const outside = [fields.recipients, ...records.recipients.map(one => `${one.name} (${one.what})`)].filter(Boolean).join('; ');
    const common = [kept, outside, fields.transfers, fields.note];
    const head = [
      fields.title ?? activityName(activity.code),
      fields.purpose ?? activityPurpose(activity.code),
      fields.legal_basis,
      fields.subjects,
    ];
    if (activity.data.length === 0) return [csvLine([...head, '', '', '', ...common])];
    return activity.data.map(data => csvLine([...head, sayEnglish(data.label), data.rows, data.erased, ...common]));
  });
  return `\ufeff${csvLine(header)}${lines.join('')}`;
};

/** A feature without words of its own here is named as it is. */
const activityName = (code: string): string =>
  hasEnglish(`privacy.activity.${code}`) ? sayEnglish(`privacy.activity.${code}`) : code;
const activityPurpose = (code: string): string =>
  hasEnglish(`privacy.activity.${code}_purpose`) ? sayEnglish(`privacy.activity.${code}_purpose`) : '';
