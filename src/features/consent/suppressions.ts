/** Suppress and release: an address that must not be used, whatever was allowed. */
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { ownersOf, touchCustomers } from '../customers/index.ts';
import type { Channel, SuppressionClass } from './consent.ts';

export type SuppressionInput = { originId: number; channel: Channel; class: SuppressionClass; reason?: string | null; at: Date };

/** In bulk; one that is already in force stays as it is. Returns how many are new. */
export const recordSuppressions = async (
  context: Context,
  inputs: readonly SuppressionInput[],
  options: { source: string; importId?: string | null; historical?: boolean },
): Promise<number> => {
  if (inputs.length === 0) return 0;
  return inTransaction(context, async inside => {
    const sorted = [...inputs].sort((a, b) => a.originId - b.originId || (a.channel < b.channel ? -1 : 1));
    const rows = await inside.postgres`
      insert into consent.suppression (origin_id, customer_id, channel, class, reason, at, by_whom, source, import_id)
      select origin_id, customers.owner_of(origin_id), channel, class, nullif(reason, ''), at, ${inside.actor.name}, ${options.source}, ${options.importId ?? null}::uuid
      from unnest(${sorted.map(one => one.originId)}::bigint[], ${sorted.map(one => one.channel as string)}::text[], ${sorted.map(one => one.class as string)}::text[],
        ${sorted.map(one => one.reason ?? '')}::text[], ${sorted.map(one => one.at.toISOString())}::timestamptz[]) as n(origin_id, channel, class, reason, at)
      on conflict (origin_id, channel, class) where released_at is null do nothing
      returning customer_id`;
    await touchCustomers(
      inside,
      rows.map(row => row.customer_id as number),
      ['consent'],
      { historical: options.historical ?? false },
    );
    return rows.length;
  });
};

/** Staff close a channel for one person. */
export const suppress = async (
  context: Context,
  input: { customerId: number; channel: Channel; reason: string },
): Promise<void> => {
  const owner = (await ownersOf(context, [input.customerId])).get(input.customerId)!;
  const [person] = await context.postgres`select id from customers.customer where id = ${owner} and erased_at is null`;
  if (!person) throw notFound('customer');
  await recordSuppressions(
    context,
    [{ originId: owner, channel: input.channel, class: 'manual', reason: input.reason, at: context.clock.now() }],
    { source: `staff:${context.actor.name}` },
  );
};

/** Opens it again; what the person allowed holds again as it was. A complaint or a legal objection is not for staff to lift. */
export const release = async (context: Context, input: { suppressionId: string; reason: string }): Promise<void> =>
  inTransaction(context, async inside => {
    const [row] =
      await inside.postgres`select customer_id, class, released_at from consent.suppression where id = ${input.suppressionId} for update`;
    if (!row) throw notFound('suppression');
    if (row.released_at)
      throw new Refusal('refused', 'consent.released', 'This address was already released. Load the page again.');
    if (row.class === 'complaint' || row.class === 'legal') {
      throw new Refusal(
        'refused',
        'consent.not_releasable',
        'A complaint or a legal objection cannot be released by staff. Ask the person to sign up again themselves.',
      );
    }
    await inside.postgres`
      update consent.suppression set released_at = ${inside.clock.now()}, released_by = ${inside.actor.name}, released_reason = ${input.reason} where id = ${input.suppressionId}`;
    await touchCustomers(inside, [row.customer_id as number], ['consent'], { historical: false });
  });
