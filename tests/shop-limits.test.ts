/**
 * Roles limited to shops: a reader of one shop sees the product as if the other shops were not there. Ana buys in both shops, Ben in the
 * first only, Cleo in the second only.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, openFrontDoor } from '../src/features/access/front-door.ts';
import { mergeCustomers, resolveCustomers } from '../src/features/customers/index.ts';
import { recordOrders } from '../src/features/orders/index.ts';
import { features } from '../src/features.ts';
import { startTestHouse, type TestHouse } from '../src/platform/testing.ts';

let house: TestHouse;
let door: Awaited<ReturnType<typeof openFrontDoor>>;
let owner: Browser;
let second: Browser;
let key: Browser;
const shops: string[] = [];
const people: Record<string, number> = {};

const buys = async (name: string, shop: number, number: string, amount: number): Promise<void> => {
  const at = new Date('2025-12-20T10:00:00Z');
  const [customerId] = await resolveCustomers(house.context, [
    {
      identifiers: [{ kind: 'email', source: '', value: `${name}@mail.example` }],
      trust: 'secret',
      at,
      traits: { name, email: `${name}@mail.example` },
    },
  ]);
  people[name] = customerId!;
  const line = {
    kind: 'product' as const,
    sku: 'S',
    name: 'Soap',
    quantity: '1',
    unitPrice: String(amount),
    discountMinor: 0,
    totalMinor: amount * 100,
  };
  await recordOrders(
    house.context,
    [
      {
        shopId: shops[shop],
        number,
        placedAt: at,
        customerId: customerId!,
        currency: 'GBP',
        state: 'placed',
        lines: [line],
        refunds: [],
      },
    ],
    { source: 'test', importId: null, historical: true, lines: 'whole' },
  );
};

beforeAll(async () => {
  house = await startTestHouse({ features });
  door = await openFrontDoor(house.context, features);
  owner = await door.setUpOwner();
  shops.push((await owner.send('GET', '/api/shops')).body.data[0].id);
  shops.push((await owner.send('POST', '/api/shops', { name: 'Second' })).body.id);
  await buys('ana', 0, 'A-1', 100);
  await buys('ana', 1, 'B-1', 7);
  await buys('ben', 0, 'A-2', 30);
  await buys('cleo', 1, 'B-2', 50);
  const roles = (await owner.send('GET', '/api/roles')).body.data as { code: string; verbs: string[]; fields: string[] }[];
  const support = roles.find(role => role.code === 'support')!;
  const made = await owner.send('POST', '/api/roles', {
    name: 'second shop',
    verbs: [...support.verbs, 'segments:write', 'customers:export', 'customers:erase'],
    fields: support.fields,
    shop_ids: [shops[1]],
  });
  expect(made.status, made.text).toBe(201);
  second = await door.join(owner, 'second shop', 'second@shop.example');
  const { grantable } = (await owner.send('GET', '/api/api-keys')).body;
  key = door.newBrowser({
    bearer: (
      await owner.send('POST', '/api/api-keys', {
        name: 'k',
        verbs: grantable.verbs,
        fields: grantable.fields,
        shop_ids: [shops[1]],
      })
    ).body.secret,
  });
  await house.drain();
});
afterAll(async () => {
  await door?.close();
  await house?.close();
});

const names = (answer: { body: { data: { name: string }[] } }) => answer.body.data.map(one => one.name).sort();

it('lists, counts and sorts the people of one’s own shops, with these shops’ figures', async () => {
  expect(names(await owner.send('GET', '/api/customers'))).toEqual(['ana', 'ben', 'cleo']);
  for (const browser of [second, key]) {
    const list = await browser.send('GET', '/api/customers?total=1&columns=orders.sales&columns=orders.count&sort=-orders.sales');
    expect(list.body.total).toBe(2);
    expect(list.body.data.map((one: { name: string; facts: object }) => [one.name, one.facts])).toEqual([
      ['cleo', { 'orders.sales': 5000, 'orders.count': 1 }],
      ['ana', { 'orders.sales': 700, 'orders.count': 1 }],
    ]);
  }
});

it('answers 404 for everybody else, and shows of a shared customer what happened in one’s own shops', async () => {
  expect((await second.send('GET', `/api/customers/${people.ben}`)).status).toBe(404);
  expect((await second.send('GET', `/api/customers/${people.ben}/timeline`)).status).toBe(404);
  const ana = await second.send('GET', `/api/customers/${people.ana}/timeline?kinds=order`);
  expect(ana.text).toContain('B-1');
  expect(ana.text).not.toContain('A-1');
  expect((await second.send('GET', `/api/customers/${people.ana}/facts`)).body.facts['orders.sales']).toBe(700);
  const orders = await second.send('GET', '/api/orders?count=true');
  expect(orders.body.data.map((one: { number: string }) => one.number).sort()).toEqual(['B-1', 'B-2']);
});

it('counts segments over one’s own shops, in preview, members and export, and saves none', async () => {
  const fact = { all: [{ fact: 'orders.sales', at_least: { amount_minor: 5000, currency: 'GBP' } }] };
  const count = async (browser: Browser, asked: object) =>
    (await browser.send('POST', '/api/segments/preview', { definition: asked })).body.count;
  expect(await count(owner, fact)).toBe(2);
  expect(await count(second, fact)).toBe(1);
  for (const asked of [{ all: [] }, { all: [{ did: 'Order Completed', count: { at_least: 1 } }] }])
    expect(await count(second, asked)).toBe(2);
  expect(await count(second, { all: [{ did: 'Order Completed', count: { at_least: 2 } }] })).toBe(0);
  expect(await count(owner, { all: [{ did: 'Order Completed', count: { at_least: 2 } }] })).toBe(1);
  expect((await second.send('POST', '/api/segments', { name: 'Mine', definition: fact })).body.code).toBe('access.shop_limited');
  const saved = await owner.send('POST', '/api/segments', { name: 'Good', definition: fact });
  await house.drain();
  expect(names(await owner.send('GET', `/api/segments/${saved.body.id}/members`))).toEqual(['ana', 'cleo']);
  expect(names(await second.send('GET', `/api/segments/${saved.body.id}/members`))).toEqual(['cleo']);
  const listed = (await second.send('GET', '/api/segments')).body.data as { id: string; count: number }[];
  expect(listed.find(one => one.id === saved.body.id)!.count).toBe(1);
  expect((await second.send('GET', `/api/segments/customers/${people.ana}`)).status).not.toBe(500);
});

it('finds only them by searching, and hands out nobody whole whom other shops know too', async () => {
  const found = await second.send('GET', '/api/search?query=ben');
  expect(found.text).not.toContain('ben');
  expect((await second.send('GET', '/api/search?query=A-1')).text).not.toContain('A-1');
  const erase = (id: number) => second.send('POST', `/api/customers/${id}/export`);
  expect((await erase(people.ana)).body.code).toBe('customers.other_shops');
  expect((await erase(people.cleo)).status).toBe(200);
  const csv = await second.send('GET', '/api/customers.csv');
  expect(csv.text).toContain('cleo');
  expect(csv.text).not.toContain('ben');
});

it('keeps it right through a merge', async () => {
  await mergeCustomers(house.context, { winnerId: people.ben, loserId: people.cleo });
  await house.drain();
  const list = await second.send('GET', '/api/customers?total=1');
  expect(list.body.total).toBe(2);
  expect((await second.send('GET', `/api/customers/${people.ben}`)).status).toBe(200);
  expect((await second.send('POST', '/api/segments/preview', { definition: { all: [] } })).body.count).toBe(2);
});
