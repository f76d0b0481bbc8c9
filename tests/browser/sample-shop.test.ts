/**
 * The sample shop and Regulars, as a visitor and a member of staff see them at the same time: a visitor refuses, then agrees, looks around,
 * logs in, leaves a cart, comes back and buys; the customer page follows within five seconds, and a segment moves.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShop } from '../../tools/sample-shop/shop.ts';
import { launchBrowser, openContext } from './chromium.ts';
import { axe, collectFaults, type Product, signedIn, startProduct } from './support.ts';

const live_ms = 5_000;
const ana = { name: 'Ana Bell', email: 'ana@bell.example' };
let browser: Browser;
let product: Product;
let shop: Awaited<ReturnType<typeof openShop>>;
let admin: Page;
let adminFaults: string[];

/** As the owner, through the API that the admin page uses. */
const request = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  admin.evaluate(
    async ([how, where, what]) => {
      const headers = what === undefined ? undefined : { 'content-type': 'application/json' };
      const answer = await fetch(where, { method: how, headers, body: what === undefined ? undefined : JSON.stringify(what) });
      if (!answer.ok) throw new Error(`${how} ${where}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    [method, path, body] as const,
  ) as Promise<T>;

beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
  ({ page: admin, faults: adminFaults } = await signedIn(browser, product));
  const shops = await request<{ data: { id: string }[] }>('GET', '/api/shops');
  const shopId = shops.data[0].id;
  const newKey = async (kind: string) =>
    (await request<{ key: string }>('POST', '/api/write-keys', { shop_id: shopId, kind, name: `Sample shop, ${kind}` })).key;
  const regulars = {
    url: product.url,
    writeKey: await newKey('browser'),
    secretKey: await newKey('secret'),
    signingSecret: (await request<{ secret: string }>('POST', `/api/shops/${shopId}/signing`, {})).secret,
  };
  shop = await openShop({ port: 0, regulars });
  await request('PUT', '/api/carts/rules', { idle_minutes: 5 });
  const definition = { all: [{ did: 'Order Completed', count: { at_least: 1 } }] };
  await request('POST', '/api/segments', { name: 'Bought at least once', definition });
}, 150_000);
afterAll(async () => {
  await shop?.stop();
  await browser?.close();
  await product?.stop();
});

/** What went from the visitor's browser to Regulars. */
const listenTo = (page: Page): string[] => {
  const asked: string[] = [];
  page.on('request', one => {
    if (one.url().startsWith(product.url)) asked.push(`${one.method()} ${new URL(one.url()).pathname}`);
  });
  return asked;
};
/** Everything a browser keeps for the shop, but for the shop's own session. */
const keptBy = async (context: BrowserContext, page: Page) => ({
  cookies: (await context.cookies()).map(one => one.name).filter(name => name !== 'kiln_session'),
  storage: await page.evaluate(async () => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
    ...(await indexedDB.databases()).map(one => one.name),
    ...(await caches.keys()),
  ]),
});
/** The visit happened some minutes ago: the device tells of it late, as an offline device does. */
const minutesAgo = (context: BrowserContext, minutes: number) =>
  context.route(`${product.url}/v1/batch`, route => {
    const body = JSON.parse(route.request().postData() ?? '{}') as { batch: { timestamp: string }[] };
    for (const event of body.batch) event.timestamp = new Date(Date.parse(event.timestamp) - minutes * 60_000).toISOString();
    return route.continue({ postData: JSON.stringify(body) });
  });
const customerId = async (email: string): Promise<string | null> =>
  (await request<{ data: { id: string }[] }>('GET', `/api/customers?query=${encodeURIComponent(email)}`)).data[0]?.id ?? null;
const soon = async <T>(what: () => Promise<T | null | undefined | false>, limit_ms = 15_000): Promise<T> => {
  for (const end = Date.now() + limit_ms; ; await new Promise(resolve => setTimeout(resolve, 150))) {
    const found = await what();
    if (found) return found;
    if (Date.now() > end) throw new Error(`Waited ${limit_ms} ms in vain for: ${what}`);
  }
};
/** A line of the timeline in the admin, which nobody reloads. */
const line = (title: string, body: string) =>
  admin.getByRole('listitem').filter({ hasText: title }).filter({ hasText: body }).first();
const within = async (limit_ms: number, work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  const took_ms = Math.round(performance.now() - start);
  expect(took_ms).toBeLessThan(limit_ms);
  return took_ms;
};

test('refuses, agrees, looks around, logs in, leaves a cart, comes back and buys', async () => {
  const context = await openContext(browser);
  const page = await context.newPage();
  const faults = collectFaults(page);
  const asked = listenTo(page);

  // A no: nothing is kept, nothing is sent but the question what the shop asks for.
  await page.goto(shop.url);
  await page.getByRole('heading', { name: 'May we remember this visit?' }).waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByRole('button', { name: 'No, thank you' }).click();
  await page.goto(`${shop.url}/category/teapots`);
  await page.getByRole('link', { name: /Rain teapot/ }).click();
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.getByText('is in your cart').waitFor();
  await page.waitForTimeout(600);
  expect(await keptBy(context, page)).toEqual({ cookies: [], storage: [] });
  expect(asked.filter(one => !/^GET (\/regulars\.js|\/v1\/projects\/[\w-]+\/settings)$/.test(one))).toEqual([]);
  expect(await request<{ accepted: number }>('GET', '/api/ingest/status')).toMatchObject({ accepted: 0 });

  // A yes, six minutes ago; then a look around.
  await minutesAgo(context, 6);
  await page.goto(`${shop.url}/privacy`);
  await page.getByRole('button', { name: 'Yes, all of it' }).click();
  await page.getByText('Visits are counted').waitFor();
  await page.goto(`${shop.url}/search?q=mug`);
  await page.getByRole('link', { name: /Night shift mug/ }).click();
  await page.getByRole('heading', { name: 'Night shift mug' }).waitFor();
  expect((await keptBy(context, page)).cookies.sort()).toEqual(['regulars_consent', 'regulars_id']);

  // The login: signed, and the visit before it is theirs.
  await page.goto(`${shop.url}/login`);
  await page.getByLabel('Name').fill(ana.name);
  await page.getByLabel('E-mail').fill(ana.email);
  await page.locator('main').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: `Hello, ${ana.name}` }).waitFor();
  const id = await soon(() => customerId(ana.email));
  await admin.goto(`${product.url}/customers/${id}`);
  await line('Product Viewed', 'Night shift mug').waitFor();
  await line('Products Searched', 'mug').waitFor();
  const shops = await request<{ data: { id: string }[] }>('GET', '/api/shops');
  const signing = await request<{ outcomes: unknown[] }>('GET', `/api/shops/${shops.data[0].id}/signing`);
  expect(signing.outcomes).toMatchObject([{ outcome: 'good', count: 1 }]);

  // A cart; the page of the customer follows by itself.
  await page.goto(`${shop.url}/product/ember-teapot`);
  await page.getByRole('button', { name: 'Add to cart' }).click();
  const added = await within(live_ms, () => line('Product Added', 'Ember teapot').waitFor());
  await page.goto(`${shop.url}/cart`);
  await page.goto('about:blank');
  const cart = await soon(async () => {
    const { data } = await request<{ data: { id: string; state: string }[] }>('GET', '/api/carts');
    return data.find(one => one.state === 'abandoned');
  }, 30_000);
  await line('', 'Ember teapot').waitFor();

  // Back, and bought.
  await context.unroute(`${product.url}/v1/batch`);
  await page.goto(`${shop.url}/cart`);
  await page.getByRole('link', { name: 'Check out' }).click();
  await page.getByLabel('Street').fill('1 Kiln Lane');
  await page.getByLabel('Town').fill('Stoke');
  await page.getByRole('button', { name: 'Place the order' }).click();
  const number = (await page.locator('main strong').textContent()) ?? '';
  const bought = await within(live_ms, () => admin.getByText(number).first().waitFor());
  const moved = await within(live_ms, () => admin.getByRole('link', { name: 'Bought at least once' }).first().waitFor());
  process.stdout.write(`shown in the admin after: cart ${added} ms, order ${bought} ms, segment ${moved} ms more\n`);
  expect(await soon(async () => (await request<{ state: string }>('GET', `/api/carts/${cart.id}`)).state === 'recovered')).toBe(
    true,
  );

  // The page that helps to install has followed too.
  await admin.goto(`${product.url}/settings/snippet`);
  await admin.getByText('We have seen your site').waitFor();
  await admin
    .getByRole('cell', { name: /^regulars\.js/ })
    .first()
    .waitFor();
  await admin.getByText('Held').waitFor();
  expect(await axe(admin)).toEqual([]);
  expect([...faults, ...adminFaults]).toEqual([]);
  await context.close();
}, 150_000);
