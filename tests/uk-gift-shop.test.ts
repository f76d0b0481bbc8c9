/**
 * A year of a real shop, from the file to the people slipping away: 531,282 order lines of a UK gift shop (UCI Online Retail, CC BY 4.0), gzip as it is,
 * through the same doors as the wizard. The figures were counted from the file by other means.
 */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../src/platform/testing.ts';
import { checksumsBut } from './checksums.ts';

const file = new URL('../../shared/data/online_retail_2010_2011_sales_only.csv.gz', import.meta.url);
const present = existsSync(file);
if (!present) console.log('The gift shop is not tried: ../shared/data is not here.');

const asOf = '2011-12-09';
const checksums = checksumsBut();
const patience_ms = 300_000;

let house: TestHouse;
const api = async (method: string, path: string, body?: unknown) => {
  const answer = await house.request(method, path, { body });
  expect(answer.status, `${method} ${path}: ${answer.text.slice(0, 300)}`).toBeLessThan(300);
  return answer.body;
};

const upload = async () => {
  const boundary = 'one-year-of-gifts';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="online_retail.csv.gz"\r\nContent-Type: application/gzip\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), readFileSync(file), Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const answer = await house.request('POST', '/api/imports', {
    body,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  });
  expect(answer.status, answer.text.slice(0, 300)).toBeLessThan(300);
  return answer.body;
};

/** Upload, say the currency that the file leaves out, start, wait. */
const bringIn = async () => {
  const seen = await upload();
  const path = `/api/imports/${seen.id}`;
  if (seen.problems.length > 0) {
    expect(seen.problems).toEqual([{ code: 'currency_missing', field: 'currency' }]);
    await api('POST', `${path}/mapping`, { version: seen.version, settings: { currency: 'GBP' } });
  }
  await api('POST', `${path}/start`, {});
  await house.drain();
  return api('GET', path);
};

const count = async (definition: unknown): Promise<number> =>
  (await api('POST', '/api/segments/preview', { definition, as_of: asOf })).count;

describe.skipIf(!present)('a year of a UK gift shop', () => {
  let empty: Record<string, string>;
  let first: { id: string; counts: Record<string, never>; state: string };

  beforeAll(async () => {
    house = await startTestHouse({ now: '2026-11-21T12:00:00Z' });
    await house.context.postgres`update shops.organisation set zone = 'Europe/London', home_currency = 'EUR'`;
    await house.context.postgres`update shops.shop set zone = 'Europe/London'`;
    empty = await checksums(house.context.postgres);
    first = await bringIn();
  }, patience_ms);
  afterAll(() => house?.close());

  it('comes in whole, and the report adds up', async () => {
    expect(first.state).toBe('done');
    expect(first.counts).toMatchObject({ read: 531_282, kept: 531_282, merged: {}, skipped: {} });
    expect(await api('GET', '/api/orders/figures')).toMatchObject({
      orders: 20_725,
      with_customer: 18_536,
      customers: 4_339,
      first_day: '2010-12-01',
      last_day: asOf,
      waiting_copy: 0,
    });
  });

  it('proposes to look as of its last day, and reads in the currency of its orders', async () => {
    expect(await api('GET', '/api/organisation')).toMatchObject({ proposed_as_of: asOf, home_currency: 'GBP' });
  });

  it('shows who is slipping away, most money at risk first', async () => {
    await house.drain();
    const { data } = await api('GET', `/api/scores?as_of=${asOf}&limit=200&slipping=true`);
    const slipping = data.filter((one: { slipping: boolean }) => one.slipping);
    expect(slipping).toHaveLength(104);
    expect(data.slice(0, 2).map((one: { customer: { outside_id: string } }) => one.customer.outside_id)).toEqual([
      '16029',
      '16422',
    ]);
    expect(data[0]).toMatchObject({
      purchase_days: 39,
      usual_gap_days: 7.5,
      days_since: 38,
      sales: { amount_minor: 8_102_484, currency: 'GBP' },
    });
    expect(slipping.map((one: { customer: { outside_id: string } }) => one.customer.outside_id)).not.toContain('17450');
    expect(await count({ fact: 'predictions.slipping', is: true })).toBe(104);
    const today = await api('GET', `/api/today?as_of=${asOf}`);
    expect(today.people).toHaveLength(10);
    expect(today.people[0].customer.outside_id).toBe('16029');
  });

  it('answers AND / OR / BUT NOT with the right number of people', async () => {
    expect(
      await count({ all: [{ orders: 'count', at_least: 3 }, { not: { did: 'Order Completed', within: { days: 90 } } }] }),
    ).toBe(285);
    expect(await count({ all: [{ bought: { any: ['85123A'] } }, { not: { bought: { any: ['22423'] } } }] })).toBe(595);
    expect(
      await count({
        any: [
          { fact: 'orders.sales', at_least: { amount_minor: 100_000 } },
          { fact: 'orders.count', at_least: 10 },
        ],
      }),
    ).toBe(1_668);
  });

  it(
    'adds nothing when it comes a second time, and leaves nothing when it is undone',
    async () => {
      const again = await bringIn();
      expect(again.counts).toMatchObject({ read: 531_282, added: 0 });
      expect(await api('GET', '/api/orders/figures')).toMatchObject({ orders: 20_725, with_customer: 18_536, customers: 4_339 });
      for (const id of [again.id, first.id]) await api('POST', `/api/imports/${id}/undo`, {});
      await house.drain();
      const left = await checksums(house.context.postgres);
      // The dictionary still knows the names of events it has once seen; reports and runs say what happened.
      const differ = Object.keys(left).filter(
        table =>
          left[table] !== empty[table] && !/^(platform|imports|predictions|segments|shops)\.|^tracking\.dictionary/.test(table),
      );
      expect(differ).toEqual([]);
      for (const table of ['event', 'purchase', 'purchase_line'])
        expect(await house.context.clickhouse.query(`select count() as n from ${table}`)).toEqual([{ n: 0 }]);
    },
    patience_ms,
  );
});
