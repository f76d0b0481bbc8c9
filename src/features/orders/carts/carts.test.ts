/** Carts through the front door, on the real engines: events in, the clock moved, states out. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { features } from '../../../features.ts';
import { startTestHouse, type TestHouse } from '../../../platform/testing.ts';
import { resolveCustomers } from '../../customers/index.ts';
import { createShop, defaultShopOf } from '../../shops/index.ts';
import type { CheckoutInput } from './cart.ts';
import { fillCarts } from './fill-carts.ts';
import { followCarts } from './follow-carts.ts';
import { recordCheckouts } from './record-checkouts.ts';

let house: TestHouse;
let shopId: string;
let secret: string;
beforeAll(async () => {
  house = await startTestHouse({
    features: features.slice(0, features.findIndex(one => one.name === 'segments') + 1),
    now: '2026-03-01T10:00:00Z',
  });
  shopId = (await defaultShopOf(house.context)).id;
  secret = await newKey(shopId);
});
afterAll(() => house?.close());

const newKey = async (shop: string, kind = 'secret'): Promise<string> =>
  (await house.request('POST', '/api/write-keys', { body: { shop_id: shop, kind, name: 'test' } })).body.key;

let count = 0;
let who: string;
beforeEach(() => {
  who = `shopper-${++count}`;
});

const wait = (minutes: number) => house.clock.set(new Date(house.clock.now().getTime() + minutes * 60_000));
const now = () => house.clock.now().toISOString();
const call = (event: string, properties: object = {}, more: object = {}) => ({
  type: 'track',
  event,
  userId: who,
  timestamp: now(),
  messageId: `${who}/${event}/${++count}`,
  properties,
  ...more,
});
const send = async (calls: object[], options: { key?: string; door?: string; drain?: boolean } = {}) => {
  const answer = await house.request('POST', options.door ?? '/v1/batch', {
    body: { batch: calls },
    actor: null,
    headers: { authorization: `Basic ${Buffer.from(`${options.key ?? secret}:`).toString('base64')}` },
  });
  expect(answer.status).toBe(200);
  if (options.drain !== false) await house.drain();
};
const product = (sku: string, more: object = {}) => ({ product_id: `p-${sku}`, sku, name: `Tea ${sku}`, price: 4.5, ...more });
const customer = async (): Promise<string> => {
  const [row] = await house.context.postgres`
    select customers.owner_of(customer_id) as id from customers.identifier where value = ${who} or value = ${`${who}@example.com`} limit 1`;
  return String(row.id);
};
const carts = async () =>
  (await house.request('GET', '/api/carts', { query: { customer: await customer(), sort: 'activity' } })).body.data;
const states = async (): Promise<string[]> => (await carts()).map((cart: { state: string }) => cart.state);
const told = async (name = 'Cart Abandoned') =>
  house.context.postgres`
    select properties, time from tracking.event where name = ${name} and customers.owner_of(origin_id) = ${Number(await customer())} order by time`;

describe('nothing to give up', () => {
  // A row that stays due for ever would keep the worker busy for ever: the house must come to rest.
  it('an emptied cart and a look at a product that nobody named are left alone', async () => {
    await send([
      call('Product Added', product('A', { cart_id: `${who}-c` })),
      call('Product Removed', product('A', { cart_id: `${who}-c` })),
    ]);
    await send([call('Product Viewed', { price: 12.5 })]);
    wait(600);
    await house.drain();
    expect([...(await told()), ...(await told('Browse Abandoned'))]).toEqual([]);
    expect(await followCarts(house.context)).toBe(false);
  });
});

describe('a cart', () => {
  it('is filled, paid and bought', async () => {
    await send([
      call('Product Added', product('A', { quantity: 2, image_url: 'https://shop.example/a.jpg', url: 'javascript:alert(1)' })),
    ]);
    expect((await carts())[0]).toMatchObject({
      state: 'open',
      items: 2,
      value: { amount_minor: 900, currency: 'EUR' },
      lines: [{ sku: 'A', name: 'Tea A', unit_price: '4.5', image_url: 'https://shop.example/a.jpg', url: null }],
    });
    await send([call('Checkout Started', { checkout_id: `c-${who}`, email: `${who}@example.com` })]);
    expect((await carts())[0]).toMatchObject({ state: 'checkout', email_known: true, reached_checkout: true });
    await send([call('Order Completed', { order_id: `o-${who}`, checkout_id: `c-${who}`, total: 9, products: [product('Z')] })]);
    expect((await carts())[0]).toMatchObject({ state: 'converted', order: { number: `o-${who}` } });
    wait(500);
    await house.drain();
    expect(await states()).toEqual(['converted']);
    expect(await told()).toHaveLength(0);
  });

  it('is abandoned when idle, once, and says what was in it; then recovered', async () => {
    await send([call('Product Viewed', product('A')), call('Product Added', product('A'))]);
    wait(59);
    await house.drain();
    expect(await states()).toEqual(['open']);
    wait(2);
    await house.drain();
    await house.drain();
    expect(await states()).toEqual(['abandoned']);
    const [event, ...more] = await told();
    expect(more).toEqual([]);
    expect(event.properties).toMatchObject({
      items: 1,
      value: 4.5,
      currency: 'EUR',
      reached: 'cart',
      skus: ['A'],
      products: [{ name: 'Tea A' }],
    });
    wait(30);
    await send([call('Cart Viewed', { products: [product('A'), product('B')] })]);
    expect(await states()).toEqual(['open']);
    wait(61);
    await house.drain();
    expect(await told()).toHaveLength(2);
    await send([call('Order Completed', { order_id: `r-${who}`, products: [product('B')] })]);
    expect(await states()).toEqual(['recovered']);
    const timeline = (await house.request('GET', `/api/customers/${await customer()}/timeline`, { query: { kinds: 'cart' } }))
      .body.data;
    expect(timeline.map((entry: { title: string }) => entry.title)).toEqual([
      'orders.timeline.cart_recovered',
      'orders.timeline.cart_abandoned',
    ]);
  });

  it('follows the visitor who logs in', async () => {
    const anonymousId = `anon-${who}`;
    const visit = (event: string, properties: object) => ({ ...call(event, properties), userId: undefined, anonymousId });
    await send([visit('Product Added', product('A'))]);
    await send([{ type: 'identify', userId: `known-${who}`, anonymousId: `other-${who}`, messageId: `i0-${who}` }]);
    who = `known-${who}`;
    await send([{ type: 'identify', userId: who, anonymousId, messageId: `i-${who}` }]);
    await send([call('Product Added', product('B'))]);
    expect((await carts()).map((cart: { items: number }) => cart.items)).toEqual([2]);
    await send([call('Order Completed', { order_id: `l-${who}`, products: [product('A'), product('B')] })]);
    expect(await states()).toEqual(['converted']);
  });

  it('of the past is abandoned without a word', async () => {
    await send([call('Product Added', product('A'))], { door: '/v1/import' });
    wait(100);
    await house.drain();
    expect(await states()).toEqual(['abandoned']);
    expect(await told()).toHaveLength(0);
    wait(26 * 60);
    await send([
      call('Product Added', product('B'), { timestamp: new Date(house.clock.now().getTime() - 25 * 3_600_000).toISOString() }),
    ]);
    expect(await told()).toHaveLength(0);
  });

  it('has the idle time of its shop', async () => {
    const other = await createShop(house.context, { name: 'Slow shop' });
    const key = await newKey(other.id);
    const set = await house.request('PUT', '/api/carts/rules', { body: { shop_id: other.id, idle_minutes: 240 } });
    expect(set.body.shops.find((shop: { id: string }) => shop.id === other.id)).toMatchObject({ idle_minutes: 240 });
    const same = { context: { traits: { email: `${who}@example.com` } } };
    await send([call('Product Added', product('A'), same)], { key });
    await send([call('Product Added', product('A'), same)]);
    wait(100);
    await house.drain();
    expect((await states()).toSorted()).toEqual(['abandoned', 'open']);
    await house.request('PUT', '/api/carts/rules', { body: { shop_id: other.id, idle_minutes: null } });
    await house.drain();
    expect(await states()).toEqual(['abandoned', 'abandoned']);
    expect((await house.request('PUT', '/api/carts/rules', { body: { idle_minutes: 1 } })).status).toBe(400);
  });
});

describe('while ingest lags', () => {
  it('nobody is said to have left, and the sign of life that was waiting counts', async () => {
    await send([call('Product Added', product('A'))]);
    wait(30);
    await send([call('Product Added', product('B'))], { drain: false });
    wait(45);
    // The resolver stands still; everything else runs.
    for (let i = 0; i < 3; i++) await followCarts(house.context);
    expect(await states()).toEqual(['open']);
    expect(await told()).toHaveLength(0);
    await house.drain();
    expect((await carts())[0]).toMatchObject({ state: 'open', items: 2 });
    expect(await told()).toHaveLength(0);
    wait(20);
    await house.drain();
    expect(await states()).toEqual(['abandoned']);
    expect(await told()).toHaveLength(1);
  });

  it('a silence that was over before what waits is still said', async () => {
    await send([call('Product Added', product('A'))]);
    wait(62);
    await send([call('Page Viewed')], { drain: false });
    await followCarts(house.context);
    expect(await told()).toHaveLength(1);
    await house.drain();
  });
});

describe('a look around', () => {
  it('is announced when nothing was put in, and not when something was', async () => {
    await send([call('Product Viewed', product('A')), call('Product Viewed', product('B'))]);
    wait(65);
    await house.drain();
    await house.drain();
    const [event, ...more] = await told('Browse Abandoned');
    expect(more).toEqual([]);
    expect(event.properties.skus.toSorted()).toEqual(['A', 'B']);
    await send([call('Product Viewed', product('C')), call('Product Added', product('C'))]);
    wait(65);
    await house.drain();
    expect(await told('Browse Abandoned')).toHaveLength(1);
    expect(await told()).toHaveLength(1);
  });
});

describe('what a connection tells', () => {
  const checkout = (more: Partial<CheckoutInput> = {}): CheckoutInput => ({
    shopId,
    kind: 'checkout',
    outsideId: `${count}9007199254740993`,
    checkoutIds: [`token-${who}`],
    cartId: `cart-${who}`,
    customerId: null,
    emailKnown: true,
    lines: [
      { productId: '1', variantId: '11', sku: 'A', name: 'Tea A', quantity: 1, unitPrice: '4.50', imageUrl: null, url: null },
    ],
    currency: 'EUR',
    valueMinor: 450,
    url: 'https://shop.example/recover',
    startedAt: house.clock.now(),
    updatedAt: house.clock.now(),
    ...more,
  });
  const someone = async (): Promise<number> =>
    (
      await resolveCustomers(house.context, [
        { identifiers: [{ kind: 'email', source: '', value: `${who}@example.com` }], trust: 'secret', at: house.clock.now() },
      ])
    )[0]!;
  const live = { source: 'shopify:test', historical: false };

  it('is abandoned, recovered by the order that names it, whatever is sent again', async () => {
    const customerId = await someone();
    const one = checkout({ customerId });
    await recordCheckouts(house.context, [one, one], live);
    await house.drain();
    expect((await carts())[0]).toMatchObject({ state: 'checkout', value: { amount_minor: 450 } });
    wait(70);
    await house.drain();
    await recordCheckouts(house.context, [one], live);
    await house.drain();
    expect(await states()).toEqual(['abandoned']);
    expect(await told()).toHaveLength(1);
    const { id } = (await carts())[0];
    expect((await house.request('GET', `/api/carts/${id}`)).body).toMatchObject({ url: 'https://shop.example/recover' });
    await send([call('Order Completed', { order_id: `s-${who}`, checkout_token: `token-${who}`, products: [], total: 4.5 })]);
    expect((await house.request('GET', `/api/carts/${id}`)).body).toMatchObject({
      state: 'recovered',
      order: { number: `s-${who}` },
    });
    expect(
      await house.context.postgres`select 1 from tracking.event where name = 'Checkout Started' and origin_id = ${customerId}`,
    ).toHaveLength(1);
  });

  it('of nobody known becomes somebody’s, in one cart; an older state changes nothing', async () => {
    const first = checkout({ emailKnown: false });
    await recordCheckouts(house.context, [first], live);
    await house.drain();
    const list = async () =>
      (await house.request('GET', '/api/carts', { query: { limit: '200' } })).body.data.filter(
        (cart: { lines: { name: string }[] }) => cart.lines[0]?.name === `T ${who}`,
      );
    const line = { ...first.lines[0], name: `T ${who}` };
    wait(1);
    await recordCheckouts(house.context, [{ ...first, lines: [line], updatedAt: house.clock.now() }], live);
    await recordCheckouts(house.context, [first], live);
    await house.drain();
    expect(await list()).toMatchObject([{ customer: null, state: 'checkout' }]);
    wait(1);
    await recordCheckouts(
      house.context,
      [{ ...first, lines: [line], customerId: await someone(), emailKnown: true, updatedAt: house.clock.now() }],
      live,
    );
    await house.drain();
    expect(await list()).toMatchObject([{ customer: { id: await customer() }, state: 'checkout', email_known: true }]);
  });

  it('in a backfill says nothing, ever', async () => {
    const customerId = await someone();
    await recordCheckouts(house.context, [checkout({ customerId })], { source: 'shopify:test', historical: true });
    await house.drain();
    wait(70);
    await house.drain();
    expect(await states()).toEqual(['abandoned']);
    expect(await told()).toHaveLength(0);
  });

  it('is completed before its order is here, and deleted when the shop says so', async () => {
    const customerId = await someone();
    await recordCheckouts(house.context, [checkout({ customerId, completedAt: house.clock.now() })], live);
    await house.drain();
    expect((await carts())[0]).toMatchObject({ state: 'converted', order: null });
    await send([call('Order Completed', { order_id: `d-${who}`, checkout_token: `token-${who}`, total: 4.5 })]);
    const [cart] = (await house.request('GET', '/api/carts', { query: { customer: String(customerId) } })).body.data;
    expect(cart).toMatchObject({ state: 'converted', order: { number: `d-${who}` } });
    count += 1;
    await recordCheckouts(
      house.context,
      [checkout({ customerId, cartId: null, checkoutIds: [], outsideId: `gone-${who}` })],
      live,
    );
    await recordCheckouts(
      house.context,
      [checkout({ customerId, cartId: null, checkoutIds: [], outsideId: `gone-${who}`, deleted: true })],
      live,
    );
    await house.drain();
    expect((await house.request('GET', '/api/carts', { query: { customer: String(customerId) } })).body.data).toHaveLength(1);
  });
});

describe('any order, any number of times', () => {
  it('the same events end in the same carts', async () => {
    const story = [
      ['Product Viewed', product('A')],
      ['Product Added', product('A')],
      ['Product Added', product('B', { quantity: 3 })],
      ['Product Removed', product('B', { quantity: 1 })],
      ['Checkout Started', { checkout_id: 'x' }],
      ['Order Completed', { products: [product('A')] }],
      ['Product Added', product('C')],
    ] as const;
    const start = house.clock.now().getTime();
    wait(200);
    const picture = async (order: readonly number[]) => {
      who = `mixed-${++count}`;
      for (const i of order) {
        const [event, properties] = story[i];
        const at = new Date(start + i * 25 * 60_000).toISOString();
        const own =
          'checkout_id' in properties
            ? { checkout_id: `x-${who}` }
            : event === 'Order Completed'
              ? { ...properties, order_id: `m-${who}` }
              : properties;
        await send([call(event, own, { timestamp: at, messageId: `${who}/${i}` })]);
      }
      return (await carts()).map((cart: Record<string, unknown>) => ({
        state: cart.state,
        items: cart.items,
        value: cart.value,
        started: cart.started_at,
        last: cart.last_activity_at,
        lines: (cart.lines as { sku: string; quantity: number }[]).map(line => `${line.quantity} ${line.sku}`),
      }));
    };
    const straight = await picture([0, 1, 2, 3, 4, 5, 6]);
    expect(straight.map((cart: { state: string; lines: string[] }) => `${cart.state}: ${cart.lines}`)).toEqual([
      'converted: 1 A,2 B',
      'open: 1 C',
    ]);
    const orders = fc.sample(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 0, 3, 5, 6], { minLength: 11 }), {
      numRuns: 4,
      seed: 20260303,
    });
    for (const order of orders) expect([order, await picture(order)]).toEqual([order, straight]);
  }, 120_000);
});

describe('what follows from carts', () => {
  it('facts, segments, figures and the people behind them', async () => {
    await send([call('Page Viewed'), call('Product Viewed', product('A')), call('Product Added', product('A', { quantity: 2 }))]);
    wait(65);
    await house.drain();
    const { body } = await house.request('POST', '/api/segments/preview', {
      body: {
        definition: {
          all: [
            { fact: 'orders.cart_state', in: ['abandoned'] },
            { fact: 'orders.cart_value', at_least: { amount_minor: 900 } },
          ],
        },
      },
    });
    expect(body.count).toBeGreaterThan(0);
    const facts = (await house.request('GET', `/api/customers/${await customer()}/facts`)).body;
    expect(JSON.stringify(facts)).toContain('orders.cart_abandonment_rate');
    const range = { from: '2026-03-01', to: '2026-03-30' };
    const conversion = (await house.request('GET', '/api/carts/conversion', { query: range })).body;
    const people = Object.fromEntries(conversion.steps.map((step: { step: string; people: number }) => [step.step, step.people]));
    expect(people.visits).toBeGreaterThanOrEqual(people.views);
    for (const step of ['visits', 'views', 'carts', 'checkouts', 'orders']) {
      const behind = await house.request('GET', '/api/carts/conversion/people', { query: { ...range, step, limit: '200' } });
      expect([step, behind.body.data.length]).toEqual([step, people[step]]);
    }
    const figures = (await house.request('GET', '/api/carts/figures', { query: range })).body;
    for (const state of ['abandoned', 'recovered', 'converted']) {
      const list = await house.request('GET', '/api/carts', { query: { ...range, state, limit: '200', count: 'true' } });
      expect([state, list.body.total]).toEqual([state, figures[state]]);
    }
    expect(figures.abandonment_rate).toBeCloseTo(
      (100 * figures.abandoned) / (figures.abandoned + figures.converted + figures.recovered),
      1,
    );
  });

  it('no money, names or products for who may not see them, and nothing of other shops', async () => {
    const actor = house.staff({ fields: new Set() });
    const list = await house.request('GET', '/api/carts', { actor, query: { limit: '200' } });
    expect(list.text).not.toContain('amount_minor');
    expect(list.text).not.toContain('Tea A');
    expect((await house.request('GET', '/api/carts', { actor, query: { sort: 'value' } })).status).toBe(403);
    const limited = house.staff({ shopIds: ['00000000-0000-7000-8000-000000000001'] });
    expect((await house.request('GET', '/api/carts', { actor: limited })).body.data).toEqual([]);
    expect((await house.request('GET', '/api/carts/figures', { actor: limited })).body).toMatchObject({
      open: 0,
      abandoned: 0,
      converted: 0,
    });
    expect((await house.request('PUT', '/api/carts/rules', { actor: limited, body: { idle_minutes: 30 } })).status).toBe(403);
    const csv = await house.request('GET', '/api/carts.csv', { query: { state: 'abandoned' } });
    expect(csv.text).toContain('1 x Tea A');
  });

  it('carts are made anew from the log, saying nothing', async () => {
    await send([call('Product Added', product('A'))]);
    const before = await carts();
    await house.context.postgres`delete from orders.cart`;
    await fillCarts.run(house.context, {}, { jobId: '', report: async () => {} });
    await house.drain();
    expect((await carts()).map(({ id: _id, ...cart }: { id: string }) => cart)).toEqual(
      before.map(({ id: _id, ...cart }: { id: string }) => cart),
    );
  });

  it('an event of that name from outside is refused', async () => {
    await send([call('Cart Abandoned', { value: 1 })]);
    const rejected = (await house.request('GET', '/api/ingest/rejected')).body.data;
    expect(rejected[0]).toMatchObject({ reason: 'orders.reason.own_event', name: 'Cart Abandoned' });
  });
});
