/** The first minutes: owner link, set-up, sign-out and sign-in that keeps the place; axe on every page of the shell in both schemes. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openContext } from './chromium.ts';
import { axe, collectFaults, owner, type Product, setUp, signedIn, startProduct } from './support.ts';

let browser: Browser;
let product: Product;

beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

test('the owner link leads through set-up into the product, once', async () => {
  const context = await openContext(browser);
  const page = await context.newPage();
  const faults = collectFaults(page);
  const link = product.ownerLink ?? '';

  await page.goto(link);
  await page.getByLabel('Your name').fill(owner.name);
  await page.getByLabel('Your e-mail').fill('maya@');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByLabel('Name of your business').fill('Lantern & Loom');
  expect(await axe(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  // What was wrong is said beside the field, and nothing typed is lost.
  await page.getByText('Write an e-mail address').waitFor();
  expect(await page.getByLabel('Your name').inputValue()).toBe(owner.name);

  await setUp(page, product);
  await page.goto(link);
  await page.getByText('This link has been used').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test('a page that needs a login comes back after signing in', async () => {
  const context = await openContext(browser);
  const page = await context.newPage();
  await page.goto(`${product.url}/settings/status`);
  await page.waitForURL(address => address.pathname === '/login');
  expect(await axe(page)).toEqual([]);
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
  await context.close();
});

test.each([
  ['light', 1440],
  ['dark', 1440],
  ['light', 390],
  ['dark', 390],
] as const)('axe finds nothing on the shell, %s at %i px', async (scheme, width) => {
  const { context, page, faults } = await signedIn(browser, product, { scheme, width });
  for (const path of ['/settings', '/settings/status', '/nothing-here']) {
    await page.goto(product.url + path);
    await page.locator('h1').waitFor();
    expect(await axe(page), path).toEqual([]);
  }
  expect(faults).toEqual([]);
  await context.close();
});

test('the keyboard opens search, goes somewhere, and lists the shortcuts', async () => {
  const { context, page } = await signedIn(browser, product);
  await page.goto(`${product.url}/settings`);
  await page.locator('h1').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.type('status');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  expect(await axe(page)).toEqual([]);
  await context.close();
});

test('a lost connection shows a banner, and what was sent arrives once it is back', async () => {
  const { context, page } = await signedIn(browser, product);
  await page.goto(`${product.url}/settings/status`);
  await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
  await context.setOffline(true);
  await page.getByText('Regulars cannot be reached').waitFor({ timeout: 15_000 });
  await context.setOffline(false);
  await page.getByText('Regulars cannot be reached').waitFor({ state: 'detached', timeout: 15_000 });
  await context.close();
});
