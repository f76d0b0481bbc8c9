/** E-mail domains that belong to the merchant: an address there is no shopper's. */
import type { Context } from '../../platform/context.ts';

export const ownDomains = async (context: Context): Promise<ReadonlySet<string>> => {
  const [row] = await context.postgres`select value from platform.setting where key = 'customers.own_domains'`;
  return new Set((row?.value as string[] | undefined) ?? []);
};
