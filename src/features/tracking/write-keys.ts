/** Making, listing and revoking write keys. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { hashKey, makeKey, shownKey, type WriteKeyKind } from './write-key.ts';

export type WriteKey = {
  id: string;
  shop_id: string;
  kind: WriteKeyKind;
  name: string;
  /** The whole browser key; the end of a secret one. */
  shown: string;
  created_at: Date;
  created_by: string;
  last_used_at: Date | null;
  revoked_at: Date | null;
};

/** Returns the key itself; a secret one is never shown again. */
export const createWriteKey = async (
  context: Context,
  input: { shopId: string; kind: WriteKeyKind; name: string },
): Promise<WriteKey & { key: string }> => {
  const [shop] = await context.postgres`select id from shops.shop where id = ${input.shopId}`;
  if (!shop)
    throw new Refusal('refused', 'tracking.no_shop', 'This shop does not exist. Pick one of the shops of this installation.');
  const key = makeKey(input.kind);
  return inTransaction(context, async inside => {
    const [row] = await inside.postgres`
    insert into tracking.write_key (shop_id, kind, name, hash, shown, created_at, created_by)
    values (${input.shopId}, ${input.kind}, ${input.name}, ${hashKey(key)}, ${shownKey(input.kind, key)}, ${context.clock.now()}, ${context.actor.name})
    returning id, shop_id, kind, name, shown, created_at, created_by, last_used_at, revoked_at`;
    await audit(inside, 'tracking.write_key_made', { subject: { kind: 'write-key', id: row.id as string }, kind: input.kind });
    return { ...(row as unknown as WriteKey), key };
  });
};

/** Those in use first, newest first. */
export const listWriteKeys = async (context: Context): Promise<WriteKey[]> =>
  (await context.postgres`
    select id, shop_id, kind, name, shown, created_at, created_by, last_used_at, revoked_at
    from tracking.write_key order by revoked_at is not null, created_at desc, id desc`) as unknown as WriteKey[];

/** From now on nobody comes in with it; what it brought stays. Revoking twice changes nothing. */
export const revokeWriteKey = async (context: Context, id: string): Promise<void> => {
  await inTransaction(context, async inside => {
    const rows = await inside.postgres`
      update tracking.write_key set revoked_at = coalesce(revoked_at, ${context.clock.now()}), revoked_by = coalesce(revoked_by, ${context.actor.name})
      where id = ${id} returning id`;
    if (rows.length === 0) throw notFound('write key');
    await audit(inside, 'tracking.write_key_revoked', { subject: { kind: 'write-key', id } });
  });
};
