/**
 * W3: from an event to the segment it lets its customer enter. A hundred live segments, events at a steady rate over HTTP; measured from
 * the moment a call is sent until the membership is committed. Floor: one commit and one scoped query of the same PostgreSQL.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from '../src/platform/context.ts';
import { openProduct, type Product, sleep } from '../tests/product.ts';
import { fillInstallation, userIdOf } from './filled.ts';
import { databaseOf } from './ingest.ts';
import { percentile } from './load.ts';
import { median, type Row, type Workload } from './workload.ts';

const segments = 100;
const gate_ms = 5_000;

/** Segment number i waits for `Bench i`; two conditions more, so that each is a real question. */
const definitionOf = (i: number) => ({
  all: [
    { did: `Bench ${i}`, count: { at_least: 1 }, within: { days: 30 } },
    {
      any: [
        { orders: 'count', at_least: 0 },
        { did: 'Product Viewed', within: { days: 90 } },
      ],
    },
    { not: { did: 'Bench Never', within: { days: 365 } } },
  ],
});

export const makeSegments = async (product: Product, prefix: string): Promise<void> => {
  const { data: there } = await product.request<{ data: unknown[] }>('GET', '/api/segments?limit=200');
  for (let i = there.length; i < segments; i++)
    await product.request('POST', '/api/segments', { name: `${prefix} ${i}`, definition: definitionOf(i) });
  for (;;) {
    const { data } = await product.request<{ data: { count: number | null }[] }>('GET', '/api/segments?limit=200');
    if (data.length >= segments && data.every(one => one.count !== null)) return;
    await sleep(200);
  }
};

type Sent = { customer: number; segment: number; at: number };

/** Each event takes another customer into another segment. Returns the latencies in ms, in the order of sending. */
export const measureMembership = async (
  product: Product,
  sql: Pool,
  options: {
    customers: number;
    perSecond: number;
    seconds: number;
    key: string;
    names: ReadonlyMap<string, number>;
    round: number;
  },
): Promise<number[]> => {
  const sent = new Map<string, Sent>();
  const latencies = new Map<string, number>();
  const count = options.perSecond * options.seconds;
  let sending = true;
  const start = performance.now();
  const poll = (async () => {
    for (const since = new Date(Date.now() - 5_000); sending || latencies.size < count; await sleep(10)) {
      const rows = await sql`
        select segment_id || '/' || customer_id as entry from segments.membership where entered_at >= ${since}`;
      const now = performance.now();
      for (const { entry } of rows) {
        const one = sent.get(entry);
        if (one && !latencies.has(entry)) latencies.set(entry, now - one.at);
      }
      if (!sending && performance.now() - start > (options.seconds + 120) * 1000)
        throw new Error(`${count - latencies.size} of ${count} events led to no membership within two minutes.`);
    }
  })();
  const segmentIds = new Map([...options.names].map(([id, i]) => [i, id]));
  const calls: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    const wait = start + (i * 1000) / options.perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    const number = options.round * count + i;
    const segment = number % segments;
    // Past the few heavy customers, a new one for every event.
    const customer = 101 + Math.floor(number / segments) + (number % segments) * Math.floor((options.customers - 200) / segments);
    sent.set(`${segmentIds.get(segment)}/${customer}`, { customer, segment, at: performance.now() });
    calls.push(track(product.url, options.key, { userId: userIdOf(customer), event: `Bench ${segment}` }));
  }
  await Promise.all(calls);
  sending = false;
  await poll;
  return [...sent.keys()].map(entry => latencies.get(entry) as number);
};

const track = (base: string, key: string, call: { userId: string; event: string }): Promise<void> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({ type: 'track', messageId: crypto.randomUUID(), timestamp: new Date(), ...call });
    request(
      `${base}/v1/track`,
      {
        method: 'POST',
        auth: `${key}:`,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      answer => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`/v1/track answered ${answer.statusCode}`)),
        );
      },
    )
      .on('error', reject)
      .end(body);
  });

/** A first start has the whole history to score; measured is the day after. */
export const untilQuiet = async (sql: Pool): Promise<void> => {
  for (let quiet = 0; quiet < 5; await sleep(500)) {
    const [{ busy }] = await sql`
      select (select count(*) from platform.job where state = 'running' or (state = 'queued' and due_at <= now()))
        + (select count(*) from customers.touched) as busy`;
    quiet = Number(busy) === 0 ? quiet + 1 : 0;
  }
};

/** A write key, and which segment waits for which event; the product has come to rest. */
export const prepareMembership = async (product: Product, sql: Pool) => {
  await makeSegments(product, 'Bench');
  await untilQuiet(sql);
  const { data: shops } = await product.request<{ data: { id: string }[] }>('GET', '/api/shops');
  const { key } = await product.request<{ key: string }>('POST', '/api/write-keys', {
    shop_id: shops[0].id,
    kind: 'secret',
    name: 'bench',
  });
  const { data } = await product.request<{ data: { id: string; name: string }[] }>('GET', '/api/segments?limit=200');
  const names = new Map(
    data.flatMap(one => (one.name.startsWith('Bench ') ? [[one.id, Number(one.name.slice(6))] as const] : [])),
  );
  return { key, names };
};

const floorOf = async (sql: Pool, customers: number): Promise<number> => {
  await sql`create table if not exists public.bench_floor (id bigint generated always as identity, at timestamptz)`;
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    const since = performance.now();
    await sql`insert into public.bench_floor (at) values (now())`;
    await sql`select name, time from tracking.event where origin_id = ${101 + ((i * 7919) % (customers - 200))}`;
    times.push(performance.now() - since);
  }
  return median(times);
};

export const workload: Workload = {
  name: 'W3',
  title: `Event to membership with ${segments} live segments`,
  run: async ({ small }) => {
    const customers = small ? 100_000 : 1_000_000;
    const rates = small ? [200] : [200, 1_000];
    const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-membership-'));
    await fillInstallation(folder, { customers, eventsEach: 10 });
    const product = await openProduct(folder);
    const sql = databaseOf(folder);
    try {
      const prepared = await prepareMembership(product, sql);
      const rows: Row[] = [];
      for (const [round, perSecond] of rates.entries()) {
        const seconds = small ? 20 : 120;
        const floor = await floorOf(sql, customers);
        const times = await measureMembership(product, sql, { customers, perSecond, seconds, round: round + 1, ...prepared });
        const p99 = percentile(times, 0.99);
        rows.push({
          what: `${perSecond} events/s for ${seconds} s, p99`,
          size: customers,
          ours_ms: p99,
          ours_range_ms: [Math.min(...times), Math.max(...times)],
          against: 'one commit, one scoped query',
          against_ms: floor,
          ratio: p99 / floor,
          gate: '< 5 s (goal 1 s)',
          met: p99 < gate_ms,
          answer: `${times.length} entered, median ${percentile(times, 0.5).toFixed(0)} ms, p95 ${percentile(times, 0.95).toFixed(0)} ms`,
        });
      }
      return rows;
    } finally {
      await sql.end({ timeout: 5 });
      await product.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
