/** Finds out how a file is to be read and what it holds, from its head; reads on only where the head leaves the dates open. */
import type { Readable } from 'node:stream';
import { Refusal } from '../../platform/errors.ts';
import type { Settings } from './contract.ts';
import { openCsv } from './csv.ts';
import { type DateOrder, detectDateOrder } from './dates.ts';
import { type Compression, detectEncoding, type Encoding, openDecoder, sniff } from './encoding.ts';
import type { ImportKind } from './kind.ts';
import { knownNames } from './mapping.ts';
import { headOf, notATable, readRows } from './rows.ts';
import {
  type ColumnLook,
  columnNames,
  commonWidth,
  delimiters,
  detectDates,
  detectDecimals,
  detectDelimiter,
  detectHeader,
  detectSkippedRows,
  lookAtColumns,
} from './table.ts';

export type Found = {
  columns: ColumnLook[];
  /** First rows below the header, as read. */
  rows: string[][];
  /** What was beyond doubt; the rest is a guess worth a look. */
  sure: { encoding: boolean; delimiter: boolean; header: boolean; decimal: boolean; dates: boolean };
  /** Dates of both orders stand in one file. */
  datesMixed: boolean;
};
export type Look = { settings: Settings; found: Found };

/** Opens the stored file from its start; asked for several times. */
export type OpenFile = () => Promise<Readable>;

const headBytes = 512 * 1024;
const sampledRows = 2_000;
const shownRows = 20;
/** How long to read on for a date that decides between day and month first. */
const longestSearch_ms = 3_000;

/**
 * `wanted`: settings a person has fixed; they are taken as they are and only the rest is detected.
 * Errors: refused (not text, not a table, empty, header only, broken gzip).
 */
export const lookAtFile = async (
  open: OpenFile,
  kinds: readonly ImportKind[],
  defaults: { zone: string },
  wanted: Partial<Settings> = {},
): Promise<Look> => {
  const compression = await containerOf(open);
  const head = await headOf(await open(), compression, headBytes);
  if (head.length === 0) throw emptyFile();
  const detected = detectEncoding(head);
  const encoding = (wanted.encoding as Encoding) ?? detected.encoding;
  const decoder = openDecoder(encoding);
  const text = decoder.write(head);
  if (looksBinary(text))
    throw new Refusal(
      'refused',
      'imports.not_text',
      'This file is not text. Save it as CSV from your shop or spreadsheet and upload that.',
    );
  const isWhole = head.length < headBytes;
  const said = saidSeparator(text);
  const dialect = said ? { ...detectDelimiter(text, isWhole), delimiter: said, sure: true } : detectDelimiter(text, isWhole);
  const delimiter = wanted.delimiter ?? dialect.delimiter;
  const quote = wanted.quote ?? dialect.quote;
  const reader = openCsv({ delimiter, quote });
  const all = isWhole ? [...reader.push(text + decoder.end()), ...reader.end()] : reader.push(text);
  const skip_rows = wanted.skip_rows ?? (said ? 1 : detectSkippedRows(all));
  const rows = all.slice(skip_rows, skip_rows + sampledRows).filter(row => row.some(cell => cell.trim() !== ''));
  if (rows.length === 0) throw isWhole ? emptyFile() : notATable();
  const names = knownNames(kinds);
  const heading = detectHeader(rows, name => names.has(name));
  const header = wanted.header ?? heading.header;
  const data = header ? rows.slice(1) : rows;
  if (data.length === 0)
    throw new Refusal(
      'refused',
      'imports.header_only',
      'This file has a header but no rows below it. Export it again with its rows, then upload that.',
    );
  const width = Math.max(header ? rows[0].length : 0, commonWidth(data).columns);
  const columns = lookAtColumns(columnNames(header ? rows[0] : null, width), data);
  const decimals = detectDecimals(columns, data, delimiter);
  const settings: Settings = {
    compression,
    encoding,
    delimiter,
    quote: quote as Settings['quote'],
    header,
    skip_rows,
    decimal: wanted.decimal ?? decimals.sign,
    date_order: null,
    zone: wanted.zone ?? defaults.zone,
    currency: wanted.currency ?? null,
  };
  const dates = wanted.date_order
    ? { order: wanted.date_order, sure: true, mixed: false }
    : await settleDates(open, settings, columns, data, isWhole);
  settings.date_order = dates.order;
  return {
    settings,
    found: {
      columns,
      rows: data.slice(0, shownRows).map(row => row.map(cell => cell.slice(0, 200))),
      sure: { encoding: detected.sure, delimiter: dialect.sure, header: heading.sure, decimal: decimals.sure, dates: dates.sure },
      datesMixed: dates.mixed,
    },
  };
};

/** Spreadsheets write "sep=;" above the table to tell each other what parts the cells. */
const saidSeparator = (text: string): string | null => {
  const said = /^"?sep=(.)"?[\r\n]/i.exec(text)?.[1] ?? null;
  return said !== null && (delimiters as readonly string[]).includes(said) ? said : null;
};

const containerOf = async (open: OpenFile): Promise<Compression> => {
  const first = await headOf(await open(), 'none', 16);
  if (first.length === 0) throw emptyFile();
  const container = sniff(first);
  if ('compression' in container) return container.compression;
  const what: Record<string, string> = {
    zip: 'a zip archive or an Excel workbook',
    excel: 'an old Excel workbook',
    pdf: 'a PDF',
    bzip2: 'packed with bzip2',
    xz: 'packed with xz',
    zstd: 'packed with zstd',
  };
  const advice = ['zip', 'excel'].includes(container.notText)
    ? 'Open it and save the sheet as CSV'
    : container.notText === 'pdf'
      ? 'Export the data as CSV'
      : 'Unpack it, or pack it with gzip';
  throw new Refusal(
    'refused',
    `imports.container_${container.notText}`,
    `This file is ${what[container.notText]}, not a table of text. ${advice}, then upload that.`,
  );
};

const emptyFile = () => new Refusal('refused', 'imports.empty', 'This file is empty. Export it again and upload the new file.');

/** Text has hardly any control characters besides tabs and line ends. */
const looksBinary = (text: string): boolean => {
  const sample = text.slice(0, 20_000);
  let odd = 0;
  for (let i = 0; i < sample.length; i++) {
    const code = sample.charCodeAt(i);
    if ((code < 32 && code !== 9 && code !== 10 && code !== 13 && code !== 12) || code === 0xfffd) odd++;
  }
  return odd * 20 > sample.length;
};

/** "01/12/2010" at the top of a file sorted by date says nothing; a "13/12/2010" far below does. */
const settleDates = async (
  open: OpenFile,
  settings: Settings,
  columns: readonly ColumnLook[],
  data: readonly string[][],
  isWhole: boolean,
): Promise<{ order: DateOrder | null; sure: boolean; mixed: boolean }> => {
  const first = detectDates(columns, data);
  if (first.order !== null || first.mixed || isWhole) return first;
  const timed = columns.filter(column => column.type === 'time').map(column => column.index);
  const until = Date.now() + longestSearch_ms;
  for await (const { rows } of readRows(await open(), { ...settings, encoding: settings.encoding as Encoding })) {
    // One value per column and batch is not enough: a batch may lie within the first twelve days.
    const found = detectDateOrder(timed.flatMap(column => rows.map(row => row[column] ?? '')));
    if (found?.order) return { order: found.order, sure: true, mixed: false };
    if (Date.now() > until) break;
  }
  return first;
};
