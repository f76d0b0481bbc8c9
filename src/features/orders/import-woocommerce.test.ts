/** WooCommerce's files through the front door; what the shop's API says later or has said before wins, and it is one order. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { feature as imports } from '../imports/index.ts';
import { feature as products } from '../products/index.ts';
import { feature as shops } from '../shops/index.ts';
import { feature as tracking } from '../tracking/index.ts';
import { feature as orders } from './index.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking, imports, products, orders] });
});
afterAll(() => house?.close());

const bring = async (content: string, name: string, settings: Record<string, unknown> = {}) => {
  const body = `--edge\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n${content}\r\n--edge--\r\n`;
  const up = await house.request('POST', '/api/imports', {
    body: Buffer.from(body),
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
  });
  expect(up.status, up.text).toBe(201);
  const ready = await house.request('POST', `/api/imports/${up.body.id}/mapping`, {
    body: { version: up.body.version, settings },
  });
  expect(ready.body.problems, ready.text).toEqual([]);
  await house.request('POST', `/api/imports/${up.body.id}/dry-run`);
  await house.drain();
  const started = await house.request('POST', `/api/imports/${up.body.id}/start`);
  expect(started.status, started.text).toBe(202);
  await house.drain();
  return { kind: up.body.kind, ...(await house.request('GET', `/api/imports/${up.body.id}`)).body };
};
const booked = async (number: string) => {
  const [row] = await house.context.postgres`
    select o.number, o.state, o.placed_at, o.total_minor, o.tax_minor, o.sales_minor, o.outside_id, o.country, o.discount_codes,
      (select array_agg(value order by value) from customers.identifier i where customers.owner_of(i.origin_id) = o.customer_id and i.kind = 'email') as emails,
      (select jsonb_agg(jsonb_build_array(l.kind, l.sku, l.name, l.quantity::text, l.unit_price::text, l.discount_minor, l.total_minor) order by l.position) from orders.line l where l.order_id = o.id) as lines,
      (select jsonb_agg(jsonb_build_array(r.key, r.amount_minor)) from orders.refund r where r.order_id = o.id) as refunds
    from orders."order" o where o.number = ${number}`;
  return row ? { ...row } : null;
};

const advanced = [
  'Order Number,Order Status,Order Date,First Name (Billing),Last Name (Billing),City (Billing),Postcode (Billing),Country Code (Billing),Email (Billing),Phone (Billing),Payment Method Title,Cart Discount Amount,Order Subtotal Amount,Shipping Method Title,Order Shipping Amount,Order Refund Amount,Order Total Amount,Order Total Tax Amount,SKU,Item #,Item Name,Quantity (- Refund),Item Cost,Coupon Code,Discount Amount,Discount Amount Tax',
  '501,Completed,2026-01-03 10:15,Ana,Ruiz,Vigo,36201,ES,ana@woo.example,,Card,4.00,49,Flat rate,4.90,0,59.88,9.98,T1,1,Tea – Green,2,18,spring,4,0.8',
  '501,Completed,2026-01-03 10:15,Ana,Ruiz,Vigo,36201,ES,ana@woo.example,,Card,4.00,49,Flat rate,4.90,0,59.88,9.98,,2,Cup,1,9,spring,4,0.8',
  '502,Pending payment,2026-01-03 11:00,Bo,Lund,Malmö,211,SE,bo@woo.example,,Card,0,9,Flat rate,0,0,10.80,1.80,,1,Cup,1,9,,,',
  'W-503,Storniert,2026-01-04 11:00,Bo,Lund,Malmö,211,SE,bo@woo.example,,Card,0,9,Flat rate,0,0,10.80,1.80,,1,Cup,1,9,,,',
  '504,On hold,2026-01-05 11:00,Bo,Lund,Malmö,211,SE,bo@woo.example,,Card,0,9,Flat rate,0,3.00,10.80,1.80,,1,Cup,1,9,,,',
  '505,Completed,soon,Bo,Lund,Malmö,211,SE,bo@woo.example,,Card,0,9,Flat rate,0,0,10.80,1.80,,1,Cup,1,9,,,',
  '',
].join('\n');

test("orders of Advanced Order Export: unpaid ones are none, cancelled ones no sales, statuses in the shop's language", async () => {
  const done = await bring(advanced, 'orders.csv', { currency: 'EUR' });
  expect(done.kind).toBe('woocommerce_orders');
  expect(done.counts).toMatchObject({
    read: 6,
    kept: 4,
    skipped: { order_unpaid: 1, not_a_time: 1 },
    made: { orders: 3, lines: 4, customers: 2 },
  });
  expect(done.dry_run.counts).toMatchObject({ kept: 4, skipped: { order_unpaid: 1, not_a_time: 1 }, made: { orders: 3 } });
  expect(await booked('501')).toMatchObject({
    state: 'placed',
    placed_at: new Date('2026-01-03T10:15:00Z'),
    total_minor: 5988,
    tax_minor: 998,
    sales_minor: 4500,
    country: 'ES',
    discount_codes: ['spring'],
    emails: ['ana@woo.example'],
    lines: [
      ['product', 'T1', 'Tea – Green', '2', '18', 0, 3600],
      ['product', null, 'Cup', '1', '9', 0, 900],
      ['shipping', null, 'Shipping', '1', '4.9', 0, 490],
    ],
  });
  expect(await booked('502')).toBeNull();
  expect((await booked('W-503'))?.state).toBe('cancelled');
  expect(await booked('504')).toMatchObject({ state: 'placed', refunds: [['export:504', 300]] });
});

const items = (status: string) =>
  [
    'order_id,order_number,date,status,shipping_total,shipping_tax_total,fee_total,tax_total,discount_total,order_total,refunded_total,order_currency,customer_id,billing_first_name,billing_last_name,billing_email,billing_country,item_id,item_product_id,item_name,item_sku,item_quantity,item_subtotal,item_subtotal_tax,item_total,item_total_tax,item_refunded,coupons',
    `9007199254740993,A-77,2026-02-01 08:00:00,${status},4.90,0.98,-3.00,8.58,4.00,50.48,0,EUR,25,Ana,Ruiz,ana@woo.example,ES,1,7,Tea,T1,2,40.00,8.00,36.00,7.20,0,code:spring`,
    `9007199254740993,A-77,2026-02-01 08:00:00,${status},4.90,0.98,-3.00,8.58,4.00,50.48,0,EUR,25,Ana,Ruiz,ana@woo.example,ES,2,8,Cup,,1,5.00,1.00,4.00,0.80,0,code:spring`,
    '',
  ].join('\n');

test('one row per item: discounts are told apart, ids stay exact, a later file brings the newer status', async () => {
  const done = await bring(items('processing'), 'items.csv');
  expect(done.kind).toBe('woocommerce_orders');
  expect(await booked('A-77')).toMatchObject({
    outside_id: '9007199254740993',
    sales_minor: 3700,
    lines: [
      ['product', 'T1', 'Tea', '2', '20', 400, 3600],
      ['product', 'id:8', 'Cup', '1', '5', 100, 400],
      ['shipping', null, 'Shipping', '1', '4.9', 0, 490],
      ['discount', null, 'Fee', '1', '-3', 0, -300],
    ],
  });
  const later = await bring(items('cancelled'), 'items.csv');
  expect(later.counts.made).toMatchObject({ orders_changed: 1 });
  expect((await booked('A-77'))?.state).toBe('cancelled');
});

test('the file from Analytics: a sum for all its products, refunds dated, nobody named', async () => {
  const done = await bring(
    [
      'Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,Attribution',
      '2026-03-01 10:00:00,601,€30.00,completed,Ana Ruiz,returning,"2× Tea, Green, 1× Cup",3,spring,30,Direct',
      '2026-03-05 10:00:00,601,-€10.00,refunded,Ana Ruiz,returning,"1× Cup",-1,,-10,Direct',
      '2026-03-02 10:00:00,602,€9.00,failed,Bo Lund,new,"1× Cup",1,,9,Direct',
      '',
    ].join('\n'),
    'wc-orders-report.csv',
    { currency: 'EUR' },
  );
  expect(done.kind).toBe('woocommerce_analytics_orders');
  expect(done.counts).toMatchObject({ read: 3, kept: 2, skipped: { order_unpaid: 1 } });
  expect(await booked('601')).toMatchObject({
    total_minor: 3000,
    sales_minor: 3000,
    emails: null,
    lines: [['product', null, '2× Tea, Green, 1× Cup', '3', '10', 0, 3000]],
    refunds: [['export:601:2026-03-05T10:00:00.000Z', 1000]],
  });
});

test('products with variations; accounts from Analytics, without any consent', async () => {
  const file = await bring(
    [
      'ID,Type,SKU,"GTIN, UPC, EAN, or ISBN",Name,Published,Is featured?,Tax status,In stock?,Stock,Sale price,Regular price,Categories,Parent,Position,Cost of goods',
      '100,variable,HOOD,,Hoodie,1,0,taxable,1,,,,"Clothing > Hoodies, Sale",,0,',
      '101,variation,HOOD-S,,Hoodie - Small,1,0,taxable,1,5,35.50,42.00,,HOOD,1,12.50',
      '102,variation,,,Hoodie - Large,1,0,taxable,1,5,,44.00,,id:100,2,',
      '103,simple,CUP,,Cup,1,0,taxable,1,5,,9.00,Cups,,0,',
      '104,simple,DRAFT,,Draft,-1,0,taxable,1,5,,9.00,Cups,,0,',
      '',
    ].join('\n'),
    'wc-product-export.csv',
    { currency: 'EUR' },
  );
  expect(file.kind).toBe('woocommerce_products');
  expect(file.counts).toMatchObject({ read: 5, kept: 4, skipped: { product_unpublished: 1 } });
  const rows = await house.context.postgres`
    select sku, name, category, price from products.variant where sku in ('HOOD', 'HOOD-S', 'id:102', 'CUP', 'DRAFT') order by sku`;
  expect(rows.map(row => [row.sku, row.name, row.category, row.price])).toEqual([
    ['CUP', 'Cup', 'Cups', '9'],
    ['HOOD-S', 'Hoodie - Small', 'Hoodies', '35.5'],
    ['id:102', 'Hoodie - Large', 'Hoodies', '44'],
  ]);
  expect(file.counts.made).toMatchObject({ products: 3, costs: 1 });
  expect((await house.request('POST', `/api/imports/${file.id}/undo`)).status).toBe(202);
  await house.drain();
  expect(await house.context.postgres`select 1 from products.variant where sku = 'HOOD-S'`).toHaveLength(0);

  const people = await bring(
    'Name,Username,Last Active,Sign Up,Email,Orders,Total Spend,AOV,Country / Region,City,Region,Postal Code\nCy Young,cy,2026-01-02,2025-12-24 09:00:00,cy@woo.example,2,20,10,AT,Graz,,8010\n',
    'wc-customers-report.csv',
  );
  expect(people.kind).toBe('woocommerce_customers');
  const [cy] = await house.context.postgres`
    select c.name, c.country, c.city, (select count(*)::int from consent.consent s where s.customer_id = c.id) as consents from customers.customer c where c.email = 'cy@woo.example'`;
  expect({ ...cy }).toEqual({ name: 'Cy Young', country: 'AT', city: 'Graz', consents: 0 });
});
