/**
 * Starts the embedded ClickHouse (clickhouse-child.ts) and starts it again within a second when it ends. Its folder is
 * `<data>/clickhouse`, its words are in `<data>/clickhouse.log`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '../start-error.ts';
import type { ChildOptions } from './clickhouse-child.ts';
import type { Guardian } from './guardian.ts';
import { freePort } from './port.ts';
import { birthOf, endProcess, sleep } from './processes.ts';

export type ClickHouseEngine = {
  /** http://127.0.0.1:<port> */
  url: string;
  username: string;
  password: string;
  pid: () => number;
  stop: () => Promise<void>;
};

export type ClickHouseOptions = {
  folder: string;
  guardian: Guardian;
  memory_mb?: number;
  durable?: boolean;
  grace_ms?: number;
  onRestart?: (reason: string) => void;
  /** Where the product itself is going to listen. */
  notPort?: number;
};

const childFile = fileURLToPath(new URL('./clickhouse-child.ts', import.meta.url));

/** 40 % of the machine, at least 1 GB, at most 16 GB. */
const usualMemory_mb = (): number => Math.min(16_384, Math.max(1_024, Math.round((totalmem() / 1_048_576) * 0.4)));

export const startClickHouse = async (options: ClickHouseOptions): Promise<ClickHouseEngine> => {
  const folder = join(options.folder, 'clickhouse');
  const pidFile = join(options.folder, 'clickhouse.pid');
  const logFile = join(options.folder, 'clickhouse.log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await endOrphan(pidFile);
  const password = randomBytes(24).toString('hex');
  let port = await freePort(options.notPort);
  let stopping = false;
  let child: ChildProcess;

  const start = async (): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const childOptions: ChildOptions = {
        folder,
        port,
        password,
        memory_mb: options.memory_mb ?? usualMemory_mb(),
        durable: options.durable ?? true,
        grace_ms: options.grace_ms ?? 5_000,
      };
      const log = openSync(logFile, 'a', 0o600);
      child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', childFile], {
        stdio: ['pipe', 'pipe', log],
        detached: true,
        // Nothing of our own secrets. Queries run on libuv's threads: one for each connection, and some to spare.
        env: {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          TMPDIR: process.env.TMPDIR,
          REGULARS_CLICKHOUSE_CHILD: JSON.stringify(childOptions),
          UV_THREADPOOL_SIZE: '12',
        },
      });
      closeSync(log);
      const pid = child.pid;
      if (pid === undefined)
        throw new StartError('The embedded ClickHouse could not be started: install the packages again with "npm ci".');
      writeFileSync(pidFile, `${pid}\n${birthOf(pid)}\n`, { mode: 0o600 });
      options.guardian.watch(pid, 'TERM');
      child.once('exit', () => options.guardian.release(pid));
      if (await isReady(child)) return;
      if (child.exitCode === 98) port = await freePort(options.notPort);
      else if (attempt === 2) setAside(folder, options.onRestart);
      else if (attempt > 4) throw explain(logFile);
    }
  };

  const supervise = (): void => {
    child.once('exit', async (code, signal) => {
      if (stopping) return;
      options.onRestart?.(`ClickHouse ended (${signal ?? `code ${code}`}); it is being started again.`);
      for (let pause_ms = 100; !stopping; pause_ms = Math.min(pause_ms * 2, 5_000)) {
        try {
          await start();
          return stopping ? void child.kill('SIGTERM') : supervise();
        } catch (error) {
          options.onRestart?.(error instanceof Error ? error.message : String(error));
          await sleep(pause_ms);
        }
      }
    });
  };

  await start();
  supervise();
  return {
    url: `http://127.0.0.1:${port}`,
    username: 'default',
    password,
    pid: () => child.pid ?? 0,
    stop: async () => {
      stopping = true;
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await ended;
        clearTimeout(late);
      }
      rmSync(pidFile, { force: true });
    },
  };
};

const isReady = (child: ChildProcess): Promise<boolean> =>
  new Promise(resolve => {
    child.stdout?.once('data', () => resolve(true));
    child.once('exit', () => resolve(false));
    child.once('error', () => resolve(false));
  });

/** ClickHouse is a cache: a folder it cannot open is put beside, and the copies are filled again from PostgreSQL. */
const setAside = (folder: string, say: ClickHouseOptions['onRestart']): void => {
  const aside = `${folder}.damaged`;
  rmSync(aside, { recursive: true, force: true });
  renameSync(folder, aside);
  say?.(`ClickHouse could not open ${folder}; it was moved to ${aside} and is filled again from PostgreSQL.`);
};

const explain = (logFile: string): Error => {
  const words = existsSync(logFile) ? readFileSync(logFile, 'utf8').slice(-4_000) : '';
  const hint = /GLIBC|no native binding|not supported/.test(words)
    ? 'it does not run on this system; use a Linux with glibc 2.28 or newer or macOS, or set CLICKHOUSE_URL to a ClickHouse service'
    : /No space left|NOT_ENOUGH_SPACE/.test(words)
      ? 'the disk is full; free some space, then start again'
      : `the reason is in ${logFile}`;
  return new StartError(`The embedded ClickHouse did not start: ${hint}.`);
};

const endOrphan = async (pidFile: string): Promise<void> => {
  if (!existsSync(pidFile)) return;
  const [pid = '', birth = ''] = readFileSync(pidFile, 'utf8').split('\n');
  if (birth !== '' && birthOf(Number(pid)) === birth && !(await endProcess(Number(pid), 'SIGTERM', 3_000)))
    await endProcess(Number(pid), 'SIGKILL', 5_000);
  rmSync(pidFile, { force: true });
};
