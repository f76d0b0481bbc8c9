import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, csvStream } from './csv.ts';

describe('a cell of a CSV file', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49 170', "'+49 170"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', `"'\t=1"`],
    ['\r=1', `"'\r=1"`],
    ['\n=1', `"'\n=1"`],
    [' =1', "' =1"],
    [' plain', "' plain"],
    ['\u0000=1', "'=1"],
    ['＝1', "'＝1"],
    ['a=1', 'a=1'],
    ['Ana "A", Berlin', '"Ana ""A"", Berlin"'],
    [-12.5, '-12.5'],
    [null, ''],
    [['a', '=b'], '"a, =b"'],
    [true, 'true'],
  ])('%j is written %j', (value, cell) => {
    expect(csvCell(value as string)).toBe(cell);
  });

  it('never begins like a formula, and reads back as it was', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ' ', '\u0000', '"', ',', 'a', '1') }),
        text => {
          const [[read]] = parse(`${csvCell(text)},end\r\n`) as string[][];
          expect(read).not.toMatch(/^[\s]*[=+\-@\t\r]/);
          expect(read.replace(/^'(?=[\s]*[=+\-@]|[\t\r\n ])/, '')).toBe(text.replaceAll('\u0000', ''));
        },
      ),
      { seed: 1 },
    );
  });

  it('makes a file that spreadsheets read as UTF-8', async () => {
    async function* pages() {
      yield [['Zoë', 1]];
      yield [];
    }
    let file = '';
    for await (const chunk of csvStream(['name', 'orders'], pages())) file += chunk;
    expect(file).toBe('\ufeffname,orders\r\nZoë,1\r\n');
  });
});
