/** API keys: scoped by verbs and field groups, shown once, kept as a digest, revocable. */
import { audit } from '../../platform/audit.ts';
import { type Context, may, maySee } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { permissionSlot } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { maySeeShop, shopLimitOf } from '../../platform/shop-limit.ts';
import { type ApiKeyRow, readApiKeys } from './postgres.ts';
import { humanVerbs } from './role.ts';
import { digestToken, newToken } from './token.ts';

/** What the present actor could put into a key. */
export const grantable = (context: Context, groups: readonly FieldGroup[]): { verbs: string[]; fields: FieldGroup[] } => ({
  verbs: context.slots
    .all(permissionSlot)
    .map(permission => permission.verb)
    .filter(verb => may(context.actor, verb) && !humanVerbs.has(verb)),
  fields: groups.filter(group => maySee(context.actor, group)),
});

type Input = { name: string; verbs: string[]; fields: FieldGroup[]; expires_at: Date | null; shop_ids: string[] | null };

/** `secret` is the key itself: this answer is the only place where it ever appears. */
export const createApiKey = (context: Context, input: Input): Promise<{ api_key: ApiKeyRow; secret: string }> => {
  const own = grantable(context, input.fields);
  const faults = [
    ...input.verbs.flatMap((verb, index) =>
      own.verbs.includes(verb) ? [] : [{ path: `verbs.${index}`, reason: `A key cannot hold "${verb}".` }],
    ),
    ...(input.shop_ids ?? []).flatMap((shop, index) =>
      maySeeShop(context.actor, shop) ? [] : [{ path: `shop_ids.${index}`, reason: 'You do not see this shop yourself.' }],
    ),
    ...input.fields.flatMap((field, index) =>
      own.fields.includes(field) ? [] : [{ path: `fields.${index}`, reason: `You do not see "${field}" yourself.` }],
    ),
  ];
  if (faults.length > 0) {
    throw new Refusal(
      'refused',
      'access.key_above_own',
      'A key holds at most what you hold yourself, and never the right to make people or keys. Take those out.',
      { faults },
    );
  }
  if (input.expires_at !== null && input.expires_at <= context.clock.now()) {
    throw new Refusal(
      'refused',
      'access.key_expired',
      'The day on which the key ends lies in the past. Choose a later one, or none.',
      {
        faults: [{ path: 'expires_at', reason: 'This lies in the past.' }],
      },
    );
  }
  return inTransaction(context, async inside => {
    const secret = newToken('rgk_');
    const [{ id }] = await inside.postgres<{ id: string }[]>`
      insert into access.api_key (name, token_hash, last4, verbs, fields, shop_ids, created_by, created_at, expires_at)
      values (${input.name}, ${digestToken(secret)}, ${secret.slice(-4)}, ${[...new Set(input.verbs)]}, ${[...new Set(input.fields)]}, ${input.shop_ids ?? (shopLimitOf(inside.actor) as string[] | null)}::uuid[],
        ${inside.actor.kind === 'staff' ? inside.actor.id : null}, ${inside.clock.now()}, ${input.expires_at})
      returning id`;
    await audit(inside, 'access.key_made', {
      subject: { kind: 'api-key', id },
      verbs: input.verbs,
      fields: input.fields,
      shops: input.shop_ids,
    });
    return { api_key: (await readApiKeys(inside, id))[0], secret };
  });
};

export const revokeApiKey = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    const revoked = await inside.postgres`
      update access.api_key set revoked_at = ${inside.clock.now()}, revoked_by = ${inside.actor.id} where id = ${id} and revoked_at is null returning id`;
    if (revoked.length === 0) throw notFound('key');
    await audit(inside, 'access.key_revoked', { subject: { kind: 'api-key', id } });
  });
