/** A till: a file of in-store sales as a shop of its own, joined with the online shop on one profile. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { feature as imports } from '../imports/index.ts';
import { bringer } from '../imports/test/bring.ts';
import { feature as products } from '../products/index.ts';
import { defaultShopOf, feature as shops } from '../shops/index.ts';
import { feature as tracking } from '../tracking/index.ts';
import { feature as orders } from './index.ts';

let house: TestHouse;
let files: ReturnType<typeof bringer>;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking, imports, products, orders] });
  files = bringer(house);
});
afterAll(() => house?.close());

const online =
  'Order number,Date,SKU,Product,Quantity,Price,Email,Phone\n1001,2025-06-01 10:00,TEA,Tea,1,5.00,ana@shop.example,+447700900111\n1002,2025-06-02 10:00,TEA,Tea,2,5.00,bo@shop.example,\n';
const till =
  'Receipt,Time,SKU,Product,Quantity,Price,Email,Phone,Loyalty card\n' +
  // Ana by e-mail, with her card; later by her card alone; then by her phone alone.
  'T-1,2025-07-01 09:00,CUP,Cup,1,8.00,ana@shop.example,,K-77\n' +
  'T-2,2025-07-05 09:00,CUP,Cup,1,8.00,,,K-77\n' +
  'T-3,2025-07-09 09:00,TEA,Tea,1,5.00,,+44 7700 900111,\n' +
  // Nobody: the sale counts, a customer is not made up.
  'T-4,2025-07-10 09:00,TEA,Tea,3,5.00,,,\n' +
  'T-4,2025-07-10 09:00,CUP,Cup,1,8.00,,,\n' +
  // The online shop has an order of this number too.
  '1001,2025-07-11 09:00,TEA,Tea,1,5.00,,,K-99\n';

test('an online customer buys in the shop: one profile, both shops', async () => {
  const web = await files.bringAll(online, { settings: { currency: 'GBP' } });
  expect(web.counts.made).toMatchObject({ orders: 2, customers: 2 });

  const made = await house.request('POST', '/api/shops', {
    body: { name: 'High Street', kind: 'till', currency: 'EUR', zone: 'Europe/Dublin' },
  });
  expect(made.status).toBe(201);
  const up = await files.bring(till, 'till.csv');
  const ready = await files.edit(up.body, { shop_id: made.body.id });
  // A till's amounts are in its currency and its times are its own: nothing is left to ask.
  expect(ready).toMatchObject({ kind: 'order_lines', problems: [], settings: { currency: 'EUR', zone: 'Europe/Dublin' } });
  const done = await files.act(ready.id, 'start');
  expect(done.counts).toMatchObject({ read: 6, kept: 6, made: { orders: 5, customers: 1, orders_without_customer: 1 } });

  const ana = (await house.request('GET', '/api/customers?query=ana@shop.example')).body.data;
  expect(ana).toHaveLength(1);
  const hers = (await house.request('GET', `/api/customers/${ana[0].id}/orders`)).body.data;
  const shopOf = new Map(
    (await house.request('GET', '/api/shops')).body.data.map((shop: { id: string; name: string }) => [shop.id, shop.name]),
  );
  const main = (await defaultShopOf(house.context)).name;
  expect(hers.map((order: { number: string; shop_id: string }) => [order.number, shopOf.get(order.shop_id)])).toEqual([
    ['T-3', 'High Street'],
    ['T-2', 'High Street'],
    ['T-1', 'High Street'],
    ['1001', main],
  ]);
  const nobodys = await house.context
    .postgres`select number, customer_id, currency, placed_at from orders."order" where number = 'T-4'`;
  expect(nobodys).toMatchObject([{ customer_id: null, currency: 'EUR', placed_at: new Date('2025-07-10T08:00:00Z') }]);
  expect(await house.context.postgres`select id from orders."order" where number = '1001'`).toHaveLength(2);

  // Next week's file: the till is chosen with the upload, and what is in already counts as known.
  const next = await files.bringAll(`${till}T-5,2025-07-12 09:00,TEA,Tea,1,5.00,,,K-77\n`, undefined, 'till.csv', {
    shop_id: made.body.id,
  });
  expect(next.counts).toMatchObject({ kept: 7, added: 1, made: { orders: 1, customers_known: 2 } });

  await files.act(next.id, 'undo');
  await files.act(done.id, 'undo');
  expect((await house.request('GET', `/api/customers/${ana[0].id}/orders`)).body.data).toHaveLength(1);
});
