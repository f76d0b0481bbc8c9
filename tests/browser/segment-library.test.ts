/** Segment's own browser library, unchanged, on a page of another origin: it asks our settings door, sends, and what it sends is seen. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openContext } from './chromium.ts';
import { collectFaults, type Product, signedIn, startProduct } from './support.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let browser: Browser;
let product: Product;
let admin: Page;
let shop: Server;
let home: string;

/** The page's script as a shop's bundler would make it. */
const bundle = async (host: string, writeKey: string): Promise<string> => {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'segment-'));
  try {
    const entry = join(folder, 'page.ts');
    writeFileSync(
      entry,
      `import { AnalyticsBrowser } from '@segment/analytics-next';
       window.analytics = AnalyticsBrowser.load({ writeKey: ${JSON.stringify(writeKey)}, cdnURL: ${JSON.stringify(host)} });
       window.analytics.page();`,
    );
    const [output] = (await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      define: { 'process.env.NODE_ENV': '"production"' },
      build: { write: false, lib: { entry, formats: ['iife'], name: 'shopPage' } },
    })) as unknown as { output: { code: string }[] }[];
    return output.output[0].code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
  ({ page: admin } = await signedIn(browser, product));
  const { key } = await admin.evaluate(async () => {
    const shops = await (await fetch('/api/shops')).json();
    const body = JSON.stringify({ shop_id: shops.data[0].id, kind: 'browser', name: 'Segment library' });
    return (await fetch('/api/write-keys', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
  });
  const script = await bundle(product.url, key);
  shop = createServer((request, response) => {
    if (request.url === '/page.js') return response.setHeader('content-type', 'text/javascript').end(script);
    return response
      .setHeader('content-type', 'text/html')
      .end('<!doctype html><title>Tea</title><script src="/page.js"></script>');
  });
  await new Promise<void>(resolve => shop.listen(0, '127.0.0.1', resolve));
  home = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
}, 150_000);
afterAll(async () => {
  shop?.closeAllConnections();
  shop?.close();
  await browser?.close();
  await product?.stop();
});

test('identify, track and page of @segment/analytics-next arrive and are seen', async () => {
  const context = await openContext(browser);
  const page = await context.newPage();
  const faults = collectFaults(page);
  await page.goto(`${home}/tea?utm_source=news&utm_campaign=spring`);
  await page.evaluate(async () => {
    const { analytics } = window as unknown as { analytics: Record<string, (...words: unknown[]) => Promise<unknown>> };
    await analytics.track('Product Viewed', { sku: 'TEA-42', name: 'Sencha', price: 9.5 });
    await analytics.identify('2001', { email: 'sam@reed.example', firstName: 'Sam' });
  });
  const id = await admin.evaluate(async () => {
    for (let tries = 0; tries < 80; tries++) {
      const { data } = await (await fetch('/api/customers?query=sam%40reed.example')).json();
      if (data[0]) return data[0].id as string;
      await new Promise(resolve => setTimeout(resolve, 150));
    }
    return null;
  });
  expect(id).not.toBeNull();
  await admin.goto(`${product.url}/customers/${id}`);
  // The visit before the login is theirs.
  for (const [title, body] of [
    ['Page Viewed', 'Tea'],
    ['Product Viewed', 'Sencha'],
    ['Identified', 'sam@reed.example'],
  ])
    await admin.getByRole('listitem').filter({ hasText: title }).filter({ hasText: body }).first().waitFor();
  await admin.goto(`${product.url}/settings/snippet`);
  await admin.getByText('We have seen your site').waitFor();
  await admin
    .getByRole('cell', { name: /analytics\.js/ })
    .first()
    .waitFor();
  expect(faults).toEqual([]);
  await context.close();
}, 90_000);
