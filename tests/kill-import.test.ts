/**
 * An import survives kill -9: the server is killed while rows go in and started again; in the end every row is in once, the report adds
 * up, and the same file again adds nothing.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { openProduct, type Product, sleep } from './product.ts';
import { bringFile, uploadKey } from './upload.ts';

const kills = 2;
const rows = 90_000;
const folder = mkdtempSync(join(tmpdir(), 'regulars-kill-import-'));
let product: Product | undefined;

const running = async (): Promise<Product> => {
  product ??= await openProduct(folder);
  return product;
};

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
  const one = await running();
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

test('an upload that declares a gigabyte and breaks off leaves nothing', { timeout: 180_000 }, async () => {
  const one = await running();
  const before = await one.request<{ data: unknown[] }>('GET', '/api/imports');
  const { hostname, port } = new URL(one.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /api/imports HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${await uploadKey(one)}\r\ncontent-type: multipart/form-data; boundary=edge\r\ncontent-length: 1073741824\r\n\r\n` +
      '--edge\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\nContent-Type: text/csv\r\n\r\norder number,sku\n',
  );
  const incoming = () => readdirSync(join(folder, 'files', 'incoming'));
  for (let i = 0; i < 40; i++) socket.write('1001,TEA-1\n'.repeat(10_000));
  while (incoming().length === 0) await sleep(50);
  socket.destroy();
  while (incoming().length > 0) await sleep(50);
  expect(await one.request('GET', '/api/imports')).toEqual(before);
});
