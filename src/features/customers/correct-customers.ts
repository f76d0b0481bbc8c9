/** Corrections in bulk that staff decided on, marked so that all of one go can be taken back (`undoImportedCustomers`). */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { normaliseEmail, normaliseIdentifier, normalisePhone } from './identifier.ts';
import { ownDomains } from './own-domains.ts';
import { lockIdentity } from './owners.ts';
import { insertIdentifiers } from './postgres.ts';
import { recomputeProfiles } from './record-attributes.ts';
import { touchCustomers } from './touch-customers.ts';
import type { ProfileCode } from './traits.ts';

/** `value` null empties the field. */
export type Correction = { customerId: number; code: ProfileCode; value: string | null };

/** The value as it is kept; undefined when it is none. */
const cleaned = ({ code, value }: Correction): string | null | undefined => {
  const text = value?.trim() ?? '';
  if (text === '') return null;
  if (code === 'email') return normaliseEmail(text) ?? undefined;
  if (code === 'phone') return normalisePhone(text) ?? undefined;
  if (code === 'country') return /^[a-z]{2}$/i.test(text) ? text.toUpperCase() : undefined;
  if (code === 'birthday') return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
  return text.slice(0, 300);
};

/**
 * Pins values as staff would, with `source` and `batchId` of their own, so that what was there before counts again once the batch is undone. An
 * address or number also becomes an identifier where nobody else has it. Returns the customers corrected; what is no value is left out.
 */
export const correctCustomers = async (
  context: Context,
  corrections: readonly Correction[],
  batch: { id: string; source: string },
): Promise<number[]> =>
  inTransaction(context, async inside => {
    await lockIdentity(inside, 'shared');
    const sql = inside.postgres;
    const taken = await takenByOthers(inside, corrections);
    const rows = [...new Map(corrections.map(one => [`${one.customerId} ${one.code}`, one])).values()]
      .map(one => ({ ...one, value: cleaned(one) }))
      .filter((one): one is Correction => one.value !== undefined && !taken.has(`${one.customerId} ${one.code}`))
      .sort((a, b) => a.customerId - b.customerId || (a.code < b.code ? -1 : 1));
    if (rows.length === 0) return [];
    const written = await sql`
      insert into customers.attribute (origin_id, code, source, customer_id, value, at, trust, import_id)
      select n.id, n.code, ${batch.source}, n.id, n.value::jsonb, ${inside.clock.now()}, 'staff', ${batch.id}::uuid
      from unnest(${rows.map(row => row.customerId)}::bigint[], ${rows.map(row => row.code as string)}::text[], ${rows.map(row => JSON.stringify(row.value))}::text[]) as n(id, code, value)
      join customers.customer c on c.id = n.id and c.merged_into is null and c.erased_at is null
      on conflict (origin_id, code, source) do update set value = excluded.value, at = excluded.at
      returning customer_id`;
    const ids = [...new Set(written.map(row => row.customer_id as number))];
    await claim(
      inside,
      rows.filter(row => ids.includes(row.customerId)),
      batch.id,
    );
    await recomputeProfiles(inside, ids);
    await sql`update customers.customer set version = version + 1 where id = any(${ids}::bigint[])`;
    await touchCustomers(inside, ids, ['attributes'], { historical: false });
    for (const id of ids.slice(0, 100)) await inside.live.publish('customer', { id: String(id) }, 'customers:read');
    return ids;
  });

/** An address that somebody else answers to would make one mailbox two people: those are duplicates, not typos. */
const takenByOthers = async (context: Context, corrections: readonly Correction[]): Promise<Set<string>> => {
  const emails = corrections.flatMap(one => {
    const value = one.code === 'email' ? cleaned(one) : null;
    return value ? [{ id: one.customerId, value }] : [];
  });
  if (emails.length === 0) return new Set();
  const rows = await context.postgres`
    select n.id from unnest(${emails.map(one => one.id)}::bigint[], ${emails.map(one => one.value)}::text[]) as n(id, value)
    join customers.identifier i on i.kind = 'email' and i.source = '' and i.value = n.value and i.customer_id <> n.id and not i.shared`;
  return new Set(rows.map(row => `${row.id} email`));
};

const claim = async (context: Context, rows: readonly Correction[], batchId: string): Promise<void> => {
  const own = await ownDomains(context);
  const since_ms = context.clock.now().getTime();
  const links = rows.flatMap(({ customerId, code, value }) => {
    if ((code !== 'email' && code !== 'phone') || value === null) return [];
    const identifier = normaliseIdentifier({ kind: code, source: '', value }, own);
    return identifier
      ? [{ identifier, originId: customerId, trust: 'secret' as const, shared: false, rivals: [], since_ms }]
      : [];
  });
  if (links.length > 0) await insertIdentifiers(context, links, batchId);
};
