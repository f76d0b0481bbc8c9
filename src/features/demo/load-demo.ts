import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Context } from '../../platform/context.ts';
import type { JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { resolveCustomers, tagCustomers } from '../customers/index.ts';
import { recordOrders } from '../orders/index.ts';
import { requestTraining } from '../predictions/index.ts';
import { recordProducts } from '../products/index.ts';
import { createShop, type Shop, shopsOf } from '../shops/index.ts';
import { resolveInbox, storeCalls } from '../tracking/index.ts';
import { type DemoCustomer, type DemoOrder, portionsOf, toOrder } from './read-files.ts';

export const demoFolder = (context: Context): string => join(context.config.dataFolder, 'demo');
const generator = fileURLToPath(new URL('../../../tools/demo-shop/generate.ts', import.meta.url));

export type LoadInput = { seed: string; now: string; customers: number };
type Progress = { done: number; total: number; tell: (count: number, note: string) => Promise<void> };

/** Brings the demo shop in. Taken over after a crash it does the same again: everything has an id of its own, so nothing doubles. */
export const loadDemo = async (context: Context, input: LoadInput, progress: JobProgress): Promise<Record<string, number>> => {
  const shop =
    (await shopsOf(context)).find(one => one.kind === 'demo') ??
    (await createShop(context, { name: 'Kestrel & Finch (demo)', kind: 'demo' }));
  const made = await generate(context, input, shop);
  const state: Progress = {
    done: 0,
    total: made.customers + made.orders + made.calls,
    tell: async (count, note) => {
      state.done += count;
      await progress.report(state.done, state.total, note);
    },
  };
  const customerIds = await bringCustomers(context, shop, state);
  await bringOrders(context, shop, customerIds, state);
  await bringCalls(context, shop, state);
  await requestTraining(context, null);
  return made;
};

/** Another process, so that the product never holds the truth behind the data. */
const generate = async (
  context: Context,
  input: LoadInput,
  shop: Shop,
): Promise<{ customers: number; orders: number; calls: number }> => {
  const truth = join(context.config.dataFolder, 'demo-truth.json');
  const { stdout } = await promisify(execFile)(process.execPath, [
    generator,
    '--out',
    demoFolder(context),
    '--truth',
    truth,
    '--seed',
    input.seed,
    '--now',
    input.now,
    '--currency',
    shop.currency,
    '--customers',
    String(input.customers),
  ]);
  if (!existsSync(join(demoFolder(context), 'orders.ndjson'))) throw new Error('The demo shop was not written.');
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
};

const bringCustomers = async (context: Context, shop: Shop, progress: Progress): Promise<Map<string, number>> => {
  const ids = new Map<string, number>();
  for await (const portion of portionsOf<DemoCustomer>(join(demoFolder(context), 'customers.ndjson'), 1_000)) {
    await inTransaction(context, async inside => {
      const origins = await resolveCustomers(
        inside,
        portion.map(one => inputOf(one, shop)),
        { source: `source:${shop.id}`, importId: shop.id, historical: true },
      );
      for (const [i, one] of portion.entries()) if (origins[i] !== null) ids.set(one.key, origins[i]);
      const cafés = portion
        .filter(one => one.wholesale && ids.has(one.key))
        .map(one => ({ originId: ids.get(one.key)!, tag: 'Wholesale' }));
      await tagCustomers(inside, cafés, { importId: shop.id, historical: true });
    });
    await progress.tell(portion.length, 'customers');
  }
  return ids;
};

const inputOf = (one: DemoCustomer, shop: Shop) => ({
  identifiers: [
    { kind: 'user_id' as const, source: shop.id, value: one.key },
    { kind: 'email' as const, source: '', value: one.email },
    ...(one.phone ? [{ kind: 'phone' as const, source: '', value: one.phone }] : []),
  ],
  trust: 'secret' as const,
  at: new Date(one.joined_at),
  traits: {
    email: one.email,
    first_name: one.first_name,
    last_name: one.last_name,
    country: one.country,
    city: one.city,
    language: one.language,
    found_us_by: one.found_us_by,
    name: `${one.first_name} ${one.last_name}`.trim(),
    ...(one.phone ? { phone: one.phone } : {}),
  },
});

const bringOrders = async (
  context: Context,
  shop: Shop,
  customerIds: ReadonlyMap<string, number>,
  progress: Progress,
): Promise<void> => {
  for await (const portion of portionsOf<DemoOrder>(join(demoFolder(context), 'orders.ndjson'), 500)) {
    const orders = portion.map(order =>
      toOrder(order, shop, order.customer === null ? null : (customerIds.get(order.customer) ?? null)),
    );
    await inTransaction(context, async inside => {
      const items = orders.flatMap(order =>
        order.lines
          .filter(line => line.sku !== null)
          .map(line => ({
            sku: line.sku!,
            name: line.name,
            category: line.category ?? null,
            price: line.unitPrice,
            currency: shop.currency,
            at: order.placedAt,
          })),
      );
      await recordProducts(inside, items, { importId: shop.id });
      await recordOrders(inside, orders, { source: 'demo', importId: shop.id, historical: true, lines: 'whole' });
    });
    await progress.tell(portion.length, 'orders');
  }
};

/** Into the inbox, and helps to empty it as it goes, so that it never grows deep. */
const bringCalls = async (context: Context, shop: Shop, progress: Progress): Promise<void> => {
  for await (const portion of portionsOf<Record<string, unknown>>(join(demoFolder(context), 'calls.ndjson'), 2_500)) {
    await storeCalls(context, { shopId: shop.id, demo: true, calls: portion });
    await resolveInbox(context);
    await progress.tell(portion.length, 'events');
  }
};
