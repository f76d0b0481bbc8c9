/** The access review: everybody and every key, what they may do and see, when they last did, and who looked at it last. */
import { Readable } from 'node:stream';
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { csvLine } from '../../platform/csv.ts';
import type { FileAnswer } from '../../platform/http.ts';
import { guardExport } from './guard-export.ts';
import { type ApiKeyRow, readApiKeys, readStaff, type StaffRow } from './postgres.ts';
import { withinBoth } from './shops-of-staff.ts';
import { roleOf } from './show-me.ts';

const day_ms = 86_400_000;
export const reviewEvery_days = 90;
const unusedAfter_days = 90;

type Seen = {
  exports: Map<string, { at: Date; kind: string; rows: number }>;
  reviews: Map<string, { at: Date; by_name: string }>;
  sessions: Map<string, number>;
  devices: Map<string, number>;
  factors: Map<string, { totp: boolean; passkeys: number }>;
};

const look = async ({ postgres, clock }: Context): Promise<Seen> => {
  const [exports, reviews, sessions, devices, factors] = await Promise.all([
    postgres`select distinct on (actor_id) actor_id as id, at, kind, rows from access.export order by actor_id, at desc`,
    postgres`select distinct on (subject_id) subject_id as id, at, by_name from access.review order by subject_id, at desc`,
    postgres`select staff_id as id, count(*)::int as n from access.session where ended_at is null and expires_at > ${clock.now()} group by 1`,
    postgres`select staff_id as id, count(*)::int as n from access.device group by 1`,
    postgres`
      select staff.id, exists (select from access.totp where staff_id = staff.id and confirmed_at is not null) as totp,
        (select count(*)::int from access.passkey where staff_id = staff.id) as passkeys from access.staff staff`,
  ]);
  const byId = <T>(rows: readonly Record<string, unknown>[], value: (row: never) => T) =>
    new Map(rows.map(row => [row.id as string, value(row as never)]));
  return {
    exports: byId(exports, (row: { at: Date; kind: string; rows: number }) => row),
    reviews: byId(reviews, (row: { at: Date; by_name: string }) => row),
    sessions: byId(sessions, (row: { n: number }) => row.n),
    devices: byId(devices, (row: { n: number }) => row.n),
    factors: byId(factors, (row: { totp: boolean; passkeys: number }) => row),
  };
};

const common = (context: Context, seen: Seen, id: string, createdAt: Date, lastUsedAt: Date | null, works: boolean) => {
  const now = context.clock.now().getTime();
  const last = seen.exports.get(id);
  const review = seen.reviews.get(id);
  return {
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
    last_export: last ? { at: last.at.toISOString(), kind: last.kind, rows: last.rows } : null,
    sessions: seen.sessions.get(id) ?? 0,
    devices: seen.devices.get(id) ?? 0,
    unused: works && now - (lastUsedAt ?? createdAt).getTime() > unusedAfter_days * day_ms,
    reviewed_at: review?.at.toISOString() ?? null,
    reviewed_by: review?.by_name ?? null,
    due: works && now - (review?.at ?? createdAt).getTime() > reviewEvery_days * day_ms,
  };
};

const ofStaff = (context: Context, seen: Seen, row: StaffRow) => ({
  kind: 'staff' as const,
  id: row.id,
  name: row.name,
  email: row.email,
  role: roleOf(row),
  state: row.disabled_at ? ('disabled' as const) : row.password_hash === null ? ('invited' as const) : ('active' as const),
  verbs: row.verbs,
  fields: row.fields,
  shop_ids: withinBoth(row.role_shop_ids, row.shop_ids),
  second_factor: seen.factors.get(row.id) ?? { totp: false, passkeys: 0 },
  ...common(context, seen, row.id, row.created_at, row.last_seen_at, row.disabled_at === null),
});

const ofKey = (context: Context, seen: Seen, row: ApiKeyRow) => {
  const works = row.revoked_at === null && (row.expires_at === null || row.expires_at > context.clock.now());
  return {
    kind: 'api-key' as const,
    id: row.id,
    name: row.name,
    email: null,
    role: null,
    state: works ? ('active' as const) : ('ended' as const),
    verbs: row.verbs,
    fields: row.fields,
    shop_ids: row.shop_ids,
    second_factor: null,
    ...common(context, seen, row.id, row.created_at, row.last_used_at, works),
  };
};

export const reviewAccess = async (context: Context) => {
  const [staff, keys, seen] = await Promise.all([readStaff(context), readApiKeys(context), look(context)]);
  const data = [
    ...staff.map(row => ofStaff(context, seen, row)),
    ...keys.map(row => ofKey(context, seen, row)).filter(key => key.state === 'active'),
  ];
  const working = data.filter(row => row.state === 'active' || row.state === 'invited');
  const lookedAt = working.map(row => new Date(row.reviewed_at ?? row.created_at).getTime());
  const stamps = data.flatMap(row => (row.reviewed_at ? [row.reviewed_at] : []));
  return {
    data,
    last_at: stamps.sort().at(-1) ?? null,
    due_at: new Date(Math.min(...lookedAt, context.clock.now().getTime()) + reviewEvery_days * day_ms).toISOString(),
  };
};

/** One stamp each, with who and when; what was not stamped stays due. */
export const stampReview = async (context: Context, subjects: readonly { kind: 'staff' | 'api-key'; id: string }[]) => {
  const rows = await context.postgres`
    insert into access.review (subject_kind, subject_id, at, by_id, by_name)
    select kind, id, ${context.clock.now()}, ${context.actor.kind === 'staff' ? context.actor.id : null}::uuid, ${context.actor.name}
    from unnest(${subjects.map(one => one.kind)}::text[], ${subjects.map(one => one.id)}::uuid[]) as given(kind, id)
    where exists (select from access.staff where staff.id = given.id and kind = 'staff') or exists (select from access.api_key key where key.id = given.id and kind = 'api-key')
    returning id`;
  await audit(context, 'access.reviewed', { subjects: rows.length });
  return { reviewed: rows.length };
};

const columns = [
  'kind',
  'name',
  'email',
  'role',
  'state',
  'may',
  'sees',
  'shops',
  'created_at',
  'last_used_at',
  'unused',
  'last_export_at',
  'last_export_rows',
  'authenticator_app',
  'passkeys',
  'sessions',
  'devices',
  'reviewed_at',
  'reviewed_by',
];

export const reviewCsv = async (context: Context): Promise<FileAnswer> => {
  const { data } = await reviewAccess(context);
  await guardExport(context, { kind: 'access.review', rows: data.length });
  const lines = data.map(row =>
    csvLine([
      row.kind,
      row.name,
      row.email,
      row.role?.name,
      row.state,
      row.verbs.join(' '),
      row.fields.join(' '),
      row.shop_ids === null ? 'all' : row.shop_ids.join(' '),
      row.created_at,
      row.last_used_at,
      row.unused,
      row.last_export?.at,
      row.last_export?.rows,
      row.second_factor?.totp,
      row.second_factor?.passkeys,
      row.sessions,
      row.devices,
      row.reviewed_at,
      row.reviewed_by,
    ]),
  );
  return {
    file: Readable.from([`\ufeff${csvLine(columns)}`, ...lines]),
    filename: `access-review-${context.clock.now().toISOString().slice(0, 10)}.csv`,
  };
};

/** Once a quarter: announced, so that the desk makes a task of it. */
export const announceReview = async (context: Context): Promise<void> => {
  const { data, due_at } = await reviewAccess(context);
  const due = data.filter(row => row.due).length;
  if (due === 0) return;
  await context.announce('access.review_due', { due_on: due_at.slice(0, 10), subjects: due });
};
