/** A file and the connection tell of the same orders: whichever comes first, it is one order, and the same one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { features } from '../../../features.ts';
import { startTestHouse, type TestHouse } from '../../../platform/testing.ts';
import { createShop } from '../../shops/index.ts';
import { pollSoon } from '../poll.ts';
import { startWalk } from '../walk.ts';
import { openWooDouble, type WooDouble } from './test/double.ts';

const now = '2026-03-20T08:00:00Z';
let house: TestHouse;
// Two shops with one life: the same seed.
let [first, second]: WooDouble[] = [];
beforeAll(async () => {
  [first, second] = await Promise.all([
    openWooDouble({ seed: 5, now: '2026-03-01T08:00:00Z' }),
    openWooDouble({ seed: 5, now: '2026-03-01T08:00:00Z' }),
  ]);
  for (const shop of [first, second]) {
    shop.life.live(250);
    shop.life.takeHappened();
    shop.life.setNow(new Date(now));
  }
  const needed = [
    'access',
    'shops',
    'customers',
    'consent',
    'tracking',
    'imports',
    'products',
    'orders',
    'segments',
    'desk',
    'connections',
  ];
  house = await startTestHouse({
    features: features.filter(one => needed.includes(one.name)),
    now,
    config: { privateHosts: [first.host, second.host] },
  });
});
afterAll(async () => {
  await house?.close();
  await first?.close();
  await second?.close();
});

/** What Customer/Order/Coupon Export writes, one row per item, in the time of the site. */
const fileOf = (shop: WooDouble): string => {
  const quoted = (cell: unknown) => `"${String(cell ?? '').replaceAll('"', '""')}"`;
  const columns =
    'order_id,order_number,date,status,shipping_total,fee_total,tax_total,order_total,refunded_total,order_currency,customer_id,billing_first_name,billing_last_name,billing_email,billing_country,billing_city,billing_postcode,item_id,item_product_id,item_name,item_sku,item_quantity,item_subtotal,item_total,coupons';
  type Row = Record<string, never> & {
    line_items: Record<string, unknown>[];
    billing: Record<string, string>;
    refunds: { total: string }[];
  };
  const rows = (shop.life.orderRows() as unknown as Row[]).flatMap(order =>
    order.line_items.map(item => {
      const of = (key: string) => (order as unknown as Record<string, Record<string, string>[]>)[key];
      const number = (of('meta_data') as Record<string, string>[]).find(one => one.key === '_order_number')?.value ?? order.id;
      return [
        order.id,
        number,
        String(order.date_created).replace('T', ' '),
        order.status,
        of('shipping_lines')[0]?.total ?? '0',
        of('fee_lines')[0]?.total ?? '0',
        order.total_tax,
        order.total,
        order.refunds.reduce((sum, one) => sum - Number(one.total), 0).toFixed(2),
        order.currency,
        order.customer_id,
        order.billing.first_name,
        order.billing.last_name,
        order.billing.email,
        order.billing.country,
        order.billing.city,
        order.billing.postcode,
        item.id,
        // The plugin names the variation as the product where there is one.
        item.variation_id === 0 ? item.product_id : item.variation_id,
        item.name,
        item.sku,
        item.quantity,
        item.subtotal,
        item.total,
        of('coupon_lines')[0]?.code ?? '',
      ]
        .map(quoted)
        .join(',');
    }),
  );
  return [columns, ...rows, ''].join('\n');
};

const bring = async (shop: WooDouble, shopId: string) => {
  const body = [
    `--edge\r\nContent-Disposition: form-data; name="shop_id"\r\n\r\n${shopId}\r\n`,
    `--edge\r\nContent-Disposition: form-data; name="file"; filename="orders.csv"\r\nContent-Type: text/csv\r\n\r\n${fileOf(shop)}\r\n--edge--\r\n`,
  ].join('');
  const up = await house.request('POST', '/api/imports', {
    body: Buffer.from(body),
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
  });
  expect(up.body, up.text).toMatchObject({ kind: 'woocommerce_orders', problems: [] });
  const started = await house.request('POST', `/api/imports/${up.body.id}/start`);
  expect(started.status, started.text).toBe(202);
  await house.drain();
  return (await house.request('GET', `/api/imports/${up.body.id}`)).body;
};
const connect = async (shop: WooDouble, shopId: string): Promise<string> => {
  const answer = await house.request('POST', '/api/connections', {
    body: {
      kind: 'woocommerce',
      shop_id: shopId,
      fields: { address: shop.url, consumer_key: 'ck_double', consumer_secret: 'cs_double' },
    },
  });
  expect(answer.status, answer.text).toBe(201);
  await house.drain();
  return answer.body.id;
};
const books = async (shopId: string) => {
  const rows = await house.context.postgres`
    select o.number, o.outside_id, o.placed_at, o.state, o.currency, o.country, o.total_minor, o.tax_minor, o.sales_minor, o.discount_minor, o.discount_codes,
      (select jsonb_agg(jsonb_build_array(l.kind, l.sku, l.name, l.quantity, l.unit_price, l.discount_minor, l.total_minor) order by l.position) from orders.line l where l.order_id = o.id) as lines,
      (select jsonb_agg(jsonb_build_array(r.key, r.at, r.amount_minor, (select jsonb_agg(jsonb_build_array(b.sku, b.quantity, b.amount_minor) order by b.position) from orders.refund_line b where b.refund_id = r.id)) order by r.key) from orders.refund r where r.order_id = o.id) as refunds,
      (select array_agg(i.value order by i.value) from customers.identifier i where customers.owner_of(i.origin_id) = o.customer_id and i.kind = 'email') as emails
    from orders."order" o where o.shop_id = ${shopId} order by o.number`;
  return rows.map(row => ({ ...row }));
};

test('file then connection, and connection then file, give the same books', { timeout: 120_000 }, async () => {
  const [a, b] = [
    await createShop(house.context, { name: 'File first', currency: 'EUR', zone: 'Etc/GMT-2' }),
    await createShop(house.context, { name: 'Connection first', currency: 'EUR', zone: 'Etc/GMT-2' }),
  ];
  const brought = await bring(first, a.id);
  expect(brought.counts.made.orders).toBeGreaterThan(30);
  expect(brought.counts.skipped.order_unpaid).toBeGreaterThan(3);
  const beforeConnecting = await books(a.id);
  expect(beforeConnecting.length).toBeGreaterThan(30);

  await connect(first, a.id);
  const other = await connect(second, b.id);
  const connected = await books(b.id);
  const again = await bring(second, b.id);
  expect(again.counts.made.orders ?? 0).toBe(0);
  expect(again.counts.made.orders_changed ?? 0).toBe(0);
  expect(await books(b.id)).toEqual(connected);
  expect(await books(a.id)).toEqual(connected);
  // Placed at the same moment in both, though the file has the time of the site.
  const placed = new Map(connected.map(row => [row.number, row.placed_at]));
  for (const row of beforeConnecting) expect(row.placed_at).toEqual(placed.get(row.number));

  // Once more from the file, once more from the shop: still one order each.
  await bring(first, a.id);
  await pollSoon(house.context, other);
  await startWalk(house.context, other, 'full_sweep');
  await house.drain();
  expect(await books(a.id)).toEqual(connected);
  expect(await books(b.id)).toEqual(connected);
});
