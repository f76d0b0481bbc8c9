/**
 * PostgreSQL is the truth. Opens the pool, runs transactions and migrations; SQL itself is written where it is used.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import postgres from 'postgres';
import type { Context, Pool, Sql } from './context.ts';
import { StartError } from './start-error.ts';

/** int8 columns stay below 2^53 (customer ids, minor units, counts); ids of outside systems are text. */
const safeInteger = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new Error(`A number of the database does not fit: ${text}`);
  return number;
};

/** `date` arrives as 'YYYY-MM-DD' text, `numeric` as text, `int8` as number, `timestamptz` as Date. */
export const openPostgres = (url: string, options: { max?: number; name?: string } = {}): Pool =>
  postgres(url, {
    max: options.max ?? 16,
    onnotice: () => {},
    connection: { application_name: options.name ?? 'regulars', TimeZone: 'UTC' },
    types: {
      int8: { to: 20, from: [20], serialize: (value: number | bigint | string) => String(value), parse: safeInteger },
      date: { to: 1082, from: [1082], serialize: (value: string) => value, parse: (value: string) => value },
    },
    fetch_types: true,
  }) as unknown as Pool;

const isTransaction = (sql: Sql): boolean => 'savepoint' in sql;

/** The context with another SQL handle; announcements and live messages go through the same handle, so they commit with it. */
export const withSql = (context: Context, sql: Sql): Context => ({
  ...context,
  postgres: sql,
  ...context.bind(sql, context.causationDepth),
});

/** Runs `work` in one transaction; inside a transaction it simply joins it. */
export const inTransaction = async <T>(context: Context, work: (context: Context) => Promise<T>): Promise<T> => {
  if (isTransaction(context.postgres)) return work(context);
  const pool = context.postgres as Pool;
  return (await pool.begin(async transaction => work(withSql(context, transaction as unknown as Sql)))) as T;
};

type Migration = { number: number; name: string; text: string; hash: string };

/** Reads NNNN-what.sql of every folder; one global number sequence over all features. */
export const readMigrations = async (folders: readonly URL[]): Promise<Migration[]> => {
  const migrations: Migration[] = [];
  for (const folder of folders) {
    for (const file of (await readdir(folder)).filter(name => /^\d{4}-.*\.sql$/.test(name))) {
      const text = await readFile(new URL(file, `${folder.href.replace(/\/$/, '')}/`), 'utf8');
      migrations.push({
        number: Number(file.slice(0, 4)),
        name: file,
        text,
        hash: createHash('sha256').update(text).digest('hex'),
      });
    }
  }
  migrations.sort((a, b) => a.number - b.number);
  for (let i = 1; i < migrations.length; i++) {
    if (migrations[i].number === migrations[i - 1].number) {
      throw new Error(
        `Two migrations carry the number ${migrations[i].number}: ${migrations[i - 1].name} and ${migrations[i].name}. Renumber the newer one.`,
      );
    }
  }
  return migrations;
};

/** The lock number of everything that changes the schema: two starting servers wait for each other. */
const migrationLock = 7_230_001;

/**
 * Brings the database to the newest schema. Each file runs in a transaction of its own, so a kill leaves whole steps only.
 * Throws a plain sentence when the database is newer than this program or an applied file was edited.
 * `only` leaves out the others: a restore builds the schema that the backup had.
 */
export const migrate = async (
  pool: Pool,
  folders: readonly URL[],
  only?: ReadonlySet<number>,
): Promise<{ applied: string[]; newest: number }> => {
  const migrations = await readMigrations(folders);
  const connection = await pool.reserve();
  try {
    await connection`select pg_advisory_lock(${migrationLock})`;
    await connection.unsafe(`
      create schema if not exists platform;
      create table if not exists platform.migration (number int primary key, name text not null, hash text not null, applied_at timestamptz not null default now());`);
    const done = new Map<number, { name: string; hash: string }>();
    for (const row of await connection`select number, name, hash from platform.migration`)
      done.set(row.number as number, row as never);
    const unknown = [...done.keys()].filter(number => !migrations.some(migration => migration.number === number));
    if (unknown.length > 0) {
      throw new StartError(
        `This data was written by a newer version of Regulars (step ${Math.max(...unknown)}). Start that version, or restore an older backup.`,
      );
    }
    const applied: string[] = [];
    for (const migration of migrations.filter(one => only?.has(one.number) ?? true)) {
      const before = done.get(migration.number);
      if (before) {
        if (before.hash !== migration.hash)
          throw new StartError(
            `Migration ${migration.name} was changed after it ran here. Put the file back and write a new one.`,
          );
        continue;
      }
      await connection.unsafe(`begin;\n${migration.text}`);
      await connection`insert into platform.migration (number, name, hash) values (${migration.number}, ${migration.name}, ${migration.hash})`;
      await connection`commit`;
      applied.push(migration.name);
    }
    return { applied, newest: migrations.at(-1)?.number ?? 0 };
  } catch (error) {
    await connection`rollback`.catch(() => {});
    throw error;
  } finally {
    await connection`select pg_advisory_unlock(${migrationLock})`.catch(() => {});
    connection.release();
  }
};
