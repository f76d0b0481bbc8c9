/**
 * W9: from process start to the first page, and memory when idle, on a data folder that was used before. Printed and judged by eye; the gates of
 * docs/performance.md are stated for the filled database of the full size.
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quietPort } from '../tests/port.ts';
import { median, type Row, range, type Workload } from './workload.ts';

const server = fileURLToPath(new URL('../src/server.ts', import.meta.url));
const idle_ms = 20_000;

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

export const workload: Workload = {
  name: 'W9',
  title: 'Start and idle',
  run: async ({ small }) => {
    const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-start-'));
    const repetitions = small ? 3 : 5;
    const starts: number[] = [];
    const memory: number[] = [];
    try {
      for (let i = 0; i <= repetitions; i++) {
        const port = await quietPort();
        const running = await start(
          [server],
          { REGULARS_DATA: folder, PORT: String(port), LOG_LEVEL: 'fatal' },
          `http://127.0.0.1:${port}/readyz`,
        );
        // The first start makes the database; it is not the one people wait for every day.
        if (i > 0) starts.push(running.started_ms);
        if (i === repetitions) {
          await new Promise(resolve => setTimeout(resolve, idle_ms));
          memory.push(memoryOf(running.pid));
        }
        await running.stop();
      }
    } finally {
      spawnSync('sync');
      rmSync(folder, { recursive: true, force: true });
    }
    const rows: Row[] = [
      {
        what: 'start to ready, engines included',
        size: repetitions,
        ours_ms: median(starts),
        ours_range_ms: range(starts),
        against: 'gate',
        against_ms: 6_000,
        ratio: median(starts) / 6_000,
        gate: '< 6 s',
        met: median(starts) < 6_000,
        answer: 'readyz answered',
      },
      {
        what: `memory of all processes after ${idle_ms / 1000} s idle (MiB in the time columns)`,
        size: 1,
        ours_ms: memory[0]!,
        ours_range_ms: range(memory),
        against: 'gate',
        against_ms: 900,
        ratio: memory[0]! / 900,
        gate: '< 900 MiB',
        met: memory[0]! < 900,
        answer: `${memory[0]} MiB`,
      },
    ];
    return rows;
  },
};
