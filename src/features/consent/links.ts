/** A person's link to their preferences: handed out for many at once, renewed before it expires, revoked by staff. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { ownersOf } from '../customers/index.ts';
import { digestToken, looksLikeToken, newToken } from './token.ts';
import { defaultBrand } from './topics.ts';

/** A link works this long; one that is handed out again is renewed when less than half of it is left. */
const link_days = 365;
const renew_days = 180;
const day_ms = 86_400_000;
const recordOf = (id: string): string => `consent.link/${id}`;

/** `path` leads to the preference page, `stopPath` is the door for List-Unsubscribe (RFC 8058); both begin with a slash. */
export type PreferenceLink = { id: string; path: string; stopPath: string; expiresAt: Date };

const linkOf = (context: Context, row: { id: string; token_sealed: string; expires_at: Date }): PreferenceLink => {
  const token = context.secrets.open(row.token_sealed, recordOf(row.id));
  return { id: row.id, path: `/p/${token}`, stopPath: `/u/${token}`, expiresAt: row.expires_at };
};

/**
 * One link per customer (by the id given, origin or owner) and brand (default: the default brand); the one they have while it is fresh
 * enough, so that the links in older mails go on working. To unsubscribe from one topic only: stopPath + `?topic=<code>&channel=email`.
 */
export const preferenceLinks = (
  context: Context,
  input: { customerIds: readonly number[]; brandId?: string | null },
): Promise<Map<number, PreferenceLink>> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    const brandId = input.brandId ?? (await defaultBrand(inside)).id;
    const owners = await ownersOf(inside, input.customerIds);
    const ids = [...new Set(owners.values())].sort((a, b) => a - b);
    const now = inside.clock.now();
    const alive = await sql`
      select distinct on (customer_id) id, token_sealed, customer_id, expires_at from consent.link
      where customer_id = any(${ids}::bigint[]) and brand_id = ${brandId} and revoked_at is null and expires_at > ${new Date(now.getTime() + renew_days * day_ms)}
      order by customer_id, expires_at desc`;
    const found = new Map(alive.map(row => [row.customer_id as number, linkOf(inside, row as never)]));
    const missing = ids.filter(id => !found.has(id));
    if (missing.length > 0) {
      const [{ made }] = await sql`select array(select uuidv7() from generate_series(1, ${missing.length})) as made`;
      const expiresAt = new Date(now.getTime() + link_days * day_ms);
      const rows = missing.map((customerId, place) => ({ id: (made as string[])[place], customerId, token: newToken() }));
      await sql`
        insert into consent.link (id, token_hash, token_sealed, origin_id, customer_id, brand_id, created_at, expires_at)
        select id, hash, sealed, customer_id, customer_id, ${brandId}, ${now}, ${expiresAt}
        from unnest(${rows.map(row => row.id)}::uuid[], ${rows.map(row => digestToken(row.token))}::text[], ${rows.map(row => inside.secrets.seal(row.token, recordOf(row.id)))}::text[],
          ${missing}::bigint[]) as n (id, hash, sealed, customer_id)`;
      for (const row of rows)
        found.set(row.customerId, { id: row.id, path: `/p/${row.token}`, stopPath: `/u/${row.token}`, expiresAt });
    }
    return new Map([...owners].flatMap(([given, owner]) => (found.has(owner) ? [[given, found.get(owner)!] as const] : [])));
  });

export type FoundLink = { id: string; customerId: number; brandId: string; expired: boolean };

/** Whose link this is, or null for a forged or revoked one, and for people who were erased. Changes nothing. */
export const findLink = async (context: Context, token: string): Promise<FoundLink | null> => {
  if (!looksLikeToken(token)) return null;
  const [row] = await context.postgres`
    select l.id, l.customer_id as "customerId", l.brand_id as "brandId", l.expires_at <= ${context.clock.now()} as expired
    from consent.link l join customers.customer c on c.id = l.customer_id and c.erased_at is null
    where l.token_hash = ${digestToken(token)} and l.revoked_at is null`;
  return (row as unknown as FoundLink) ?? null;
};

/** Every link of the person stops working, e.g. when a mail was passed on. The next one handed out is new. */
export const revokeLinks = (context: Context, customerId: number): Promise<number> =>
  inTransaction(context, async inside => {
    const revoked = await inside.postgres`
      update consent.link set revoked_at = ${inside.clock.now()}, revoked_by = ${inside.actor.name}
      where customer_id = ${customerId} and revoked_at is null returning id`;
    if (revoked.length === 0) throw notFound('link');
    await audit(inside, 'consent.links_revoked', {
      subject: { kind: 'customer', id: String(customerId) },
      links: revoked.length,
    });
    return revoked.length;
  });
