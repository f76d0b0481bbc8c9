/** Who owns what was written for whom (decision 2: merge without moving). */
import type { Context } from '../../platform/context.ts';

/** Origin -> owner now, for every id given. */
export const ownersOf = async (context: Context, originIds: readonly number[]): Promise<Map<number, number>> => {
  const owners = new Map(originIds.map(id => [id, id]));
  const rows =
    await context.postgres`select origin_id, customer_id from customers.owner where origin_id = any(${[...owners.keys()]}::bigint[])`;
  for (const row of rows) owners.set(row.origin_id as number, row.customer_id as number);
  return owners;
};

/** Owner -> all origins it owns, itself first: what to look up in the event log. */
export const originsOf = async (context: Context, customerIds: readonly number[]): Promise<Map<number, number[]>> => {
  const origins = new Map(customerIds.map(id => [id, [id]]));
  const rows = await context.postgres`
    select origin_id, customer_id from customers.owner where customer_id = any(${[...origins.keys()]}::bigint[]) order by origin_id`;
  for (const row of rows) origins.get(row.customer_id as number)?.push(row.origin_id as number);
  return origins;
};

/** Lock number of "who is who": resolving holds it shared, merging alone, so that nobody writes for an owner that is just changing. */
const identityLock = 7_230_030;

export const lockIdentity = async (context: Context, mode: 'shared' | 'alone'): Promise<void> => {
  if (mode === 'shared') await context.postgres`select pg_advisory_xact_lock_shared(${identityLock})`;
  else await context.postgres`select pg_advisory_xact_lock(${identityLock})`;
};
