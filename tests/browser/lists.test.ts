/** The guide "Bring your lists" as a person follows it: a till, answers kept under a name, files that come by themselves. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, settle } from './chromium.ts';
import { axe, type Product, signedIn, startProduct } from './support.ts';

let browser: Browser;
let product: Product;
const folder = mkdtempSync(join(tmpdir(), 'regulars-lists-'));
const data = join(folder, 'data');
beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct({ folder: data })]);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const till = (week: number) =>
  `Receipt,Time,SKU,Product,Quantity,Price,Email,Loyalty card\n${[1, 2, 3].map(i => `W${week}-${i},2025-07-0${week} 09:0${i},CUP,Cup,1,8.00,${i === 1 ? 'ana@shop.example' : ''},${i < 3 ? 'K-77' : ''}`).join('\n')}\n`;
const drop = (page: Page, name: string, text: string) =>
  page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const looks = async (page: Page) => {
  await settle(page);
  expect(await axe(page)).toEqual([]);
};

test('a till, a saved mapping and a scheduled import, word by word', { timeout: 600_000 }, async () => {
  const { page, faults } = await signedIn(browser, product);
  page.setDefaultTimeout(60_000);

  // A till.
  await page.goto(`${product.url}/imports`);
  await drop(page, 'till week 1.csv', till(1));
  const shop = page.getByLabel('Which shop do these belong to?');
  await shop.selectOption({ label: 'A new till…' });
  await page.getByLabel('Name of the till').fill('High Street');
  await looks(page);
  await page.getByRole('button', { name: 'Make the till' }).click();
  await page.getByText('High Street is there').waitFor();
  await expect
    .poll(() => shop.evaluate((select: HTMLSelectElement) => select.selectedOptions[0].label))
    .toBe('High Street (till)');

  // Save the answers.
  await page.getByLabel('Name of the mapping').fill('Till of the High Street');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The saved mapping “Till of the High Street” is used.').waitFor();
  await page.getByRole('button', { name: 'Count first' }).click();
  await page.getByRole('button', { name: 'Import 3 rows' }).click();
  await page.getByRole('heading', { name: 'What came in' }).waitFor();
  await page.getByText('Orders without a customer').waitFor();

  // The customer's page tells both shops apart.
  await page.goto(`${product.url}/customers?query=ana@shop.example`);
  await page.getByRole('link', { name: 'ana@shop.example' }).first().click();
  await page.getByRole('tab', { name: 'Orders' }).click();
  await page.getByRole('columnheader', { name: 'Shop', exact: true }).waitFor();
  expect(await page.getByRole('cell', { name: 'High Street' }).count()).toBe(2);

  // Fetch it by itself, from a folder in the inbox.
  const inbox = join(data, 'inbox', 'till');
  mkdirSync(inbox, { recursive: true });
  writeFileSync(join(inbox, 'week 2.csv'), till(2));
  const settled = new Date(Date.now() - 60_000);
  utimesSync(join(inbox, 'week 2.csv'), settled, settled);
  await page.goto(`${product.url}/imports`);
  await page.getByRole('link', { name: 'Scheduled imports' }).click();
  await page.getByText('Nothing is fetched by itself yet').waitFor();
  await looks(page);
  await page.getByRole('button', { name: 'Add a scheduled import' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Till exports');
  await page.getByLabel('Fetch it from').selectOption({ label: 'A folder in the inbox' });
  await page.getByLabel('Folder', { exact: true }).fill('till');
  await page.getByLabel('How often').selectOption({ label: 'Every hour' });
  await page.getByLabel('Which shop do these belong to?').selectOption({ label: 'High Street' });
  await page.getByLabel('What its columns mean').selectOption({ label: 'Till of the High Street' });
  await looks(page);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Till exports' }).waitFor();
  await page.getByRole('button', { name: 'Fetch now' }).click();
  await page.getByRole('link', { name: 'week 2.csv' }).waitFor();
  await looks(page);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();

  // Each visit is an ordinary import.
  await page.getByRole('link', { name: 'week 2.csv' }).click();
  await page.getByRole('heading', { name: 'What came in' }).waitFor();
  await page.getByRole('button', { name: 'Undo this import' }).click();
  await page.getByText('What was taken back').waitFor();

  // Rename and delete the mapping; what is deleted comes back with one press.
  await page.goto(`${product.url}/imports/mappings`);
  await page.getByRole('button', { name: 'Delete Till of the High Street' }).click();
  await page.getByText('No saved mappings yet').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Till of the High Street').first().waitFor();
  await looks(page);
  expect(faults).toEqual([]);
});
