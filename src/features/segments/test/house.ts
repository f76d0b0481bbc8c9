/** A house with everything up to segments, and short ways to make people, orders and events in it. */
import { randomUUID } from 'node:crypto';
import { startTestHouse, type TestHouse } from '../../../platform/testing.ts';
import { feature as access } from '../../access/index.ts';
import { feature as consent } from '../../consent/index.ts';
import { feature as customers, resolveCustomers } from '../../customers/index.ts';
import { feature as imports } from '../../imports/index.ts';
import { feature as orders, recordOrders } from '../../orders/index.ts';
import { feature as products } from '../../products/index.ts';
import { feature as shops, shopsOf } from '../../shops/index.ts';
import { appendEvents, feature as tracking } from '../../tracking/index.ts';
import { feature as segments } from '../index.ts';

export type House = TestHouse & {
  person: (email: string, traits?: Record<string, unknown>) => Promise<number>;
  /** total in minor units */
  order: (customerId: number, at: string, lines?: { sku: string; total: number }[]) => Promise<void>;
  event: (customerId: number, name: string, at: string, properties?: Record<string, unknown>) => Promise<void>;
  /** E-mail names before the @ of who is in it. */
  names: (path: string, query?: Record<string, string>) => Promise<string[]>;
  count: (definition: unknown, as_of?: string) => Promise<number>;
};

export const openHouse = async (now = '2024-06-15T10:00:00Z'): Promise<House> => {
  const house = await startTestHouse({
    features: [access, shops, customers, consent, tracking, imports, products, orders, segments],
    now,
  });
  const { context } = house;
  let number = 0;
  const [shop] = await shopsOf(context);
  return {
    ...house,
    person: async (email, traits) => {
      const [id] = await resolveCustomers(context, [
        {
          identifiers: [{ kind: 'email', source: '', value: `${email}@example.invalid` }],
          trust: 'secret',
          at: context.clock.now(),
          traits: { name: email, ...traits },
        },
      ]);
      return id as number;
    },
    order: async (customerId, at, lines = [{ sku: 'A', total: 1000 }]) => {
      const input = lines.map(line => ({
        kind: 'product' as const,
        sku: line.sku,
        name: line.sku,
        quantity: '1',
        unitPrice: String(line.total / 100),
        discountMinor: 0,
        totalMinor: line.total,
      }));
      number += 1;
      await recordOrders(
        context,
        [
          {
            shopId: shop.id,
            number: `T${number}`,
            placedAt: new Date(at),
            customerId,
            currency: shop.currency,
            state: 'placed',
            lines: input,
            refunds: [],
          },
        ],
        { source: 'test', importId: null, historical: false, lines: 'whole' },
      );
    },
    event: (customerId, name, at, properties = {}) =>
      appendEvents(context, [
        {
          id: randomUUID(),
          customerId,
          name,
          time: new Date(at),
          shopId: shop.id,
          source: 'test',
          historical: false,
          properties,
        },
      ]),
    names: async (path, query) => {
      const answer = await house.request('GET', path, { query });
      if (answer.status !== 200) throw new Error(answer.text);
      return answer.body.data.map((person: { email: string }) => person.email.split('@')[0]).sort();
    },
    count: async (definition, as_of) => {
      const answer = await house.request('POST', '/api/segments/preview', { body: { definition, as_of } });
      if (answer.status !== 200) throw new Error(answer.text);
      return answer.body.count;
    },
  };
};
