/**
 * The five tasks that tell whether the product can be used, by keyboard alone: import a file and reach the people slipping away; build an
 * AND / OR / BUT NOT segment and export it; undo a merge; export and erase a person; find why a row was skipped. axe looks at every page.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { launchBrowser } from './chromium.ts';
import { axe, type Product, signedIn, startProduct } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'regulars-five-tasks-'));
let browser: Browser;
let product: Product;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
  ({ context, page, faults } = await signedIn(browser, product));
}, 150_000);
afterAll(async () => {
  await context?.close();
  await browser?.close();
  await product?.stop();
  rmSync(folder, { recursive: true, force: true });
});

// ---- the file -----------------------------------------------------------------------------------------------------

const lastDay = Date.UTC(2025, 5, 30);
const dayBefore = (days: number): string => new Date(lastDay - days * 86_400_000).toISOString().slice(0, 10);

/** Who buys every `gap` days, `times` times, the last time `ago` days before the file ends. */
type Rhythm = { name: string; gap: number; times: number; ago: number };
const slipping: Rhythm[] = ['Ana Bell', 'Ben Carr', 'Cleo Dunn', 'Dora Eames', 'Emil Frost'].map((name, i) => ({
  name,
  gap: 14,
  times: 6 + i,
  ago: 92 + i,
}));
const steady: Rhythm[] = ['Finn Gale', 'Greta Hale', 'Hugo Ives', 'Iris Jory', 'Jonas Kell'].map((name, i) => ({
  name,
  gap: 14,
  times: 8,
  ago: 2 * i,
}));
const once: Rhythm[] = ['Kira Lamb', 'Leo Marsh'].map((name, i) => ({ name, gap: 0, times: 1, ago: 120 + i }));
const people = [...slipping, ...steady, ...once];

const head = 'Order,Date,SKU,Product,Quantity,Price,Customer name,Email';
const emailOf = (name: string): string => `${name.toLowerCase().replace(' ', '.')}@mail.invalid`;
const linesOf = (people: readonly Rhythm[], first: number): string[] =>
  people
    .flatMap(one => Array.from({ length: one.times }, (_, i) => ({ ...one, day: dayBefore(one.ago + i * one.gap) })))
    .map(
      ({ name, day }, i) =>
        `${first + i},${day},${i % 2 ? 'TEA-1' : 'CUP-2'},${i % 2 ? 'Tea' : 'Cup'},2,9.50,${name},${emailOf(name)}`,
    );

const write = (name: string, lines: readonly string[]): string => {
  const path = join(folder, name);
  writeFileSync(path, `${[head, ...lines].join('\n')}\n`);
  return path;
};

// ---- hands on the keyboard ----------------------------------------------------------------------------------------

/** The name of what has the focus, as a screen reader would say it. */
const focusedName = (): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null;
    const by = element?.getAttribute('aria-labelledby');
    const labelled = by ? document.getElementById(by)?.textContent : null;
    const name = element?.getAttribute('aria-label') ?? labelled ?? element?.labels?.[0]?.textContent ?? element?.textContent;
    return (name ?? '').trim();
  });

/** Presses `key` until something of this name has the focus. */
const goTo = async (name: string | RegExp, key = 'Tab', limit = 90): Promise<void> => {
  const seen: string[] = [];
  for (let i = 0; i <= limit; i++) {
    const now = await focusedName();
    if (typeof name === 'string' ? now === name || now === `${name} *` : name.test(now)) return;
    seen.push(now.slice(0, 40));
    await page.keyboard.press(key);
  }
  throw new Error(`${key} did not reach ${name}. It reached: ${seen.join(' | ')}`);
};

const press = async (name: string | RegExp, key = 'Tab'): Promise<void> => {
  await goTo(name, key);
  await page.keyboard.press('Enter');
};

/** Ctrl+K, a few letters, down to what is meant. */
const jumpTo = async (words: string, option: RegExp): Promise<void> => {
  await page.locator('h1').first().waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Search or jump to' }).waitFor();
  await page.keyboard.type(words);
  await page.getByRole('option', { name: option }).first().waitFor();
  await page.locator('[role="listbox"][aria-busy="false"]').waitFor();
  for (let i = 0; i < 12; i++) {
    if (await page.getByRole('option', { name: option, selected: true }).count()) break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
};

const title = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const downloads = async (act: () => Promise<void>): Promise<{ name: string; text: string }> => {
  const [download]: [Download, void] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
};

/** From anywhere to the first step of the wizard with this file in it. */
const bring = async (path: string): Promise<void> => {
  await jumpTo('imports', /^Imports/);
  await title('Imports');
  expect(await axe(page)).toEqual([]);
  await goTo(/^Drop a file here/);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')]);
  await chooser.setFiles(path);
  await page.getByRole('heading', { name: 'What we found' }).waitFor();
};

/** Through the counts to the result. */
const countAndImport = async (): Promise<void> => {
  if (await page.getByText('Choose the one its amounts are in').count()) {
    await goTo('Currency of the amounts');
    await page.keyboard.type('GBP');
    await page.getByRole('option', { name: 'GBP' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('Choose the one its amounts are in').first().waitFor({ state: 'detached' });
  }
  expect(await axe(page)).toEqual([]);
  await press('Count first');
  await page.getByRole('heading', { name: 'This import would bring' }).waitFor();
  expect(await axe(page)).toEqual([]);
  await press(/^Import \d+ rows?$/);
  await page.getByRole('heading', { name: 'What came in' }).waitFor({ timeout: 20_000 });
  expect(await axe(page)).toEqual([]);
};

const call = <T>(method: string, path: string, body?: object): Promise<T> =>
  page.evaluate(
    async ([method, path, body]) => {
      const headers = body ? { 'content-type': 'application/json' } : undefined;
      const answer = await fetch(path as string, {
        method: method as string,
        headers,
        body: body ? JSON.stringify(body) : undefined,
      });
      return answer.json();
    },
    [method, path, body] as const,
  );
const makeCustomer = async (profile: object): Promise<string> =>
  (await call<{ id: string }>('POST', '/api/customers', profile)).id;

/** The orders above, brought in without hands, read as of their last day; adds nothing where they are in. */
const ordersAreIn = async (): Promise<void> => {
  const text = readFileSync(write('orders.csv', linesOf(people, 1000)), 'utf8');
  const id = await page.evaluate(async text => {
    const form = new FormData();
    form.append('file', new File([text], 'orders.csv', { type: 'text/csv' }));
    return ((await (await fetch('/api/imports', { method: 'POST', body: form })).json()) as { id: string }).id;
  }, text);
  const read = () => call<{ state: string; version: number }>('GET', `/api/imports/${id}`);
  const state = async () => (await read()).state;
  await call('POST', `/api/imports/${id}/mapping`, { version: (await read()).version, settings: { currency: 'GBP' } });
  await call('POST', `/api/imports/${id}/dry-run`);
  await vi.waitFor(async () => expect(await state()).toBe('mapping'), { timeout: 15_000, interval: 100 });
  await call('POST', `/api/imports/${id}/start`);
  await vi.waitFor(async () => expect(await state()).toBe('done'), { timeout: 15_000, interval: 100 });
  // The purchases are copied for counting a moment later; the proposal is made when they are.
  const { version } = await call<{ version: number }>('GET', '/api/organisation');
  await call('PATCH', '/api/organisation', { version, default_as_of: '2025-06-30' });
  await page.reload();
};

// ---- the tasks ----------------------------------------------------------------------------------------------------

test('a file of orders becomes the list of people slipping away', async () => {
  await bring(write('orders.csv', linesOf(people, 1000)));
  await countAndImport();
  await press('Read as of 30 Jun 2025');
  await page.getByRole('button', { name: 'Read as of 30 Jun 2025' }).waitFor({ state: 'detached' });
  await press('See who is slipping away');
  await title('Today');
  await page.getByRole('link', { name: 'Ana Bell' }).waitFor({ timeout: 40_000 });
  for (const { name } of slipping) await page.getByRole('link', { name }).waitFor();
  for (const { name } of [...steady, ...once]) expect(await page.getByRole('link', { name }).count(), name).toBe(0);
  expect(await axe(page)).toEqual([]);
  await press('Cleo Dunn');
  await title('Cleo Dunn');
  expect(await axe(page)).toEqual([]);
  expect(faults).toEqual([]);
}, 120_000);

test('a segment with AND, OR and BUT NOT is built, saved, counted and exported', async () => {
  const choose = async (topic: string) => {
    expect(await focusedName()).toBe('Choose what it is about');
    await page.keyboard.type(topic);
    await page.getByRole('option', { name: topic, exact: true }).first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
  };
  await ordersAreIn();
  await jumpTo('segments', /^Segments/);
  await title('Segments');
  expect(await axe(page)).toEqual([]);
  await press('New segment');
  await title('New segment');
  await goTo('Name');
  await page.keyboard.type('Loyal or large, gone quiet');
  await goTo('Choose what it is about');
  await choose('Number of orders');
  await press('Group');
  await page.waitForFunction(() => document.querySelectorAll('[data-topic]').length === 2);
  await choose('Sales');
  await goTo('all', 'Shift+Tab');
  await page.keyboard.press('ArrowRight');
  expect(await focusedName()).toBe('any');
  await press('Condition');
  await page.waitForFunction(() => document.querySelectorAll('[data-topic]').length === 3);
  await choose('Items bought');
  // The inner group's own buttons come first; the outer ones follow.
  await goTo('But not');
  await page.keyboard.press('Tab');
  await press('But not');
  await page.waitForFunction(() => document.querySelectorAll('[data-topic]').length === 4);
  await choose('Last order');
  expect(await axe(page)).toEqual([]);
  await goTo('Save segment', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await title('Loyal or large, gone quiet');
  await page.getByRole('link', { name: /Ana Bell/ }).waitFor();
  expect(await axe(page)).toEqual([]);
  await press('Export CSV');
  await page.getByRole('link', { name: 'Download (5 rows)' }).waitFor();
  expect(await axe(page)).toEqual([]);
  const file = await downloads(() => press('Download (5 rows)'));
  for (const { name } of slipping) expect(file.text).toContain(name);
  for (const { name } of steady) expect(file.text).not.toContain(name);
  expect(faults).toEqual([]);
}, 120_000);

test('two customers are merged, and the merge is undone', async () => {
  await makeCustomer({ name: 'Nora Penn', email: 'nora@mail.invalid' });
  await makeCustomer({ name: 'Norah Penn', email: 'norah@mail.invalid', city: 'Bath' });
  await jumpTo('Nora', /^Nora Penn/);
  await title('Nora Penn');
  await press('Merge');
  await page.getByRole('dialog').waitFor();
  await goTo('Find the other person');
  await page.keyboard.type('norah');
  await page.getByRole('button', { name: 'Compare with Norah Penn' }).waitFor();
  expect(await axe(page)).toEqual([]);
  await press('Compare with Norah Penn');
  await page.getByRole('cell', { name: 'Bath' }).first().waitFor();
  expect(await axe(page)).toEqual([]);
  await press('Merge the two');
  await page.getByText('Merged into one customer').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await goTo('Timeline');
  await goTo('Identity', 'ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Undo merge' }).waitFor();
  expect(await axe(page)).toEqual([]);
  await press('Undo merge');
  await page.getByText('Undone by').waitFor();
  await jumpTo('Norah', /^Norah Penn/);
  await title('Norah Penn');
  await page.getByText('Bath').first().waitFor();
  expect(faults).toEqual([]);
}, 90_000);

test('a person is exported, then erased', async () => {
  const id = await makeCustomer({ name: 'Otto Quill', email: 'otto@mail.invalid', phone: '+442079460077' });
  await jumpTo('Otto', /^Otto Quill/);
  await title('Otto Quill');
  const menu = async (item: string) => {
    await press('More');
    await page.getByRole('menuitem', { name: item }).waitFor();
    await goTo(item, 'ArrowDown', 12);
    await page.keyboard.press('Enter');
  };
  const file = await downloads(() => menu('Download to read and print'));
  expect(file.name).toBe(`customer-${id}.html`);
  expect(file.text).toContain('otto@mail.invalid');
  await menu('Erase for good');
  await page.getByRole('dialog').waitFor();
  expect(await axe(page)).toEqual([]);
  await goTo(`Type ${id} to go on`);
  await page.keyboard.type(id);
  await goTo(/^Reason, for the receipt/, 'Shift+Tab');
  await page.keyboard.type('Asked by letter');
  await press('Erase for good');
  await title('Customers');
  await page.getByText('Erased. Receipt').waitFor();
  await goTo(/^Name, e-mail/);
  await page.keyboard.type('otto');
  await page.getByRole('heading', { name: 'Nobody matches' }).waitFor();
  expect(await axe(page)).toEqual([]);
  expect(faults).toEqual([]);
}, 90_000);

test('why a row was skipped is found, and the rows to mend are downloaded', async () => {
  const good = linesOf([{ name: 'Pia Rowe', gap: 9, times: 3, ago: 40 }], 5000);
  const bad = `5100,${dayBefore(41)},TEA-1,Tea,two,9.50,Quin Sand,quin@mail.invalid`;
  await bring(write('with-a-fault.csv', [...good, bad]));
  await countAndImport();
  await page.getByRole('row', { name: 'Not a number 1' }).waitFor();
  await page.getByRole('row', { name: 'Rows read 4' }).waitFor();
  const file = await downloads(() => press('Download the rows'));
  expect(file.text).toContain('Quin Sand');
  expect(file.text).toContain('Quantity ""two"" is not a number. Correct it.');
  expect(faults).toEqual([]);
}, 90_000);
