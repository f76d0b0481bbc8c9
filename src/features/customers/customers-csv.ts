/** The list as a spreadsheet: read portion by portion, cells that a spreadsheet cannot mistake for formulas. */
import { Readable } from 'node:stream';
import type { Context } from '../../platform/context.ts';
import type { CustomerRow } from './contract.ts';
import { listCustomers } from './list-customers.ts';
import type { ListInput } from './list-query.ts';

const mostRows = 100_000;
const fixed = ['id', 'outside_id', 'name', 'email', 'phone', 'country', 'city', 'known_since', 'last_seen_at', 'tags'] as const;

/** A leading =, +, -, @, tab or line break would be run by some spreadsheets: an apostrophe in front makes it text. Numbers stay numbers. */
export const csvCell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = (Array.isArray(value) ? value.join(', ') : String(value)).replaceAll('\u0000', '');
  const safe = /^\s*[=+\-@\t\r\n]/.test(text) && !/^\+\d{6,17}$/.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const lineOf = (row: CustomerRow, columns: readonly string[]): string =>
  `${[...fixed.map(name => csvCell(row[name])), ...columns.map(code => csvCell(row.facts[code]))].join(',')}\r\n`;

type Page = Awaited<ReturnType<typeof listCustomers>>;

async function* lines(context: Context, input: ListInput, first: Page): AsyncGenerator<string> {
  // A byte order mark, or spreadsheets read the file in the machine's own code page.
  yield `\ufeff${[...fixed, ...input.columns].map(csvCell).join(',')}\r\n`;
  let page = first;
  for (let sent = 0; sent < mostRows; ) {
    yield page.data.map(row => lineOf(row, input.columns)).join('');
    sent += page.data.length;
    if (page.next_cursor === null) return;
    page = await pageOf(context, input, page.next_cursor);
  }
}

const pageOf = (context: Context, input: ListInput, cursor?: string): Promise<Page> =>
  listCustomers(context, { ...input, limit: 1000, cursor });

/** The first page is read before anything is sent, so that a refusal (unknown sort, hidden column) is an answer and not a broken file. */
export const customersCsv = async (context: Context, input: ListInput): Promise<Readable> =>
  Readable.from(lines(context, input, await pageOf(context, input)));
