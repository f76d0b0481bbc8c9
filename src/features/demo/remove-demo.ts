import { rm } from 'node:fs/promises';
import type { Context } from '../../platform/context.ts';
import { customerTableSlot, type JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { undoImportedConsents } from '../consent/index.ts';
import { undoImportedCustomers } from '../customers/index.ts';
import { forgetCarts, undoOrders } from '../orders/index.ts';
import { forgetImportedProducts } from '../products/index.ts';
import { removeDemoShop, shopsOf } from '../shops/index.ts';
import { removeShopEvents } from '../tracking/index.ts';
import { demoFolder } from './load-demo.ts';

const steps = 5;
const portion = 2_000;

/** Takes the demo shop and everything that came with it away, last brought first. Each step may be done again. */
export const removeDemo = async (context: Context, progress: JobProgress): Promise<Record<string, number>> => {
  const shop = (await shopsOf(context)).find(one => one.kind === 'demo');
  if (!shop) return {};
  let step = 0;
  const told = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    await progress.report(++step, steps);
    return result;
  };
  const events = await told(removeShopEvents(context, shop.id));
  const orders = await told(undoOrders(context, shop.id));
  await forgetCarts(context, shop.id);
  await told(forgetImportedProducts(context, shop.id, skus => stillSold(context, skus)));
  await told(forgetRest(context, shop.id));
  const customers = await told(undoImportedCustomers(context, shop.id));
  await removeDemoShop(context, shop.id);
  await rm(demoFolder(context), { recursive: true, force: true });
  return { events, orders: orders.removed, customers };
};

const stillSold = async (context: Context, skus: readonly string[]): Promise<Set<string>> => {
  const rows = await context.postgres`select distinct sku from orders.line where sku = any(${skus as string[]}::text[])`;
  return new Set(rows.map(row => row.sku as string));
};

/** What other features have noted by now about people who only exist in the demo: scores, memberships, tasks, consents, notes. */
const forgetRest = async (context: Context, importId: string): Promise<void> => {
  await undoImportedConsents(context, importId);
  const people = (
    await context.postgres`
      select id from customers.customer c where import_id = ${importId}
        and not exists (select 1 from orders."order" where origin_id = c.id) and not exists (select 1 from tracking.event where origin_id = c.id)`
  ).map(row => row.id as number);
  const tables = context.slots
    .all(customerTableSlot)
    .filter(one => one.table === 'customers.note' || !/^(customers|consent|tracking|orders)\./.test(one.table))
    .reverse();
  for (let at = 0; at < people.length; at += portion) {
    const ids = people.slice(at, at + portion);
    await inTransaction(context, async inside => {
      for (const { table, erase } of tables) {
        if (erase === 'delete')
          await inside.postgres`delete from ${inside.postgres(table)} where customer_id = any(${ids}::bigint[])`;
        else await erase(inside, ids);
      }
    });
  }
};
