/** Working with a list: rows by keyboard, a view saved, found again in Ctrl K and shared, everybody the list shows changed at once and put back. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, settle, views } from './chromium.ts';
import { axe, type Product, screenshot, signedIn, startProduct } from './support.ts';

let browser: Browser;
let product: Product;
beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const people = 60;
const fill = (page: Page): Promise<void> =>
  page.evaluate(async count => {
    for (let i = 0; i < count; i++)
      await fetch('/api/customers', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          name: `Person ${String(i).padStart(2, '0')}`,
          email: `p${i}@mail.invalid`,
          country: i % 2 ? 'GB' : 'DE',
        }),
      });
  }, people);

const look = async (page: Page, name: string): Promise<void> => {
  expect(await axe(page)).toEqual([]);
  if (process.env.REGULARS_SHOTS) for (const view of views) await screenshot(page, name, view);
};

test('a list is walked by keyboard, saved as a view, and changed as a whole', { timeout: 240_000 }, async () => {
  const { context, page, faults } = await signedIn(browser, product);
  await fill(page);
  await page.goto(`${product.url}/customers?sort=customers.name&query=Person`);
  await page.getByRole('link', { name: /Person 00/ }).waitFor();

  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  const focused = await page.evaluate(() => document.activeElement?.textContent ?? '');
  expect(focused).toContain('Person 01');
  await page.getByText('1 customer ticked').waitFor();

  await page.getByRole('button', { name: 'Take all 60 matches' }).click();
  await page.getByPlaceholder('Tag', { exact: true }).fill('winter');
  await look(page, 'customers-bulk');
  await page.getByRole('button', { name: 'Do it for 60 customers' }).click();
  await page.getByText('60 customers changed').waitFor({ timeout: 60_000 });
  await page.getByRole('cell', { name: 'winter' }).first().waitFor();

  await page.goto(`${product.url}/bulk-changes`);
  await page.getByText('Add the tag “winter”').waitFor();
  await look(page, 'bulk-changes');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Undone').waitFor({ timeout: 60_000 });

  await page.goto(`${product.url}/customers?sort=customers.name&query=Person`);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Save this list as a view' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('By name');
  await page.getByRole('button', { name: 'Save the view' }).click();
  await page.getByRole('button', { name: 'View: By name' }).waitFor();
  expect(await page.getByRole('cell', { name: 'winter' }).count()).toBe(0);

  await page.goto(product.url);
  await settle(page);
  await page.keyboard.press('Control+k');
  // The palette is loaded when it is first asked for.
  await page.getByRole('combobox').fill('by na');
  await page.getByRole('option', { name: /By name/ }).waitFor();
  await look(page, 'palette');
  await page.keyboard.press('Enter');
  await page.waitForURL(/sort=customers\.name/);
  await page.getByRole('button', { name: 'View: By name' }).click();
  await page.getByRole('menuitem', { name: 'Share with everyone' }).waitFor();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByText('The view “By name” is deleted').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'View: By name' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
