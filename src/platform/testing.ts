/**
 * A house for one test file: its own PostgreSQL and ClickHouse databases on the real engines, a clock that stands still, and the
 * HTTP app without a socket.
 *
 *   const house = await startTestHouse({ features: [shops, customers] });
 *   await house.request('POST', '/api/tags', { body: { name: 'vip' } });
 *   await house.drain();
 *   afterAll(() => house.close());
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { inject } from 'vitest';
import { buildApp } from './app.ts';
import { connectClickHouse } from './clickhouse.ts';
import { fixedClock } from './clock.ts';
import type { Config } from './config.ts';
import { type Actor, type Context, type Pool, systemActor } from './context.ts';
import { fieldGroups } from './contract.ts';
import { ensureCopies } from './copies.ts';
import { createDatabase } from './engines/index.ts';
import { type Feature, permissionSlot } from './feature.ts';
import { buildContext, prepareHouse } from './house.ts';
import { once } from './idempotency.ts';
import { openLog } from './log.ts';
import { deliverAnnouncements } from './outbox.ts';
import { migrate, openPostgres, readMigrations } from './postgres.ts';
import { runOneJob } from './queue.ts';
import { feature as platform } from './system/index.ts';
import type { TestEngines } from './testing-engines.ts';
import { everyFeature } from './testing-features.ts';

export type TestAnswer = { status: number; body: ReturnType<typeof JSON.parse>; text: string; headers: Record<string, unknown> };
export type TestRequest = {
  body?: unknown;
  actor?: Actor | null;
  headers?: Record<string, string>;
  query?: Record<string, string>;
};

export type TestHouse = {
  /** Acts as the system; all migrations have run, every feature has started. */
  context: Context;
  clock: ReturnType<typeof fixedClock>;
  /** The context of somebody else: `as({ kind: 'staff', verbs: new Set(['customers:read']) })`. */
  as: (actor: Partial<Actor>) => Context;
  /** A member of staff who may do and see everything; narrowed by `patch`. */
  staff: (patch?: Partial<Actor>) => Actor;
  /** Through the door, as `staff()` unless an actor is given (null = nobody is signed in). Bodies are JSON; a Buffer or text goes as it is. */
  request: (method: string, path: string, options?: TestRequest) => Promise<TestAnswer>;
  app: FastifyInstance;
  /** Runs stages, announcements and due jobs until nothing is left to do at the clock's present time. */
  drain: () => Promise<void>;
  close: () => Promise<void>;
};

export type TestHouseOptions = {
  /** In the order of src/features.ts, all that the tested one needs; the ground floor's own comes by itself. Default: all features. */
  features?: readonly Feature[];
  now?: string;
  config?: Partial<Config>;
};

export const startTestHouse = async (options: TestHouseOptions = {}): Promise<TestHouse> => {
  const features = withPlatform(options.features ?? (await everyFeature()));
  const engines = (await (await fetch(inject('enginesUrl'))).json()) as TestEngines;
  const name = `test_${randomBytes(6).toString('hex')}`;
  const pool = await ownDatabase(engines.databaseUrl, name, features);
  const address = { ...engines.clickhouse, database: name };
  await createDatabase(address);
  const clickhouse = connectClickHouse(address);
  const dataFolder = mkdtempSync(join(engines.folder, 'house-'));
  const clock = fixedClock(options.now ?? '2026-01-10T12:00:00Z');
  const config = testConfig(dataFolder, options.config);
  const context = await buildContext({
    config,
    features,
    pool,
    clickhouse,
    clock,
    log: openLog(process.env.LOG_LEVEL ?? 'error'),
  });
  await prepareHouse(context, features);

  const everything = context.slots.all(permissionSlot).map(permission => permission.verb);
  const staff: TestHouse['staff'] = patch => ({
    kind: 'staff',
    id: '00000000-0000-7000-8000-00000000000a',
    name: 'Test Owner',
    verbs: new Set(everything),
    fields: new Set(fieldGroups),
    shopIds: null,
    ...patch,
  });
  let caller: Actor | null = null;
  const app = await buildApp({ context, features, authenticate: async () => caller, once });
  await app.ready();

  return {
    context,
    clock,
    app,
    staff,
    as: actor => ({ ...context, actor: { ...systemActor, ...actor } }),
    request: async (method, path, { body, actor, headers, query } = {}) => {
      caller = actor === undefined ? staff() : actor;
      const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
      const answer = await app.inject({
        method: method as 'GET',
        url: path,
        query,
        headers: { ...(raw ? {} : { 'content-type': 'application/json' }), ...headers },
        payload: raw ? (body as string | Buffer | undefined) : JSON.stringify(body),
      });
      const isJson = /json/.test(String(answer.headers['content-type'] ?? '')) && answer.payload !== '';
      return { status: answer.statusCode, body: isJson ? answer.json() : null, text: answer.payload, headers: answer.headers };
    },
    drain: () => drain(context, features),
    close: async () => {
      await app.close();
      await clickhouse.command(`DROP DATABASE IF EXISTS ${name} SYNC`);
      await clickhouse.close();
      await pool.end({ timeout: 5 });
      await onServer(engines.databaseUrl, sql => sql.unsafe(`drop database if exists ${name} with (force)`));
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
};

/** Only for tests of copies: makes them again as a start would. */
export const startCopiesAgain = async (house: TestHouse, features: readonly Feature[]): Promise<void> => {
  const { refilling } = await ensureCopies(
    house.context,
    features.flatMap(feature => feature.copies),
  );
  await refilling;
};

const withPlatform = (features: readonly Feature[]): readonly Feature[] =>
  features.some(feature => feature.name === platform.name) ? features : [platform, ...features];

const testConfig = (dataFolder: string, patch: Partial<Config> = {}): Config => ({
  host: '127.0.0.1',
  port: 3000,
  publicUrl: null,
  adminUrl: null,
  dataFolder,
  databaseUrl: null,
  clickhouseUrl: null,
  clickhouseCluster: null,
  role: 'all',
  rootKey: null,
  setupToken: null,
  logLevel: 'error',
  demo: false,
  secureCookies: false,
  trustProxy: false,
  privateHosts: [],
  metricsToken: null,
  ...patch,
});

const onServer = async <T>(url: string, work: (sql: Pool) => PromiseLike<T>): Promise<T> => {
  const sql = openPostgres(url, { max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

/** A migrated database is made once per set of migrations, and copied: a copy takes a tenth of the time. */
const ownDatabase = async (url: string, name: string, features: readonly Feature[]): Promise<Pool> => {
  const folders = features.flatMap(feature => feature.migrations ?? []);
  const migrations = await readMigrations(folders);
  const template = `template_${createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 16)}`;
  await onServer(url, async sql => {
    await sql`select pg_advisory_lock(hashtextextended(${template}, 0))`;
    const [found] = await sql`select 1 from pg_database where datname = ${template}`;
    if (found === undefined) {
      await sql.unsafe(`drop database if exists ${template}_new with (force)`);
      await sql.unsafe(`create database ${template}_new`);
      await onServer(databaseOf(url, `${template}_new`), inside => migrate(inside, folders));
      await sql.unsafe(`alter database ${template}_new rename to ${template}`);
    }
    await sql.unsafe(`create database ${name} template ${template}`);
  });
  return openPostgres(databaseOf(url, name), { max: 10 });
};

const databaseOf = (url: string, name: string): string => {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
};

const drain = async (context: Context, features: readonly Feature[]): Promise<void> => {
  const steps = [...features.flatMap(feature => feature.stages.map(stage => stage.step)), deliverAnnouncements, runOneJob];
  for (let round = 0; round < 1_000; round++) {
    let worked = false;
    for (const step of steps) while (await step(context)) worked = true;
    const [{ waiting }] = await context.postgres`
      select count(*) as waiting from platform.delivery where not dead and due_at <= ${context.clock.now()}`;
    if (!worked && waiting === 0) return;
  }
  throw new Error('The house does not come to rest: something sets itself off again and again.');
};
