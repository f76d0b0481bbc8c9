/** The import wizard as a person uses it, by keyboard alone: a messy file, its questions, the count, the rows to mend, undo; axe at every step. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, settle, type View } from './chromium.ts';
import { axe, type Product, signedIn, startProduct } from './support.ts';

let browser: Browser;
let product: Product;
const folder = mkdtempSync(join(tmpdir(), 'regulars-wizard-'));
beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const fileOf = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const orders = [
  'Order no;Order date;SKU;Product name;Qty;Unit price;Customer no;Country',
  ...Array.from(
    { length: 60 },
    (_, i) => `W${i};0${1 + (i % 9)}/0${1 + (i % 4)}/2025 10:00;TEA-${i % 5};Assam ${i % 5};${1 + (i % 3)};9,50;${i % 12};Spain`,
  ),
  'W90;soon;TEA-1;Assam;1;9,50;3;Spain',
].join('\n');

/** Every look of one step: axe in each, and nothing wider than the window. */
const lookAt = async (page: Page): Promise<void> => {
  for (const view of [
    { width: 1440, scheme: 'light' },
    { width: 1440, scheme: 'dark' },
    { width: 390, scheme: 'light' },
    { width: 390, scheme: 'dark' },
  ] as View[]) {
    await page.setViewportSize({ width: view.width, height: 900 });
    await page.emulateMedia({ colorScheme: view.scheme });
    await settle(page);
    expect(await axe(page), `${view.width} ${view.scheme}`).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${view.width} fits`).toBe(true);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
};
const press = async (page: Page, role: 'button' | 'link' | 'combobox', name: string | RegExp, key = 'Enter'): Promise<void> => {
  await page.getByRole(role, { name }).focus();
  await page.keyboard.press(key);
};

test('from a file to its result and back, by keyboard', { timeout: 300_000 }, async () => {
  const { context, page, faults } = await signedIn(browser, product);
  await page.goto(`${product.url}/imports`);
  await page.getByRole('heading', { level: 1, name: 'Imports' }).waitFor();
  await page.getByText('No imports yet').waitFor();
  await lookAt(page);
  await page.locator('input[type=file]').setInputFiles(fileOf('picture.csv', 'PK\u0003\u0004 not a table at all'));
  await page.getByText('Unpack it yourself').waitFor();
  await page
    .locator('input[type=file]')
    .setInputFiles(fileOf('a rather long name of an export from the shop with its date 2025-04-30 and more.csv', orders));

  await page.getByRole('heading', { name: 'What we found' }).waitFor();
  await page.getByText('2 answers are missing').waitFor();
  await lookAt(page);
  expect(await page.getByRole('button', { name: 'Count first' }).isDisabled()).toBe(true);
  await page.getByRole('combobox', { name: 'Currency of the amounts' }).focus();
  await page.keyboard.type('GBP');
  await page.keyboard.press('Enter');
  await page.getByText('One answer is missing').waitFor();
  await page.getByLabel('Order in dates').selectOption('dmy');
  await page.getByText('One answer is missing').waitFor({ state: 'detached' });
  await press(page, 'button', 'How the file is read');
  await page.getByLabel('Cells are parted by').waitFor();
  await lookAt(page);
  await press(page, 'button', 'Count first');

  await page.getByRole('heading', { name: 'This import would bring' }).waitFor();
  await lookAt(page);
  await press(page, 'button', 'Import 60 rows');

  await page.getByRole('heading', { name: 'What came in' }).waitFor();
  await page.getByText('Not a date').waitFor();
  await lookAt(page);
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'button', 'Download the rows')]);
  const report = readFileSync((await download.path())!, 'utf8');
  expect(report).toContain('W90,soon');
  await press(page, 'link', 'Bring another file');
  await page.locator('input[type=file]').setInputFiles(fileOf('mended.csv', report.replace('soon', '30/04/2025')));
  await page.getByText('A file with the same columns came in before.').waitFor();
  await press(page, 'button', 'Count first');
  await press(page, 'button', 'Import 1 rows');
  await page.getByRole('heading', { name: 'What came in' }).waitFor();

  await page.goto(`${product.url}/products`);
  await page.getByRole('link', { name: 'Assam 3' }).waitFor();
  await lookAt(page);
  await press(page, 'link', 'Assam 3');
  await page.getByRole('heading', { name: 'Price history' }).waitFor();
  await lookAt(page);

  await page.goto(`${product.url}/imports`);
  await press(page, 'link', /a rather long name/);
  await press(page, 'button', 'Undo this import');
  await page.getByRole('heading', { name: 'What was taken back' }).waitFor();
  await lookAt(page);
  expect(faults.filter(fault => !/422|Unprocessable/.test(fault))).toEqual([]);
  await context.close();
});
