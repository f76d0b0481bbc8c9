/** Keyed digests of the identifiers of erased people: enough to recognise them, too little to know them. */
import type { Context } from '../../platform/context.ts';
import { type Identifier, keyOf } from './identifier.ts';

const purpose = 'customers.block-list';

/** All digests of an identifier, newest key first. */
export const digestsOf = (context: Context, identifier: Identifier): string[] =>
  context.secrets.hmacs(purpose, keyOf(identifier));

/** Which of these are on the block-list, by `keyOf`. */
export const isBlocked = async (context: Context, identifiers: readonly Identifier[]): Promise<Set<string>> => {
  const blocked = new Set<string>();
  const [{ any }] = await context.postgres`select exists (select 1 from customers.blocked where released_at is null) as any`;
  if (!any) return blocked;
  const keys = new Map<string, string>();
  for (const one of identifiers) for (const digest of digestsOf(context, one)) keys.set(digest, keyOf(one));
  const rows =
    await context.postgres`select digest from customers.blocked where released_at is null and digest = any(${[...keys.keys()]}::text[])`;
  for (const row of rows) blocked.add(keys.get(row.digest as string)!);
  return blocked;
};

/** Finds a person again who had no identifier, in a backup of this same database; newest key first, so that it outlives a rotation. */
export const personDigests = (context: Context, id: number, firstSeen: Date): string[] =>
  context.secrets.hmacs('customers.person', `${id} ${firstSeen.toISOString()}`);
