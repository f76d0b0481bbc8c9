/** The list of customers sorted by what other features know, page by page, through ClickHouse and without. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../src/platform/testing.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse();
});
afterAll(() => house.close());

const pages = async (query: string): Promise<string[]> => {
  const names: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const answer = await house.request('GET', `/api/customers?${query}&limit=2${cursor ? `&cursor=${cursor}` : ''}`);
    expect(answer.status, answer.text).toBe(200);
    names.push(...answer.body.data.map((row: { name: string }) => row.name));
    cursor = answer.body.next_cursor;
    expect(names.length).toBeLessThan(50);
  }
  return names;
};

it('sorts everybody by a fact; who has none comes last either way', async () => {
  const sales: Record<string, string[]> = {
    A: ['30.00'],
    B: ['10.00', '5.00'],
    C: [],
    D: ['30.00'],
    E: ['99.50'],
    F: [],
    G: ['1.00'],
  };
  let number = 1;
  for (const [name, prices] of Object.entries(sales)) {
    const { id } = (
      await house.request('POST', '/api/customers', {
        body: { name, email: `${name}@mail.test`, country: name < 'D' ? 'GB' : 'FR' },
      })
    ).body;
    for (const price of prices) {
      await house.request('POST', '/api/orders', {
        body: {
          number: String(number++),
          placed_at: '2026-01-05T10:00:00Z',
          currency: 'EUR',
          customer: { id },
          lines: [{ sku: 'A', quantity: '1', unit_price: price }],
        },
      });
    }
  }
  await house.drain();
  expect(await pages('sort=-orders.sales')).toEqual(['E', 'A', 'D', 'B', 'G', 'C', 'F']);
  expect(await pages('sort=orders.sales')).toEqual(['G', 'B', 'A', 'D', 'E', 'C', 'F']);
  expect(await pages('sort=-orders.last_on')).toEqual(['A', 'B', 'D', 'E', 'G', 'C', 'F']);
  // Narrowed: the same order, read from PostgreSQL.
  expect(await pages('sort=-orders.sales&filter=country:FR')).toEqual(['E', 'D', 'G', 'F']);
  expect(await pages('sort=-orders.sales&query=mail.test')).toEqual(['E', 'A', 'D', 'B', 'G', 'C', 'F']);
  // Before anybody bought, nobody has a value.
  expect(await pages('sort=-orders.sales&as_of=2026-01-04')).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G']);
  const analyst = house.staff({ verbs: new Set(['customers:read']), fields: new Set(['behaviour']) });
  expect((await house.request('GET', '/api/customers?sort=-orders.sales', { actor: analyst })).status).toBe(403);
  expect((await house.request('GET', '/api/customers?columns=orders.sales', { actor: analyst })).status).toBe(403);
  expect((await house.request('GET', '/api/facts', { actor: analyst })).text).not.toContain('orders.sales');
});
