/** Who is calling: an API key in the Authorization header, else the session in the cookie, else nobody (null). */
import type { FastifyRequest } from 'fastify';
import type { Actor, Context } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { idleSince, seenEvery_ms, tokenIn } from './session.ts';
import { digestToken } from './token.ts';

type Found = {
  id: string;
  name: string;
  verbs: string[];
  fields: FieldGroup[];
  shop_ids: string[] | null;
  seen_at: Date | null;
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
  const [found] = await context.postgres<(Found & { session_id: string })[]>`
    select staff.id, staff.name, role.verbs, role.fields, role.shop_ids, session.id as session_id, session.last_seen_at as seen_at
    from access.session session
    join access.staff staff on staff.id = session.staff_id
    join access.role role on role.id = staff.role_id
    where session.token_hash = ${digestToken(token)} and session.ended_at is null and staff.disabled_at is null
      and session.expires_at > ${now} and session.last_seen_at > ${idleSince(now)}`;
  if (!found) return null;
  if (isDue(found.seen_at, now))
    await context.postgres`update access.session set last_seen_at = ${now} where id = ${found.session_id}`;
  return { ...actor('staff', found), sessionId: found.session_id };
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
