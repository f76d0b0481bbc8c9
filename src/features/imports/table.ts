/** What a sample of a file says about its shape: delimiter, header, columns. Pure. */
import { openCsv } from './csv.ts';
import { type DateOrder, detectDateOrder } from './dates.ts';
import { type DecimalSign, detectDecimalSign, parseDecimal } from './numbers.ts';

export const delimiters = [',', ';', '\t', '|'] as const;

const rowsOf = (text: string, delimiter: string, quote: string, isWhole: boolean): string[][] => {
  const reader = openCsv({ delimiter, quote });
  return isWhole ? [...reader.push(text), ...reader.end()] : reader.push(text);
};

const filled = (rows: readonly string[][]): string[][] => rows.filter(row => row.some(cell => cell.trim() !== ''));

/**
 * The delimiter that cuts most rows into the same number (more than one) of cells; between equals the one with more cells.
 * `isWhole`: the sample is the whole file, so its last row counts too.
 */
export const detectDelimiter = (text: string, isWhole: boolean): { delimiter: string; quote: string; sure: boolean } => {
  let best = { delimiter: ',', quote: '"', score: 0, columns: 1 };
  for (const quote of text.includes('"') || !/(^|[,;\t|\n])'[^'\n]*'([,;\t|\r\n]|$)/.test(text) ? ['"'] : ['"', "'"]) {
    for (const delimiter of delimiters) {
      const rows = filled(rowsOf(text, delimiter, quote, isWhole)).slice(0, 500);
      if (rows.length === 0) continue;
      const { columns, share } = commonWidth(rows);
      // A quote sign that wraps cells must leave no quotes behind at their edges.
      const bare = rows.some(row => row.some(cell => cell.startsWith("'") && cell.endsWith("'") && cell.length > 1)) ? 0.5 : 1;
      const score = columns > 1 ? share * bare : 0;
      if (score > best.score + 0.02 || (Math.abs(score - best.score) <= 0.02 && columns > best.columns && score > 0))
        best = { delimiter, quote, score, columns };
    }
  }
  return { delimiter: best.delimiter, quote: best.quote, sure: best.score > 0.9 };
};

/** The most frequent number of cells and the share of rows that have it. */
export const commonWidth = (rows: readonly string[][]): { columns: number; share: number } => {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
  const [columns, count] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [1, 0];
  return { columns, share: count / Math.max(1, rows.length) };
};

/** Blank lines, titles and notes above the table: leading rows with hardly a cell filled while the table is wider. */
export const detectSkippedRows = (rows: readonly string[][]): number => {
  const filledCells = (row: readonly string[]) => row.filter(cell => cell.trim() !== '').length;
  const blank = Math.max(
    0,
    rows.findIndex(row => filledCells(row) > 0),
  );
  const { columns } = commonWidth(filled(rows));
  if (columns < 3) return blank;
  const start = rows.findIndex(row => filledCells(row) * 2 > columns);
  return start > blank && start <= 20 ? start : blank;
};

/** "InvoiceNo" -> "invoice no"; "E-Mail-Adresse" -> "e mail adresse"; accents are left out. */
export const normalHeader = (header: string): string =>
  header
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const isValue = (cell: string): boolean =>
  /\d/.test(cell) &&
  (parseDecimal(cell.trim(), '.') !== null ||
    parseDecimal(cell.trim(), ',') !== null ||
    detectDateOrder([cell]) !== null ||
    cell.includes('@'));

/** A header is a first row of words: sure when they are names we know or stand over columns that hold numbers and times. */
export const detectHeader = (
  rows: readonly string[][],
  isKnownName: (name: string) => boolean,
): { header: boolean; sure: boolean } => {
  const first = rows[0];
  if (!first) return { header: true, sure: false };
  const cells = first.map(cell => cell.trim()).filter(cell => cell !== '');
  const known = cells.filter(cell => isKnownName(normalHeader(cell))).length;
  if (cells.some(isValue)) return { header: false, sure: true };
  if (known >= 2 || (known >= 1 && cells.length <= 2)) return { header: true, sure: true };
  const below = rows.slice(1, 50);
  const valuesBelow = first.some(
    (_, column) => below.length > 0 && below.filter(row => isValue(row[column] ?? '')).length * 2 > below.length,
  );
  // A first row of words over rows of words: far more often a header than not, but worth a look.
  return { header: true, sure: valuesBelow };
};

/** Names for columns: the header's, made distinct; "Column 3" where there is none. */
export const columnNames = (header: readonly string[] | null, width: number): string[] => {
  const seen = new Map<string, number>();
  return Array.from({ length: width }, (_, index) => {
    const given = header?.[index]?.trim().slice(0, 200) || `Column ${index + 1}`;
    const times = (seen.get(given) ?? 0) + 1;
    seen.set(given, times);
    return times === 1 ? given : `${given} (${times})`;
  });
};

export type ColumnType = 'empty' | 'whole' | 'number' | 'time' | 'email' | 'yes_no' | 'currency' | 'country' | 'phone' | 'text';
export type ColumnLook = {
  index: number;
  name: string;
  type: ColumnType;
  /** Share of sampled rows with a value. */
  filled: number;
  /** Distinct values / values, of the sample. */
  distinct: number;
  negative: boolean;
  samples: string[];
};

const yesNo = /^(yes|no|true|false|ja|nein|oui|non|sí|si|y|n|wahr|falsch|subscribed|unsubscribed|t|f)$/i;
const countryWords = new Set([
  'united kingdom',
  'germany',
  'deutschland',
  'france',
  'spain',
  'italy',
  'united states',
  'usa',
  'uk',
  'netherlands',
  'austria',
  'switzerland',
  'belgium',
  'australia',
  'canada',
  'ireland',
  'eire',
]);
const currencyCodes = new Set([
  'EUR',
  'GBP',
  'USD',
  'CHF',
  'SEK',
  'NOK',
  'DKK',
  'PLN',
  'CZK',
  'HUF',
  'RON',
  'BGN',
  'CAD',
  'AUD',
  'NZD',
  'JPY',
  'CNY',
  'INR',
  'BRL',
  'MXN',
  'ZAR',
  'TRY',
  'SGD',
  'HKD',
  'KRW',
  'AED',
  'ILS',
  'UAH',
]);

const tests: [ColumnType, (value: string) => boolean][] = [
  ['email', value => /^[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+$/.test(value)],
  ['yes_no', value => yesNo.test(value)],
  ['currency', value => currencyCodes.has(value.toUpperCase()) && value.length === 3],
  ['whole', value => /^-?\d{1,18}$/.test(value)],
  ['number', value => parseDecimal(value, '.') !== null || parseDecimal(value, ',') !== null],
  ['phone', value => /^'?\+?[\d\s()/.-]{7,20}$/.test(value) && /^'?\+|[\s()/-]/.test(value)],
  ['country', value => /^[A-Z]{2}$/.test(value) || countryWords.has(value.toLowerCase())],
];

/** The type at least nine in ten of the values have. */
const typeOf = (values: readonly string[]): ColumnType => {
  if (values.length === 0) return 'empty';
  const most = (test: (value: string) => boolean) => values.filter(test).length * 10 >= values.length * 9;
  for (const [type, test] of tests.slice(0, 4)) if (most(test)) return type;
  if (detectDateOrder(values) !== null) return 'time';
  for (const [type, test] of tests.slice(4)) if (most(test)) return type;
  return 'text';
};

/** How each column looks in the sampled rows (without the header). */
export const lookAtColumns = (names: readonly string[], rows: readonly string[][]): ColumnLook[] =>
  names.map((name, index) => {
    const values = rows.map(row => (row[index] ?? '').trim()).filter(value => value !== '');
    const distinct = new Set(values);
    return {
      index,
      name,
      type: typeOf(values.slice(0, 400)),
      filled: rows.length === 0 ? 0 : values.length / rows.length,
      distinct: values.length === 0 ? 0 : distinct.size / values.length,
      negative: values.some(value => /^-\d/.test(value)),
      samples: [...distinct].slice(0, 5).map(value => value.slice(0, 120)),
    };
  });

/** The file's decimal sign, from columns that hold numbers. */
export const detectDecimals = (
  columns: readonly ColumnLook[],
  rows: readonly string[][],
  delimiter: string,
): { sign: DecimalSign; sure: boolean } => {
  const values = columns
    .filter(column => column.type === 'number' || column.type === 'whole')
    .flatMap(column => rows.map(row => (row[column.index] ?? '').trim()).filter(value => value !== ''));
  const sign = detectDecimalSign(values);
  if (sign) return { sign, sure: true };
  return { sign: delimiter === ';' ? ',' : '.', sure: !values.some(value => /[.,]/.test(value)) };
};

/** The file's order of day and month over all its time columns. `ask`: it may be read both ways. */
export const detectDates = (
  columns: readonly ColumnLook[],
  rows: readonly string[][],
): { order: DateOrder | null; sure: boolean; mixed: boolean } => {
  const values = columns.filter(column => column.type === 'time').flatMap(column => rows.map(row => row[column.index] ?? ''));
  const found = detectDateOrder(values);
  if (found === null) return { order: 'ymd', sure: false, mixed: false };
  return found.order === null
    ? { order: null, sure: false, mixed: found.mixed }
    : { order: found.order, sure: found.sure, mixed: false };
};
