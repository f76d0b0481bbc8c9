/** Keeps where somebody lives or has things sent. The same address twice is one. */
import type { Context } from '../../platform/context.ts';
import { touchCustomers } from './touch-customers.ts';

export type SaidAddress = {
  originId: number;
  kind: 'shipping' | 'billing' | 'other';
  recipient: string | null;
  line1: string | null;
  line2: string | null;
  postalCode: string | null;
  city: string | null;
  region: string | null;
  /** Two capital letters (ISO 3166). */
  country: string | null;
  phone: string | null;
  at: Date;
};

/** In bulk, in the caller's transaction. Returns how many are new. */
export const recordAddresses = async (
  context: Context,
  said: readonly SaidAddress[],
  options: { source: string; importId: string | null; historical: boolean },
): Promise<number> => {
  if (said.length === 0) return 0;
  const sorted = [...said].sort((a, b) => a.originId - b.originId || a.at.getTime() - b.at.getTime());
  const texts = (of: (one: SaidAddress) => string | null) => sorted.map(one => of(one)?.slice(0, 300) ?? null);
  const rows = await context.postgres`
    insert into customers.address (origin_id, customer_id, kind, recipient, line1, line2, postal_code, city, region, country, phone, source, at, import_id)
    select origin_id, customers.owner_of(origin_id), kind, recipient, line1, line2, postal_code, city, region, country, phone, ${options.source}, at, ${options.importId}::uuid
    from unnest(${sorted.map(one => one.originId)}::bigint[], ${sorted.map(one => one.kind as string)}::text[], ${texts(one => one.recipient)}::text[],
      ${texts(one => one.line1)}::text[], ${texts(one => one.line2)}::text[], ${texts(one => one.postalCode)}::text[], ${texts(one => one.city)}::text[],
      ${texts(one => one.region)}::text[], ${texts(one => one.country)}::text[], ${texts(one => one.phone)}::text[], ${sorted.map(one => one.at.toISOString())}::timestamptz[])
      as n(origin_id, kind, recipient, line1, line2, postal_code, city, region, country, phone, at)
    on conflict do nothing
    returning customer_id`;
  await touchCustomers(
    context,
    rows.map(row => row.customer_id as number),
    ['attributes'],
    { historical: options.historical },
  );
  return rows.length;
};
