/** Two of the five tasks, by keyboard alone: undo a merge; export and erase a person. And axe on every customer page. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, settle } from './chromium.ts';
import { axe, type Product, signedIn, startProduct } from './support.ts';

let browser: Browser;
let product: Product;
beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const make = (page: Page, profile: object): Promise<string> =>
  page.evaluate(async body => {
    const answer = await fetch('/api/customers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return ((await answer.json()) as { id: string }).id;
  }, profile);

/** Tabs until the control with this name has the focus. */
const tabTo = async (page: Page, name: RegExp, most = 80): Promise<void> => {
  for (let i = 0; i < most; i++) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      return (
        element?.getAttribute('aria-label') ??
        (element as HTMLInputElement | null)?.labels?.[0]?.textContent ??
        element?.textContent ??
        ''
      );
    });
    if (name.test(focused.trim())) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`No control called ${name} was reached with Tab.`);
};

test('merging two customers and undoing it, by keyboard', async () => {
  const { context, page, faults } = await signedIn(browser, product);
  const ana = await make(page, { name: 'Ana Bell', email: 'ana@mail.invalid', tags: ['vip'] });
  await make(page, { name: 'Anna Bell', email: 'anna@mail.invalid', phone: '+442079460011', city: 'Bath' });
  await page.goto(`${product.url}/customers/${ana}`);
  await page.getByRole('heading', { level: 1, name: 'Ana Bell' }).waitFor();
  expect(await axe(page)).toEqual([]);

  await page.keyboard.press('m');
  await page.getByRole('dialog').waitFor();
  await tabTo(page, /^Find the other person$/);
  await page.keyboard.type('anna');
  await page.getByRole('button', { name: 'Compare with Anna Bell' }).waitFor();
  await tabTo(page, /^Compare with Anna Bell$/);
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'Bath' }).first().waitFor();
  expect(await axe(page)).toEqual([]);
  await tabTo(page, /^Merge the two$/);
  await page.keyboard.press('Enter');
  await page.getByText('Merged into one customer').waitFor();
  await page.getByText('Bath').first().waitFor();

  await tabTo(page, /^Timeline$/);
  for (const _ of [1, 2, 3, 4, 5, 6, 7, 8]) {
    if ((await page.getByRole('tab', { name: 'Identity', selected: true }).count()) > 0) break;
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
  }
  await page.getByRole('button', { name: 'Undo merge' }).waitFor();
  expect(await axe(page)).toEqual([]);
  await tabTo(page, /^Undo merge$/);
  await page.keyboard.press('Enter');
  await page.getByText('Undone by').waitFor();
  await page.goto(`${product.url}/customers?query=anna`);
  await page.getByRole('link', { name: /Anna Bell/ }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
}, 90_000);

/** Down to an entry of the open menu and in: an opening menu takes the focus by itself, so where it stands is asked after each key. */
const choose = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('menuitem', { name }).waitFor();
  for (let i = 0; i < 12; i++) {
    if ((await page.evaluate(() => document.activeElement?.textContent)) === name) return page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.waitForTimeout(60);
  }
  throw new Error(`The arrow keys do not reach "${name}".`);
};

test('exporting and erasing a person, by keyboard', async () => {
  const { context, page, faults } = await signedIn(browser, product);
  const id = await make(page, { name: 'Berta Quell', email: 'berta@mail.invalid', phone: '+442079460012' });
  await page.goto(`${product.url}/customers/${id}`);
  await page.getByRole('heading', { level: 1, name: 'Berta Quell' }).waitFor();

  await tabTo(page, /^More$/);
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Download to read and print' }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), choose(page, 'Download to read and print')]);
  expect(readFileSync(await download.path(), 'utf8')).toContain('berta@mail.invalid');

  await tabTo(page, /^More$/);
  await page.keyboard.press('Enter');
  await choose(page, 'Erase for good');
  await page.getByRole('dialog').waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByLabel(`Type ${id} to go on`).focus();
  await page.keyboard.type(id);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.type('asked by letter');
  await page.keyboard.press('Enter');
  await page.waitForURL(address => address.pathname === '/customers');
  await page.getByText('Erased. Receipt').waitFor();
  await page.goto(`${product.url}/customers?query=berta`);
  await page.getByRole('heading', { name: 'Nobody matches' }).waitFor();
  await settle(page);
  expect(await axe(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
}, 90_000);

test('the list and each tab hold nothing against axe', async () => {
  const { context, page } = await signedIn(browser, product);
  const id = await make(page, { name: 'Carla Moss', email: 'carla@mail.invalid', attributes: { shoe_size: 40 } });
  for (const place of [
    '/customers',
    '/customers?new=1',
    `/customers/${id}?tab=consent`,
    `/customers/${id}?tab=details`,
    `/customers/${id}?dialog=edit`,
    '/customers/999999',
  ]) {
    await page.goto(product.url + place);
    await settle(page);
    expect(await axe(page), place).toEqual([]);
  }
  await context.close();
}, 90_000);
