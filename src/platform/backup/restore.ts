/** `npm run restore FILE`: into an empty data folder, all or nothing. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Pool, Sql } from '../context.ts';
import { migrate } from '../postgres.ts';
import type { Secrets } from '../secrets.ts';
import { explainSystemError, StartError } from '../start-error.ts';
import { type Entry, readEntries, type Table } from './archive.ts';
import { ByteReader } from './byte-reader.ts';
import { listTables } from './catalogue.ts';
import { unsealed } from './sealed-file.ts';

export type RestoreInput = { pool: Pool; secrets: Secrets; dataFolder: string; file: string; migrations: readonly URL[] };
export type RestoreSum = { at: string; version: string; rows: number; files: number };

/** What may lie in a folder that counts as empty: the keys and the journal of erasures, which no backup holds. */
export const mayBeThere = new Set(['root.key', 'erasures.log', 'backups']);

/** Call before the engines start in that folder. */
export const refuseFullFolder = async (dataFolder: string): Promise<void> => {
  const names = (await readdir(dataFolder).catch(() => [])).filter(name => !mayBeThere.has(name));
  if (names.length > 0)
    throw new StartError(
      `The data folder ${dataFolder} is not empty (${names.slice(0, 3).join(', ')}): move it away, or restore into another one with REGULARS_DATA; only root.key and erasures.log may lie there.`,
    );
};

/** A restore that failed leaves the folder as it found it, so that the next one may try. */
export const emptyFolder = async (dataFolder: string): Promise<void> => {
  for (const name of await readdir(dataFolder))
    if (!mayBeThere.has(name)) await rm(join(dataFolder, name), { recursive: true, force: true });
};

/**
 * Builds the schema as it was, loads every table in one transaction, counts, then brings the schema to today. Sending is held afterwards.
 * Throws a StartError when the file is not whole; then nothing is kept.
 */
export const readBackup = async (input: RestoreInput): Promise<RestoreSum> => {
  await refuseFullDatabase(input.pool);
  try {
    const bytes = unsealed(createReadStream(input.file) as AsyncIterable<Buffer>, input.secrets, input.file);
    const gunzip = createGunzip();
    const reading = pipeline(bytes, gunzip);
    reading.catch(error => gunzip.destroy(error as Error));
    const sum = await load(input, readEntries(new ByteReader(gunzip as AsyncIterable<Buffer>)));
    await reading;
    await migrate(input.pool, input.migrations);
    await input.pool`
      insert into platform.setting (key, value, changed_by) values ('sending_held', 'true', 'restore')
      on conflict (key) do update set value = 'true', changed_at = now(), changed_by = 'restore'`;
    return sum;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new StartError(`There is no file ${input.file}: check its name and place.`);
    throw explainSystemError(error, input.dataFolder) ?? error;
  }
};

const refuseFullDatabase = async (pool: Pool): Promise<void> => {
  const [found] = await pool`select to_regclass('platform.migration') as migrations`;
  if (found?.migrations !== null)
    throw new StartError('The database of DATABASE_URL already holds an installation: restore into an empty database.');
};

type Entries = ReturnType<typeof readEntries>;
type Manifest = Extract<Entry, { kind: 'manifest' }>;

const load = async (input: RestoreInput, entries: Entries): Promise<RestoreSum> => {
  const first = (await entries.next()).value;
  if (first === undefined || first.entry.kind !== 'manifest')
    throw new StartError(`${input.file} is not a whole backup: use another one.`);
  await skip(first.content);
  const manifest = first.entry;
  await migrate(input.pool, input.migrations, new Set(manifest.migrations));
  const sum: RestoreSum = { at: manifest.at, version: manifest.version, rows: 0, files: 0 };
  await input.pool.begin(async transaction => {
    const sql = transaction as unknown as Sql;
    await sql`set local idle_in_transaction_session_timeout = 0`;
    await prepareTables(sql, manifest, input.file);
    let whole = false;
    for await (const { entry, content } of entries) {
      if (entry.kind === 'table') await copyIn(sql, entry.table, content);
      else if (entry.kind === 'file') {
        await writeFileOf(input.dataFolder, entry.path, content);
        sum.files++;
      } else {
        await skip(content);
        if (entry.kind === 'end') {
          sum.rows = await compare(sql, entry.rows, input.file);
          whole = true;
        }
      }
    }
    if (!whole) throw new StartError(`${input.file} is not complete: copy it again, or use another backup.`);
    for (const { name, last, called } of manifest.sequences)
      await sql`select setval(${name}::regclass, ${last}::bigint, ${called})`;
    await guards(sql, manifest.tables, 'enable');
  });
  return sum;
};

const skip = async (content: AsyncIterable<Buffer>): Promise<void> => {
  for await (const bytes of content) void bytes;
};

/** Partitions as they were, rows that migrations wrote taken out, triggers (append-only guards) off for the load. */
const prepareTables = async (sql: Sql, manifest: Manifest, file: string): Promise<void> => {
  for (const { name, parent, bounds } of manifest.partitions) {
    const [found] = await sql`select to_regclass(${name}) as here`;
    if (found?.here === null) await sql.unsafe(`create table ${quoted(name)} partition of ${quoted(parent)} ${bounds}`);
  }
  const here = new Set((await listTables(sql)).map(table => table.name));
  const missing = manifest.tables.filter(table => !here.has(table.name));
  if (missing.length > 0)
    throw new StartError(
      `${file} holds ${missing[0]?.name}, which this version does not know: restore it with version ${manifest.version} of Regulars.`,
    );
  await guards(sql, manifest.tables, 'disable');
  await sql.unsafe(`truncate ${manifest.tables.map(table => quoted(table.name)).join(', ')}`);
};

const guards = async (sql: Sql, tables: readonly Table[], verb: 'enable' | 'disable'): Promise<void> => {
  for (const table of tables) await sql.unsafe(`alter table ${quoted(table.name)} ${verb} trigger user`);
};

const quoted = (name: string): string =>
  name
    .split('.')
    .map(part => `"${part.replaceAll('"', '""')}"`)
    .join('.');

const copyIn = async (sql: Sql, table: Table, content: AsyncIterable<Buffer>): Promise<void> => {
  if (table.columns.length === 0) return skip(content);
  await pipeline(content, await sql`copy ${sql(table.name)} (${sql(table.columns)}) from stdin`.writable());
};

const compare = async (sql: Sql, rows: Record<string, number>, file: string): Promise<number> => {
  let sum = 0;
  for (const [name, wanted] of Object.entries(rows)) {
    const [counted] = await sql`select count(*) as n from ${sql(name)}`;
    if (Number(counted?.n) !== wanted)
      throw new StartError(
        `${file} holds ${wanted} rows of ${name} but ${counted?.n} arrived: use another backup and report this.`,
      );
    sum += wanted;
  }
  return sum;
};

const writeFileOf = async (dataFolder: string, path: string, content: AsyncIterable<Buffer>): Promise<void> => {
  if (!/^files\/[\w./-]+$/.test(path) || path.includes('..'))
    throw new StartError(`The backup names a file outside of its place (${path}): do not trust it.`);
  const target = join(dataFolder, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await pipeline(content, createWriteStream(target, { mode: 0o600 }));
};
