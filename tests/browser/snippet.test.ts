/**
 * /regulars.js in a real browser, on pages of another origin under a strict content security policy, against a door that answers as it is
 * told to. What the product makes of it: sample-shop.test.ts.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from './chromium.ts';
import { buildAdmin, collectFaults } from './support.ts';

type Sent = { type: string; event?: string; messageId: string; userId?: string; anonymousId: string; timestamp: string } & {
  properties: Record<string, unknown>;
  traits: Record<string, unknown>;
  context: Record<string, unknown>;
};
type Delivery = { writeKey: string; sentAt: string; lost?: number; batch: Sent[] };

const script = new URL('../../dist/storefront/regulars.js', import.meta.url);
let browser: Browser;
let context: BrowserContext;
let door: Server;
let shop: Server;
let host: string;
let home: string;

/** How the door answers, and what it has got. */
let settings: Record<string, unknown>;
let answers: { status: number; headers?: Record<string, string> }[];
let deliveries: Delivery[];
let asked: string[];

const listen = (server: Server): Promise<string> =>
  new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );

beforeAll(async () => {
  await buildAdmin();
  browser = await launchBrowser();
  door = createServer(async (request, response) => {
    const path = (request.url ?? '').split('?')[0];
    asked.push(`${request.method} ${path}`);
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'retry-after');
    if (path === '/regulars.js') {
      response.setHeader('cross-origin-resource-policy', 'cross-origin');
      return response.setHeader('content-type', 'text/javascript').end(readFileSync(script));
    }
    if (path.endsWith('/settings')) return response.end(JSON.stringify({ regulars: settings }));
    let body = '';
    for await (const chunk of request) body += chunk;
    const { status, headers = {} } = answers.shift() ?? { status: 200 };
    if (status === 0) return request.socket.destroy();
    if (status === 200) deliveries.push(JSON.parse(body));
    return response.writeHead(status, headers).end('{"success":true}');
  });
  host = await listen(door);
  shop = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path === '/own.js') return response.setHeader('content-type', 'text/javascript').end(own);
    const tag = `<script src="${host}/regulars.js" data-write-key="rwb_test" async></script>`;
    const tags = path === '/twice' ? tag + tag : path === '/bare' ? '' : tag;
    response.writeHead(200, {
      'content-type': 'text/html',
      'content-security-policy': `default-src 'none'; script-src 'self' ${host}; connect-src 'self' ${host}; frame-ancestors 'none'`,
    });
    response.end(`<!doctype html><title>Page ${path}</title><script src="/own.js"></script>${tags}<a href="/next">next</a>`);
  });
  home = await listen(shop);
}, 90_000);
afterAll(async () => {
  await browser?.close();
  for (const server of [door, shop]) server?.closeAllConnections();
  door?.close();
  shop?.close();
});

/** What a page's own script does before the snippet is there. */
const own = 'window.regulars = window.regulars || [];';

beforeEach(async () => {
  settings = { consent: 'allow', before: 'hold', spa: true, time: true };
  answers = [];
  deliveries = [];
  asked = [];
  context = await browser.newContext();
  context.setDefaultTimeout(8_000);
});
afterEach(() => context.close());

const sent = (): Sent[] => deliveries.flatMap(one => one.batch);
const names = (): string[] => sent().map(one => one.event ?? one.type);
const until = async (what: () => boolean, limit_ms = 6_000): Promise<void> => {
  for (const end = Date.now() + limit_ms; !what() && Date.now() < end; ) await new Promise(resolve => setTimeout(resolve, 25));
};
const open = async (path = '/', where = context): Promise<{ page: Page; faults: string[] }> => {
  const page = await where.newPage();
  const faults = collectFaults(page);
  await page.goto(home + path);
  await ready(page);
  return { page, faults };
};
type Api = Record<string, (...words: unknown[]) => unknown>;
const ready = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>(resolve => {
        const look = () => {
          const api = (window as unknown as { regulars?: Api }).regulars;
          if (api?.ready) api.ready(resolve);
          else setTimeout(look, 20);
        };
        look();
      }),
  );
const call = <T>(page: Page, name: string, ...words: unknown[]): Promise<T> =>
  page.evaluate(([method, given]) => (window as unknown as { regulars: Api }).regulars[method](...given), [
    name,
    words,
  ] as const) as Promise<T>;
const kept = async (page: Page) => ({
  cookies: (await context.cookies()).map(one => one.name).sort(),
  local: await page.evaluate(() => Object.keys(localStorage).sort()),
  session: await page.evaluate(() => Object.keys(sessionStorage)),
});
const nothing = { cookies: [], local: [], session: [] };
const idOf = async (page: Page): Promise<string> => (await call<{ visitorId: string }>(page, 'privacy')).visitorId;

test('it weighs less than 8 kB', () => {
  expect(gzipSync(readFileSync(script), { level: 9 }).length).toBeLessThan(8_000);
});

describe('what it sends', () => {
  test('page, track and identify in the words of Segment, from another origin, without a word on the console', async () => {
    const { page, faults } = await open('/tea?utm_source=news&utm_campaign=spring&token=abc');
    await call(page, 'track', 'Product Viewed', { sku: 'TEA-1', price: 9.5 });
    await call(page, 'identify', '1001', { email: 'ana@example.com' }, { signature: '1.ff' });
    await call(page, 'track', 'Product Added', { sku: 'TEA-1' });
    await until(() => names().length === 4);
    const [first, viewed, identified, added] = sent();
    expect(names()).toEqual(['page', 'Product Viewed', 'identify', 'Product Added']);
    expect(deliveries[0].writeKey).toBe('rwb_test');
    expect(first.properties).toMatchObject({ path: '/tea', title: 'Page /tea' });
    expect(first.context).toMatchObject({
      library: { name: 'regulars.js' },
      campaign: { source: 'news', name: 'spring' },
      consent: { categoryPreferences: { analytics: true, marketing: true } },
    });
    // What lets somebody in stays in the address bar.
    expect(JSON.stringify(sent())).not.toContain('abc');
    expect(viewed.properties).toEqual({ sku: 'TEA-1', price: 9.5 });
    expect(identified).toMatchObject({ userId: '1001', traits: { email: 'ana@example.com' }, context: { signature: '1.ff' } });
    expect(added.userId).toBe('1001');
    expect(new Set(sent().map(one => one.anonymousId)).size).toBe(1);
    expect(new Set(sent().map(one => one.messageId)).size).toBe(4);
    // One plain request each: nothing had to be asked beforehand.
    expect(asked.filter(one => one.startsWith('OPTIONS'))).toEqual([]);
    expect(faults).toEqual([]);
  });

  test('loaded twice it starts once; calls before it was there wait for it', async () => {
    const page = await context.newPage();
    await page.addInitScript(() => {
      (window as unknown as { regulars: unknown[] }).regulars = [['track', 'Early Bird', { worm: true }]];
    });
    await page.goto(`${home}/twice`);
    await until(() => names().length >= 2);
    await page.waitForTimeout(300);
    expect(names()).toEqual(['page', 'Early Bird']);
  });

  test('the loader of the admin page, with its list of calls', async () => {
    const page = await context.newPage();
    const { snippetCode } = await import('../../src/features/tracking/web/snippet-code.ts');
    const loader = /<script>([\s\S]*)<\/script>/.exec(snippetCode({ host, writeKey: 'rwb_test' }).custom)?.[1] ?? '';
    await page.goto(`${home}/bare`);
    await page.evaluate(loader);
    await page.evaluate(`regulars.track('Straight Away')`);
    await page.evaluate(loader);
    await until(() => names().length >= 2);
    await page.waitForTimeout(200);
    expect(names()).toEqual(['page', 'Straight Away']);
    expect(asked.filter(one => one === 'GET /regulars.js').length).toBe(1);
  });

  test('the address changes without a new page; reset makes somebody new', async () => {
    const { page } = await open('/a');
    const before = await idOf(page);
    await page.evaluate(() => history.pushState({}, '', '/b'));
    await until(() => names().filter(one => one === 'page').length === 2);
    await page.evaluate(() => history.replaceState({ scroll: 3 }, ''));
    await call(page, 'reset');
    await call(page, 'track', 'After');
    await until(() => names().includes('After'));
    expect(
      sent()
        .filter(one => one.type === 'page')
        .map(one => one.properties.path),
    ).toEqual(['/a', '/b']);
    expect(sent().findLast(one => one.type === 'page')?.properties.referrer).toBe(`${home}/a`);
    expect(sent().at(-1)?.anonymousId).not.toBe(before);
  });

  test('time on page: the visible seconds, told while the page goes away, and again after the way back', async () => {
    const { page } = await open('/a');
    await page.waitForTimeout(1_600);
    await page.click('a');
    await until(() => names().includes('Page Left'));
    const left = sent().find(one => one.event === 'Page Left');
    expect(left?.properties).toMatchObject({ path: '/a', part: 1 });
    expect(left?.properties.seconds).toBeGreaterThanOrEqual(1);
    expect(left?.properties.seconds).toBeLessThanOrEqual(3);
    await ready(page);
    await page.goBack();
    await page.waitForTimeout(1_200);
    await page.close({ runBeforeUnload: false });
    await until(() => names().filter(one => one === 'Page Left').length >= 2);
    expect(new Set(sent().map(one => one.anonymousId)).size).toBe(1);
  });
});

describe('the consent gate', () => {
  test.each(['hold', 'drop'])('a shop that asks first: nothing is stored or sent before the yes (%s)', async before => {
    settings = { ...settings, consent: 'ask', before };
    const { page } = await open('/a');
    await call(page, 'track', 'Too Early');
    await page.waitForTimeout(400);
    expect(await kept(page)).toEqual(nothing);
    expect(asked.filter(one => one.startsWith('POST'))).toEqual([]);
    expect(await call(page, 'privacy')).toMatchObject({ mode: 'ask', answered: false, analytics: false, visitorId: null });
    await call(page, 'consent', { analytics: true, marketing: false });
    await call(page, 'track', 'Afterwards');
    await until(() => names().includes('Afterwards'));
    expect(names().includes('Too Early')).toBe(before === 'hold');
    expect((await kept(page)).cookies).toEqual(['regulars_consent', 'regulars_id']);
    expect(sent().at(-1)?.context.consent).toEqual({ categoryPreferences: { analytics: true, marketing: false } });
    // The next page knows the answer.
    const second = await open('/b');
    expect(await call(second.page, 'privacy')).toMatchObject({ answered: true, analytics: true, marketing: false });
  });

  test('a no leaves nothing, and nothing goes out', async () => {
    settings = { ...settings, consent: 'ask' };
    const { page } = await open('/a');
    await call(page, 'consent', { analytics: false });
    await call(page, 'track', 'Never');
    await page.waitForTimeout(400);
    expect(await kept(page)).toEqual(nothing);
    expect(asked.filter(one => one.startsWith('POST'))).toEqual([]);
    await call(page, 'consent', { analytics: false }, { remember: true });
    expect(await kept(page)).toEqual({ cookies: ['regulars_consent'], local: ['regulars_consent'], session: [] });
  });

  test('a no afterwards takes everything back: id, cookie and queue; the withdrawal itself is told', async () => {
    const { page } = await open('/a');
    const before = await idOf(page);
    await until(() => names().includes('page'));
    answers = Array.from({ length: 3 }, () => ({ status: 503 }));
    await call(page, 'track', 'Waiting');
    await until(() => answers.length < 3);
    answers = [];
    await call(page, 'consent', { analytics: false });
    await until(() => names().includes('Consent Changed'));
    const told = sent().filter(one => one.event === 'Consent Changed');
    expect(told.map(one => [one.anonymousId, one.properties.purpose, one.properties.state])).toEqual([
      [before, 'analytics', 'unsubscribed'],
      [before, 'marketing', 'unsubscribed'],
    ]);
    // A shop that counts unless somebody refuses has to remember the no: one word, no id.
    expect(await kept(page)).toEqual({ cookies: ['regulars_consent'], local: ['regulars_consent'], session: [] });
    const again = await open('/b');
    await again.page.waitForTimeout(300);
    expect(names()).not.toContain('Waiting');
    expect(sent().filter(one => one.properties?.path === '/b')).toEqual([]);
  });

  test('Global Privacy Control is honoured and told', async () => {
    await context.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
    const allowed = await open('/a');
    expect(await call(allowed.page, 'privacy')).toMatchObject({ gpc: true, analytics: true, marketing: false });
    await until(() => names().includes('page'));
    expect(sent()[0].context).toMatchObject({
      gpc: true,
      consent: { categoryPreferences: { analytics: true, marketing: false } },
    });
    settings = { ...settings, consent: 'ask' };
    await context.clearCookies();
    await allowed.page.evaluate(() => localStorage.clear());
    const { page } = await open('/b');
    expect(await call(page, 'privacy')).toMatchObject({ analytics: false, marketing: false });
    await call(page, 'consent', { analytics: true, marketing: true });
    // An explicit yes, said under the signal, counts.
    expect(await call(page, 'privacy')).toMatchObject({ gpc: true, analytics: true, marketing: true });
  });
});

describe('what goes wrong', () => {
  test('cookie and localStorage heal each other', async () => {
    const { page } = await open('/a');
    const id = await idOf(page);
    await context.clearCookies();
    const second = await open('/b');
    expect(await idOf(second.page)).toBe(id);
    expect((await context.cookies()).find(one => one.name === 'regulars_id')?.value).toBe(id);
    await second.page.evaluate(() => localStorage.clear());
    const third = await open('/c');
    expect(await idOf(third.page)).toBe(id);
    expect(await third.page.evaluate(() => localStorage.getItem('regulars_id'))).toBe(id);
    const cookie = (await context.cookies()).find(one => one.name === 'regulars_id');
    expect(cookie?.sameSite).toBe('Lax');
    expect(((cookie?.expires ?? 0) - Date.now() / 1000) / 86_400).toBeGreaterThan(390);
  });

  test('without a network events wait on the device, and go out on the next page', async () => {
    const { page } = await open('/a');
    await until(() => names().includes('page'));
    answers = Array.from({ length: 50 }, () => ({ status: 0 }));
    await call(page, 'track', 'Underground', { n: 1 });
    await until(() => answers.length < 50);
    expect((await kept(page)).local.filter(one => one.startsWith('regulars.e.'))).toHaveLength(1);
    await page.close();
    answers = [];
    const second = await open('/b');
    await until(() => names().includes('Underground'));
    await second.page.waitForTimeout(300);
    // The first page may have told it too while it went: then with the same message id, which is counted once.
    expect(
      new Set(
        sent()
          .filter(one => one.event === 'Underground')
          .map(one => one.messageId),
      ).size,
    ).toBe(1);
    expect((await kept(second.page)).local.filter(one => one.startsWith('regulars.e.'))).toEqual([]);
  });

  test('429 waits as long as it is told to; 400 is given up', async () => {
    const { page } = await open('/a');
    await until(() => names().includes('page'));
    answers = [{ status: 429, headers: { 'retry-after': '2' } }];
    const at = Date.now();
    await call(page, 'track', 'Patient');
    await until(() => names().includes('Patient'));
    expect(Date.now() - at).toBeGreaterThan(1_900);
    answers = [{ status: 400 }];
    await call(page, 'track', 'Broken');
    await until(() => answers.length === 0);
    await call(page, 'track', 'Next');
    await until(() => names().includes('Next'));
    expect(names()).not.toContain('Broken');
  });

  test('two tabs at once: everything arrives, nothing twice', async () => {
    const tabs = [await open('/a'), await open('/b')];
    await Promise.all(
      tabs.map(({ page }, tab) =>
        page.evaluate(t => {
          const { regulars } = window as unknown as { regulars: Api };
          for (let i = 0; i < 40; i++) setTimeout(() => regulars.track(`tab ${t} event ${i}`), i * 10);
        }, tab),
      ),
    );
    await until(() => sent().length >= 82, 8_000);
    await tabs[0].page.waitForTimeout(300);
    expect(new Set(names().filter(one => one.startsWith('tab'))).size).toBe(80);
    expect(sent()).toHaveLength(82);
  });

  test('blocked storage and a full disk lose nothing of this page', async () => {
    await context.addInitScript(() => {
      const blocked = () => {
        throw new DOMException('blocked', 'SecurityError');
      };
      Object.defineProperty(window, 'localStorage', { get: blocked });
      Object.defineProperty(Document.prototype, 'cookie', { get: blocked, set: blocked });
    });
    const { page, faults } = await open('/a');
    await call(page, 'track', 'Still Here');
    await until(() => names().includes('Still Here'));
    expect(new Set(sent().map(one => one.anonymousId)).size).toBe(1);
    expect(faults).toEqual([]);
    const other = await browser.newContext();
    await other.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    const full = await open('/b', other);
    await call(full.page, 'track', 'Full Disk');
    await until(() => names().includes('Full Disk'));
    await other.close();
    expect(full.faults).toEqual([]);
  });

  test('the oldest go first when the queue is full, and how many is told; one too large is not sent', async () => {
    const { page } = await open('/a');
    await until(() => names().includes('page'));
    answers = Array.from({ length: 200 }, () => ({ status: 503 }));
    await page.evaluate(() => {
      const { regulars } = window as unknown as { regulars: Api };
      for (let i = 0; i < 60; i++) regulars.track(`big ${i}`, { filling: 'x'.repeat(20_000) });
      regulars.track('too big', { filling: 'x'.repeat(40_000) });
    });
    await until(() => answers.length < 200);
    answers = [];
    await page.reload();
    await until(() => names().includes('big 59'), 8_000);
    const lost = deliveries.reduce((sum, one) => sum + (one.lost ?? 0), 0);
    const arrived = new Set(names().filter(one => one.startsWith('big'))).size;
    expect(arrived).toBeLessThan(60);
    expect(lost).toBe(60 - arrived + 1);
    expect(names()).not.toContain('too big');
    expect(Math.max(...deliveries.map(one => JSON.stringify(one).length))).toBeLessThan(500_000);
  });

  test('a wrong clock keeps the distances: sentAt tells', async () => {
    await context.addInitScript(() => {
      const real = Date.now;
      Date.now = () => real() + 86_400_000;
      const Real = Date;
      (window as unknown as { Date: unknown }).Date = class extends Real {
        constructor(...words: []) {
          if (words.length === 0) super(Real.now());
          else super(...words);
        }
      };
    });
    await open('/a');
    await until(() => names().includes('page'));
    const skew = Date.parse(deliveries[0].sentAt) - Date.now();
    expect(skew).toBeGreaterThan(80_000_000);
    expect(Math.abs(Date.parse(deliveries[0].sentAt) - Date.parse(sent()[0].timestamp))).toBeLessThan(5_000);
  });
});
