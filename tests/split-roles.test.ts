/**
 * Two web and two worker processes on one database. Under load one of each is killed (-9): nothing acknowledged is lost, nothing
 * counted twice, and the work of the dead worker is taken over within a minute. REGULARS_FULL=1 sends 100,000 events.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClickHouse, connectClickHouse } from '../src/platform/clickhouse.ts';
import type { Pool } from '../src/platform/context.ts';
import { type Engines, startEngines } from '../src/platform/engines/index.ts';
import { openPostgres } from '../src/platform/postgres.ts';
import { openProduct, ownerLogin, type Product, sleep } from './product.ts';
import { bringFile } from './upload.ts';

const total = process.env.REGULARS_FULL ? 100_000 : 6_000;
const perBatch = 10;
const senders = 8;
const rows = 60_000;
const takeOver_ms = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'regulars-split-'));
const house: { engines?: Engines; pool?: Pool; clickhouse?: ClickHouse; products: Product[] } = { products: [] };

beforeAll(async () => {
  const engines = await startEngines(
    { dataFolder: join(folder, 'engines'), databaseUrl: null, clickhouseUrl: null, clickhouseCluster: null },
    { warn: (reason: unknown) => process.stderr.write(`${String(reason)}\n`) },
  );
  const { url, username, password, database } = engines.clickhouse;
  const address = new URL(url);
  const env = {
    DATABASE_URL: engines.databaseUrl,
    CLICKHOUSE_URL: `${address.protocol}//${username}:${password}@${address.host}/${database}`,
  };
  Object.assign(house, {
    engines,
    pool: openPostgres(engines.databaseUrl, { max: 4 }),
    clickhouse: connectClickHouse(engines.clickhouse),
  });
  const data = join(folder, 'data');
  for (const [index, ROLE] of ['web', 'web', 'worker', 'worker'].entries()) {
    const product = await openProduct(data, { env: { ...env, ROLE }, owner: index === 0 });
    house.products.push(product);
  }
}, 300_000);

afterAll(async () => {
  await Promise.all(house.products.map(product => product.stop()));
  await house.pool?.end({ timeout: 5 });
  await house.clickhouse?.close();
  await house.engines?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test(`${total} events and an import of ${rows} rows, a web and a worker killed`, { timeout: 900_000 }, async () => {
  const [first, second, ...workers] = house.products as [Product, Product, Product, Product];
  await second.request('POST', '/api/login', ownerLogin);
  const { data: shops } = await second.request<{ data: { id: string }[] }>('GET', '/api/shops');
  const { key } = await second.request<{ key: string }>('POST', '/api/write-keys', {
    shop_id: shops[0].id,
    kind: 'secret',
    name: 'split',
  });
  const importId = await startImport(second);

  const acknowledged = new Set<string>();
  const sending = sendAll([first.url, second.url], key, acknowledged);
  while (acknowledged.size < total * 0.3) await sleep(5);
  await first.kill();

  // The worker that is doing the import: the other must pick it up where it stands.
  const holder = await holderOf(importId, workers);
  while ((await positionOf(importId)) === 0) await sleep(20);
  const before = await positionOf(importId);
  expect(before, 'rows in before the kill').toBeLessThan(rows);
  await holder.kill();
  const killedAt = Date.now();
  while ((await positionOf(importId)) <= before) {
    expect(Date.now() - killedAt, 'the import taken over').toBeLessThan(takeOver_ms);
    await sleep(100);
  }
  const takenOver_ms = Date.now() - killedAt;
  await sending;
  const from = Date.now();
  await settled(second);
  process.stderr.write(
    `split-roles: import taken over after ${takenOver_ms} ms, all events through ${Date.now() - from} ms after the last answer\n`,
  );

  const done = await imported(second, importId);
  expect(done.counts).toMatchObject({ read: rows, kept: rows, made: { orders: rows / 3, lines: rows } });
  expect(acknowledged.size).toBe(total);
  await eachOnce(acknowledged);
});

const pool = (): Pool => house.pool as Pool;

const startImport = async (product: Product): Promise<string> => {
  const lines = Array.from(
    { length: rows },
    (_, i) =>
      `S${Math.floor(i / 3)},SKU-${i % 400},Thing,${1 + (i % 4)},2025-03-0${1 + (i % 9)} 10:00,2.25,${Math.floor(i / 3) % 1500},Spain`,
  );
  const file = Buffer.from(
    `order number,sku,product name,quantity,order date,unit price,customer number,country\n${lines.join('\n')}\n`,
  );
  const { id, version } = await bringFile<{ id: string; version: number }>(product, file, 'orders.csv');
  await product.request('POST', `/api/imports/${id}/mapping`, { version, settings: { currency: 'EUR', date_order: 'ymd' } });
  await product.request('POST', `/api/imports/${id}/start`);
  return id;
};

/** Batches to whichever process answers; one that was not answered is sent again with the same message ids, as every client does. */
const sendAll = async (urls: readonly string[], key: string, acknowledged: Set<string>): Promise<void> => {
  let next = 0;
  const one = async (sender: number): Promise<void> => {
    while (next < total) {
      const at = next;
      next += perBatch;
      const batch = Array.from({ length: Math.min(perBatch, total - at) }, (_, i) => ({
        type: 'track',
        messageId: `split-${at + i}`,
        userId: `person-${(at + i) % 300}`,
        event: 'Split Test',
        properties: { number: at + i },
      }));
      for (let attempt = sender; ; attempt++) {
        const ok = await fetch(`${urls[attempt % urls.length]}/v1/batch`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
          body: JSON.stringify({ batch }),
          signal: AbortSignal.timeout(10_000),
        }).then(
          answer => answer.ok,
          () => false,
        );
        if (ok) break;
        await sleep(20);
      }
      for (const call of batch) acknowledged.add(call.messageId);
      if (!process.env.REGULARS_FULL) await sleep(10);
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, i) => one(i)));
};

/** A job names the process that does it. */
const holderOf = async (importId: string, workers: readonly Product[]): Promise<Product> => {
  for (const deadline = Date.now() + takeOver_ms; Date.now() < deadline; await sleep(20)) {
    const [job] = await pool()`
      select worker from platform.job where name = 'imports.run' and payload ->> 'import_id' = ${importId} and state = 'running'`;
    const holder = workers.find(worker => job?.worker.endsWith(`:${worker.pid()}`));
    if (holder) return holder;
  }
  throw new Error('No worker took the import.');
};

/** Rows of the file whose effects are committed. */
const positionOf = async (importId: string): Promise<number> => {
  const [row] = await pool()`select position from imports.import where id = ${importId}`;
  return Number(row.position);
};

const imported = async (product: Product, id: string) => {
  for (;;) {
    const now = await product.request<{ state: string; counts: Record<string, unknown> }>('GET', `/api/imports/${id}`);
    if (now.state === 'done' || now.state === 'failed') return now;
    await sleep(200);
  }
};

const settled = async (product: Product): Promise<void> => {
  for (;;) {
    const { pending, copying } = await product.request<{ pending: number; copying: number }>('GET', '/api/ingest/status');
    if (pending === 0 && copying === 0) return;
    await sleep(100);
  }
};

const eachOnce = async (acknowledged: ReadonlySet<string>): Promise<void> => {
  const log = await pool()`select id, message_id from tracking.event where name = 'Split Test'`;
  expect(log.length, 'rows of the log').toBe(acknowledged.size);
  expect(new Set(log.map(row => row.message_id))).toEqual(acknowledged);
  const copy = await (house.clickhouse as ClickHouse).query<{ id: string }>(
    "select toString(id) as id from event where name = 'Split Test' order by id",
  );
  expect(copy.map(row => row.id)).toEqual(log.map(row => row.id as string).sort());
};
