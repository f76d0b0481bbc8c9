/** What merge, export and erasure do with what privacy keeps about people. */
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import type { CustomerTable } from '../../platform/feature.ts';
import { holdReason } from './holds.ts';

/** That somebody asked, when, and what was done stays as proof; who it was and their words go. */
export const blankRequests = async (context: Context, requestIds: readonly string[]): Promise<void> => {
  const sql = context.postgres;
  await sql`update privacy.request_step set note = null where request_id = any(${requestIds as string[]}::uuid[])`;
  await sql`
    update privacy.request
    set origin_id = null, customer_id = null, subject = null, note = null, identity_note = null, outcome = null, outside_id = null, blanked_at = ${context.clock.now()}, version = version + 1
    where id = any(${requestIds as string[]}::uuid[])`;
};

const eraseRequests = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  const rows = await context.postgres`
    select id from privacy.request where customer_id = any(${customerIds as number[]}::bigint[]) or origin_id = any(${customerIds as number[]}::bigint[])`;
  await blankRequests(
    context,
    rows.map(row => row.id as string),
  );
};

/**
 * A hold stops the erasure it is asked for in: the refusal takes the whole transaction back. Rules leave held people out before they come
 * here, and a restore repeats what was erased when no hold stood any more, so the system itself is not stopped.
 */
const eraseHolds = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  const reason = context.actor.kind === 'system' ? null : await holdReason(context, customerIds);
  if (reason !== null)
    throw new Refusal(
      'refused',
      'privacy.on_hold',
      'This customer is on legal hold and cannot be erased. Release the hold on the customer page first.',
    );
  await context.postgres`
    delete from privacy.hold where customer_id = any(${customerIds as number[]}::bigint[]) or origin_id = any(${customerIds as number[]}::bigint[])`;
};

export const customerTables: readonly CustomerTable[] = [
  {
    table: 'privacy.request',
    label: 'privacy.table.request',
    merge: 'move',
    export: async ({ postgres }, ids) => postgres`
      select kind, subject, note, source, received_at, due_on, identity, state, closed_at, outcome from privacy.request
      where customer_id = any(${ids as number[]}::bigint[]) order by received_at`,
    erase: eraseRequests,
  },
  { table: 'privacy.hold', label: 'privacy.table.hold', merge: 'move', erase: eraseHolds },
];
