/**
 * An import survives kill -9: the server is killed while rows go in and started again; in the end every row is in once, the report adds
 * up, and the same file again adds nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { openProduct, type Product, sleep } from './product.ts';
import { bringFile } from './upload.ts';

const kills = 2;
const rows = 90_000;
const folder = mkdtempSync(join(tmpdir(), 'regulars-kill-import-'));
let product: Product | undefined;

afterAll(async () => {
  await product?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Import = {
  id: string;
  version: number;
  state: string;
  progress: { rows: number };
  counts: { read: number; kept: number; added: number; made: Record<string, number> };
};

test(`${rows} rows, the server killed ${kills} times`, { timeout: 420_000 }, async () => {
  product = await openProduct(folder);
  const one = product;
  const lines = Array.from(
    { length: rows },
    (_, i) =>
      `K${Math.floor(i / 9)},SKU-${i % 400},Thing ${i % 400},${1 + (i % 4)},2025-03-0${1 + (i % 9)} 10:00,${1 + (i % 7)}.25,${Math.floor(i / 9) % 1500},Spain`,
  );
  const file = gzipSync(
    `order number,sku,product name,quantity,order date,unit price,customer number,country\n${lines.join('\n')}\n`,
  );
  const start = async (): Promise<string> => {
    const { id, version } = await bringFile<Import>(one, file, 'orders.csv.gz');
    await one.request('POST', `/api/imports/${id}/mapping`, { version, settings: { currency: 'EUR', date_order: 'ymd' } });
    await one.request('POST', `/api/imports/${id}/start`);
    return id;
  };
  const show = (id: string) => one.request<Import>('GET', `/api/imports/${id}`);
  const until = async (id: string, is: (now: Import) => boolean): Promise<Import> => {
    for (;;) {
      const now = await show(id);
      if (is(now) || now.state === 'failed') return now;
      await sleep(50);
    }
  };

  const id = await start();
  let killedAt = 0;
  for (let kill = 0; kill < kills; kill++) {
    const now = await until(id, seen => seen.progress.rows > killedAt);
    // Killed in the middle of a portion, and not after the end: else this proves nothing.
    expect(now.state).toBe('running');
    killedAt = now.progress.rows;
    await one.kill();
    await one.start();
    expect((await show(id)).progress.rows).toBeGreaterThanOrEqual(killedAt);
  }
  const done = await until(id, now => now.state === 'done');
  expect(done.state).toBe('done');
  expect(done.counts).toMatchObject({ read: rows, kept: rows, added: rows, made: { orders: rows / 9, lines: rows } });
  const orders = await one.request<{ total: number }>('GET', '/api/orders?limit=1&count=true').catch(() => null);
  if (orders?.total !== undefined) expect(orders.total).toBe(rows / 9);

  const again = await until(await start(), now => now.state === 'done');
  expect(again.counts).toMatchObject({ read: rows, kept: rows, added: 0 });
});
