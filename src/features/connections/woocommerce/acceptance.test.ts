/**
 * A living WooCommerce shop with every kind of trouble: what we hold in the end is what the shop holds. The double's own model is the judge;
 * it shares no code with the connector.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { features } from '../../../features.ts';
import { runOneJob, startJob } from '../../../platform/queue.ts';
import { startTestHouse, type TestHouse } from '../../../platform/testing.ts';
import { compareDays } from '../compare-days.ts';
import { healJob } from '../heal-webhooks.ts';
import { findConnection } from '../postgres.ts';
import { startWalk } from '../walk.ts';
import { openWooDouble, type WooDouble } from './test/double.ts';
import type { Expected } from './test/shop-life.ts';
import { webhookSecret } from './webhooks.ts';

const shared = new URL('../../../../../shared/data/payloads/', import.meta.url);

const freePort = () =>
  new Promise<number>(done => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });

let shop: WooDouble;
let house: TestHouse;
let id: string;
beforeAll(async () => {
  shop = await openWooDouble({ seed: Number(process.env.SEED ?? 20260301), now: '2026-03-02T08:00:00Z' });
  const port = await freePort();
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
    now: '2026-03-02T08:00:00Z',
    config: { publicUrl: `http://127.0.0.1:${port}`, privateHosts: [shop.host, `127.0.0.1:${port}`] },
  });
  await house.app.listen({ port, host: '127.0.0.1' });
});
afterAll(async () => {
  await house?.close();
  await shop?.close();
});

/** Both live by one clock. */
const live = (steps: number): void => {
  shop.life.setNow(house.clock.now());
  shop.life.live(steps);
  house.clock.set(shop.life.now());
};
const later = async (minutes: number): Promise<void> => {
  house.clock.advance(minutes * 60_000);
  shop.life.setNow(house.clock.now());
  await house.drain();
};
const connect = () =>
  house.request('POST', '/api/connections', {
    body: {
      kind: 'woocommerce',
      fields: { address: shop.url, consumer_key: shop.key.consumerKey, consumer_secret: shop.key.consumerSecret },
    },
  });

type Ours = Omit<Expected, 'whose'> & { identifiers: string[] };
const ours = async (): Promise<Map<string, Ours>> => {
  const rows = await house.context.postgres`
    select o.number, o.outside_id, o.placed_at, o.total_minor, o.tax_minor, o.sales_minor, o.discount_codes,
      (select jsonb_agg(jsonb_build_object('kind', l.kind, 'sku', l.sku, 'quantity', l.quantity, 'price', l.unit_price, 'discount', l.discount_minor, 'total', l.total_minor)) from orders.line l where l.order_id = o.id) as lines,
      (select jsonb_agg(jsonb_build_object('id', r.key, 'at', r.at, 'amount', r.amount_minor, 'lines', (
        select jsonb_agg(jsonb_build_object('sku', b.sku, 'quantity', b.quantity, 'amount', b.amount_minor)) from orders.refund_line b where b.refund_id = r.id))) from orders.refund r where r.order_id = o.id) as refunds,
      (select coalesce(sum(b.amount_minor), 0) from orders.refund r join orders.refund_line b on b.refund_id = r.id where r.order_id = o.id) as back,
      (select array_agg(i.kind || ' ' || i.value) from customers.identifier i where customers.owner_of(i.origin_id) = o.customer_id) as identifiers
    from orders."order" o join connections.connection c on c.shop_id = o.shop_id where o.counts and c.id = ${id}`;
  return new Map(
    rows.map(row => [
      row.number as string,
      {
        number: row.number as string,
        id: row.outside_id as string,
        placedAt: (row.placed_at as Date).toISOString(),
        total: row.total_minor as number,
        tax: row.tax_minor as number,
        sales: row.sales_minor as number,
        net: (row.sales_minor as number) - Number(row.back),
        lines: (row.lines as Record<string, number | string>[])
          .map(line =>
            line.kind === 'product'
              ? `product ${line.sku} ${line.quantity} x ${Math.round(Number(line.price) * 100)} - ${line.discount} = ${line.total}`
              : `${line.kind} = ${line.total}`,
          )
          .sort(),
        refunds: (
          (row.refunds ?? []) as { id: string; at: string; amount: number; lines: Record<string, number | string>[] | null }[]
        )
          .map(
            one =>
              `${one.id} ${new Date(one.at).toISOString()} ${one.amount}: ${(one.lines ?? [])
                .map(line => `${line.quantity} ${line.sku} ${line.amount}`)
                .sort()
                .join(', ')}`,
          )
          .sort(),
        codes: row.discount_codes as string[],
        identifiers: (row.identifiers ?? []) as string[],
      },
    ]),
  );
};

const judge = async (): Promise<void> => {
  const held = await ours();
  const wanted = shop.life.expected();
  expect([...held.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [number, { whose, ...order }] of wanted) {
    const { identifiers, ...found } = held.get(number)!;
    expect(found).toEqual(order);
    const [kind, value] = whose.split(/:(.*)/);
    expect(identifiers, `whose ${number} is`).toContain(kind === 'email' ? `email ${value}` : `shop_customer_id ${value}`);
  }
  const cancelled = await house.context.postgres`
    select o.number from orders."order" o join connections.connection c on c.shop_id = o.shop_id where not o.counts and c.id = ${id}`;
  for (const row of cancelled) expect(wanted.has(row.number as string)).toBe(false);
};
const prices = async () =>
  new Map(
    (
      await house.context
        .postgres`select sku, price from products.variant where sku = any(${[...shop.life.expectedPrices().keys()]}::text[])`
    ).map(row => [row.sku as string, Math.round(Number(row.price) * 100)] as const),
  );
const fullSweep = async () => {
  await startWalk(house.context, id, 'full_sweep');
  await house.drain();
};
const refused = async () =>
  Object.fromEntries(
    (
      await house.context
        .postgres`select reason, sum(count)::int as count from connections.refused where connection_id = ${id} group by 1`
    ).map(row => [row.reason as string, row.count as number]),
  );

describe.sequential('a WooCommerce shop', { timeout: 120_000 }, () => {
  test('is connected in one go: shop, history, webhooks', async () => {
    live(400);
    shop.life.takeHappened();
    const answer = await connect();
    expect(answer.status, answer.text).toBe(201);
    id = answer.body.id;
    await house.drain();
    await judge();
    expect(await prices()).toEqual(shop.life.expectedPrices());
    expect(shop.webhooks.map(one => one.status)).toEqual(Array(11).fill('active'));
    await expect.poll(() => shop.pings).toEqual(Array(11).fill(200));
    const { body } = await house.request('GET', `/api/connections/${id}`);
    expect(body).toMatchObject({ kind: 'woocommerce', name: 'Tea & Cups', address: shop.url, state: 'active', trouble: null });
    expect(JSON.stringify(body)).not.toContain(shop.key.consumerSecret);
    // Twenty years of history set nothing off.
    const [{ live: set }] = await house.context
      .postgres`select count(*)::int as live from tracking.event where not historical and time < ${new Date('2026-03-01T00:00:00Z')}`;
    expect(set).toBe(0);
  });

  test('webhooks bring every change within a moment', async () => {
    live(40);
    await shop.deliver();
    await house.drain();
    // Out of the trash for good says nothing to anybody.
    await judgeBut(shop);
    expect(await refused()).toEqual({});
    const [row] = await house.context.postgres`select count(*)::int as n from connections.delivery where state <> 'done'`;
    expect(row.n).toBe(0);
  });

  test('lost, shuffled and doubled webhooks, pauses, web pages, warnings and dates that stand still: the end is the same', async () => {
    Object.assign(shop.trouble, { throttled: 0.08, html: 0.04, phpWarning: 0.1 });
    shop.life.habits.stale = 0.1;
    for (let round = 0; round < 4; round++) {
      live(30);
      await shop.deliver({ drop: 0.05, double: 0.3, shuffle: true });
      await later(15);
    }
    shop.calmDown();
    shop.life.habits.stale = 0;
    expect(shop.counts.dropped).toBeGreaterThan(2);
    expect(shop.counts.doubled).toBeGreaterThan(15);
    expect(shop.counts.html + shop.counts.throttled).toBeGreaterThan(8);
    for (let hour = 0; hour < 3; hour++) await later(60);
    await fullSweep();
    await judge();
    const { body } = await house.request('GET', `/api/connections/${id}`);
    expect(body).toMatchObject({ state: 'active', trouble: null });
  });

  test('a shop that was down for a day is caught up with by polling alone', async () => {
    shop.trouble.down = true;
    live(10);
    // Webhooks still come: the shop is asked once for all of them, and they wait as long as it takes.
    await shop.deliver();
    const asked = shop.counts.requests;
    await house.drain();
    expect(shop.counts.requests - asked).toBeLessThan(6);
    for (let hour = 0; hour < 12; hour++) await later(60);
    const waiting = async () =>
      (await house.context.postgres`select count(*)::int as n from connections.delivery where state in ('waiting', 'failed')`)[0]
        .n;
    expect(await waiting()).toBeGreaterThan(4);
    expect((await house.context.postgres`select 1 from connections.delivery where state = 'failed'`).length).toBe(0);
    expect((await house.request('GET', `/api/connections/${id}`)).body).toMatchObject({
      state: 'broken',
      trouble: { code: 'unreachable' },
    });
    shop.calmDown();
    live(20);
    shop.life.takeHappened();
    for (let hour = 0; hour < 2; hour++) await later(60);
    expect(await waiting()).toBe(0);
    await judgeBut(shop);
    expect((await house.request('GET', `/api/connections/${id}`)).body).toMatchObject({ state: 'active', trouble: null });
  });

  test('webhooks that WooCommerce has switched off after six failures are switched on again', async () => {
    const spoilt = shop.webhooks.find(one => one.topic === 'order.updated')!;
    const secret = spoilt.secret;
    spoilt.secret = 'changed by somebody';
    const order = [...shop.life.orders.values()].find(one => one.status === 'processing')!;
    for (let time = 0; time < 7; time++) {
      shop.life.happen('order.updated', order.id);
      await shop.deliver();
    }
    expect(spoilt.status).toBe('disabled');
    expect(await refused()).toEqual({ forged: 7 });
    await startJob(house.context, healJob, {});
    await house.drain();
    expect(spoilt).toMatchObject({ status: 'active', secret });
  });

  test('a worker that dies in the middle goes on where it was', async () => {
    live(120);
    shop.life.takeHappened();
    const { context } = house;
    let left = 6;
    const dying = {
      ...context,
      clock: {
        now: () => {
          if (--left < 0) throw new Error('killed');
          return context.clock.now();
        },
      },
    };
    await startWalk(context, id, 'full_sweep');
    for (let time = 0; time < 3; time++) {
      left = 6 + time * 15;
      await runOneJob(dying).catch(() => undefined);
      left = Number.POSITIVE_INFINITY;
      // Nobody renews its lease: another worker takes over.
      await context.postgres`update platform.job set lease_until = now() - interval '1 second' where state = 'running'`;
    }
    await later(60);
    const [walk] = await context.postgres`select finished_at, gone from connections.walk order by started_at desc limit 1`;
    expect(walk.finished_at).not.toBeNull();
    await judge();
  });

  test('forged, re-serialised, foreign and unsigned ones are refused and counted; replayed old ones change nothing', async () => {
    await house.context.postgres`delete from connections.refused`;
    const address = shop.webhooks[0].delivery_url;
    const order = [...shop.life.orders.values()].find(one => one.status === 'processing')!;
    shop.life.happen('order.updated', order.id);
    shop.announce();
    const [fresh] = shop.outbox.splice(0);
    const send = (body: Buffer | string, headers: Record<string, string> = {}) =>
      shop.post({
        webhook: { ...fresh.webhook, failure_count: -99 },
        body: Buffer.from(body),
        headers: { ...fresh.headers, ...headers },
      });
    expect(await send(fresh.body, { 'x-wc-webhook-signature': '' })).toBe(401);
    expect(await send(JSON.stringify(JSON.parse(fresh.body.toString())))).toBe(401);
    expect(await send(fresh.body.toString().replace('processing', 'completed'))).toBe(401);
    expect(await send(fresh.body, { 'x-wc-webhook-signature': shop.sign(fresh.body, 'another') })).toBe(401);
    expect(await send(fresh.body, { 'x-wc-webhook-topic': 'coupon.created' })).toBe(404);
    const foreign = Buffer.from('{"id":1}');
    const secret = webhookSecret(undefined, shop.key.consumerSecret);
    expect(
      await send(foreign, {
        'x-wc-webhook-signature': shop.sign(foreign, secret),
        'x-wc-webhook-source': 'https://other.example/',
      }),
    ).toBe(401);
    expect(
      (await fetch(address.replace(/[0-9a-f]{12}$/, '0'.repeat(12)), { method: 'POST', body: fresh.body.toString() })).status,
    ).toBe(404);
    expect((await fetch(address, { method: 'POST', body: 'x'.repeat(5_000_001) })).status).toBe(413);
    expect(await refused()).toEqual({ unsigned: 1, forged: 3, unknown_topic: 1, wrong_shop: 1, too_large: 1 });

    expect(await send(fresh.body)).toBe(200);
    await house.drain();
    order.status = 'cancelled';
    shop.life.happen('order.updated', order.id);
    await shop.deliver();
    await house.drain();
    // The old truth again, under a new delivery id and as another topic: the shop is asked, and says what is.
    expect(await send(fresh.body, { 'x-wc-webhook-delivery-id': 'new' })).toBe(200);
    expect(await send(fresh.body, { 'x-wc-webhook-delivery-id': 'newer', 'x-wc-webhook-topic': 'order.deleted' })).toBe(200);
    await house.drain();
    expect((await ours()).has(order.ownNumber ?? order.id)).toBe(false);
    await judge();
  });

  test.skipIf(!existsSync(shared))(
    "the vendor's own samples come through the door (../shared/data; skipped where it is absent)",
    async () => {
      const read = (name: string) => readFileSync(new URL(`woocommerce/rest-v3/${name}`, shared));
      const samples = [
        { noun: 'order', id: '727', body: read('orders--retrieve-an-order.json') },
        { noun: 'customer', id: '25', body: read('customers--retrieve-a-customer.json') },
        { noun: 'product', id: '794', body: read('products--retrieve-a-product.json') },
      ];
      const vectors = JSON.parse(readFileSync(new URL('signatures/vectors.json', shared), 'utf8')) as Record<string, never>[];
      const published = vectors.find(one => one.id === 'woo-orders') as unknown as {
        secret: string;
        headers: Record<string, string>;
      };
      const { body: held } = await house.request('GET', `/api/connections/${id}`);
      const changed = await house.request('PATCH', `/api/connections/${id}`, {
        body: { version: held.version, fields: { webhook_secret: published.secret } },
      });
      expect(changed.status, changed.text).toBe(200);
      const address = shop.webhooks[0].delivery_url;
      for (const { noun, id: sample, body } of samples) {
        shop.samples.set(`${noun}s/${sample}`, JSON.parse(body.toString()));
        const signature = noun === 'order' ? published.headers['X-WC-Webhook-Signature'] : shop.sign(body, published.secret);
        const headers = {
          'content-type': 'application/json',
          'x-wc-webhook-topic': `${noun}.created`,
          'x-wc-webhook-source': `${shop.url}/`,
          'x-wc-webhook-delivery-id': `sample-${noun}`,
          'x-wc-webhook-signature': signature,
        };
        expect((await fetch(address, { method: 'POST', headers, body: new Uint8Array(body) })).status).toBe(200);
        const again = Buffer.from(JSON.stringify(JSON.parse(body.toString())));
        expect((await fetch(address, { method: 'POST', headers, body: new Uint8Array(again) })).status).toBe(401);
      }
      await house.drain();
      const [order] = await house.context.postgres`
      select o.total_minor, o.sales_minor, o.country, c.name, c.phone from orders."order" o join customers.customer c on c.id = o.customer_id where o.number = '727'`;
      expect({ ...order }).toMatchObject({ total_minor: 2935, sales_minor: 1800, country: 'US', name: 'John Doe' });
      expect(await house.context.postgres`select name, category from products.variant where sku = 'id:794'`).toMatchObject([
        { name: 'Premium Quality', category: 'Clothing' },
      ]);
      const [account] = await house.context.postgres`
      select origin_id from customers.identifier where kind = 'shop_customer_id' and source = ${id} and value = '25'`;
      expect(account).toBeDefined();
      await house.context.postgres`update orders."order" set test = true where number = '727'`;
    },
  );

  test('orders and sales per day agree with the shop; one that does not is named', async () => {
    const connection = (await findConnection(house.context, id))!;
    expect(await compareDays(house.context, connection, 30)).toBe(0);
    const [{ orders, sales }] = await house.context.postgres`
      select sum(their_orders)::int as orders, sum(their_net_minor)::int as sales from connections.comparison where connection_id = ${id}`;
    const wanted = [...shop.life.expected().values()];
    expect({ orders, sales }).toEqual({ orders: wanted.length, sales: wanted.reduce((sum, one) => sum + one.net, 0) });
    await house.context.postgres`update orders."order" set total_minor = total_minor + 1 where number = ${wanted[0].number}`;
    expect(await compareDays(house.context, connection, 30)).toBe(1);
  });

  test('nothing is written back until somebody asks for it; then consents and tags stand on the account', async () => {
    // Announcements are dated by the wall clock.
    house.clock.set(new Date(Date.now() + 3_600_000));
    shop.life.setNow(house.clock.now());
    const account = [...shop.life.accounts.values()].at(-1)!;
    const [person] = await house.context.postgres`
      select customers.owner_of(origin_id) as id from customers.identifier where kind = 'shop_customer_id' and source = ${id} and value = ${account.id}`;
    const say = (state: string) =>
      house.request('POST', `/api/customers/${person.id}/consents`, {
        body: { channel: 'email', state, reason: 'Said so on the phone' },
      });
    const first = await say('subscribed');
    expect(first.status, first.text).toBeLessThan(300);
    await house.drain();
    expect([...account.meta]).toEqual([]);
    const { body: held } = await house.request('GET', `/api/connections/${id}`);
    expect(held.writes_back).toBe(false);
    const on = await house.request('PATCH', `/api/connections/${id}`, { body: { version: held.version, writes_back: true } });
    expect(on.status, on.text).toBe(200);
    await later(1);
    const second = await say('unsubscribed');
    expect(second.status, second.text).toBeLessThan(300);
    await house.drain();
    expect(account.meta.get('regulars_email_consent')).toBe('unsubscribed');
    // What we wrote comes back as a webhook and is no news.
    await shop.deliver();
    await house.drain();
    const [{ said }] = await house.context.postgres`
      select count(*)::int as said from consent.consent where customer_id = ${person.id} and source = ${`connection:${id}`}`;
    expect(said).toBe(0);
  });
});

/** Everything but what was thrown away for good or given up by a deleted account, which only a full reading notices. */
const judgeBut = async ({ life }: WooDouble): Promise<void> => {
  const held = await ours();
  for (const [number, { whose: _whose, ...order }] of life.expected()) {
    const { identifiers: _identifiers, ...found } = held.get(number) ?? { identifiers: [] };
    expect(found).toEqual(order);
  }
};
