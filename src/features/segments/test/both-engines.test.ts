/** What PostgreSQL says through closures is what ClickHouse says through its copies: over facts, events, orders, refunds and merges of a real house. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordOrders } from '../../orders/index.ts';
import { shopsOf } from '../../shops/index.ts';
import { listIds } from '../ask-clickhouse.ts';
import { compileClosure, needsOf } from '../compile.ts';
import { loadPeople } from '../load-people.ts';
import { loadVocabulary, momentFor } from '../load-vocabulary.ts';
import { operatorsFor } from '../operator.ts';
import { parseDefinition } from '../parse-definition.ts';
import { type House, openHouse } from './house.ts';

const written: unknown[] = [
  { all: [] },
  { orders: 'count', at_least: 2 },
  { orders: 'count', at_most: 0 },
  { orders: 'sales', at_least: { amount_minor: 3_000 } },
  { orders: 'sales', less_than: { amount_minor: 1 } },
  { orders: 'average', more_than: { amount_minor: 1_200 } },
  { orders: 'items', at_least: 3 },
  { orders: 'discounted_share', at_least: 1 },
  { orders: 'refund_share', at_least: 10 },
  { orders: 'first', within: { days: 60 } },
  { orders: 'last', before: { months: 2 } },
  { orders: 'sales', at_least: { amount_minor: 500 }, products: ['B'] },
  { bought: { all: ['A', 'B'] } },
  { bought: { any: ['A'] }, but_not: ['C'], within: { days: 90 } },
  { did: 'Order Completed', count: { at_least: 2 } },
  { did: 'Order Refunded' },
  { did: 'Product Viewed', where: [{ property: 'price', between: [5, 15] }] },
  { did: 'Product Viewed', where: [{ property: 'colours', contains: 'RED' }] },
  { did: 'Product Viewed', where: [{ property: 'gift', is: true }] },
  { did: 'Product Viewed', where: [{ property: 'size.width', set: false }] },
  { did: 'Product Viewed', which: 'last', before: { days: 20 } },
  { tag: 'vip' },
  { identifier: 'phone' },
  { fact: 'customers.tags', set: false },
  { fact: 'customers.country', in: ['DE', 'GB'] },
  { fact: 'customers.country', not_contains: 'e' },
  { fact: 'customers.has_phone', is: true },
];

describe('both engines', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse('2024-06-15T10:00:00Z');
    const people: number[] = [];
    for (const i of Array.from({ length: 12 }).keys())
      people.push(
        await house.person(`p${i}`, { country: ['DE', 'GB', 'FR'][i % 3], ...(i % 4 ? {} : { phone: `+4930123456${i}` }) }),
      );
    const [shop] = await shopsOf(house.context);
    for (const [i, customerId] of people.entries()) {
      for (let n = 0; n < i % 5; n++) {
        const placedAt = new Date(Date.UTC(2024, (i + 2 * n) % 6, 1 + ((i * 7 + n * 5) % 27), n % 2 ? 23 : 4, 30));
        const lines = ['A', 'B', 'C'].slice(n % 3, (n % 3) + 1 + (i % 2)).map(sku => ({
          kind: 'product' as const,
          sku,
          name: sku,
          quantity: i % 3 === 0 ? '1.5' : '1',
          unitPrice: '10.55',
          discountMinor: (i + n) % 4 === 0 ? 105 : 0,
          totalMinor: null,
        }));
        const refunds =
          (i + n) % 3 === 0
            ? [
                {
                  outsideId: `r${i}-${n}`,
                  at: new Date(placedAt.getTime() + 20 * 86_400_000),
                  amountMinor: 400,
                  lines: [{ sku: lines[0].sku, quantity: '1', amountMinor: 400 }],
                },
              ]
            : [];
        await recordOrders(
          house.context,
          [
            {
              shopId: shop.id,
              number: `N${i}-${n}`,
              placedAt,
              customerId,
              currency: shop.currency,
              state: (i + n) % 7 === 6 ? 'cancelled' : 'placed',
              lines,
              refunds,
            },
          ],
          { source: 'test', importId: null, historical: false, lines: 'whole' },
        );
      }
      for (let n = 0; n < i % 4; n++) {
        await house.event(customerId, 'Product Viewed', `2024-0${5 + (n % 2)}-1${n}T2${n}:30:00Z`, {
          price: 3 * i,
          colours: ['red', 'Blue'].slice(0, n),
          gift: n % 2 === 0,
          size: i % 2 ? { width: 3 } : undefined,
        });
      }
    }
    await house.request('POST', `/api/customers/${people[3]}/tags`, { body: { add: ['vip', "o'neil"] } });
    await house.request('POST', '/api/customers/merge', { body: { winner: String(people[4]), loser: String(people[9]) } });
    await house.drain();
  });
  afterAll(() => house.close());

  it.each([null, '2024-04-30'])('name the same people as of %s', async asOf => {
    const { context } = house;
    const loaded = await loadVocabulary(context);
    const moment = momentFor(context, loaded, asOf);
    const everybody = (await context.postgres`select id from customers.customer order by id`).map(row => row.id as number);
    // Every fact there is, around values that customers really have.
    const facts: unknown[] = [];
    for (const fact of loaded.facts.values()) {
      const values = [...(await fact.read(context, everybody, asOf === null ? null : moment.until)).values()];
      const value = values[Math.floor(values.length / 2)];
      const dated = asOf === null || fact.asOf === 'exact';
      if (value === undefined || !dated) continue;
      for (const { code, form } of operatorsFor(fact.type)) {
        if (form === 'one') facts.push({ fact: fact.code, [code]: fact.type === 'money' ? { amount_minor: value } : value });
        if (form === 'many') facts.push({ fact: fact.code, [code]: [value].flat() });
      }
    }
    expect(facts.length).toBeGreaterThan(asOf === null ? 60 : 30);
    let members = 0;
    for (const raw of [...written, ...facts]) {
      const definition = parseDefinition(raw, loaded.vocabulary);
      const there = await listIds(context, { definition }, null, { limit: 100, offset: 0 }, moment, loaded.vocabulary);
      const closure = compileClosure(definition, moment, loaded.vocabulary);
      const people = await loadPeople(
        context,
        everybody,
        needsOf(definition, loaded.vocabulary),
        loaded.facts,
        moment,
        asOf === null ? null : moment.until,
      );
      expect({ raw, members: people.filter(closure).map(person => person.id) }).toEqual({ raw, members: there });
      members += there.length;
    }
    expect(members).toBeGreaterThan(100);
  });
});
