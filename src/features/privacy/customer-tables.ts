/** What merge, export and erasure do with what privacy keeps about people. */
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import type { CustomerTable, MergeInput } from '../../platform/feature.ts';
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

/** A run counts whom it erases by numbers that name nobody any more; they go when it is done. */
const eraseRunPeople = async (): Promise<void> => {};

/** Two people who became one are looked at anew by the next run. */
const drop = async (context: Context, merge: MergeInput): Promise<void> => {
  await context.postgres`delete from privacy.notice where customer_id = any(${[merge.winnerId, merge.loserId]}::bigint[])`;
};
const dropNotices = { merge: drop, undo: drop };

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
  // Numbers of a run under way, to count people once.
  { table: 'privacy.run_person', label: 'privacy.table.run_person', merge: 'none', export: null, erase: eraseRunPeople },
  { table: 'privacy.notice', label: 'privacy.table.notice', merge: dropNotices, export: null, erase: 'delete' },
];
