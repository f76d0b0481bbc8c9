/** The row report as CSV: the rows as they were, then which row, what became of it and why. */
import { Readable } from 'node:stream';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { openTexts } from '../../platform/texts.ts';
import { guardExport } from '../access/index.ts';
import type { ImportRow } from './import.ts';
import { importKinds } from './kind.ts';
import { importFor, maySeeRows } from './manage-imports.ts';
import { reportColumns } from './mapping.ts';
import { readReport, type StoredReportRow } from './postgres.ts';
import { en } from './texts/en.ts';

/** A cell that a spreadsheet would run as a formula gets an apostrophe in front; plain numbers stay numbers. Reading takes it off again. */
export const safeCell = (cell: string): string =>
  /^[=+\-@\t\r\n\0 ]/.test(cell) && !/^[+-]?[\d.,]+$/.test(cell) ? `'${cell}` : cell;

const quoted = (cell: string): string => (/["\n\r,;\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const line = (cells: readonly string[]): string => `${cells.map(cell => quoted(safeCell(cell))).join(',')}\r\n`;

/** Errors: not_found, forbidden (the rows hold contact data and amounts). */
export const reportOf = async (
  context: Context,
  id: string,
  outcome: 'skipped' | 'all',
): Promise<{ file: Readable; filename: string }> => {
  const row = await importFor(context, id);
  if (!maySeeRows(context))
    throw new Refusal(
      'forbidden',
      'imports.rows_hidden',
      'The rows hold contact data and amounts, which your role does not show. Ask an owner.',
    );
  const outcomes = outcomesOf(outcome);
  const [{ rows }] = await context.postgres`
    select count(*)::int as rows from imports.row_report where import_id = ${row.id} and outcome = any(${outcomes}::text[])`;
  await guardExport(context, { kind: 'imports.rows', rows, filter: { import: row.id, outcome } });
  return {
    file: Readable.from(linesOf(context, row, outcome)),
    filename: `${row.file_name.replace(/\.(csv|tsv|txt|gz)+$/gi, '')} - rows to mend.csv`,
  };
};

const outcomesOf = (outcome: 'skipped' | 'all'): string[] => (outcome === 'all' ? ['skipped', 'merged', 'noted'] : ['skipped']);

async function* linesOf(context: Context, row: ImportRow, outcome: 'skipped' | 'all'): AsyncGenerator<string> {
  const kind = context.slots.get(importKinds, row.kind);
  const { text } = openTexts({ en: { ...kind?.texts, ...en } });
  const fieldName = (code: string | null) => {
    const field = kind?.fields.find(one => one.code === code);
    return field ? text(field.label) : (code ?? '');
  };
  const why = (one: StoredReportRow) => text(`imports.reason.${one.code}`, { ...one.values, field: fieldName(one.field) });
  const columns = row.found.columns.map(column => column.name);
  // The byte order mark makes spreadsheets read it as UTF-8.
  yield `\ufeff${line([...columns, ...reportColumns])}`;
  const outcomes = outcomesOf(outcome);
  for (let after = 0; ; ) {
    const rows = await readReport(context, row.id, after, 2_000, outcomes);
    if (rows.length === 0) return;
    const cells = (one: StoredReportRow) =>
      one.cells.length >= columns.length ? one.cells : [...one.cells, ...Array(columns.length - one.cells.length).fill('')];
    yield rows
      .map(one => line([...cells(one), String(one.row_number), text(`imports.outcome.${one.outcome}`), why(one)]))
      .join('');
    after = rows.at(-1)!.row_number;
  }
}
