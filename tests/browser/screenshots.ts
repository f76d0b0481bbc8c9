/**
 * Takes every page of the admin app at 1440 and 390 px, light and dark, to look at critically, and says what axe finds on each.
 *
 *   node tests/browser/screenshots.ts                      a fresh, empty product
 *   node tests/browser/screenshots.ts -- --demo            with the demo shop
 *   node tests/browser/screenshots.ts http://127.0.0.1:3000 maya@example.com password [/only /these]
 *
 * Pictures go to $REGULARS_SHOTS or <temp>/regulars-shots. Pages are found by following the navigation, the settings menu, and the first
 * record of each list.
 */
import type { Page } from 'playwright-core';
import { launchBrowser, openContext, settle, views } from './chromium.ts';
import { axe, collectFaults, owner, type Product, screenshot, setUp, startProduct } from './support.ts';

const given = process.argv.slice(2).filter(one => one !== '--');
const at = given.find(one => one.startsWith('http'));
const only = given.filter(one => one.startsWith('/'));
const [email, password] = given.filter(one => one !== at && !one.startsWith('/') && !one.startsWith('-'));

const nameOf = (path: string) => path.replace(/^\//, '').replaceAll(/[^\w]+/g, '-') || 'start';

/** Addresses of this app on the page: the menus', and the first row's of each table. */
const linksOn = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const menus = [...document.querySelectorAll<HTMLAnchorElement>('nav a[href^="/"]')];
    const rows = [...document.querySelectorAll('table')].flatMap(
      table => table.querySelector<HTMLAnchorElement>('[data-row-link]') ?? [],
    );
    return [...menus, ...rows].map(link => new URL(link.href).pathname);
  });

const signIn = async (page: Page, url: string, next: string) => {
  await page.goto(`${url}/login?next=${encodeURIComponent(next)}`);
  await page.getByLabel('E-mail').fill(email ?? owner.email);
  await page.getByLabel('Password', { exact: true }).fill(password ?? owner.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(address => address.pathname !== '/login');
};

const findPages = async (page: Page, url: string): Promise<string[]> => {
  const found = new Set<string>();
  const waiting = ['/', '/settings'];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (found.has(path)) continue;
    found.add(path);
    await page.goto(url + path);
    await settle(page).catch(() => {});
    waiting.push(...(await linksOn(page)));
  }
  return [...found];
};

const product: Product = at
  ? { url: at.replace(/\/$/, ''), ownerLink: null, log: () => '', stop: async () => {} }
  : await startProduct({ args: given.filter(one => one.startsWith('--')) });
const browser = await launchBrowser();
let complaints = 0;
const complain = (what: string) => {
  complaints += 1;
  process.stdout.write(`${what}\n`);
};
try {
  const scout = await (await openContext(browser)).newPage();
  if (product.ownerLink) await setUp(scout, product);
  else await signIn(scout, product.url, '/');
  const paths = only.length > 0 ? only : await findPages(scout, product.url);
  for (const view of views) {
    const context = await openContext(browser, view);
    const page = await context.newPage();
    const faults = collectFaults(page);
    await page.goto(`${product.url}/login`);
    await screenshot(page, 'login', view);
    await signIn(page, product.url, '/');
    for (const path of paths) {
      await page.goto(product.url + path);
      await page
        .locator('h1')
        .first()
        .waitFor({ timeout: 8000 })
        .catch(() => complain(`${path}: no h1`));
      for (const fault of await axe(page)) complain(`${path} ${view.width} ${view.scheme}: ${fault}`);
      process.stdout.write(`${await screenshot(page, nameOf(path), view)}\n`);
      for (const fault of faults.splice(0)) complain(`${path} ${view.width} ${view.scheme}: console: ${fault}`);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (sideways > 0) complain(`${path} ${view.width}: scrolls sideways by ${sideways} px`);
    }
    await context.close();
  }
} finally {
  await browser.close();
  await product.stop();
}
process.exitCode = complaints > 0 ? 1 : 0;
