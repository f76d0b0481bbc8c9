import type { Context } from '../../platform/context.ts';
import { customerTableSlot } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { lockIdentity } from './owners.ts';
import { queueCopy } from './postgres.ts';
import { recomputeProfiles } from './record-attributes.ts';
import { touchCustomers } from './touch-customers.ts';

/** What a customer who was made by an import may have without being kept for it. */
const ownTraces = new Set([
  'customers.customer',
  'customers.seen',
  'customers.shop_tie',
  'customers.owner',
  'customers.touched',
  'customers.merge',
  'customers.suggestion',
]);

/**
 * Takes back what one import said about customers: attributes, identifiers, tags, addresses, and the people it made who have nothing
 * else by now. Call it last, after the import's orders and events are gone. Returns how many people went.
 */
export const undoImportedCustomers = async (context: Context, importId: string): Promise<number> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await lockIdentity(inside, 'alone');
    const changed = new Set<number>();
    for (const table of ['attribute', 'tag', 'address', 'quality_issue', 'identifier']) {
      const rows = await sql`delete from ${sql(`customers.${table}`)} where import_id = ${importId} returning customer_id`;
      for (const row of rows) changed.add(row.customer_id as number);
    }
    const made =
      await sql`select id from customers.customer c where import_id = ${importId} and not exists (select 1 from customers.merge m where c.id in (m.winner_id, m.loser_id))`;
    const empty = await withoutTraces(
      inside,
      made.map(row => row.id as number),
    );
    await sql`delete from customers.seen where origin_id = any(${empty}::bigint[])`;
    await sql`delete from customers.shop_tie where origin_id = any(${empty}::bigint[])`;
    await sql`delete from customers.suggestion where low_id = any(${empty}::bigint[]) or high_id = any(${empty}::bigint[])`;
    await sql`delete from customers.touched where customer_id = any(${empty}::bigint[])`;
    await sql`delete from customers.customer where id = any(${empty}::bigint[])`;
    const kept = [...changed].filter(id => !empty.includes(id));
    await recomputeProfiles(inside, kept);
    await touchCustomers(inside, kept, ['attributes', 'tags'], { historical: true });
    await forgetDerived(inside, empty);
    // Gone people are copied too: as somebody who counts for nobody.
    await queueCopy(inside, empty);
    return empty.length;
  });

/** Derived: what follows from other rows (scores, memberships, queues), told by a merge of its own or by having nothing to export. */
const registered = (context: Context) =>
  context.slots.all(customerTableSlot).map(one => ({ ...one, isDerived: typeof one.merge === 'object' || one.export === null }));

/** Nobody is touched again when they are gone, so what follows from them is taken out here. */
const forgetDerived = async (context: Context, ids: readonly number[]): Promise<void> => {
  if (ids.length === 0) return;
  for (const { table, isDerived, erase } of registered(context)) {
    if (isDerived && !table.startsWith('customers.') && typeof erase === 'function') await erase(context, ids);
  }
};

const withoutTraces = async (context: Context, ids: readonly number[]): Promise<number[]> => {
  const sql = context.postgres;
  const left = new Set(ids);
  // Tables that hold only what follows from others (consent.current) have no origin.
  const withOrigin =
    await sql`select table_schema || '.' || table_name as name from information_schema.columns where column_name = 'origin_id'`;
  const names = new Set(withOrigin.map(row => row.name as string));
  for (const { table, isDerived } of registered(context)) {
    if (ownTraces.has(table) || isDerived || !names.has(table)) continue;
    const rows = await sql`select distinct origin_id from ${sql(table)} where origin_id = any(${[...left]}::bigint[])`;
    for (const row of rows) left.delete(row.origin_id as number);
  }
  return [...left];
};
