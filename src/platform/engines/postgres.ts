/**
 * The embedded PostgreSQL: made on first use, started as a child on a free loopback port with a password, started again when it
 * dies, stopped with everything flushed. Its folder is `<data>/postgres`, its words are in `<data>/postgres.log`.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { diskFull, StartError } from '../start-error.ts';
import type { Guardian } from './guardian.ts';
import type { RunAs } from './ordinary-user.ts';
import { freePort } from './port.ts';
import { binariesFor, majorVersion, placeOf } from './postgres-place.ts';
import { commandOf, endProcess, isAlive, sleep } from './processes.ts';

export type PostgresEngine = {
  /** postgres://regulars:<password>@127.0.0.1:<port>/regulars */
  url: string;
  /** The process now; another one after a crash. */
  pid: () => number;
  stop: () => Promise<void>;
};

export type PostgresOptions = {
  folder: string;
  guardian: Guardian;
  /** false in tests: a lost machine loses the test. */
  durable?: boolean;
  onRestart?: (reason: string) => void;
  /** Where the product itself is going to listen. */
  notPort?: number;
};

const user = 'regulars';

export const startPostgres = async (options: PostgresOptions): Promise<PostgresEngine> => {
  const { cluster, runAs } = placeOf(options.folder);
  const binaries = binariesFor(runAs);
  const passwordFile = join(options.folder, 'postgres.password');
  const durable = options.durable ?? true;

  if (!existsSync(cluster)) await initialise({ cluster, binaries, runAs, passwordFile, durable, folder: options.folder });
  checkCluster(cluster, passwordFile);
  await endOrphan(cluster);

  const password = readFileSync(passwordFile, 'utf8').trim();
  const logFile = join(options.folder, 'postgres.log');
  rotate(logFile);

  let stopping = false;
  let port = await freePort(options.notPort);
  let child: ChildProcess;

  const start = async (): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const offset = sizeOf(logFile);
      const log = openSync(logFile, 'a', 0o600);
      const [command, ...rest] = [...runAs.prefix, join(binaries, 'postgres'), '-D', cluster, ...settings(port, durable)];
      // detached: Ctrl-C in the terminal reaches us alone, and we stop the engines in order.
      child = spawn(command as string, rest, {
        cwd: '/',
        stdio: ['ignore', log, log],
        detached: true,
        env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
        uid: runAs.uid,
        gid: runAs.gid,
      });
      closeSync(log);
      const pid = child.pid;
      if (pid === undefined) throw new StartError('PostgreSQL could not be started: install the packages again with "npm ci".');
      options.guardian.watch(pid, 'INT');
      child.once('exit', () => options.guardian.release(pid));
      if (await isReady(child, cluster)) return;
      const words = readFileSync(logFile, 'utf8').slice(offset);
      if (attempt < 5 && /Address already in use|could not create any TCP\/IP sockets/.test(words))
        port = await freePort(options.notPort);
      else if (attempt < 40 && /shared memory block .* is still in use/.test(words)) await sleep(250);
      else throw explain(words, options.folder, cluster);
    }
  };

  const supervise = (): void => {
    child.once('exit', async (code, signal) => {
      if (stopping) return;
      options.onRestart?.(`PostgreSQL ended unexpectedly (${signal ?? `code ${code}`}); it is being started again.`);
      for (let pause_ms = 100; !stopping; pause_ms = Math.min(pause_ms * 2, 5_000)) {
        try {
          await start();
          return stopping ? void child.kill('SIGINT') : supervise();
        } catch (error) {
          options.onRestart?.(error instanceof Error ? error.message : String(error));
          await sleep(pause_ms);
        }
      }
    });
  };

  await start();
  supervise();
  const server = `postgres://${user}:${password}@127.0.0.1:${port}`;
  await ensureDatabase(`${server}/postgres`);
  return {
    url: `${server}/${user}`,
    pid: () => child.pid ?? 0,
    stop: async () => {
      stopping = true;
      await stop(child);
    },
  };
};

const ensureDatabase = async (url: string): Promise<void> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const [found] = await sql`select 1 from pg_database where datname = ${user}`;
    if (found === undefined) await sql`create database ${sql(user)}`;
  } finally {
    await sql.end();
  }
};

/** SIGINT is PostgreSQL's fast shutdown: open transactions end, everything is flushed. SIGQUIT leaves the rest to crash recovery. */
const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  const late = setTimeout(() => child.kill('SIGQUIT'), 25_000);
  await ended;
  clearTimeout(late);
};

/** On the command line rather than in postgresql.conf, so that a newer version of ours brings its own. */
const settings = (port: number, durable: boolean): string[] => {
  const memory_mb = Math.round(totalmem() / 1_048_576);
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    log_checkpoints: 'off',
    max_connections: 100,
    shared_buffers: `${Math.min(256, Math.max(64, Math.round(memory_mb / 32)))}MB`,
    effective_cache_size: `${Math.max(256, Math.round(memory_mb / 2))}MB`,
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    random_page_cost: 1.1,
    jit: 'off',
    synchronous_commit: durable ? 'on' : 'off',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    idle_in_transaction_session_timeout: '10min',
    max_locks_per_transaction: 256,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
};

/** Makes the cluster beside its place and moves it there when it is whole, so that a kill half way leaves nothing half made. */
const initialise = async (to: {
  cluster: string;
  binaries: string;
  runAs: RunAs;
  passwordFile: string;
  durable: boolean;
  folder: string;
}): Promise<void> => {
  const { cluster, binaries, runAs, passwordFile } = to;
  const unfinished = `${cluster}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  const passwordForInit = `${unfinished}.password`;
  writeFileSync(passwordForInit, readFileSync(passwordFile), { mode: 0o600 });
  if (runAs.uid !== undefined && runAs.gid !== undefined)
    for (const path of [unfinished, passwordForInit]) chownSync(path, runAs.uid, runAs.gid);
  const [command, ...rest] = [
    ...runAs.prefix,
    join(binaries, 'initdb'),
    ...['-D', unfinished, '-U', user, '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ...['--auth=scram-sha-256', `--pwfile=${passwordForInit}`, ...(to.durable ? [] : ['--no-sync'])],
  ];
  try {
    await promisify(execFile)(command as string, rest, {
      cwd: '/',
      uid: runAs.uid,
      gid: runAs.gid,
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
    });
    renameSync(unfinished, cluster);
  } catch (error) {
    const words = `${(error as { stdout?: string }).stdout ?? ''}${(error as { stderr?: string }).stderr ?? ''}` || String(error);
    throw explain(words, to.folder, cluster);
  } finally {
    rmSync(passwordForInit, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
};

const checkCluster = (cluster: string, passwordFile: string): void => {
  const versionFile = join(cluster, 'PG_VERSION');
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : null;
  if (version === null || !existsSync(join(cluster, 'global', 'pg_control')) || !existsSync(passwordFile)) throw damaged(cluster);
  if (version !== majorVersion)
    throw new StartError(
      `The data in ${cluster} were written by PostgreSQL ${version}, this version of Regulars brings ${majorVersion}: make a backup with the version of Regulars you used before, and restore it into an empty data folder with this one.`,
    );
};

const damaged = (cluster: string): StartError =>
  new StartError(
    `The data folder is damaged (${cluster} cannot be read by PostgreSQL): move it away and restore the last backup with "npm run restore FILE".`,
  );

/** Turns PostgreSQL's own words into one sentence. */
const explain = (words: string, folder: string, cluster: string): Error => {
  if (/No space left on device|Disk quota exceeded/.test(words)) return diskFull(folder);
  if (/lock file "postmaster.pid" already exists/.test(words))
    return new StartError(
      `The data folder ${folder} is in use by another running installation: stop that one, or set REGULARS_DATA to another folder.`,
    );
  if (/Permission denied|invalid permissions|has wrong ownership/.test(words))
    return new StartError(
      `The data folder ${folder} belongs to another user: start Regulars as the user who owns it, or set REGULARS_DATA to another folder.`,
    );
  if (/shared libraries|GLIBC_|Exec format error/.test(words))
    return new StartError(
      `PostgreSQL does not run on this system (${lastLine(words)}): use a Linux with glibc 2.28 or newer or macOS, or set DATABASE_URL to a PostgreSQL 18 service.`,
    );
  if (
    /PANIC|invalid (primary )?checkpoint|incorrect checksum|could not open file|could not read|invalid page|is not a database cluster|pg_control/.test(
      words,
    )
  )
    return damaged(cluster);
  return new StartError(`PostgreSQL did not start: ${lastLine(words)} (more in ${join(folder, 'postgres.log')}).`);
};

const lastLine = (words: string): string => {
  const lines = words.trim().split('\n');
  return (
    (lines.findLast(line => /FATAL|ERROR|error/.test(line)) ?? lines.at(-1) ?? '').replace(/^[\d: .UTC-]*\[\d+\] /, '').trim() ||
    'it said nothing'
  );
};

/** PostgreSQL writes its state into the eighth line of postmaster.pid. */
const isReady = async (child: ChildProcess, cluster: string): Promise<boolean> => {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  child.once('exit', end);
  child.once('error', end);
  while (!ended) {
    const lines = readPidFile(cluster);
    if (lines !== null && Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return true;
    await sleep(15);
  }
  return false;
};

const readPidFile = (cluster: string): string[] | null => {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
};

/** A PostgreSQL that outlived a killed installation is stopped; a pid file whose number now belongs to somebody else is removed. */
const endOrphan = async (cluster: string): Promise<void> => {
  const pid = Number(readPidFile(cluster)?.[0] ?? 0);
  if (pid <= 0) return;
  if (isAlive(pid) && commandOf(pid).includes(cluster)) {
    if (!(await endProcess(pid, 'SIGINT', 20_000))) await endProcess(pid, 'SIGKILL', 5_000);
  } else if (pid !== process.pid) {
    rmSync(join(cluster, 'postmaster.pid'), { force: true });
  }
};

const rotate = (logFile: string): void => {
  if (sizeOf(logFile) > 10_000_000) renameSync(logFile, `${logFile}.1`);
  else if (existsSync(logFile)) chmodSync(logFile, 0o600);
};

const sizeOf = (file: string): number => {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
};
