/**
 * Rows out of decoded text, chunk by chunk, in constant memory. RFC 4180 and what real files do to it: any line ending, ragged rows,
 * quotes inside plain fields, text after a closing quote, a quote that is never closed.
 *
 * Our own and not csv-parse because one forgotten quote must cost one row and not the import: csv-parse gives up on the file. It is also
 * more than twice as fast, which pays for reading twice (dry run, then import). A property test holds it equal to csv-parse.
 */
export type Dialect = { delimiter: string; quote: string };

/** A quoted field longer than this was never closed: its quote is an ordinary character. */
export const longestField = 128 * 1024;
/** A line longer than this is not a table. */
export const longestRow = 8 * 1024 * 1024;

export class RowTooLong extends Error {}

export type CsvReader = {
  /** Complete rows of what was fed so far. */
  push: (text: string) => string[][];
  /** What is left when the file ends. */
  end: () => string[][];
  /** Quotes that were never closed and taken as ordinary characters. */
  mended: () => number;
};

export const openCsv = ({ delimiter, quote }: Dialect): CsvReader => {
  let rest = '';
  let mended = 0;

  /** Takes rows from `text`; what could still go on stays in `rest`. */
  const take = (text: string, isLast: boolean): string[][] => {
    const rows: string[][] = [];
    const lines = lineFinder(text, isLast);
    const nextQuote = quote === '' ? () => -1 : finder(text, quote);
    let at = 0;
    while (at < text.length) {
      const end = lines(at);
      const quoteAt = nextQuote(at);
      if (quoteAt === -1 || (end !== null && quoteAt >= end.at)) {
        if (end === null) break;
        // The fast way: no quote before the end of the line.
        rows.push(text.slice(at, end.at).split(delimiter));
        at = end.next;
        continue;
      }
      const row = quotedRow(text, at, isLast);
      if (row === null) break;
      rows.push(row.cells);
      at = row.next;
    }
    rest = at === 0 ? text : text.slice(at);
    if (rest.length > longestRow) throw new RowTooLong();
    return rows;
  };

  const quotedRow = (text: string, start: number, isLast: boolean): { cells: string[]; next: number } | null => {
    const cells: string[] = [];
    let at = start;
    for (;;) {
      const field = text[at] === quote ? quotedField(text, at, isLast) : plainField(text, at, isLast);
      if (field === null) return null;
      cells.push(field.value);
      if (text[field.end] === delimiter) {
        at = field.end + 1;
        continue;
      }
      if (field.end >= text.length) return { cells, next: text.length };
      if (text[field.end] === '\n') return { cells, next: field.end + 1 };
      // A CR at the very end may be half of a CR LF.
      if (field.end === text.length - 1 && !isLast) return null;
      return { cells, next: text[field.end + 1] === '\n' ? field.end + 2 : field.end + 1 };
    }
  };

  /** Up to the next delimiter or line end; `null` when the text ends first and more is to come. */
  const plainField = (text: string, start: number, isLast: boolean): Field | null => {
    let at = start;
    for (; at < text.length; at++) {
      const character = text[at];
      if (character === delimiter || character === '\n' || character === '\r') return { value: text.slice(start, at), end: at };
    }
    return isLast ? { value: text.slice(start), end: at } : null;
  };

  const quotedField = (text: string, start: number, isLast: boolean): Field | null => {
    let value = '';
    let from = start + 1;
    for (;;) {
      const close = text.indexOf(quote, from);
      const length = (close === -1 ? text.length : close) - start;
      if (length > longestField || (close === -1 && isLast)) return unclosed(text, start, isLast);
      if (close === -1 || (close === text.length - 1 && !isLast)) return null;
      value += text.slice(from, close);
      const after = text[close + 1];
      if (after === quote) {
        value += quote;
        from = close + 2;
        continue;
      }
      if (after === undefined || after === delimiter || after === '\n' || after === '\r') return { value, end: close + 1 };
      // Over a line break and then text right behind the quote: that quote opens the next field, and ours was never closed.
      if (/[\r\n]/.test(value)) return unclosed(text, start, isLast);
      // Text after the closing quote belongs to the field, as spreadsheets read it.
      const tail = plainField(text, close + 1, isLast);
      return tail === null ? null : { value: value + tail.value, end: tail.end };
    }
  };

  const unclosed = (text: string, start: number, isLast: boolean): Field | null => {
    const field = plainField(text, start, isLast);
    if (field !== null) mended++;
    return field;
  };

  return { push: text => take(rest + text, false), end: () => take(rest, true), mended: () => mended };
};

type Field = { value: string; end: number };

/** The next place of a character from a position that only moves on; each stretch of text is searched once. */
const finder = (text: string, wanted: string): ((from: number) => number) => {
  let found = -2;
  return from => {
    if (found === -1 || found >= from) return found;
    found = text.indexOf(wanted, from);
    return found;
  };
};

/** Where the line ends and the next begins: LF, CR LF or CR. */
const lineFinder = (text: string, isLast: boolean): ((from: number) => { at: number; next: number } | null) => {
  const nextLf = finder(text, '\n');
  const nextCr = finder(text, '\r');
  return from => {
    const lf = nextLf(from);
    const cr = nextCr(from);
    if (cr !== -1 && (lf === -1 || cr < lf)) {
      if (cr === text.length - 1 && !isLast) return null;
      return { at: cr, next: lf === cr + 1 ? cr + 2 : cr + 1 };
    }
    if (lf !== -1) return { at: lf, next: lf + 1 };
    return isLast ? { at: text.length, next: text.length } : null;
  };
};
