/** Cuts a file's rows into portions, reads each row by the import's kind, and keeps rows of one group (an invoice) together. */

import type { Encoding } from './encoding.ts';
import type { RowReason } from './import.ts';
import type { ImportKind, Numbered, Reason, Run } from './kind.ts';
import type { OpenFile } from './look-at-file.ts';
import { readRows } from './rows.ts';

export type Portion<R> = {
  /** Data rows before and after this portion: what `position` counts. */
  from: number;
  until: number;
  records: Numbered<R>[];
  /** Rows the reader could not use, with why; blank rows are only counted. */
  unread: RowReason[];
  blank: number;
  /** Rows with fewer cells than the table, where hardly any has: something may have shifted. */
  short: RowReason[];
  cellsOf: (row: number) => readonly string[];
  bytesRead: number;
  mendedBytes: number;
  mendedQuotes: number;
};

/** Rows written in one transaction. */
export const portionRows = 10_000;
/** A group longer than this may be cut: its lines then arrive in several portions. */
const longestHeld = 5_000;

type Pending<R> = {
  row: number;
  cells: readonly string[];
  record: R | null;
  group: string | null;
  skip: Reason | null;
  blank: boolean;
};

/** Portions from data row `start` on. Row numbers count as a spreadsheet does: the first line of the file is 1. */
export async function* portions<R>(open: OpenFile, kind: ImportKind<R>, run: Run, start: number): AsyncGenerator<Portion<R>> {
  const read = kind.reader(run);
  const width = run.columns.length;
  const above = run.settings.skip_rows + (run.settings.header ? 1 : 0);
  let pending: Pending<R>[] = [];
  let line = 0;
  let at = start;
  let last = { bytesRead: 0, mendedBytes: 0, mendedQuotes: 0 };

  const cut = (count: number): Portion<R> => {
    const taken = pending.slice(0, count);
    pending = pending.slice(count);
    const cells = new Map(taken.map(one => [one.row, one.cells]));
    const portion: Portion<R> = {
      from: at,
      until: at + taken.length,
      records: taken.filter(one => one.record !== null).map(one => ({ row: one.row, record: one.record! })),
      unread: taken.filter(one => one.skip !== null).map(one => ({ row: one.row, reason: one.skip! })),
      blank: taken.filter(one => one.blank).length,
      short: shortRows(taken, width),
      cellsOf: row => cells.get(row) ?? [],
      ...last,
    };
    at = portion.until;
    return portion;
  };

  for await (const batch of readRows(await open(), { ...run.settings, encoding: run.settings.encoding as Encoding })) {
    last = { bytesRead: batch.bytesRead, mendedBytes: batch.mendedBytes, mendedQuotes: batch.mendedQuotes };
    for (const cells of batch.rows) {
      line++;
      if (line <= above + start) continue;
      pending.push(readOne(read, cells, line, width));
      if (pending.length >= portionRows) {
        const whole = pending.length - heldBack(pending);
        yield cut(whole);
      }
    }
  }
  if (pending.length > 0) yield cut(pending.length);
}

/** Many exports leave empty cells at the end out: then short rows are the rule and say nothing. */
const shortRows = (rows: readonly Pending<unknown>[], width: number): RowReason[] => {
  const short = rows.filter(one => one.record !== null && one.cells.length < width);
  return short.length * 10 > rows.length && short.length > 1
    ? []
    : short.map(one => ({
        row: one.row,
        reason: { code: 'too_few_cells', values: { cells: one.cells.length, columns: width } },
      }));
};

const readOne = <R>(
  read: ReturnType<ImportKind<R>['reader']>,
  cells: readonly string[],
  row: number,
  width: number,
): Pending<R> => {
  const nothing = { row, cells, record: null, group: null, skip: null, blank: false };
  if (cells.every(cell => cell.trim() === '')) return { ...nothing, blank: true };
  if (cells.length > width && cells.slice(width).some(cell => cell.trim() !== '')) {
    return { ...nothing, skip: { code: 'too_many_cells', values: { cells: cells.length, columns: width } } };
  }
  const result = read(cells, row);
  return 'skip' in result ? { ...nothing, skip: result.skip } : { ...nothing, record: result.record, group: result.group };
};

/** How many rows at the end belong to a group that may go on: they wait for the next portion. */
const heldBack = <R>(pending: readonly Pending<R>[]): number => {
  const group = pending.at(-1)!.group;
  if (group === null) return 0;
  let held = 0;
  while (held < pending.length && pending[pending.length - 1 - held].group === group) held++;
  return held >= longestHeld || held === pending.length ? 0 : held;
};
