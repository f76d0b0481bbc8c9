/** Secrets that shops sign their logged-in shoppers with: made, rotated, ended. Kept sealed; seen once. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { maySeeShop } from '../../platform/shop-limit.ts';
import { makeSigningSecret } from './signature.ts';

export type SigningSecret = {
  id: string;
  shop_id: string;
  last4: string;
  created_at: Date;
  created_by: string;
  /** null: the present one. */
  ends_at: Date | null;
};

const recordOf = (id: string): string => `tracking.signing_secret/${id}`;

/** Those that still count, the present one first. */
export const listSigningSecrets = async (context: Context, shopId: string): Promise<SigningSecret[]> => {
  if (!maySeeShop(context.actor, shopId)) throw notFound('shop');
  return (await context.postgres`
    select id, shop_id, last4, created_at, created_by, ends_at from tracking.signing_secret
    where shop_id = ${shopId} and (ends_at is null or ends_at > ${context.clock.now()}) order by ends_at desc nulls first`) as unknown as SigningSecret[];
};

/** A new secret counts from now; the one before it for `keepOldDays` more, so that pages already delivered still identify. */
export const makeSecret = (
  context: Context,
  input: { shopId: string; keepOldDays: number },
): Promise<SigningSecret & { secret: string }> =>
  inTransaction(context, async inside => {
    const [shop] = await inside.postgres`select id from shops.shop where id = ${input.shopId}`;
    if (!shop || !maySeeShop(inside.actor, input.shopId))
      throw new Refusal('refused', 'tracking.no_shop', 'This shop does not exist. Pick one of the shops of this installation.');
    await inside.postgres`select pg_advisory_xact_lock(hashtextextended(${`tracking.signing/${input.shopId}`}, 0))`;
    const now = inside.clock.now();
    const ends = new Date(now.getTime() + input.keepOldDays * 86_400_000);
    await inside.postgres`update tracking.signing_secret set ends_at = ${ends} where shop_id = ${input.shopId} and ends_at is null`;
    const secret = makeSigningSecret();
    const [{ id }] = await inside.postgres`select uuidv7() as id`;
    const [row] = await inside.postgres`
      insert into tracking.signing_secret (id, shop_id, sealed, last4, created_at, created_by)
      values (${id}, ${input.shopId}, ${inside.secrets.seal(secret, recordOf(id))}, ${secret.slice(-4)}, ${now}, ${inside.actor.name})
      returning id, shop_id, last4, created_at, created_by, ends_at`;
    await audit(inside, 'tracking.signing_secret_made', { subject: { kind: 'shop', id: input.shopId }, secret_id: id });
    return { ...(row as unknown as SigningSecret), secret };
  });

/** It counts no longer. Ending twice changes nothing. */
export const endSecret = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    const [row] = await inside.postgres`select shop_id from tracking.signing_secret where id = ${id} for update`;
    if (!row || !maySeeShop(inside.actor, row.shop_id as string)) throw notFound('signing secret');
    const now = inside.clock.now();
    await inside.postgres`update tracking.signing_secret set ends_at = ${now} where id = ${id} and (ends_at is null or ends_at > ${now})`;
    await audit(inside, 'tracking.signing_secret_ended', { subject: { kind: 'shop', id: row.shop_id as string }, secret_id: id });
  });

/** Every secret that counts now, opened, by shop. There are as many as shops, or twice that for a few days. */
export const openSigningSecrets = async (context: Context): Promise<Map<string, string[]>> => {
  const rows = await context.postgres`
    select id, shop_id, sealed from tracking.signing_secret
    where ends_at is null or ends_at > ${context.clock.now()} order by ends_at desc nulls first`;
  const secrets = new Map<string, string[]>();
  for (const row of rows) {
    const shop = row.shop_id as string;
    secrets.set(shop, [...(secrets.get(shop) ?? []), context.secrets.open(row.sealed as string, recordOf(row.id as string))]);
  }
  return secrets;
};
