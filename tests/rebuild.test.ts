/** ClickHouse is a cache: whatever happens to it, every number comes back from PostgreSQL. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectClickHouse } from '../src/platform/clickhouse.ts';
import { openProduct, type Product } from './product.ts';

const folder = mkdtempSync(join(tmpdir(), 'regulars rebuild '));
const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
let product: Product;

const order = (number: number) =>
  product.request('POST', '/api/orders', {
    number: `${number}`,
    placed_at: '2026-02-01T10:00:00Z',
    currency: 'EUR',
    customer: { email: `person${number % 3}@example.invalid` },
    lines: [{ sku: 'A', name: 'Tea', quantity: '2', unit_price: '10.00' }],
  });

/** Asked of ClickHouse itself; each start has another port and password. */
const ask = async <T>(sql: string): Promise<T[]> => {
  const clickhouse = connectClickHouse(JSON.parse(readFileSync(join(folder, 'engines.json'), 'utf8')).clickhouse);
  try {
    return await clickhouse.query<T>(sql);
  } finally {
    await clickhouse.close();
  }
};
const numbers = () =>
  ask<{ orders: number; sales: number; events: number }>(
    'SELECT (SELECT count() FROM purchase) AS orders, (SELECT sum(sales_minor) FROM purchase) AS sales, (SELECT count() FROM event) AS events',
  ).catch(() => []);
const shows = (orders: number) =>
  expect.poll(numbers, { timeout: 30_000, interval: 200 }).toEqual([{ orders, sales: orders * 2_000, events: orders }]);

beforeAll(async () => {
  product = await openProduct(folder);
  for (let number = 1; number <= 6; number++) await order(number);
}, 120_000);
afterAll(async () => {
  await product?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('dropped while the product runs, and rebuilt beside it', { timeout: 120_000 }, async () => {
  await shows(6);
  const clickhouse = connectClickHouse(JSON.parse(readFileSync(join(folder, 'engines.json'), 'utf8')).clickhouse);
  await clickhouse.command('DROP DATABASE regulars SYNC');
  await clickhouse.close();
  expect(await numbers()).toEqual([]);
  const said = execFileSync(process.execPath, [cli, 'rebuild'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, REGULARS_DATA: folder },
  });
  expect(said).toMatch(/purchase: 6 rows/);
  await shows(6);
  await order(7);
  await shows(7);
});

test('its folder deleted while the product is off', { timeout: 120_000 }, async () => {
  await product.kill();
  rmSync(join(folder, 'clickhouse'), { recursive: true });
  await product.start();
  await shows(7);
});
