/** The product as a merchant starts it, in a folder of its own; for tests that kill it. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { quietPort } from './port.ts';

export type Product = {
  url: string;
  pid: () => number;
  /** kill -9 of the server; its engines go with it. */
  kill: () => Promise<void>;
  /** kill -9 of the ClickHouse child alone. */
  killClickHouse: () => boolean;
  start: () => Promise<void>;
  stop: () => Promise<void>;
  /** As the owner. */
  request: <T>(method: string, path: string, body?: unknown) => Promise<T>;
};

export const ownerLogin = { email: 'olga@example.com', password: 'nine regular shoppers' };

const start_ms = 90_000;
const server = fileURLToPath(new URL('../src/server.ts', import.meta.url));

/** `env`: settings of its own. Where somebody has set it up already (`owner: false`), sign in with `request('POST', '/api/login', ownerLogin)`. */
export const openProduct = async (
  folder: string,
  { env = {}, owner = true }: { env?: Record<string, string>; owner?: boolean } = {},
): Promise<Product> => {
  const port = await quietPort();
  const url = `http://127.0.0.1:${port}`;
  const token = randomBytes(24).toString('hex');
  let child: ChildProcess;
  let cookie = '';
  let words = '';

  const start = async (): Promise<void> => {
    words = '';
    child = spawn(process.execPath, [server], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        REGULARS_DATA: folder,
        PORT: String(port),
        REGULARS_SETUP_TOKEN: token,
        LOG_LEVEL: 'error',
        NODE_NO_WARNINGS: '1',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (words += chunk));
    for (const deadline = Date.now() + start_ms; ; await sleep(50)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`The product did not start: ${words}`);
      if (
        await fetch(`${url}/readyz`).then(
          answer => answer.ok,
          () => false,
        )
      )
        return;
    }
  };

  const request = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        cookie,
        origin: url,
        'sec-fetch-site': 'same-origin',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const given = answer.headers.getSetCookie().map(one => one.split(';')[0]);
    if (given.length > 0) cookie = given.join('; ');
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };

  const gone = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };

  await start();
  if (owner) await request('POST', '/api/setup', { token, name: 'Olga Owner', ...ownerLogin });
  return {
    url,
    pid: () => child.pid ?? 0,
    kill: () => gone('SIGKILL'),
    killClickHouse: () => {
      const found = execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8' })
        .split('\n')
        .map(line => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
        .find(row => row && Number(row[2]) === child.pid && row[3].includes('clickhouse-child'));
      if (!found) return false;
      process.kill(Number(found[1]), 'SIGKILL');
      return true;
    },
    start,
    stop: () => gone('SIGTERM'),
    request,
  };
};

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
