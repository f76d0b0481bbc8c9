/** Real processes, as a person starts and stops them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sleep } from '../src/platform/engines/processes.ts';
import { quietPort } from './port.ts';

const server = fileURLToPath(new URL('../src/server.ts', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'regulars start '));
const running = new Set<ChildProcess>();

type Started = { child: ChildProcess; port: number; words: () => string; ended: Promise<number | string> };

const launch = async (folder: string, env: Record<string, string> = {}): Promise<Started> => {
  const port = await quietPort();
  const child = spawn(process.execPath, [server], {
    cwd: base,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_NO_WARNINGS: '1',
      LOG_LEVEL: 'error',
      REGULARS_DATA: folder,
      PORT: String(port),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (words += chunk));
  const ended = new Promise<number | string>(resolve =>
    child.once('exit', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? 'gone');
    }),
  );
  return { child, port, words: () => words, ended };
};

const ready = async (started: Started): Promise<void> => {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    if (started.child.exitCode !== null) break;
    const answer = await fetch(`http://127.0.0.1:${started.port}/readyz`).catch(() => null);
    if (answer?.ok === true) return;
  }
  throw new Error(`It did not start: ${started.words()}`);
};

/** Everything whose command line or environment-independent words name the folder: engines and their helpers. */
const leftOf = (folder: string): string[] =>
  execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line.includes(folder) && !line.includes(' ps '));

const nothingLeft = (folder: string) => expect.poll(() => leftOf(folder), { timeout: 15_000, interval: 100 }).toEqual([]);

afterEach(async () => {
  for (const child of running) child.kill('SIGTERM');
  while (running.size > 0) await sleep(50);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('what stops a start is one sentence', () => {
  const refusal = async (folder: string, env: Record<string, string> = {}): Promise<string> => {
    const started = await launch(folder, env);
    expect(await started.ended).toBe(1);
    const lines = started.words().trim().split('\n');
    expect(lines).toHaveLength(1);
    return lines[0] ?? '';
  };
  const fresh = (name: string): string => join(base, name);

  test('a port in use', async () => {
    let taken: Server | undefined;
    const port = await quietPort();
    await new Promise<void>(resolve => {
      taken = createServer().listen(port, '127.0.0.1', resolve);
    });
    expect(await refusal(fresh('port'), { PORT: String(port) })).toMatch(
      new RegExp(`Port ${port} is in use by another program: .*PORT=${port + 1} npm start`),
    );
    taken?.close();
  });

  test.each([
    ['an unknown setting', { REGULARS_DTA: 'x' }, /no setting REGULARS_DTA/],
    ['a wrong value', { LOG_LEVEL: 'loud' }, /LOG_LEVEL=loud is not known: use one of/],
    ['a wrong port', { PORT: '99999' }, /PORT=99999 is not a port/],
    ['a split role without engines', { ROLE: 'web' }, /ROLE=web needs engines/],
    ['a wrong address', { DATABASE_URL: 'mysql://root@db/x' }, /DATABASE_URL is not an address/],
    ['a PostgreSQL that does not answer', { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' }, /does not answer \(ECONNREFUSED\)/],
    ['a host of somebody else', { HOST: '192.0.2.1' }, /HOST=192\.0\.2\.1 is not an address of this machine/],
  ])('%s', async (_name, env, sentence) => {
    expect(await refusal(fresh('wrong'), env)).toMatch(sentence);
  });

  test('a data folder that is a file', async () => {
    writeFileSync(fresh('file'), '');
    expect(await refusal(fresh('file'))).toMatch(/is not a folder/);
  });

  test('data of another PostgreSQL', async () => {
    const cluster = join(fresh('older'), 'postgres');
    mkdirSync(join(cluster, 'global'), { recursive: true });
    writeFileSync(join(cluster, 'PG_VERSION'), '16\n');
    writeFileSync(join(cluster, 'global', 'pg_control'), '');
    writeFileSync(join(fresh('older'), 'postgres.password'), 'x');
    expect(await refusal(fresh('older'))).toMatch(/written by PostgreSQL 16, this version of Regulars brings 18/);
  });

  test('data of PostgreSQL that are not whole', async () => {
    mkdirSync(join(fresh('part'), 'postgres'), { recursive: true });
    expect(await refusal(fresh('part'))).toMatch(/The data folder is damaged/);
  });

  const canMount = ((): boolean => {
    try {
      execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
      return process.getuid?.() === 0;
    } catch {
      return false;
    }
  })();
  test.skipIf(!canMount)('a full disk', async () => {
    const folder = fresh('full');
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder]);
    try {
      expect(await refusal(join(folder, 'data'))).toMatch(/The disk that holds .* is full: free some space/);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('a running installation', { timeout: 120_000 }, () => {
  const folder = join(base, 'da ta');
  let started: Started;
  beforeAll(async () => {
    started = await launch(folder);
    await ready(started);
  });

  test('keeps its folder to itself; another one beside it does not collide; Ctrl-C leaves nothing', async () => {
    const second = await launch(folder);
    expect(await second.ended).toBe(1);
    expect(second.words().trim()).toMatch(/is in use by another running installation \(process \d+\)/);

    const beside = await launch(join(base, 'beside'));
    await ready(beside);
    expect((await fetch(`http://127.0.0.1:${started.port}/readyz`)).ok).toBe(true);
    beside.child.kill('SIGTERM');
    started.child.kill('SIGINT');
    expect(await Promise.all([beside.ended, started.ended])).toEqual([0, 0]);
    await nothingLeft(base);
  });

  test('a second start reuses the data; kill -9 leaves nothing either, and the next start takes over', async () => {
    started = await launch(folder);
    await ready(started);
    expect(started.words()).not.toMatch(/initdb/);
    const password = readFileSync(join(folder, 'postgres.password'), 'utf8');
    started.child.kill('SIGKILL');
    await started.ended;

    const next = await launch(folder);
    await ready(next);
    expect(readFileSync(join(folder, 'postgres.password'), 'utf8')).toBe(password);
    next.child.kill('SIGKILL');
    await next.ended;
    await nothingLeft(base);
  });

  test('killed at any moment of its start, it starts again', async () => {
    for (const wait_ms of [150, 600, 900, 1_100, 1_400]) {
      const young = await launch(join(base, 'young'));
      await sleep(wait_ms);
      young.child.kill('SIGKILL');
      await young.ended;
    }
    const grown = await launch(join(base, 'young'));
    await ready(grown);
    grown.child.kill('SIGTERM');
    expect(await grown.ended).toBe(0);
    await nothingLeft(base);
  });

  test('a damaged database is said so, and left as it is', async () => {
    truncateSync(join(folder, 'postgres', 'global', 'pg_control'), 100);
    const broken = await launch(folder);
    expect(await broken.ended).toBe(1);
    expect(broken.words().trim().split('\n')).toEqual([
      expect.stringMatching(/The data folder is damaged .* restore the last backup/),
    ]);
    await nothingLeft(base);
  });
});
