/** Each fact is told twice, by PostgreSQL for a few customers and by ClickHouse for everybody: over random orders both must agree. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { features } from '../../features.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { endOfDay } from '../../platform/time.ts';
import type { FactValue, SqlTime } from '../customers/index.ts';
import { organisationOf, shopsOf } from '../shops/index.ts';
import { orderFacts } from './facts.ts';
import { type OrderInput, recordOrders } from './index.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({
    features: features.slice(0, features.findIndex(one => one.name === 'orders') + 1),
    now: '2026-03-01T12:00:00Z',
  });
});
afterAll(() => house?.close());

const seed = 20260301;

const orderArbitrary = fc.record({
  customer: fc.integer({ min: 0, max: 5 }),
  day: fc.integer({ min: 0, max: 400 }),
  minute: fc.integer({ min: 0, max: 1439 }),
  lines: fc.array(
    fc.record({
      sku: fc.constantFrom('A', 'B', 'C'),
      quantity: fc.integer({ min: 0, max: 5 }),
      cents: fc.integer({ min: 0, max: 5000 }),
      discount: fc.constantFrom(0, 0, 50),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  refundAfter: fc.option(fc.integer({ min: 0, max: 60 })),
  cancelled: fc.boolean(),
  test: fc.constantFrom(false, false, false, true),
});

it('agrees about every fact on every day', async () => {
  const { context } = house;
  const [shop] = await shopsOf(context);
  const { zone } = await organisationOf(context);
  const people: number[] = [];
  for (let i = 0; i < 6; i++) {
    const answer = await house.request('POST', '/api/orders', {
      body: {
        number: `seed${i}`,
        placed_at: '2024-01-01T00:00:00Z',
        currency: shop.currency,
        customer: { email: `p${i}@example.invalid` },
        lines: [],
        test: true,
      },
    });
    const [row] = await context.postgres`select customer_id from orders."order" where id = ${answer.body.id}`;
    people.push(row.customer_id as number);
  }
  const random = fc.sample(orderArbitrary, { numRuns: 120, seed });
  const start = Date.parse('2025-01-01T00:00:00Z');
  const inputs = random.map((one, index): OrderInput => {
    const placedAt = new Date(start + one.day * 86_400_000 + one.minute * 60_000);
    const total = one.lines.reduce((sum, line) => sum + line.quantity * line.cents, 0);
    return {
      shopId: shop.id,
      number: `n${index}`,
      placedAt,
      customerId: people[one.customer],
      currency: shop.currency,
      state: one.cancelled && index % 4 === 0 ? 'cancelled' : 'placed',
      test: one.test,
      lines: one.lines.map(line => ({
        kind: 'product',
        sku: line.sku,
        name: null,
        quantity: String(line.quantity),
        unitPrice: (line.cents / 100).toFixed(2),
        discountMinor: line.quantity > 0 ? Math.min(line.discount, line.cents) : 0,
        totalMinor: null,
      })),
      refunds:
        one.refundAfter === null || total === 0
          ? []
          : [
              {
                outsideId: `r${index}`,
                at: new Date(placedAt.getTime() + one.refundAfter * 86_400_000),
                amountMinor: Math.ceil(total / 3),
                lines: [{ sku: one.lines[0].sku, quantity: '1', amountMinor: Math.ceil(total / 3) }],
              },
            ],
    };
  });
  await recordOrders(context, inputs, { source: 'test', importId: null, historical: true, lines: 'whole' });
  await house.drain();

  let compared = 0;
  for (const day of ['2025-01-01', '2025-03-15', '2025-10-26', '2026-02-28']) {
    const end = endOfDay(zone, day);
    const time: SqlTime = {
      end: "{end:DateTime64(3, 'UTC')}",
      today: '{today:Date}',
      zone: '{zone:String}',
      params: { end, today: day, zone },
    };
    for (const fact of orderFacts) {
      const read = await fact.read(context, people, end);
      const { sql, params } = fact.clickhouse!(time);
      const scanned = new Map<number, FactValue>();
      for (const row of await context.clickhouse.query<{ customer_id: number; value: FactValue | null }>(sql, params)) {
        if (row.value !== null) scanned.set(Number(row.customer_id), row.value);
      }
      expect([fact.code, day, [...scanned].toSorted(byId)]).toEqual([fact.code, day, [...read].toSorted(byId)]);
      compared += read.size;
    }
  }
  expect(compared).toBeGreaterThan(150);
});

const byId = (one: [number, FactValue], other: [number, FactValue]) => one[0] - other[0];
