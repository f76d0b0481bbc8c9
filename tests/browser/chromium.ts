/**
 * A Chromium for tests and screenshots, wherever one can be had: the one inside the npm package @sparticuz/chromium, the system's,
 * or Playwright's own.
 */
import { accessSync, constants } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** --no-sandbox because root (containers, CI) has no sandbox; the rest keeps the browser off the network. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
];

const fromPackage = async (): Promise<string | null> => {
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    return await packed.executablePath();
  } catch {
    return null;
  }
};

const runnable = (path: string | null | undefined): path is string => {
  if (!path) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const candidates = async function* (): AsyncGenerator<string | null | undefined> {
  yield process.env.CHROMIUM_PATH;
  // The packed Chromium is built for Linux on x64 and arm64.
  if (process.platform === 'linux') yield await fromPackage();
  for (const path of ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']) yield path;
  yield '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  yield chromium.executablePath();
};

export const launchBrowser = async (): Promise<Browser> => {
  const tried: string[] = [];
  for await (const path of candidates()) {
    if (!runnable(path)) continue;
    try {
      return await chromium.launch({ executablePath: path, args: flags, headless: true });
    } catch (error) {
      tried.push(`${path}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new Error(
    `No Chromium could be started. Install one (apt install chromium) or set CHROMIUM_PATH. Tried: ${tried.join('; ') || 'none found'}`,
  );
};

export type View = { width: 1440 | 390 | 320; scheme: 'light' | 'dark' };
export const views: readonly View[] = [
  { width: 1440, scheme: 'light' },
  { width: 1440, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
];

/** A fresh browser profile of one size and scheme. */
export const openContext = async (browser: Browser, view: View = { width: 1440, scheme: 'light' }): Promise<BrowserContext> => {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.width === 1440 ? 900 : 844 },
    colorScheme: view.scheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    deviceScaleFactor: 1,
  });
  // Less than a test's own limit, so that a failure names the step that waited.
  context.setDefaultTimeout(12_000);
  return context;
};

/** Everything loaded, nothing moving: fonts in, no skeleton left, no request on its way. */
export const settle = async (page: Page): Promise<void> => {
  await page.waitForLoadState('load');
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null, undefined, { timeout: 10_000 });
  await page.waitForTimeout(120);
};
