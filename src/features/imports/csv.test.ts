import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestField, openCsv } from './csv.ts';

const readAll = (text: string, chunk = text.length || 1, delimiter = ',', quote = '"') => {
  const reader = openCsv({ delimiter, quote });
  const rows: string[][] = [];
  for (let at = 0; at < text.length; at += chunk) rows.push(...reader.push(text.slice(at, at + chunk)));
  rows.push(...reader.end());
  return { rows, mended: reader.mended() };
};

describe('rows out of text', () => {
  const table: [what: string, text: string, rows: string[][]][] = [
    ['an empty file', '', []],
    ['one line without an end', 'a,b', [['a', 'b']]],
    [
      'CR LF',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'old Mac line ends',
      'a,b\rc,d\r',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['mixed line ends', 'a\nb\r\nc\rd', [['a'], ['b'], ['c'], ['d']]],
    ['an empty line in between', 'a\n\nb\n', [['a'], [''], ['b']]],
    ['ragged rows', 'a,b,c\nd\ne,f,g,h\n', [['a', 'b', 'c'], ['d'], ['e', 'f', 'g', 'h']]],
    ['quotes', '"a,b","c ""d"""\n', [['a,b', 'c "d"']]],
    [
      'a line break inside quotes',
      '"a\r\nb",c\nd,e',
      [
        ['a\r\nb', 'c'],
        ['d', 'e'],
      ],
    ],
    [
      'empty cells at the end',
      'a,,\n"x",\n',
      [
        ['a', '', ''],
        ['x', ''],
      ],
    ],
    [
      'a quote inside a plain field',
      'TV 32" black,1\nb,2\n',
      [
        ['TV 32" black', '1'],
        ['b', '2'],
      ],
    ],
    ['text after a closing quote', '"a" b,c\n', [['a b', 'c']]],
    [
      'a quote never closed, before other quotes',
      '"5 inch,A\n"B, C",x\nd,e\n',
      [
        ['"5 inch', 'A'],
        ['B, C', 'x'],
        ['d', 'e'],
      ],
    ],
    [
      'a quote never closed, to the end',
      'a,b\n"c,d\ne,f\n',
      [
        ['a', 'b'],
        ['"c', 'd'],
        ['e', 'f'],
      ],
    ],
  ];
  test.each(table)('%s', (_what, text, rows) => {
    expect(readAll(text).rows).toEqual(rows);
    for (const chunk of [1, 2, 3, 7]) expect(readAll(text, chunk).rows).toEqual(rows);
  });

  test('one forgotten quote costs one row, not the file', () => {
    const filler = 'plain,row\n'.repeat(longestField / 4);
    const { rows, mended } = readAll(`a,b\n"forgotten,1\n${filler}`, 65_536);
    expect(mended).toBe(1);
    expect(rows[1]).toEqual(['"forgotten', '1']);
    expect(rows.length).toBe(2 + longestField / 4);
  });

  test('reads well-formed files as csv-parse does, however they are cut', () => {
    const cell = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('', 'a"b', '"', 'x\ny', 'x\r\ny', ' pad ', 'é€', ','));
    const write = (value: string, delimiter: string) =>
      /["\n\r,;\t|]/.test(value) || value.includes(delimiter) ? `"${value.replaceAll('"', '""')}"` : value;
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (rows, delimiter, end, chunk, closes) => {
          const text = rows.map(row => row.map(value => write(value, delimiter)).join(delimiter)).join(end) + (closes ? end : '');
          const judge = parse(text, {
            delimiter,
            relax_column_count: true,
            relax_quotes: true,
            record_delimiter: [end],
          }) as string[][];
          // csv-parse leaves lines out that are wholly empty; we report them.
          expect(readAll(text, chunk, delimiter).rows.filter(row => row.length > 1 || row[0] !== '')).toEqual(
            judge.filter(row => row.length > 1 || row[0] !== ''),
          );
        },
      ),
      { seed: 20111209, numRuns: 2000 },
    );
  });
});
