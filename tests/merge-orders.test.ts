/** A merge and its undo over orders and events: what came in for either person, before or since, ends up with them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventsOf } from '../src/features/tracking/index.ts';
import { startTestHouse, type TestHouse } from '../src/platform/testing.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse();
});
afterAll(() => house.close());

it('orders and events follow a merge and come back with its undo, also those that came in since', async () => {
  const order = async (number: string, email: string, price = '10.00') => {
    const answer = await house.request('POST', '/api/orders', {
      body: {
        number,
        placed_at: '2026-01-05T10:00:00Z',
        currency: 'EUR',
        customer: { email },
        lines: [{ sku: 'A', quantity: '1', unit_price: price }],
      },
    });
    expect(answer.status, answer.text).toBe(200);
    return answer.body.outcome as string;
  };
  const idOf = async (email: string) => (await house.request('GET', `/api/customers?query=${email}`)).body.data[0].id as string;
  const countOf = async (id: string) =>
    (await house.request('GET', `/api/customers/${id}/facts`)).body.facts['orders.count'] ?? 0;
  const logged = async (id: string) => (await eventsOf(house.context, [Number(id)], { names: ['Order Completed'] })).length;
  const scanned = async () =>
    Object.fromEntries(
      (
        await house.context.clickhouse.query<{ id: number; n: number }>(
          "SELECT dictGetOrDefault('owner_map', 'customer_id', toUInt64(origin_id), origin_id) AS id, count() AS n FROM purchase GROUP BY id",
        )
      ).map(row => [String(row.id), row.n]),
    );

  await order('1', 'ana@mail.test');
  await order('2', 'ben@mail.test');
  const [ana, ben] = [await idOf('ana@mail.test'), await idOf('ben@mail.test')];
  const merged = await house.request('POST', '/api/customers/merge', { body: { winner: ana, loser: ben } });
  expect(await order('3', 'ben@mail.test')).toBe('created');
  expect(await order('4', 'ana@mail.test')).toBe('created');
  expect(await order('2', 'ben@mail.test'), 'the same order again changes nothing after a merge').toBe('same');
  expect(await countOf(ana)).toBe(4);
  expect(await logged(ana)).toBe(4);
  await house.drain();
  expect(await scanned()).toEqual({ [ana]: 4 });

  await house.request('POST', `/api/merges/${merged.body.merge_id}/undo`);
  expect([await countOf(ana), await countOf(ben)]).toEqual([2, 2]);
  expect([await logged(ana), await logged(ben)]).toEqual([2, 2]);
  await house.drain();
  expect(await scanned()).toEqual({ [ana]: 2, [ben]: 2 });
  const owners = await house.context.postgres`select number, origin_id, customer_id from orders."order" order by number`;
  expect(owners.every(row => row.origin_id === row.customer_id)).toBe(true);
});
