/** Keeps what was brought as files with one table each: a zip archive becomes as many as it holds. */
import type { Readable } from 'node:stream';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import type { StoredFile } from '../../platform/files.ts';
import { sniff } from './encoding.ts';
import { headOf } from './rows.ts';
import { BrokenZip, openEntry, type ReadAt, readZip, type ZipEntry } from './zip.ts';

const fileLimit_bytes = 8 * 2 ** 30;
/** How long an uploaded file stays: long enough to resume, mend and compare. */
export const fileKept_days = 30;
/** One archive brings at most this many tables. */
const mostTables = 50;

/** `path`: the file's name, inside an archive with its folders. */
export type StoredTable = { file: StoredFile; path: string };

const aboutFile = (context: Context, name: string) => ({
  owner: 'imports',
  name,
  contentType: 'application/octet-stream',
  expiresAt: new Date(context.clock.now().getTime() + fileKept_days * 86_400_000),
  limitBytes: fileLimit_bytes,
});

/** Errors: refused (archive without a table, damaged, encrypted, a workbook), too_large, malformed (upload cut off). Nothing stays of what is refused. */
export const storeTables = async (context: Context, content: Readable, fileName: string): Promise<StoredTable[]> => {
  const file = await context.files.keep(context, content, aboutFile(context, fileName)).catch(asCutOff);
  const kept: StoredTable[] = [];
  try {
    const container = sniff(await headOf(await context.files.read(context, file.id), 'none', 16));
    if (!('notText' in container) || container.notText !== 'zip') return [{ file, path: file.name }];
    const readAt: ReadAt = async (start, length) => headOf(await context.files.read(context, file.id, start), 'none', length);
    for (const entry of tablesIn(await readZip(readAt, file.bytes))) {
      const source = openEntry(entry, readAt, start => context.files.read(context, file.id, start));
      kept.push({ file: await context.files.keep(context, source, aboutFile(context, entry.name)), path: entry.name });
    }
  } catch (error) {
    await context.files.remove(context, [file.id, ...kept.map(one => one.file.id)]);
    throw error instanceof BrokenZip ? brokenZip() : error;
  }
  await context.files.remove(context, [file.id]);
  return kept;
};

/** Entries worth looking at: tables by their name, without what archives carry along. */
const tablesIn = (entries: readonly ZipEntry[]): ZipEntry[] => {
  if (entries.some(entry => entry.name === '[Content_Types].xml' || entry.name === 'mimetype')) throw aWorkbook();
  const tables = entries.filter(
    entry =>
      /\.(csv|tsv|tab|txt)(\.gz)?$/i.test(entry.name) && !/(^|\/)(__MACOSX\/|\.)/.test(entry.name) && entry.unpacked_bytes > 0,
  );
  if (tables.length === 0)
    throw new Refusal(
      'refused',
      'imports.zip_without_table',
      'This zip archive holds no table: no file in it ends in .csv, .tsv or .txt. Look into it and bring the table itself.',
    );
  if (tables.length > mostTables)
    throw new Refusal(
      'refused',
      'imports.zip_too_many',
      `This zip archive holds ${tables.length} tables; at most ${mostTables} are taken at once. Unpack it and bring the ones you need.`,
      { values: { count: tables.length } },
    );
  return tables;
};

const aWorkbook = () =>
  new Refusal(
    'refused',
    'imports.container_workbook',
    'This is a workbook of a spreadsheet program, not a table of text. Open it and save the sheet as CSV, then upload that.',
  );
const brokenZip = () =>
  new Refusal(
    'refused',
    'imports.container_zip',
    'This zip archive is damaged, cut off or locked with a password. Unpack it yourself and upload the table.',
  );

const asCutOff = (error: unknown): never => {
  const code = (error as { code?: string }).code ?? '';
  if (['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'ABORT_ERR'].includes(code)) {
    throw new Refusal(
      'malformed',
      'imports.upload_cut_off',
      'The upload ended before the file did. Nothing was stored; upload it again.',
    );
  }
  throw error;
};
