/** Undo of an import: what it alone brought goes; what it added to orders of others is taken off again. */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { removeOrderEvents, rewriteOrderEvents } from './log-order-events.ts';
import { queueCopies } from './postgres.ts';

/** Returns how many orders went and how many were cut back to what they were. */
export const undoOrders = (context: Context, importId: string): Promise<{ removed: number; restored: number }> =>
  inTransaction(context, async inside => {
    const { postgres } = inside;
    const whole = (
      await postgres`select id from orders."order" o where import_id = ${importId}
      and not exists (select 1 from orders.line l where l.order_id = o.id and l.import_id is distinct from ${importId})`
    ).map(row => row.id as string);
    const parts = (
      await postgres`
      select distinct o.id from orders."order" o
      where not (o.id = any(${whole}::uuid[])) and (exists (select 1 from orders.line l where l.order_id = o.id and l.import_id = ${importId}) or exists (select 1 from orders.refund r where r.order_id = o.id and r.import_id = ${importId}))`
    ).map(row => row.id as string);
    await removeOrderEvents(inside, [...whole, ...parts]);
    await queueCopies(
      inside,
      [...whole, ...parts].map(orderId => ({ orderId, fresh: false })),
    );
    await postgres`delete from orders.refund_line where refund_id in (select id from orders.refund where order_id = any(${whole}::uuid[]) or import_id = ${importId})`;
    await postgres`delete from orders.refund where order_id = any(${whole}::uuid[]) or import_id = ${importId}`;
    await postgres`delete from orders.line where order_id = any(${whole}::uuid[]) or import_id = ${importId}`;
    await postgres`delete from orders.order_ref where order_id = any(${whole}::uuid[])`;
    await postgres`delete from orders."order" where id = any(${whole}::uuid[])`;
    await postgres`
      update orders."order" o set total_minor = coalesce(s.total, 0), sales_minor = coalesce(s.sales, 0), discount_minor = coalesce(s.discount, 0), version = version + 1
      from (select l.order_id, sum(total_minor)::bigint as total, sum(total_minor) filter (where kind in ('product', 'discount'))::bigint as sales, sum(discount_minor)::bigint as discount
        from orders.line l where l.order_id = any(${parts}::uuid[]) group by l.order_id) s
      where o.id = s.order_id`;
    await rewriteOrderEvents(
      inside,
      parts.map(orderId => ({ orderId, fresh: true })),
      { importId: null, historical: true, source: 'undo' },
    );
    return { removed: whole.length, restored: parts.length };
  });
