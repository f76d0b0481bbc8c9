/** What must be the same before and after an upgrade, as numbers. */
import type { Sql } from '../src/platform/context.ts';

/** Rows by kind and sums of money; only tables and columns that no later release may drop. */
export const releaseFigures = async (sql: Sql): Promise<Record<string, string>> => {
  const [row] = await sql`
    select (select count(*) from customers.customer) as customers,
           (select count(*) from customers.customer where known) as known,
           (select count(*) from customers.owner) as merged,
           (select count(*) from orders."order") as orders,
           (select sum(sales_minor) from orders."order" where counts) as sales_minor,
           (select count(*) from orders.line) as lines,
           (select count(*) from tracking.event) as events,
           (select count(*) from products.product) as products,
           (select count(*) from access.staff) as staff,
           (select count(*) from segments.segment) as segments,
           (select count(*) from segments.membership) as members`;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]));
};
