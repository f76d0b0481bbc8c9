/** People and keys, as an owner and a new colleague live it: invitation by link, roles, keys shown once, sessions, the audit log. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openContext } from './chromium.ts';
import { axe, collectFaults, owner, type Product, signedIn, startProduct } from './support.ts';

/** Eight pages, each read by axe, on a machine that may be busy. */
const manyPages_ms = 120_000;

let browser: Browser;
let product: Product;

beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const pages = ['account', 'team', 'team?invite=1', 'roles', 'api-keys', 'api-keys?new=1', 'audit', 'organisation'];

test.each([
  ['light', 1440],
  ['dark', 390],
] as const)(
  'axe finds nothing on the pages about people and keys, %s at %i px',
  async (scheme, width) => {
    const { context, page, faults } = await signedIn(browser, product, { scheme, width });
    for (const path of pages) {
      await page.goto(`${product.url}/settings/${path}`);
      await page.locator('h1').waitFor();
      if (path.includes('?')) await page.getByRole('dialog').waitFor();
      expect(await axe(page), path).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} scrolls sideways`).toBe(
        true,
      );
    }
    expect(faults).toEqual([]);
    await context.close();
  },
  manyPages_ms,
);

test('an owner invites a colleague by keyboard; the link works once; the colleague sees what the role sees', async () => {
  const { context, page } = await signedIn(browser, product);
  await page.goto(`${product.url}/settings/team`);
  await page.getByRole('button', { name: 'Invite somebody' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).waitFor();
  await page.keyboard.type('Jonas Weber');
  await page.keyboard.press('Tab');
  await page.keyboard.type('jonas@lantern.invalid');
  await page.keyboard.press('Tab');
  await page.getByRole('radio', { name: /^Support/ }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Make the invitation' }).focus();
  await page.keyboard.press('Enter');
  const link = await page.getByLabel('Link to hand over').inputValue();
  expect(await axe(page)).toEqual([]);
  await page.getByRole('button', { name: 'Done' }).last().click();
  await page.getByRole('row', { name: /Jonas Weber.*Invited/ }).waitFor();

  const theirs = await openContext(browser);
  const guest = await theirs.newPage();
  const faults = collectFaults(guest);
  await guest.goto(link);
  await guest.getByRole('heading', { name: 'Welcome, Jonas Weber' }).waitFor();
  expect(await axe(guest)).toEqual([]);
  await guest.getByLabel('New password').fill('jonasweber');
  await guest.keyboard.press('Enter');
  await guest.getByText('mostly your name or address').waitFor();
  await guest.getByLabel('New password').fill('seven green bicycles');
  await guest.keyboard.press('Enter');
  await guest.getByRole('button', { name: 'Account of Jonas Weber' }).waitFor();
  await guest.goto(`${product.url}/settings/team`);
  await guest
    .getByText(/Support/)
    .first()
    .waitFor();
  expect(await guest.getByRole('button', { name: 'Invite somebody' }).count()).toBe(0);
  expect(faults).toEqual([]);

  const again = await theirs.newPage();
  await again.goto(link);
  await again.getByRole('heading', { name: 'This link has ended' }).waitFor();

  await page.reload();
  await page.getByRole('button', { name: 'What to do with Jonas Weber' }).click();
  await page.getByRole('menuitem', { name: 'Shut out' }).click();
  await page.getByRole('row', { name: /Jonas Weber.*Shut out/ }).waitFor();
  await guest.goto(`${product.url}/settings/account`);
  await guest.waitForURL(address => address.pathname === '/login');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('row', { name: /Jonas Weber.*Active/ }).waitFor();
  await theirs.close();
  await context.close();
});

test('a key is shown once, works with its scopes, and stops when revoked', async () => {
  const { context, page } = await signedIn(browser, product);
  await page.goto(`${product.url}/settings/api-keys`);
  await page.getByRole('button', { name: 'Make a key' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Till at the market');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  await dialog.getByText('Choose at least one thing').waitFor();
  await dialog.getByLabel('Read and verify the audit log').check();
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const secret = await page.getByLabel('Key', { exact: true }).inputValue();
  const ask = async (path: string) =>
    (await fetch(product.url + path, { headers: { authorization: `Bearer ${secret}` } })).status;
  expect(await ask('/api/audit')).toBe(200);
  expect(await ask('/api/staff')).toBe(403);
  await page.getByRole('button', { name: 'Done' }).last().click();
  expect(await page.content()).not.toContain(secret);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('Revoked', { exact: true }).waitFor();
  expect(await ask('/api/audit')).toBe(401);
  await context.close();
});

test('a new password ends the other sessions; the audit log tells of it and is whole', async () => {
  const elsewhere = await signedIn(browser, product);
  const { context, page } = await signedIn(browser, product);
  await page.goto(`${product.url}/settings/account`);
  await page.getByLabel('Present password').fill(owner.password);
  await page.getByLabel('New password').fill('four quiet rivers');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Password changed.').waitFor();
  await elsewhere.page.goto(`${product.url}/settings`);
  await elsewhere.page.waitForURL(address => address.pathname === '/login');
  await page.goto(`${product.url}/settings/audit`);
  await page.getByText('Changed the password').first().waitFor();
  await page.getByRole('button', { name: 'Verify the log' }).click();
  await page.getByText(/The log is whole/).waitFor();
  expect(await axe(page)).toEqual([]);
  await context.close();
  await elsewhere.context.close();
});

test('settings of the organisation keep what was typed when they are refused, and say why', async () => {
  const context = await openContext(browser);
  const page = await context.newPage();
  await page.goto(`${product.url}/login?next=${encodeURIComponent('/settings/organisation')}`);
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill('four quiet rivers');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Organisation and shops' }).waitFor();
  const business = page.locator('section', { has: page.getByRole('heading', { name: 'Organisation', exact: true }) });
  await business.getByLabel('Name').fill('');
  await business.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Enter a name.').waitFor();
  await business.getByLabel('Name').fill('Lantern & Loom Ltd');
  await business.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.getByRole('button', { name: 'Add a shop' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Saturday market');
  await page.getByRole('button', { name: 'Add the shop' }).click();
  await page.getByRole('row', { name: /Saturday market/ }).waitFor();
  await context.close();
});
