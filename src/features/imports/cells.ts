/** Reads cells of a row by field, as the mapping and the settings say. Pure; each getter finds its column once. */
import { clockIn, type DateOrder, readTime } from './dates.ts';
import type { Run } from './kind.ts';
import { canonical, parseDecimal } from './numbers.ts';

type Cells = readonly string[];
export type CellReader = {
  has: (field: string) => boolean;
  /** Trimmed text, '' when missing. An apostrophe that keeps spreadsheets from running a formula is taken off. */
  text: (field: string) => (cells: Cells) => string;
  /** Canonical decimal text; null: no number; '' : empty. */
  decimal: (field: string) => (cells: Cells) => string | null;
  /** Instant; null: no time in this order of day and month; undefined: empty. */
  time: (field: string) => (cells: Cells) => Date | null | undefined;
  /** Columns of a field that may be given several times, with their names. */
  many: (field: string) => { name: string; column: string; read: (cells: Cells) => string }[];
};

const guarded = /^'(?=[=+\-@\d])/;
const clean = (cell: string | undefined): string => {
  if (cell === undefined) return '';
  const text = cell.trim();
  return text.charCodeAt(0) === 39 && guarded.test(text) ? text.slice(1) : text;
};

export const cellReader = (run: Pick<Run, 'mapping' | 'settings' | 'columns'>): CellReader => {
  const columns = new Map<string, number>();
  for (const one of run.mapping) if (!columns.has(one.field)) columns.set(one.field, one.column);
  const text = (field: string) => {
    const column = columns.get(field);
    return column === undefined ? () => '' : (cells: Cells) => clean(cells[column]);
  };
  const toInstant = clockIn(run.settings.zone);
  const order: DateOrder = run.settings.date_order ?? 'ymd';
  return {
    has: field => columns.has(field),
    text,
    decimal: field => {
      const read = text(field);
      return cells => {
        const value = read(cells);
        if (value === '') return '';
        const decimal = parseDecimal(value, run.settings.decimal);
        return decimal === null ? null : canonical(decimal);
      };
    },
    time: field => {
      const read = text(field);
      // Rows of one invoice carry the same time: the last one is remembered.
      let lastText = '';
      let last: Date | null = null;
      return cells => {
        const value = read(cells);
        if (value === '') return undefined;
        if (value === lastText) return last;
        const time = readTime(value, order);
        lastText = value;
        last = time && toInstant(time);
        return last;
      };
    },
    many: field =>
      run.mapping
        .filter(one => one.field === field)
        .map(one => ({
          name: one.name?.trim() ?? '',
          column: run.columns[one.column] ?? '',
          read: (cells: Cells) => clean(cells[one.column]),
        })),
  };
};
