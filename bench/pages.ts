/**
 * W8: the customer page and the customers list at 200 requests a second, on a filled installation. Against the bare statements behind them,
 * sent to the same PostgreSQL at the same rate. Ours and theirs take turns. (The inbox list joins when there is an inbox.)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from '../src/platform/context.ts';
import { openProduct, type Product } from '../tests/product.ts';
import { fillInstallation } from './filled.ts';
import { databaseOf } from './ingest.ts';
import { type Answered, atRate, getter, percentile } from './load.ts';
import { untilQuiet } from './membership.ts';
import { median, type Row, range, type Workload } from './workload.ts';

const repetitions = 5;
const perSecond = 200;
const seconds = 4;
const gate_ms = 50;

/** What the pages ask for, and the statement that cannot be spared behind it. */
const kinds: Record<string, { path: (person: number) => string; bare: (sql: Pool, person: number) => Promise<unknown> }> = {
  'customer page': {
    path: person => `/api/customers/${person}`,
    bare: (sql, person) => sql`select * from customers.customer where id = ${person}`,
  },
  'its timeline': {
    path: person => `/api/customers/${person}/timeline?limit=30`,
    bare: (sql, person) => sql`select * from tracking.event where origin_id = ${person} order by time desc limit 30`,
  },
  'customers list': {
    path: () => '/api/customers?limit=50',
    bare: sql => sql`
      select * from customers.customer where known and merged_into is null and erased_at is null order by known_since desc, id desc limit 50`,
  },
  'list, searched by name': {
    path: person => `/api/customers?limit=50&query=${encodeURIComponent(`family${person % 5000}`)}`,
    bare: (sql, person) => sql`
      select * from customers.customer where known and search_name like ${`%family${person % 5000}%`} order by known_since desc limit 50`,
  },
};

export type PageTimes = Record<string, { ours: number[][]; bare: number[][] }>;

/** Runs rounds of both, and gives the times of each kind, a list per round. */
export const measurePages = async (product: Product, sql: Pool, customers: number, rounds: number): Promise<PageTimes> => {
  const { secret } = await product.request<{ secret: string }>('POST', '/api/api-keys', {
    name: 'bench',
    verbs: ['customers:read'],
    fields: ['contact', 'address', 'money', 'behaviour'],
  });
  const door = getter(product.url, secret);
  const names = Object.keys(kinds);
  let turn = 0;
  const someone = (): number => 1 + ((turn++ * 7919) % customers);
  const options = { perSecond, seconds };
  const times: PageTimes = Object.fromEntries(names.map(name => [name, { ours: [], bare: [] }]));
  const note = (side: 'ours' | 'bare', answers: readonly Answered[]): void => {
    for (const name of names) times[name][side].push(answers.filter(one => one.kind === name).map(one => one.took_ms));
  };
  const askOurs = (kind: string) => door.get(kinds[kind].path(someone()));
  const askBare = async (kind: string): Promise<void> => void (await kinds[kind].bare(sql, someone()));
  // The first round warms both up and is not counted.
  await atRate(names, { ...options, ask: askOurs });
  await atRate(names, { ...options, ask: askBare });
  for (let round = 0; round < rounds; round++) {
    note('ours', await atRate(names, { ...options, ask: askOurs }));
    note('bare', await atRate(names, { ...options, ask: askBare }));
  }
  door.close();
  return times;
};

const rowOf = (name: string, { ours, bare }: PageTimes[string], customers: number): Row => {
  const all = ours.map(round => percentile(round, 0.95));
  const p95 = median(all);
  const theirs = median(bare.map(round => percentile(round, 0.95)));
  return {
    what: `${name}, p95`,
    size: customers,
    ours_ms: p95,
    ours_range_ms: range(all),
    against: 'bare statement, p95',
    against_ms: theirs,
    ratio: p95 / theirs,
    gate: `< ${gate_ms} ms (goal 15)`,
    met: p95 < gate_ms,
    answer: `median ${median(ours.flat()).toFixed(1)} ms, p99 ${percentile(ours.flat(), 0.99).toFixed(1)} ms`,
  };
};

export const workload: Workload = {
  name: 'W8',
  title: `Customer page and customers list at ${perSecond} requests a second`,
  run: async ({ small }) => {
    const customers = small ? 100_000 : 1_000_000;
    const folder = mkdtempSync(join(tmpdir(), 'regulars-bench-pages-'));
    await fillInstallation(folder, { customers, eventsEach: small ? 50 : 10 });
    const product = await openProduct(folder);
    const sql = databaseOf(folder);
    try {
      await untilQuiet(sql);
      const times = await measurePages(product, sql, customers, repetitions);
      return Object.entries(times).map(([name, one]) => rowOf(name, one, customers));
    } finally {
      await sql.end({ timeout: 5 });
      await product.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
