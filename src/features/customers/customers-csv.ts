/** The list as a spreadsheet: read portion by portion, cells that a spreadsheet cannot mistake for formulas. */
import { Readable } from 'node:stream';
import type { Context } from '../../platform/context.ts';
import { csvLine } from '../../platform/csv.ts';
import { guardExport } from '../access/index.ts';
import type { CustomerRow } from './contract.ts';
import { countCustomers, listCustomers } from './list-customers.ts';
import type { ListInput } from './list-query.ts';

const mostRows = 100_000;
const fixed = ['id', 'outside_id', 'name', 'email', 'phone', 'country', 'city', 'known_since', 'last_seen_at', 'tags'] as const;

const lineOf = (row: CustomerRow, columns: readonly string[]): string =>
  csvLine([...fixed.map(name => row[name]), ...columns.map(code => row.facts[code])]);

type Page = Awaited<ReturnType<typeof listCustomers>>;

async function* lines(context: Context, input: ListInput, first: Page): AsyncGenerator<string> {
  // A byte order mark, or spreadsheets read the file in the machine's own code page.
  yield `\ufeff${csvLine([...fixed, ...input.columns])}`;
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
export const customersCsv = async (context: Context, input: ListInput): Promise<Readable> => {
  const first = await pageOf(context, input);
  const rows = first.next_cursor === null ? first.data.length : Math.min(await countCustomers(context, input), mostRows);
  const filters = input.filter.map(one => one.split(':')[0]);
  await guardExport(context, {
    kind: 'customers.list',
    rows,
    filter: { filters, searched: input.query.trim() !== '', columns: input.columns },
  });
  return Readable.from(lines(context, input, first));
};
