/**
 * CSV for spreadsheets: UTF-8 with a byte order mark, CRLF, quoted where needed, and no cell that a spreadsheet would run as a formula.
 * Streams row by row, so that a file may be larger than memory.
 */
import { Readable } from 'node:stream';

export type CsvValue = string | number | boolean | Date | readonly string[] | null | undefined;

/** Without it spreadsheets read the file in the machine's own code page. */
const byteOrderMark = '\ufeff';
/** What makes a spreadsheet take a text for a formula, also behind white space. Line breaks inside a text are harmless: it is quoted. */
const formulaStart = /^[\s\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n ]/;

/** One cell. Numbers stay numbers; a text that could be run as a formula gets an apostrophe in front; NUL characters go. */
export const csvCell = (value: CsvValue): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = (value instanceof Date ? value.toISOString() : typeof value === 'string' ? value : value.join(', ')).replaceAll(
    '\u0000',
    '',
  );
  const safe = formulaStart.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const csvLine = (values: readonly CsvValue[]): string => `${values.map(csvCell).join(',')}\r\n`;

async function* chunks(
  header: readonly string[],
  pages: AsyncIterable<readonly (readonly CsvValue[])[]>,
): AsyncGenerator<string> {
  yield byteOrderMark + csvLine(header);
  for await (const page of pages) if (page.length > 0) yield page.map(csvLine).join('');
}

/** A file of a header and pages of rows, as a stream to store or to send. */
export const csvStream = (header: readonly string[], pages: AsyncIterable<readonly (readonly CsvValue[])[]>): Readable =>
  Readable.from(chunks(header, pages));
