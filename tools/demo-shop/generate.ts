/**
 * Writes a believable shop's past: customers.ndjson, orders.ndjson and calls.ndjson into a folder, and the hidden truth behind them
 * into a file of its own, which the product never reads.
 *
 *   node tools/demo-shop/generate.ts --out data/demo --truth data/demo-truth.json --seed regulars --currency EUR
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Customer, customerCount, makeWorld, type Order } from './behaviour.ts';
import { makeCalls } from './calls.ts';

const customerRow = (one: Customer) => ({
  key: one.key,
  email: one.email,
  phone: one.phone,
  first_name: one.firstName,
  last_name: one.lastName,
  country: one.country,
  city: one.city,
  language: one.language,
  found_us_by: one.foundUsBy,
  wholesale: one.habit === 'café',
  joined_at: one.joinedAt,
});

const orderRow = (order: Order) => ({
  number: order.number,
  customer: order.customer?.key ?? null,
  country: order.customer?.country ?? null,
  placed_at: order.placedAt,
  cancelled_at: order.cancelledAt,
  code: order.code,
  shipping: order.shipping,
  lines: order.lines,
  refund: order.refund && {
    at: order.refund.at,
    sku: order.refund.line.sku,
    quantity: order.refund.quantity,
    amount: order.refund.line.price * order.refund.quantity - order.refund.line.discount,
  },
});

const truthRow = (one: Customer) => ({
  email: one.email,
  habit: one.habit,
  usual_gap_days: one.usualGap_days,
  stopped_at: one.stoppedAt,
  cause: one.cause,
  same_person_as: one.sameAs,
});

const lines = (rows: readonly unknown[]): string => rows.map(row => `${JSON.stringify(row)}\n`).join('');

export const generate = (input: {
  out: string;
  truth: string | null;
  seed: string;
  now: Date;
  currency: string;
  customers: number;
}) => {
  const world = makeWorld(input.seed, input.now, input.customers);
  const calls = makeCalls(world, input.currency);
  mkdirSync(input.out, { recursive: true });
  writeFileSync(join(input.out, 'customers.ndjson'), lines(world.customers.map(customerRow)));
  writeFileSync(join(input.out, 'orders.ndjson'), lines(world.orders.map(orderRow)));
  writeFileSync(join(input.out, 'calls.ndjson'), lines(calls));
  if (input.truth) {
    const truth = {
      seed: input.seed,
      made_at: input.now,
      price_rise_at: world.priceRiseAt,
      customers: world.customers.map(truthRow),
    };
    writeFileSync(input.truth, JSON.stringify(truth));
  }
  return { customers: world.customers.length, orders: world.orders.length, calls: calls.length };
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'data/demo' },
      truth: { type: 'string' },
      seed: { type: 'string', default: 'regulars' },
      now: { type: 'string', default: new Date().toISOString() },
      currency: { type: 'string', default: 'EUR' },
      customers: { type: 'string', default: String(customerCount) },
    },
  });
  const made = generate({
    ...values,
    truth: values.truth ?? null,
    now: new Date(values.now),
    customers: Number(values.customers),
  });
  process.stdout.write(`${JSON.stringify(made)}\n`);
}
