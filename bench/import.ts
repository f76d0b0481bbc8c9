/**
 * W12: the real order file (531,282 lines, gzip as it is) through the API: uploaded, looked at, written with customers, orders, lines, products
 * and log events, until the job says done; and until ClickHouse has it. Against COPY of the same rows into one plain table with the same
 * key and index, straight from the unpacked file. Memory: the most the server held (VmHWM), which must not grow with the file.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import type { Pool } from '../src/platform/context.ts';
import { openPostgres } from '../src/platform/postgres.ts';
import { openProduct, type Product, sleep } from '../tests/product.ts';
import { bringFile } from '../tests/upload.ts';
import { median, type Row, range, type Workload } from './workload.ts';

const source = fileURLToPath(new URL('../../shared/data/online_retail_2010_2011_sales_only.csv.gz', import.meta.url));
const gate_ms = 60_000;

type Imported = {
  state: string;
  counts: { read: number; kept: number; made: Record<string, number> };
  took_ms: number;
  error: unknown;
};

const importOnce = async (
  product: Product,
  file: Buffer,
): Promise<{ id: string; done_ms: number; copied_ms: number; answer: Imported }> => {
  const start = performance.now();
  const { id, version } = await bringFile<{ id: string; version: number }>(product, file, 'orders.csv.gz');
  await product.request('POST', `/api/imports/${id}/mapping`, { version, settings: { currency: 'GBP' } });
  await product.request('POST', `/api/imports/${id}/start`);
  const answer = await waitFor(product, id, ['done', 'failed']);
  const done_ms = performance.now() - start;
  await allCopied(product);
  return { id, done_ms, copied_ms: performance.now() - start, answer };
};

const waitFor = async (product: Product, id: string, states: readonly string[]): Promise<Imported> => {
  for (;;) {
    const one = await product.request<Imported>('GET', `/api/imports/${id}`);
    if (states.includes(one.state)) return one;
    await sleep(100);
  }
};

const allCopied = async (product: Product): Promise<void> => {
  for (;;) {
    const { figures } = await product.request<{ figures: { code: string; value: number }[] }>('GET', '/api/status');
    const { pending, copying } = await product.request<{ pending: number; copying: number }>('GET', '/api/ingest/status');
    if (pending === 0 && copying === 0 && figures.every(one => one.code !== 'orders.waiting' || one.value === 0)) return;
    await sleep(100);
  }
};

/** The embedded PostgreSQL of the product, for the peer. */
const databaseOf = (folder: string): Pool => {
  const password = readFileSync(join(folder, 'postgres.password'), 'utf8').trim();
  const port = readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8')
    .split('\n')[3]!
    .trim();
  return openPostgres(`postgres://regulars:${password}@127.0.0.1:${port}/regulars`, { max: 1 });
};

const copyOnce = async (sql: Pool, file: Buffer): Promise<{ ms: number; rows: number }> => {
  await sql.unsafe(`
    create schema if not exists bench; drop table if exists bench.line;
    create table bench.line (id bigint generated always as identity primary key, invoice text, sku text, name text, quantity numeric, at timestamptz, price numeric, customer text, country text);
    create index on bench.line (invoice);`);
  const start = performance.now();
  const target = await sql
    .unsafe('copy bench.line (invoice, sku, name, quantity, at, price, customer, country) from stdin (format csv, header true)')
    .writable();
  await pipeline(Readable.from([file]), createGunzip(), target);
  const [{ n }] = (await sql`select count(*)::int as n from bench.line`) as unknown as [{ n: number }];
  return { ms: performance.now() - start, rows: n };
};

const mostMemory_mib = (pid: number): number | null => {
  const found = existsSync(`/proc/${pid}/status`) ? /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) : null;
  return found ? Math.round(Number(found[1]) / 1024) : null;
};

/** The first rows of the file, whole invoices or not, packed again. */
const firstRows = (count: number): Buffer =>
  gzipSync(
    `${gunzipSync(readFileSync(source))
      .toString()
      .split('\n')
      .slice(0, count + 1)
      .join('\n')}\n`,
  );

export const workload: Workload = {
  name: 'W12',
  title: 'Import',
  run: async ({ small }) => {
    if (!existsSync(source)) {
      process.stderr.write(`W12 is left out: ${source} is not here.\n`);
      return [];
    }
    const size = small ? 53_128 : 531_282;
    const repetitions = 3;
    const file = small ? firstRows(size) : readFileSync(source);
    const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-import-'));
    const product = await openProduct(folder);
    const sql = databaseOf(folder);
    const [done, copied, copy]: [number[], number[], number[]] = [[], [], []];
    const answers = new Set<string>();
    try {
      for (let round = 0; round < repetitions; round++) {
        const ours = await importOnce(product, file);
        done.push(ours.done_ms);
        copied.push(ours.copied_ms);
        const theirs = await copyOnce(sql, file);
        copy.push(theirs.ms);
        const { counts } = ours.answer;
        if (ours.answer.state !== 'done' || counts.read !== theirs.rows || counts.kept !== size)
          answers.add(`${ours.answer.state}: ${counts.read} read, ${counts.kept} kept, peer ${theirs.rows}`);
        await product.request('POST', `/api/imports/${ours.id}/undo`);
        await waitFor(product, ours.id, ['undone']);
        await allCopied(product);
      }
      const memory = mostMemory_mib(product.pid());
      const same = answers.size === 0;
      const row = (what: string, ours: number[], limit_ms: number | null): Row => ({
        what,
        size,
        ours_ms: median(ours),
        ours_range_ms: range(ours),
        against: 'COPY',
        against_ms: median(copy),
        ratio: same ? median(ours) / median(copy) : null,
        gate: limit_ms === null ? null : `< ${limit_ms / 1000} s`,
        met: limit_ms === null ? null : same && median(ours) < limit_ms,
        answer: same
          ? `${Math.round((size / median(ours)) * 1000).toLocaleString('en')} rows/s, all kept; at most ${memory ?? '?'} MiB held`
          : [...answers].join('; '),
      });
      return [
        row('gzip through the API, done', done, small ? gate_ms / 10 : gate_ms),
        row('gzip through the API, in ClickHouse too', copied, null),
      ];
    } finally {
      await sql.end({ timeout: 5 });
      await product.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
