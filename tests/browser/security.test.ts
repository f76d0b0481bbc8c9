/**
 * Signing in safely, as people live it: an authenticator app set up by QR and key, recovery codes, passkeys with Chromium's virtual
 * authenticator (second factor and alone), the question "is it you?" before an export, roles, views as somebody, the access review.
 */
import { generateSync } from 'otplib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from './chromium.ts';
import { axe, owner, type Product, signedIn, startProduct } from './support.ts';

const slow_ms = 240_000;
let browser: Browser;
let product: Product;

beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
  // Browsers keep passkeys for names, not for numbers.
  product.url = product.url.replace('127.0.0.1', 'localhost');
  if (product.ownerLink) product.ownerLink = product.ownerLink.replace('127.0.0.1', 'localhost');
}, slow_ms);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** A code of another 30 seconds than the last one: none works twice. */
const codes = (key: string) => {
  let last = 0;
  return async (): Promise<string> => {
    const step = () => Math.floor(Date.now() / 30_000);
    // One step ahead is within the clock drift that is allowed.
    last = Math.max(last + 1, step());
    while (last > step() + 1) await new Promise(resolve => setTimeout(resolve, 1000));
    return generateSync({ secret: key, epoch: last * 30 });
  };
};

const withAuthenticator = async (context: BrowserContext, page: Page): Promise<void> => {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
};

const enterPassword = async (page: Page): Promise<void> => {
  await page.goto(`${product.url}/login`);
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};
/** Pictures to look at, where a folder for them is named. */
const shot = async (page: Page, name: string): Promise<void> => {
  if (process.env.REGULARS_SHOTS) await page.screenshot({ path: `${process.env.REGULARS_SHOTS}/${name}.png`, fullPage: true });
};

const atHome = (page: Page) => page.waitForURL(address => address.pathname !== '/login');

test(
  'an app is set up by key, asked for at the next sign-in, and a recovery code stands in for it once',
  async () => {
    const { context, page, faults } = await signedIn(browser, product);
    await page.goto(`${product.url}/settings/security`);
    await page.getByRole('button', { name: 'Set up', exact: true }).click();
    await page.getByRole('button', { name: 'Show the code to scan' }).click();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    const key = (await page.locator('bdi', { hasText: /^([A-Z2-7]{4} ?)+$/ }).textContent())!.replaceAll(' ', '');
    const nextCode = codes(key);
    expect(await axe(page)).toEqual([]);
    await page.getByLabel('Code the app shows now').fill('000000');
    await page.keyboard.press('Enter');
    await page.getByText('not the code the app shows now').first().waitFor();
    await page.getByLabel('Code the app shows now').fill(await nextCode());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    const recovery = await page.getByRole('dialog').getByRole('listitem').allInnerTexts();
    expect(recovery).toHaveLength(10);
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('10 codes left').waitFor();

    await context.clearCookies();
    await enterPassword(page);
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel('Code of your authenticator app').fill(await nextCode());
    await page.keyboard.press('Enter');
    await atHome(page);

    await context.clearCookies();
    await enterPassword(page);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill(recovery[0]);
    await page.keyboard.press('Enter');
    await atHome(page);
    await page.goto(`${product.url}/settings/security`);
    await page.getByText('9 codes left').waitFor();
    await page.getByRole('button', { name: 'Take away' }).click();
    await page.getByText('Taken away').first().waitFor();
    expect(faults.filter(fault => !/40[13]|422/.test(fault))).toEqual([]);
    await context.close();
  },
  slow_ms,
);

test(
  'a passkey is a second factor, and signs in alone',
  async () => {
    const { context, page } = await signedIn(browser, product);
    await withAuthenticator(context, page);
    await page.goto(`${product.url}/settings/security`);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Office laptop');
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('Office laptop').waitFor();

    await context.clearCookies();
    await enterPassword(page);
    await page.getByRole('button', { name: 'Use your passkey' }).click();
    await atHome(page);

    await context.clearCookies();
    await page.goto(`${product.url}/login`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await atHome(page);
    await page.goto(`${product.url}/settings/security`);
    await page.getByText('last used').first().waitFor();
    await page.getByRole('button', { name: 'What to do with Office laptop' }).click();
    await page.getByRole('menuitem', { name: 'Take away' }).click();
    await page.getByText('Taken away').first().waitFor();
    await context.close();
  },
  slow_ms,
);

test(
  'before a large export the page asks who one is, and goes on by itself',
  async () => {
    const { context, page } = await signedIn(browser, product);
    await page.goto(`${product.url}/settings/security?tab=everyone`);
    await page.getByLabel('Exported rows a day').fill('0');
    await page.getByRole('button', { name: 'Save the limits' }).click();
    await page.getByText('Limits saved.').waitFor();
    // As if the login lay longer back than ten minutes.
    let asked = false;
    await page.route('**/api/access-review.csv', route => {
      if (asked) return route.continue();
      asked = true;
      return route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          code: 'access.proof_needed',
          detail: 'With this, 3 rows leave within a day.',
          status: 403,
          errors: [],
        }),
      });
    });
    await page.goto(`${product.url}/settings/access-review`);
    const download = page.waitForEvent('download', { timeout: slow_ms / 2 });
    await page.getByRole('button', { name: 'File for auditors' }).click();
    await page.getByRole('heading', { name: 'Is it you?' }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.keyboard.press('Enter');
    expect((await download).suggestedFilename()).toBe('access-review.csv');
    await page.goto(`${product.url}/settings/security?tab=alerts`);
    await page.getByText('took out unusually much').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'I have looked at it' }).last().click();
    await page.getByText('Noted.').first().waitFor();
    await context.close();
  },
  slow_ms,
);

test(
  'an owner copies a role, narrows it, and looks through it: nothing can be changed meanwhile',
  async () => {
    const { context, page } = await signedIn(browser, product);
    await page.goto(`${product.url}/settings/roles`);
    await page.getByRole('link', { name: 'Copy Marketer' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Newsletter help');
    await page.getByLabel('Name, e-mail, phone').uncheck();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make the role' }).click();
    await page.getByText('The role is ready').waitFor();
    await page.getByRole('button', { name: 'View as Newsletter help' }).click();
    const banner = page.getByRole('complementary', { name: 'You look as somebody else' });
    await banner.waitFor();
    expect(await axe(page)).toEqual([]);
    const refused = await page.evaluate(async () => {
      const answer = await fetch('/api/customers', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"name":"X"}',
      });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    });
    expect(refused).toEqual([403, 'access.viewing']);
    await banner.getByRole('button', { name: 'End the view' }).click();
    await page.getByRole('heading', { level: 1, name: 'Team' }).waitFor();
    await page.goto(`${product.url}/settings/roles`);
    await page.getByRole('listitem').filter({ hasText: 'Newsletter help' }).getByRole('link', { name: 'Change' }).click();
    await page.getByRole('button', { name: 'Delete the role' }).click();
    await page.getByText('The role was deleted.').waitFor();
    await context.close();
  },
  slow_ms,
);

test.each([
  ['light', 1440],
  ['dark', 390],
] as const)(
  'axe finds nothing on the pages about security, %s at %i px',
  async (scheme, width) => {
    const { context, page } = await signedIn(browser, product, { scheme, width });
    for (const path of ['security', 'security?tab=everyone', 'security?tab=alerts', 'roles', 'roles/new', 'access-review']) {
      await page.goto(`${product.url}/settings/${path}`);
      await page.locator('h1').waitFor();
      await page.waitForTimeout(600);
      expect(await axe(page), path).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} scrolls sideways`).toBe(
        true,
      );
      await shot(page, `${path.replace(/\W+/g, '-')}-${scheme}-${width}`);
    }
    await context.close();
  },
  slow_ms,
);

test(
  'when a second factor is asked of everybody and the time is up, one can set one up and do nothing else before',
  async () => {
    const { context, page } = await signedIn(browser, product);
    await page.goto(`${product.url}/settings/security?tab=everyone`);
    await page.getByRole('radio', { name: 'Everybody', exact: true }).check();
    await page.getByLabel('Time to set one up').first().click();
    await page.getByRole('option', { name: '0 days', exact: true }).click();
    await page.getByRole('button', { name: 'Save the decision' }).click();
    const banner = page.getByRole('complementary', { name: 'A second factor is missing' });
    await banner.getByText('everything opens again').waitFor();
    await page.goto(`${product.url}/customers`);
    await page.waitForURL(address => address.pathname === '/settings/security');
    await page.getByRole('button', { name: 'Set up', exact: true }).waitFor();
    expect(await axe(page)).toEqual([]);
    await shot(page, 'held');
    await page.getByRole('button', { name: 'Set up', exact: true }).click();
    await page.getByRole('button', { name: 'Show the code to scan' }).click();
    await shot(page, 'qr');
    const key = (await page.locator('bdi', { hasText: /^([A-Z2-7]{4} ?)+$/ }).textContent())!.replaceAll(' ', '');
    await page.getByLabel('Code the app shows now').fill(await codes(key)());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    await shot(page, 'codes');
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.goto(`${product.url}/settings/team`);
    await page.getByRole('heading', { level: 1, name: 'Team' }).waitFor();
    expect(await banner.count()).toBe(0);
    await context.clearCookies();
    await enterPassword(page);
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await shot(page, 'second-step');
    await context.close();
  },
  slow_ms,
);
