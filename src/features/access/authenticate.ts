/** Who is calling: an API key in the Authorization header, else the session in the cookie, else nobody (null). */
import type { FastifyRequest } from 'fastify';
import type { Actor, Context } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { dueAt, type Policy } from './policy.ts';
import { findRole, findStaff } from './postgres.ts';
import { hasFactorSql } from './second-factors.ts';
import { idleSince, seenEvery_ms, tokenIn } from './session.ts';
import { withinBoth } from './shops-of-staff.ts';
import { englishName } from './show-me.ts';
import { digestToken } from './token.ts';

type Found = {
  id: string;
  name: string;
  verbs: string[];
  fields: FieldGroup[];
  shop_ids: string[] | null;
  seen_at: Date | null;
};
type FoundSession = Found & {
  session_id: string;
  role_id: string;
  staff_shop_ids: string[] | null;
  created_at: Date;
  has_factor: boolean;
  second_factor: Policy['secondFactor'];
  second_factor_roles: string[];
  grace_days: number;
  decided_at: Date | null;
  view_role_id: string | null;
  view_staff_id: string | null;
  view_until: Date | null;
};

/** A request with an Authorization header is judged by it alone: a wrong key never falls back to a cookie. */
export const authenticate = async (context: Context, request: Pick<FastifyRequest, 'headers'>): Promise<Actor | null> => {
  const header = request.headers.authorization;
  if (header !== undefined) return byApiKey(context, /^Bearer +(\S+)$/i.exec(header)?.[1]);
  return bySession(context, tokenIn(context.config, request.headers.cookie));
};

const bySession = async (context: Context, token: string | null): Promise<Actor | null> => {
  if (token === null) return null;
  const now = context.clock.now();
  const [found] = await context.postgres<FoundSession[]>`
    select staff.id, staff.name, staff.created_at, staff.role_id, role.verbs, role.fields, role.shop_ids, staff.shop_ids as staff_shop_ids,
      session.id as session_id, session.last_seen_at as seen_at, session.view_role_id, session.view_staff_id, session.view_until,
      ${hasFactorSql(context)} as has_factor, policy.second_factor, policy.second_factor_roles, policy.grace_days, policy.decided_at
    from access.session session
    join access.staff staff on staff.id = session.staff_id
    join access.role role on role.id = staff.role_id
    cross join access.policy policy
    where session.token_hash = ${digestToken(token)} and session.ended_at is null and staff.disabled_at is null
      and session.expires_at > ${now} and session.last_seen_at > ${idleSince(now)}`;
  if (!found) return null;
  if (isDue(found.seen_at, now))
    await context.postgres`update access.session set last_seen_at = ${now} where id = ${found.session_id}`;
  const own: Actor = {
    ...actor('staff', { ...found, shop_ids: withinBoth(found.shop_ids, found.staff_shop_ids) }),
    sessionId: found.session_id,
    ...(isHeld(found, now) && { held: 'second_factor' as const }),
  };
  return found.view_until !== null && found.view_until > now ? asViewed(context, own, found) : own;
};

/** The grace period is over and there is still no second factor. */
const isHeld = (found: FoundSession, now: Date): boolean => {
  if (found.has_factor || found.second_factor === 'nobody') return false;
  const policy = {
    secondFactor: found.second_factor,
    roleIds: found.second_factor_roles,
    graceDays: found.grace_days,
    decidedAt: found.decided_at,
  } as Policy;
  const due = dueAt(policy, { roleId: found.role_id, createdAt: found.created_at });
  return due !== null && due <= now;
};

/** Exactly what the other one holds, and never more than the viewer does by now. */
const asViewed = async (context: Context, own: Actor, found: FoundSession): Promise<Actor> => {
  const staff = found.view_staff_id === null ? undefined : await findStaff(context, found.view_staff_id);
  const role = await findRole(context, staff?.role_id ?? found.view_role_id ?? '00000000-0000-0000-0000-000000000000');
  if (!role || (found.view_staff_id !== null && (!staff || staff.disabled_at !== null))) return own;
  const shops = withinBoth(withinBoth(role.shop_ids, staff?.shop_ids ?? null), own.shopIds);
  return {
    ...own,
    id: staff?.id ?? own.id,
    name: staff?.name ?? role.name ?? englishName(role.code ?? ''),
    verbs: new Set(role.verbs.filter(verb => own.verbs.has(verb))),
    fields: new Set(role.fields.filter(field => own.fields.has(field))),
    shopIds: shops,
    viewedBy: { id: found.id, name: found.name, until: found.view_until! },
  };
};

const byApiKey = async (context: Context, token: string | undefined): Promise<Actor | null> => {
  if (token === undefined) return null;
  const now = context.clock.now();
  const [found] = await context.postgres<Found[]>`
    select id, name, verbs, fields, shop_ids, last_used_at as seen_at from access.api_key
    where token_hash = ${digestToken(token)} and revoked_at is null and (expires_at is null or expires_at > ${now})`;
  if (!found) return null;
  if (isDue(found.seen_at, now)) await context.postgres`update access.api_key set last_used_at = ${now} where id = ${found.id}`;
  return actor('api-key', found);
};

const isDue = (seenAt: Date | null, now: Date): boolean => seenAt === null || now.getTime() - seenAt.getTime() >= seenEvery_ms;

const actor = (kind: Actor['kind'], found: Found): Actor => ({
  kind,
  id: found.id,
  name: found.name,
  verbs: new Set(found.verbs),
  fields: new Set(found.fields),
  shopIds: found.shop_ids,
});
