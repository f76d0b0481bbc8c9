/** Every part of the admin's ground floor in its states, in both schemes and sizes: axe finds nothing and nothing scrolls sideways. */
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openContext } from './chromium.ts';
import { axe, collectFaults } from './support.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const built = mkdtempSync(join(tmpdir(), 'regulars-gallery-'));
const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The built gallery; what is no file is the page. */
const serve = (): Promise<Server> =>
  new Promise(resolve => {
    const server = createServer((request, response) => {
      const path = join(built, (request.url ?? '/').split('?')[0]);
      const file = extname(path) !== '' && existsSync(path) ? path : join(built, 'index.html');
      response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
      createReadStream(file).pipe(response);
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

let browser: Browser;
let server: Server;
let url = '';

beforeAll(async () => {
  const gallery = join(root, 'tests/browser/gallery');
  await build({
    configFile: join(root, 'vite.config.ts'),
    root: gallery,
    publicDir: join(root, 'web/public'),
    logLevel: 'error',
    html: {},
    build: { outDir: built, emptyOutDir: true },
  });
  [browser, server] = await Promise.all([launchBrowser(), serve()]);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 120_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(built, { recursive: true, force: true });
});

test.each([
  ['light', 1440],
  ['dark', 320],
] as const)('parts, lists and forms, %s at %i px', { timeout: 120_000 }, async (scheme, width) => {
  const context = await openContext(browser, { scheme, width });
  const page = await context.newPage();
  const faults = collectFaults(page);
  for (const path of ['/', '/people', '/people/empty', '/people/failing', '/people/loading', '/forms', '/settings/status']) {
    await page.goto(url + path);
    await page.locator('h1').waitFor();
    expect(await axe(page, { loading: path === '/' || path.endsWith('/loading') }), path).toEqual([]);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(sideways, `${path} scrolls sideways`).toBe(0);
  }
  await context.close();
  // The gallery has no server behind it: the stream of live news is refused.
  expect(faults.filter(fault => !fault.startsWith('EventSource'))).toEqual([]);
});

test('arrow keys go from row to row, Enter opens one, and choices of columns are kept', async () => {
  const context = await openContext(browser);
  const page = await context.newPage();
  await page.goto(`${url}/people`);
  const links = page.locator('[data-row-link]');
  await links.first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  expect(await links.nth(1).evaluate(link => link === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await page.waitForURL(address => address.searchParams.get('open') === '12001');

  await page.getByRole('button', { name: 'Choose columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'E-mail' }).click();
  await page.reload();
  await links.first().waitFor();
  expect(await page.getByRole('columnheader', { name: 'E-mail' }).count()).toBe(0);

  await page.getByRole('button', { name: 'Orders' }).click();
  await page.waitForURL(address => address.searchParams.get('sort') === '-orders');
  expect(await page.getByRole('columnheader', { name: 'Orders' }).getAttribute('aria-sort')).toBe('descending');
  await context.close();
});

test('a draft survives a reload; erasure asks for the word', async () => {
  const context = await openContext(browser);
  const page = await context.newPage();
  await page.goto(`${url}/forms`);
  await page.getByLabel('Name', { exact: true }).fill('Regulars of spring');
  await page.waitForTimeout(700);
  await page.reload();
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Regulars of spring');

  await page.getByRole('button', { name: 'Erase this person' }).click();
  const erase = page.getByRole('button', { name: 'Erase for good' });
  await erase.waitFor();
  expect(await erase.isDisabled()).toBe(true);
  expect(await axe(page)).toEqual([]);
  await page.getByLabel('Type Ana to go on').fill('Ana');
  expect(await erase.isDisabled()).toBe(false);
  await context.close();
});
