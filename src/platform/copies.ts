/**
 * Copies: tables of ClickHouse that are filled from PostgreSQL. They have no migrations. Each table's definition is remembered by its
 * hash; a changed (or missing) one is made anew beside the old, filled in the background, and takes its place.
 *
 * A refill reads PostgreSQL in one snapshot, while the stages that copy new rows stand still (`copying`): a row is either in the
 * snapshot and no longer waiting in the feature's copy queue, and the refill brings it; or it is brought by the stage afterwards.
 */
import { createHash } from 'node:crypto';
import type { Context, Pool } from './context.ts';
import { inTransaction } from './postgres.ts';

export type Copy = {
  table: string;
  /** What follows `CREATE TABLE name`: `(columns) ENGINE = MergeTree ORDER BY ... SETTINGS non_replicated_deduplication_window = 1000`. */
  ddl: string;
  /** append: rows are written once (and deleted before they are written again). replace: the row with the highest version counts. */
  mode: 'append' | 'replace';
  /**
   * One page of rows from PostgreSQL for a refill, in a stable order; `after` is the `next` of the page before. Must leave out what
   * still waits in the feature's copy queue.
   */
  page: (
    context: Context,
    after: string | null,
    limit: number,
  ) => Promise<{ rows: Record<string, unknown>[]; next: string | null }>;
  /** Statements to run once the table is there, repeatable (`CREATE DICTIONARY IF NOT EXISTS ...`). */
  alongside?: readonly string[];
};

const pageRows = 20_000;
/** Held shared by every step that copies, alone by a refill. */
const copiesLock = 7_230_002;

/**
 * Wraps the step of a stage that writes to copies: it stands still while a refill is going on.
 * `stages: [{ name: 'orders.copy', step: copying(copyOrders), idleMs: 200 }]`
 */
export const copying =
  (step: (context: Context) => Promise<boolean>) =>
  async (context: Context): Promise<boolean> => {
    const connection = await (context.postgres as Pool).reserve();
    try {
      const [{ locked }] = (await connection`select pg_try_advisory_lock_shared(${copiesLock}) as locked`) as unknown as [
        { locked: boolean },
      ];
      if (!locked) return false;
      try {
        return await step(context);
      } finally {
        await connection`select pg_advisory_unlock_shared(${copiesLock})`;
      }
    } finally {
      connection.release();
    }
  };

/**
 * Makes the tables that are missing, at once and empty, and refills those whose definition is new. What PostgreSQL has no rows
 * for is done when this resolves; longer refills go on in the background (`refilling`).
 */
export const ensureCopies = async (context: Context, copies: readonly Copy[]): Promise<{ refilling: Promise<void> }> => {
  await prepare(context);
  const known = await knownHashes(context);
  const changed = copies.filter(copy => known.get(copy.table) !== hashOf(context, copy));
  for (const copy of changed) await createTable(context, copy, copy.table);
  const later: Copy[] = [];
  for (const copy of changed) {
    const isNew = !known.has(copy.table);
    if (isNew && (await copy.page(context, null, 1)).rows.length === 0) await remember(context, copy);
    else later.push(copy);
  }
  await runAlongside(context, copies);
  const refilling = later.length === 0 ? Promise.resolve() : refill(context, later);
  refilling.catch(error =>
    context.log.error({ err: error }, 'the copies in ClickHouse could not be refilled; this is tried again at the next start'),
  );
  return { refilling };
};

const again_ms = 5_000;

/** As `ensureCopies`, but a ClickHouse that is away holds nothing up: it is asked again until it answers. */
export const ensureCopiesSoon = async (context: Context, copies: readonly Copy[]): Promise<void> => {
  try {
    await ensureCopies(context, copies);
  } catch (error) {
    context.log.warn({ err: error }, 'ClickHouse does not answer yet; its copies are made as soon as it does');
    setTimeout(() => void ensureCopiesSoon(context, copies), again_ms).unref();
  }
};

/** Drops and fills every copy again; resolves when all are in place. `report` is told how many rows of which table are there. */
export const rebuildCopies = async (
  context: Context,
  copies: readonly Copy[],
  report: (table: string, rows: number) => void = () => undefined,
): Promise<void> => {
  await prepare(context);
  for (const copy of copies) await createTable(context, copy, copy.table);
  await refill(context, copies, report);
};

/** Dictionaries hold what they read once, so they are told to read again. */
const runAlongside = async (context: Context, copies: readonly Copy[]): Promise<void> => {
  const statements = copies.flatMap(copy => copy.alongside ?? []);
  for (const statement of statements) await context.clickhouse.command(statement);
  if (statements.length > 0) await context.clickhouse.command(`SYSTEM RELOAD DICTIONARIES ${context.clickhouse.words.onCluster}`);
};

/** A place to remember definitions; the database itself is made by whoever knows its name (engines/index.ts). */
const prepare = (context: Context): Promise<void> =>
  context.clickhouse.command(
    `CREATE TABLE IF NOT EXISTS copy_definition ${context.clickhouse.words.onCluster} ${context.clickhouse.words.engine(
      '(name String, hash String, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY name',
    )}`,
  );

const knownHashes = async (context: Context): Promise<Map<string, string>> => {
  const rows = await context.clickhouse.query<{ name: string; hash: string }>(
    'SELECT name, hash FROM copy_definition FINAL WHERE name IN (SELECT name FROM system.tables WHERE database = currentDatabase())',
  );
  return new Map(rows.map(row => [row.name, row.hash]));
};

const remember = (context: Context, copy: Copy): Promise<void> =>
  context.clickhouse.insert('copy_definition', [{ name: copy.table, hash: hashOf(context, copy), version: Date.now() }]);

const hashOf = (context: Context, copy: Copy): string =>
  createHash('sha256').update(context.clickhouse.words.engine(copy.ddl).replace(/\s+/g, ' ')).digest('hex').slice(0, 32);

const createTable = (context: Context, copy: Copy, name: string): Promise<void> =>
  context.clickhouse.command(
    `CREATE TABLE IF NOT EXISTS ${name} ${context.clickhouse.words.onCluster} ${context.clickhouse.words.engine(copy.ddl)}`,
  );

/** All together in one snapshot of PostgreSQL, so that the tables fit each other. */
const refill = async (
  context: Context,
  copies: readonly Copy[],
  report: (table: string, rows: number) => void = () => undefined,
): Promise<void> => {
  const connection = await (context.postgres as Pool).reserve();
  try {
    await connection`select pg_advisory_lock(${copiesLock})`;
    try {
      await inTransaction(context, async inside => {
        await inside.postgres`set transaction isolation level repeatable read, read only`;
        for (const copy of copies) await refillOne(inside, copy, report);
      });
      await runAlongside(context, copies);
    } finally {
      await connection`select pg_advisory_unlock(${copiesLock})`;
    }
  } finally {
    connection.release();
  }
};

const refillOne = async (context: Context, copy: Copy, report: (table: string, rows: number) => void): Promise<void> => {
  const { clickhouse } = context;
  const beside = `${copy.table}_refill`;
  await clickhouse.command(`DROP TABLE IF EXISTS ${beside} ${clickhouse.words.onCluster} SYNC`);
  await createTable(context, copy, beside);
  let rows = 0;
  for (let after: string | null = null, page = 1; ; page++) {
    const answer = await copy.page(context, after, pageRows);
    await clickhouse.insert(beside, answer.rows, { token: `refill-${page}` });
    rows += answer.rows.length;
    report(copy.table, rows);
    if (answer.next === null || answer.next === after) break;
    after = answer.next;
  }
  await clickhouse.command(`EXCHANGE TABLES ${beside} AND ${copy.table} ${clickhouse.words.onCluster}`);
  await clickhouse.command(`DROP TABLE ${beside} ${clickhouse.words.onCluster} SYNC`);
  await remember(context, copy);
};
