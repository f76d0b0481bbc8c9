/**
 * W10: how the work grows with the number of customers. Three installations of ten times the size each run side by side and take turns; for each
 * kind of work the exponent k of t ~ n^k is fitted (least squares on the logarithms). Work for one event or one page must not grow (k near 0);
 * a full refresh may grow with the data (k near 1).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from '../src/platform/context.ts';
import { openProduct, type Product, sleep } from '../tests/product.ts';
import { fillInstallation, userIdOf } from './filled.ts';
import { allVisible, databaseOf, sendAll } from './ingest.ts';
import { measureMembership, prepareMembership } from './membership.ts';
import { measurePages } from './pages.ts';
import { median, type Row, range, type Workload } from './workload.ts';

const repetitions = 5;
const eventsEach = 20;
const perBatch = 100;

type House = { customers: number; folder: string; product: Product; sql: Pool; key: string; names: ReadonlyMap<string, number> };

const openHouse = async (customers: number): Promise<House> => {
  const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-growth-'));
  await fillInstallation(folder, { customers, eventsEach });
  const product = await openProduct(folder);
  const sql = databaseOf(folder);
  const { key, names } = await prepareMembership(product, sql);
  return { customers, folder, product, sql, key, names };
};

/** Events of customers all over the base, until they are visible everywhere. */
const ingest = async ({ product, key, customers }: House, round: number): Promise<number> => {
  const count = 5_000;
  const bodies = Array.from({ length: count / perBatch }, (_, at) =>
    JSON.stringify({
      batch: Array.from({ length: perBatch }, (_, i) => ({
        type: 'track',
        messageId: crypto.randomUUID(),
        userId: userIdOf(101 + (((at * perBatch + i) * 7919 + round * 104_729) % (customers - 100))),
        event: 'Bench Growth',
        timestamp: new Date().toISOString(),
        properties: { sku: `SKU-${i}`, price: 9.5 },
      })),
    }),
  );
  const start = performance.now();
  await sendAll(`${product.url}/v1/batch`, bodies, { auth: `${key}:`, connections: 8 });
  return (await allVisible(product, start)) / count;
};

/** The scheduled refresh of all segments, as the worker runs it. */
const refresh = async ({ sql }: House): Promise<number> => {
  const [{ id }] =
    await sql`insert into platform.job (name, key, created_by) values ('segments.refresh', 'bench', 'bench') returning id`;
  await sql`select pg_notify('regulars_work', 'job')`;
  for (;;) {
    const [job] = await sql`
      select state, extract(epoch from finished_at - started_at) * 1000 as took_ms from platform.job where id = ${id}`;
    if (job.state === 'done') return Number(job.took_ms);
    if (job.state === 'failed') throw new Error('The refresh failed.');
    await sleep(50);
  }
};

type Work = { what: string; most: number; goal: number; measure: (house: House, round: number) => Promise<number> };

const membershipPace = { perSecond: 50, seconds: 4 };
const works: readonly Work[] = [
  { what: 'ingest to visible, per event', most: 0.15, goal: 0.05, measure: ingest },
  {
    what: 'event to membership, median',
    most: 0.15,
    goal: 0.05,
    measure: async (house, round) =>
      median(await measureMembership(house.product, house.sql, { ...house, ...membershipPace, round: round + 1 })),
  },
  { what: 'refresh of 100 segments', most: 1.1, goal: 1, measure: refresh },
];

/** k of t ~ n^k. */
export const exponentOf = (points: readonly { n: number; t: number }[]): number => {
  const xs = points.map(({ n }) => Math.log(n));
  const ys = points.map(({ t }) => Math.log(t));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(xs), mean(ys)];
  return xs.reduce((sum, one, i) => sum + (one - x) * (ys[i] - y), 0) / xs.reduce((sum, one) => sum + (one - x) ** 2, 0);
};

const rowOf = (what: string, most: number, goal: number, sizes: readonly number[], times: readonly number[][]): Row => {
  const medians = times.map(median);
  const k = exponentOf(sizes.map((n, i) => ({ n, t: medians[i] })));
  return {
    what,
    size: sizes.at(-1) as number,
    ours_ms: medians.at(-1) as number,
    ours_range_ms: range(times.at(-1) as number[]),
    against: `at ${sizes[0].toLocaleString('en')}`,
    against_ms: medians[0],
    ratio: medians.at(-1)! / medians[0],
    gate: `k <= ${most} (goal ${goal})`,
    met: k <= most,
    answer: `k = ${k.toFixed(2)}: ${medians.map(one => (one < 10 ? one.toFixed(2) : one.toFixed(0))).join(', ')} ms`,
  };
};

export const workload: Workload = {
  name: 'W10',
  title: 'Growth with the number of customers',
  run: async ({ small }) => {
    const sizes = small ? [1_000, 10_000, 100_000] : [10_000, 100_000, 1_000_000];
    const houses: House[] = [];
    try {
      for (const customers of sizes) houses.push(await openHouse(customers));
      const rows: Row[] = [];
      for (const { what, most, goal, measure } of works) {
        const times = houses.map((): number[] => []);
        for (let round = 0; round <= repetitions; round++)
          for (const [i, house] of houses.entries()) {
            const took = await measure(house, round);
            // The first round warms up.
            if (round > 0) times[i].push(took);
          }
        rows.push(rowOf(what, most, goal, sizes, times));
      }
      const pages = [];
      for (const house of houses) pages.push(await measurePages(house.product, house.sql, house.customers, 2));
      for (const name of Object.keys(pages[0]))
        rows.push(
          rowOf(
            `${name}, median`,
            0.15,
            0.05,
            sizes,
            pages.map(one => one[name].ours.map(median)),
          ),
        );
      return rows;
    } finally {
      for (const house of houses) {
        await house.sql.end({ timeout: 5 });
        await house.product.stop();
        rmSync(house.folder, { recursive: true, force: true });
      }
    }
  },
};
