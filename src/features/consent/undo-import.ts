import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { touchCustomers } from '../customers/index.ts';
import { recomputeCurrent } from './postgres.ts';

/** Takes back what one import said about consent and suppressions. Returns how many statements went. */
export const undoImportedConsents = async (context: Context, importId: string): Promise<number> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await sql`select set_config('regulars.may_forget', 'yes', true)`;
    const consents = await sql`delete from consent.consent where import_id = ${importId} returning customer_id`;
    await sql`select set_config('regulars.may_forget', 'no', true)`;
    const suppressions = await sql`delete from consent.suppression where import_id = ${importId} returning customer_id`;
    const ids = [...consents, ...suppressions].map(row => row.customer_id as number);
    await recomputeCurrent(inside, ids);
    await touchCustomers(inside, ids, ['consent'], { historical: true });
    return ids.length;
  });
