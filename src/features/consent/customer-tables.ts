/** What a merge, an export and an erasure do with consent. */
import type { Context } from '../../platform/context.ts';
import type { CustomerTable, MergeInput } from '../../platform/feature.ts';
import { recomputeCurrent } from './postgres.ts';

/** Rows are append-only; forgetting a person is the one time they may go. */
const forget = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  await context.postgres`select set_config('regulars.may_forget', 'yes', true)`;
  await context.postgres`delete from consent.consent where origin_id = any(${customerIds as number[]}::bigint[])`;
  await context.postgres`select set_config('regulars.may_forget', 'no', true)`;
};

const recompute = async (context: Context, merge: MergeInput): Promise<void> => {
  const ids = [merge.winnerId, merge.loserId];
  const [{ any }] = await context.postgres`
    select exists (select 1 from consent.consent where customer_id = any(${ids}::bigint[])) or exists (select 1 from consent.current where customer_id = any(${ids}::bigint[])) as any`;
  if (any) await recomputeCurrent(context, ids);
};

export const customerTables: CustomerTable[] = [
  { table: 'consent.consent', label: 'consent.export.consents', merge: 'move', erase: forget },
  { table: 'consent.suppression', label: 'consent.export.suppressions', merge: 'move', erase: 'delete' },
  {
    table: 'consent.current',
    label: 'consent.export.current',
    // What holds follows from the rows, which have moved before: the stricter of the two.
    merge: { merge: recompute, undo: recompute },
    erase: async (context, ids) => {
      await context.postgres`delete from consent.current where customer_id = any(${ids as number[]}::bigint[])`;
    },
  },
  // Tokens say nothing about the person; that a link was asked for and what was changed with it does.
  { table: 'consent.link', label: 'consent.export.links', merge: 'move', export: null, erase: 'delete' },
  { table: 'consent.confirmation', label: 'consent.export.confirmations', merge: 'move', export: null, erase: 'delete' },
  { table: 'consent.pause', label: 'consent.export.pauses', merge: 'move', erase: 'delete' },
  { table: 'consent.page_change', label: 'consent.export.page_changes', merge: 'move', erase: 'delete' },
  { table: 'consent.link_request', label: 'consent.export.link_requests', merge: 'move', erase: 'delete' },
];
