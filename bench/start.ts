/**
 * W9: from process start to the first page, and memory when idle, on a filled installation.
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quietPort } from '../tests/port.ts';
import { openProduct } from '../tests/product.ts';
import { fillInstallation, userIdOf } from './filled.ts';
import { allVisible, databaseOf, sendAll } from './ingest.ts';
import { measurePages } from './pages.ts';
import { median, type Row, range, type Workload } from './workload.ts';

const server = fileURLToPath(new URL('../src/server.ts', import.meta.url));
const idle_ms = 60_000;

const answers = async (url: string): Promise<boolean> =>
  fetch(url).then(
    answer => answer.ok,
    () => false,
  );

type Running = { started_ms: number; pid: number; stop: () => Promise<void> };

const start = async (script: string[], env: Record<string, string>, url: string): Promise<Running> => {
  const begun = performance.now();
  const child = spawn(process.execPath, script, { env: { ...process.env, ...env }, stdio: 'ignore', detached: false });
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`It stopped before it answered (code ${child.exitCode}).`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  const stopped = new Promise<void>(resolve => child.once('exit', () => resolve()));
  return {
    started_ms: performance.now() - begun,
    pid: child.pid!,
    stop: async () => {
      child.kill('SIGTERM');
      await stopped;
    },
  };
};

/** Proportional memory of a process and all its descendants, in MiB (Linux only; 0 elsewhere). */
const memoryOf = (pid: number): number => {
  if (process.platform !== 'linux') return 0;
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter(one => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // it has just ended
    }
  }
  const isOurs = (one: number | undefined): boolean => one !== undefined && one > 1 && (one === pid || isOurs(parents.get(one)));
  let kib = 0;
  for (const one of parents.keys()) {
    if (!isOurs(one)) continue;
    try {
      kib += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // it has just ended
    }
  }
  return Math.round(kib / 1024);
};

/** After a minute of rest, and again a minute after 20,000 events came in and pages were looked at. MiB. */
const measureMemory = async (folder: string, customers: number): Promise<{ idle: number; afterLoad: number }> => {
  const product = await openProduct(folder);
  const sql = databaseOf(folder);
  try {
    const rest = () => new Promise(resolve => setTimeout(resolve, idle_ms));
    await rest();
    const idle = memoryOf(product.pid());
    const { data: shops } = await product.request<{ data: { id: string }[] }>('GET', '/api/shops');
    const { key } = await product.request<{ key: string }>('POST', '/api/write-keys', {
      shop_id: shops[0].id,
      kind: 'secret',
      name: 'bench',
    });
    const bodies = Array.from({ length: 200 }, (_, at) => batchOf(at, customers));
    await sendAll(`${product.url}/v1/batch`, bodies, { auth: `${key}:`, connections: 16 });
    await allVisible(product, performance.now());
    await measurePages(product, sql, customers, 1);
    await rest();
    return { idle, afterLoad: memoryOf(product.pid()) };
  } finally {
    await sql.end({ timeout: 5 });
    await product.stop();
  }
};

const batchOf = (at: number, customers: number): string =>
  JSON.stringify({
    batch: Array.from({ length: 100 }, (_, i) => ({
      type: 'track',
      messageId: crypto.randomUUID(),
      userId: userIdOf(1 + (((at * 100 + i) * 7919) % customers)),
      event: 'Bench Load',
      properties: { sku: `SKU-${i}`, price: 9.5 },
    })),
  });

const memoryRow = (what: string, mib: number): Row => ({
  what: `memory of all processes, ${what} (MiB in the time columns)`,
  size: 1,
  ours_ms: mib,
  ours_range_ms: [mib, mib],
  against: 'gate',
  against_ms: 900,
  ratio: mib / 900,
  gate: '< 900 MiB',
  met: mib < 900,
  answer: `${mib} MiB`,
});

export const workload: Workload = {
  name: 'W9',
  title: 'Start and idle, on a filled installation',
  run: async ({ small }) => {
    const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-start-'));
    const customers = small ? 100_000 : 1_000_000;
    const repetitions = small ? 3 : 5;
    const starts: number[] = [];
    try {
      await fillInstallation(folder, { customers, eventsEach: 10 });
      for (let i = 0; i <= repetitions; i++) {
        const port = await quietPort();
        const running = await start(
          [server],
          { REGULARS_DATA: folder, PORT: String(port), LOG_LEVEL: 'fatal' },
          `http://127.0.0.1:${port}/readyz`,
        );
        // The first start has more to do; it is not the one people wait for every day.
        if (i > 0) starts.push(running.started_ms);
        await running.stop();
      }
      const { idle, afterLoad } = await measureMemory(folder, customers);
      return [
        {
          what: 'start to ready, engines included',
          size: customers,
          ours_ms: median(starts),
          ours_range_ms: range(starts),
          against: 'gate',
          against_ms: 6_000,
          ratio: median(starts) / 6_000,
          gate: '< 6 s',
          met: median(starts) < 6_000,
          answer: 'readyz answered',
        },
        memoryRow(`after ${idle_ms / 1000} s idle`, idle),
        memoryRow(`${idle_ms / 1000} s after a load`, afterLoad),
      ];
    } finally {
      spawnSync('sync');
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
