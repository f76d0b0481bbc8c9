/**
 * W1: durable ingest over HTTP, batches of 100 over 16 connections and singles; acknowledged, then visible in ClickHouse and on profiles.
 * Against COPY of the same rows into an indexed table of the same PostgreSQL (1,000 rows a commit, one connection), and for singles
 * against a bare Node HTTP server that only parses JSON. Ours and theirs take turns.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Pool } from '../src/platform/context.ts';
import { openPostgres } from '../src/platform/postgres.ts';
import { openProduct, type Product, sleep } from '../tests/product.ts';
import { median, type Row, range, type Workload } from './workload.ts';

const repetitions = 5;
const perBatch = 100;
const connections = 16;
const people = 2_000;
const bareHttp = fileURLToPath(new URL('./ingest-bare-http.ts', import.meta.url));

type Call = {
  type: 'track';
  messageId: string;
  userId: string;
  event: string;
  timestamp: string;
  properties: Record<string, unknown>;
};

const callsOf = (round: number, count: number, event: string): Call[] =>
  Array.from({ length: count }, (_, i) => ({
    type: 'track',
    messageId: `${event}-${round}-${i}`,
    userId: `person-${(i * 7919) % people}`,
    event,
    timestamp: new Date(Date.now() - (i % 3_600) * 1000).toISOString(),
    properties: {
      sku: `TEA-${i % 300}`,
      name: 'Assam Mangalam, 100 g',
      category: 'Black tea',
      price: 9.5 + (i % 7),
      quantity: 1 + (i % 3),
      currency: 'EUR',
    },
  }));

/** Sends bodies over so many connections, each as soon as the one before is answered. Returns the time until the last answer. */
export const sendAll = async (
  url: string,
  bodies: readonly string[],
  options: { auth?: string; connections: number },
): Promise<number> => {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  let next = 0;
  const one = (body: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const call = request(
        url,
        {
          method: 'POST',
          agent,
          auth: options.auth,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        },
        answer => {
          answer.resume();
          answer.on('end', () =>
            answer.statusCode === 200 ? resolve() : reject(new Error(`${url} answered ${answer.statusCode}`)),
          );
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  const start = performance.now();
  await Promise.all(
    Array.from({ length: options.connections }, async () => {
      while (next < bodies.length) await one(bodies[next++]!);
    }),
  );
  agent.destroy();
  return performance.now() - start;
};

export const allVisible = async (product: Product, start: number): Promise<number> => {
  for (;;) {
    const { pending, copying } = await product.request<{ pending: number; copying: number }>('GET', '/api/ingest/status');
    if (pending === 0 && copying === 0) return performance.now() - start;
    await sleep(25);
  }
};

/** The embedded PostgreSQL of the product, for the peer. */
export const databaseOf = (folder: string): Pool => {
  const password = readFileSync(join(folder, 'postgres.password'), 'utf8').trim();
  const port = readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8')
    .split('\n')[3]!
    .trim();
  return openPostgres(`postgres://regulars:${password}@127.0.0.1:${port}/regulars`, { max: 8 });
};

const makePeerTable = (sql: Pool) =>
  sql.unsafe(`
    create schema if not exists bench;
    create table bench.event (id uuid not null, origin_id bigint not null, name text not null, time timestamptz not null, source text not null, message_id text, properties jsonb not null);
    create index on bench.event (origin_id, name, time);
    create index on bench.event (id);`);

const copyRows = async (sql: Pool, calls: readonly Call[]): Promise<number> => {
  const portions: string[] = [];
  for (let at = 0; at < calls.length; at += 1_000) {
    portions.push(
      calls
        .slice(at, at + 1_000)
        .map(call =>
          [
            crypto.randomUUID(),
            call.userId.slice(7),
            call.event,
            call.timestamp,
            'server',
            call.messageId,
            JSON.stringify(call.properties),
          ].join('\t'),
        )
        .join('\n'),
    );
  }
  const start = performance.now();
  for (const portion of portions)
    await pipeline(Readable.from([`${portion}\n`]), await sql`copy bench.event from stdin`.writable());
  return performance.now() - start;
};

const startBare = async (): Promise<{ url: string; stop: () => void }> => {
  const port = 20_000 + (process.pid % 20_000);
  const child = spawn(process.execPath, [bareHttp, String(port)], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/`;
  while (
    !(await fetch(url, { method: 'POST', body: '{}' }).then(
      answer => answer.ok,
      () => false,
    ))
  )
    await sleep(20);
  return { url, stop: () => child.kill() };
};

export const workload: Workload = {
  name: 'W1',
  title: 'Durable ingest',
  run: async ({ small }) => {
    const count = (small ? 100_000 : 1_000_000) / repetitions;
    const singles = count / 10;
    const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-ingest-'));
    const product = await openProduct(folder);
    const bare = await startBare();
    const sql = databaseOf(folder);
    const times = {
      acknowledged: [] as number[],
      visible: [] as number[],
      copy: [] as number[],
      singles: [] as number[],
      bare: [] as number[],
    };
    try {
      await makePeerTable(sql);
      const { data: shops } = await product.request<{ data: { id: string }[] }>('GET', '/api/shops');
      const { key } = await product.request<{ key: string }>('POST', '/api/write-keys', {
        shop_id: shops[0]!.id,
        kind: 'secret',
        name: 'bench',
      });
      for (let round = 0; round < repetitions; round++) {
        const calls = callsOf(round, count, 'Bench Batch');
        const bodies = Array.from({ length: count / perBatch }, (_, i) =>
          JSON.stringify({ batch: calls.slice(i * perBatch, (i + 1) * perBatch), sentAt: new Date() }),
        );
        const start = performance.now();
        times.acknowledged.push(await sendAll(`${product.url}/v1/batch`, bodies, { auth: `${key}:`, connections }));
        times.visible.push(await allVisible(product, start));
        times.copy.push(await copyRows(sql, calls));
        const single = callsOf(round, singles, 'Bench Single').map(call => JSON.stringify(call));
        times.singles.push(await sendAll(`${product.url}/v1/track`, single, { auth: `${key}:`, connections: 64 }));
        await allVisible(product, performance.now());
        times.bare.push(await sendAll(bare.url, single, { connections: 64 }));
      }
      const { data: seen } = await product.request<{ data: { name: string; count: number }[] }>('GET', '/api/events/dictionary');
      const [{ copied }] = (await sql`select count(*) as copied from bench.event`) as unknown as [{ copied: number }];
      const [{ logged }] = (await sql`select count(*) as logged from tracking.event where name = 'Bench Batch'`) as unknown as [
        { logged: number },
      ];
      const total = count * repetitions;
      const same = copied === total && logged === total && seen.find(one => one.name === 'Bench Batch')?.count === total;
      const row = (what: string, size: number, ours: number[], against: string, theirs: number[], gate: number | null): Row => {
        const ratio = same ? median(ours) / median(theirs) : null;
        return {
          what,
          size,
          ours_ms: median(ours),
          ours_range_ms: range(ours),
          against,
          against_ms: median(theirs),
          ratio,
          gate: gate === null ? null : `<= ${gate.toFixed(2)} x its time`,
          met: gate === null || ratio === null ? null : ratio <= gate,
          answer: same
            ? `${Math.round((size / median(ours)) * 1000).toLocaleString('en')} events/s, all counted once`
            : `log ${logged}, peer ${copied}, sent ${total}`,
        };
      };
      return [
        row('batches of 100, acknowledged', count, times.acknowledged, 'COPY', times.copy, 1 / 0.3),
        row('batches of 100, visible everywhere', count, times.visible, 'COPY', times.copy, 1 / 0.1),
        row('singles, acknowledged', singles, times.singles, 'bare HTTP', times.bare, null),
      ];
    } finally {
      await sql.end({ timeout: 5 });
      bare.stop();
      await product.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
