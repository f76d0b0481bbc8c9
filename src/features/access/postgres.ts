/** The questions this feature asks its tables. */
import type { Context } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { hasFactorSql } from './second-factors.ts';
import { idleSince } from './session.ts';

export type RoleRow = {
  id: string;
  code: string | null;
  name: string | null;
  verbs: string[];
  fields: FieldGroup[];
  shop_ids: string[] | null;
  description: string;
  export_rows_per_day: number | null;
  version: number;
};
export type StaffRow = {
  id: string;
  email: string;
  name: string;
  password_hash: string | null;
  settings: Record<string, unknown>;
  disabled_at: Date | null;
  created_at: Date;
  version: number;
  role_id: string;
  role_code: string | null;
  role_name: string | null;
  verbs: string[];
  fields: FieldGroup[];
  last_seen_at: Date | null;
  /** Narrower than the role's; null = as the role. */
  shop_ids: string[] | null;
  role_shop_ids: string[] | null;
  has_factor: boolean;
};

const staffQuery = (context: Context) => context.postgres`
  select staff.id, staff.email, staff.name, staff.password_hash, staff.settings, staff.disabled_at, staff.created_at, staff.version,
    role.id as role_id, role.code as role_code, role.name as role_name, role.verbs, role.fields,
    staff.shop_ids, role.shop_ids as role_shop_ids, ${hasFactorSql(context)} as has_factor,
    (select max(last_seen_at) from access.session where staff_id = staff.id) as last_seen_at
  from access.staff staff join access.role role on role.id = staff.role_id`;

export const readStaff = (context: Context): Promise<StaffRow[]> =>
  context.postgres<StaffRow[]>`${staffQuery(context)} order by staff.name, staff.id`;

export const findStaff = async (context: Context, id: string): Promise<StaffRow | undefined> => {
  const [row] = await context.postgres<StaffRow[]>`${staffQuery(context)} where staff.id = ${id}`;
  return row;
};

export const findStaffByEmail = async (context: Context, email: string): Promise<StaffRow | undefined> => {
  const [row] = await context.postgres<StaffRow[]>`${staffQuery(context)} where staff.email = ${email}`;
  return row;
};

export const hasOwner = async ({ postgres }: Context): Promise<boolean> => {
  const [{ found }] = await postgres<{ found: boolean }[]>`
    select exists (select from access.staff join access.role on role.id = staff.role_id where role.code = 'owner') as found`;
  return found;
};

/** One change of the team at a time, to the end of the transaction: two owners cannot remove each other at the same moment. */
export const lockTeam = async ({ postgres }: Context): Promise<void> => {
  await postgres`select pg_advisory_xact_lock(7230011)`;
};

export const ownersWhoCanSignIn = async ({ postgres }: Context): Promise<string[]> => {
  const rows = await postgres<{ id: string }[]>`
    select staff.id from access.staff staff join access.role role on role.id = staff.role_id
    where role.code = 'owner' and staff.disabled_at is null and staff.password_hash is not null`;
  return rows.map(row => row.id);
};

export const readRoles = ({ postgres }: Context): Promise<(RoleRow & { staff: number })[]> =>
  postgres<(RoleRow & { staff: number })[]>`
    select role.id, role.code, role.name, role.verbs, role.fields, role.shop_ids, role.description, role.export_rows_per_day, role.version,
      (select count(*) from access.staff where role_id = role.id and disabled_at is null) as staff
    from access.role order by role.created_at, role.id`;

export const findRole = async ({ postgres }: Context, id: string): Promise<RoleRow | undefined> => {
  const [row] = await postgres<
    RoleRow[]
  >`select id, code, name, verbs, fields, shop_ids, description, export_rows_per_day, version from access.role where id = ${id}`;
  return row;
};

/** Ends every session of somebody but one; `why` is a code ("password_changed"). */
export const endSessions = async (context: Context, staffId: string, why: string, keepSessionId?: string): Promise<number> => {
  const ended = await context.postgres`
    update access.session set ended_at = ${context.clock.now()}, ended_why = ${why}
    where staff_id = ${staffId} and ended_at is null and id is distinct from ${keepSessionId ?? null} returning id`;
  return ended.length;
};

export type SessionRow = { id: string; browser: string; address: string; created_at: Date; last_seen_at: Date };

export const readSessions = ({ postgres, clock }: Context, staffId: string): Promise<SessionRow[]> =>
  postgres<SessionRow[]>`
    select id, browser, address, created_at, last_seen_at from access.session
    where staff_id = ${staffId} and ended_at is null and expires_at > ${clock.now()} and last_seen_at > ${idleSince(clock.now())}
    order by last_seen_at desc, id`;

export type ApiKeyRow = {
  id: string;
  name: string;
  last4: string;
  verbs: string[];
  fields: FieldGroup[];
  shop_ids: string[] | null;
  created_by: string | null;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
};

export const readApiKeys = ({ postgres }: Context, id?: string): Promise<ApiKeyRow[]> =>
  postgres<ApiKeyRow[]>`
    select key.id, key.name, key.last4, key.verbs, key.fields, key.shop_ids, staff.name as created_by, key.created_at, key.expires_at, key.last_used_at, key.revoked_at
    from access.api_key key left join access.staff staff on staff.id = key.created_by
    where ${id ?? null}::uuid is null or key.id = ${id ?? null}
    order by key.revoked_at is not null, key.created_at desc`;
