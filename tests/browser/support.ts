/**
 * For tests that use the product as people do: start it whole in a folder of its own, sign in, look, and let axe look.
 *
 *   const product = await startProduct();
 *   const { page } = await signedIn(browser, product);
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { quietPort } from '../port.ts';
import { openContext, settle, type View } from './chromium.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type Product = {
  url: string;
  /** The one-time link printed at the first start; null once the owner exists. */
  ownerLink: string | null;
  log: () => string;
  stop: () => Promise<void>;
};

/** Builds the admin app and the snippet unless they are there; `REGULARS_BUILD=1` builds them anew. */
export const buildAdmin = async (): Promise<void> => {
  for (const [built, config] of [
    ['dist/admin/index.html', 'vite.config.ts'],
    ['dist/storefront/regulars.js', 'vite.storefront.config.ts'],
  ]) {
    if (existsSync(join(root, built)) && process.env.REGULARS_BUILD !== '1') continue;
    const words = [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--config', config, '--logLevel', 'error'];
    // As the set-up step does it: vitest's own NODE_ENV would build React for developers.
    await promisify(execFile)(process.execPath, words, { cwd: root, env: { ...process.env, NODE_ENV: 'production' } });
  }
};

const waitFor = async (what: string, limit_ms: number, check: () => boolean): Promise<void> => {
  const end = Date.now() + limit_ms;
  while (!check()) {
    if (Date.now() > end) throw new Error(`Waited ${limit_ms} ms for: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
};

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Settings of the tests themselves are not the product's, which refuses names it does not know. */
const { REGULARS_BUILD: _build, REGULARS_SHOTS: _shots, REGULARS_FULL: _full, ...environment } = process.env;

/** Starts the product as `npm start` does, on a free port, in `folder` or a temporary one that is removed at the end. */
export const startProduct = async (
  options: { folder?: string; args?: string[]; env?: Record<string, string> } = {},
): Promise<Product> => {
  await buildAdmin();
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'regulars-browser-'));
  const port = await quietPort();
  const child = spawn(process.execPath, ['src/server.ts', ...(options.args ?? [])], {
    cwd: root,
    env: { ...environment, REGULARS_DATA: folder, PORT: String(port), LOG_LEVEL: 'warn', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', chunk => {
    said += chunk;
  });
  child.stderr.on('data', chunk => {
    said += chunk;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await waitFor('the product to stop', 40_000, () => ended(child)).catch(() => child.kill('SIGKILL'));
    if (!options.folder) rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitFor('the product to start', 90_000, () => ended(child) || /Regulars is running at/.test(said));
    if (ended(child)) throw new Error(`The product did not start:\n${said}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    ownerLink: /http\S+\/setup#token=\S+/.exec(said)?.[0] ?? null,
    log: () => said,
    stop,
  };
};

export const owner = { name: 'Maya Okafor', email: 'maya@lantern.invalid', password: 'lamps and looms 1874' };

/** Fills the set-up page as the first owner would; ends signed in on the start page. */
export const setUp = async (page: Page, product: Product): Promise<void> => {
  if (!product.ownerLink) throw new Error('The product printed no owner link: its owner exists already.');
  await page.goto(product.ownerLink);
  await page.getByLabel('Your name').fill(owner.name);
  await page.getByLabel('Your e-mail').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.getByLabel('Name of your business').fill('Lantern & Loom');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page
    .getByRole('navigation', { name: 'Main' })
    .or(page.getByRole('button', { name: 'Navigation' }))
    .first()
    .waitFor();
  product.ownerLink = null;
};

export const signIn = async (page: Page, product: Product, place = '/'): Promise<void> => {
  await page.goto(`${product.url}/login?next=${encodeURIComponent(place)}`);
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(address => address.pathname !== '/login');
};

/** A page of a fresh browser profile, signed in as the owner; sets the product up when nobody has yet. */
export const signedIn = async (
  browser: Browser,
  product: Product,
  view?: View,
): Promise<{ context: BrowserContext; page: Page; faults: string[] }> => {
  const context = await openContext(browser, view);
  const page = await context.newPage();
  const faults = collectFaults(page);
  if (product.ownerLink) await setUp(page, product);
  else await signIn(page, product);
  return { context, page, faults };
};

/** What the page complained about: uncaught errors, refused content, console errors other than answers with a status. */
export const collectFaults = (page: Page): string[] => {
  const faults: string[] = [];
  page.on('pageerror', error => faults.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  return faults;
};

const shotFolder = process.env.REGULARS_SHOTS ?? join(tmpdir(), 'regulars-shots');

/** A picture of the whole page (at most 4,000 px high) as `<name>-<width>-<scheme>.png`; returns its path. */
export const screenshot = async (page: Page, name: string, view: View): Promise<string> => {
  mkdirSync(shotFolder, { recursive: true });
  const first = page.viewportSize();
  await settle(page).catch(() => {});
  // A taller window instead of a stitched picture: what is fixed to the window stays in its place.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: view.width, height: Math.min(4000, Math.max(height, first?.height ?? 0)) });
  const path = join(shotFolder, `${name}-${view.width}-${view.scheme}.png`);
  await page.screenshot({ path });
  if (first) await page.setViewportSize(first);
  return path;
};

type Check = { message: string; data?: { messageKey?: string } | null };
type Found = { id: string; nodes: { html: string; any: Check[]; all: Check[]; none: Check[] }[] };
const checksOf = (node: Found['nodes'][number]): Check[] => [...node.any, ...node.all, ...node.none];
const inWords = (kind: string, found: Found) =>
  found.nodes.map(node => `${kind} ${found.id}: ${node.html.slice(0, 200)} (${checksOf(node)[0]?.message ?? ''})`);

/**
 * Text that is scrolled out of its box cannot be judged where it is; it is judged where it is seen. A single figure in a table is too short
 * for axe to judge at all; longer ones beside it have the same colours.
 */
const outOfSight = new Set(['elmPartiallyObscured', 'elmPartiallyObscuring', 'outsideViewport', 'shortTextContent']);
const undecided = (found: Found): Found => ({
  ...found,
  nodes: found.nodes.filter(node => !checksOf(node).every(check => outOfSight.has(check.data?.messageKey ?? ''))),
});

/** What axe finds on the page, in sentences: every violation, and contrast it could not judge (that is how equal colours hide). */
export const axe = async (page: Page, how: { loading?: boolean } = {}): Promise<string[]> => {
  // A page that is looked at while it loads is never quiet.
  if (!how.loading) await settle(page).catch(() => {});
  const result = await new AxeBuilder({ page }).analyze();
  const contrast = result.incomplete.filter(found => found.id === 'color-contrast').map(found => undecided(found as Found));
  return [
    ...result.violations.flatMap(found => inWords('violation', found as Found)),
    ...contrast.flatMap(found => inWords('undecided', found)),
  ];
};
