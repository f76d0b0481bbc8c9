/** `npm run backup`: every row of one moment and the files beside the database, in one sealed file. The product may go on meanwhile. */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Pool, Sql } from '../context.ts';
import { copyOut } from '../copy-out.ts';
import type { Secrets } from '../secrets.ts';
import { explainSystemError, StartError } from '../start-error.ts';
import { type Table, writeEntry } from './archive.ts';
import { inKeyOrder, listPartitions, listSequences, listTables } from './catalogue.ts';
import { sealing } from './sealed-file.ts';

export type BackupInput = { pool: Pool; secrets: Secrets; dataFolder: string; file: string; version: string; now: Date };
export type BackupSum = { tables: number; rows: number; files: number; bytes: number };

/** Writes beside the file and moves it into place when it is whole and on disk. Never writes over a file. */
export const writeBackup = async (input: BackupInput): Promise<BackupSum> => {
  if ((await stat(input.file).catch(() => null)) !== null)
    throw new StartError(`${input.file} exists already: name another file, or move that one away.`);
  const unfinished = `${input.file}.unfinished`;
  const sum: BackupSum = { tables: 0, rows: 0, files: 0, bytes: 0 };
  try {
    await input.pool.begin('isolation level repeatable read read only', async transaction => {
      const sql = transaction as unknown as Sql;
      await sql`set local idle_in_transaction_session_timeout = 0`;
      const entries = entriesOf(input, sql, sum);
      await pipeline(entries, createGzip({ level: 4 }), sealing(input.secrets), createWriteStream(unfinished, { mode: 0o600 }));
    });
    await sync(unfinished);
    await rename(unfinished, input.file);
    await sync(dirname(input.file));
    return { ...sum, bytes: (await stat(input.file)).size };
  } catch (error) {
    await rm(unfinished, { force: true });
    throw explainSystemError(error, dirname(input.file)) ?? error;
  }
};

const entriesOf = async function* (input: BackupInput, sql: Sql, sum: BackupSum): AsyncGenerator<Buffer> {
  // Restored in this order, each table finds the rows its foreign keys point to.
  const tables = await inKeyOrder(sql, await listTables(sql));
  const migrations = (await sql`select number from platform.migration order by number`).map(row => row.number as number);
  const [partitions, sequences] = [await listPartitions(sql), await listSequences(sql)];
  yield* writeEntry({
    kind: 'manifest',
    version: input.version,
    at: input.now.toISOString(),
    migrations,
    tables,
    partitions,
    sequences,
  });
  const rows: Record<string, number> = {};
  for (const table of tables) {
    const lines = { count: 0 };
    yield* writeEntry({ kind: 'table', table }, counted(rowsOf(sql, table), lines));
    rows[table.name] = lines.count;
    sum.tables++;
    sum.rows += lines.count;
  }
  for (const path of await filesBelow(join(input.dataFolder, 'files'))) {
    yield* writeEntry({ kind: 'file', path: relative(input.dataFolder, path).split(sep).join('/') }, bytesOf(path));
    sum.files++;
  }
  yield* writeEntry({ kind: 'end', rows, files: sum.files });
};

/** COPY of a query rather than of the table: it takes partitions with it. */
const rowsOf = (sql: Sql, table: Table): AsyncIterable<Buffer> =>
  table.columns.length === 0
    ? noBytes()
    : copyOut(sql`copy (select ${sql(table.columns)} from ${sql(table.name)}) to stdout`.readable());

/** COPY writes a row as a line, and line feeds inside of values as \\n. */
const counted = async function* (source: AsyncIterable<Buffer>, lines: { count: number }): AsyncGenerator<Buffer> {
  for await (const bytes of source) {
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines.count++;
    yield bytes;
  }
};

const noBytes = async function* (): AsyncGenerator<Buffer> {};

/** Content is written once under its hash; what is being written now, or was removed meanwhile, belongs to no row of this moment. */
const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter(entry => entry.isFile() && !entry.parentPath.endsWith(`${sep}incoming`))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
};

const bytesOf = async function* (path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
};

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  await handle.sync();
  await handle.close();
};
