/**
 * Files as people really have them: other encodings, other line ends, broken quotes, shifted columns, archives that want to fill the disk.
 * Each goes through the front door as it is. The promise (pains 38): one odd row costs that row, is named with its line and its reason,
 * and everything else goes in.
 */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../platform/errors.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { feature as shops } from '../shops/index.ts';
import { feature as tracking } from '../tracking/index.ts';
import { feature as imports } from './index.ts';
import { readRows, unpack } from './rows.ts';
import { bringer, zipOf } from './test/bring.ts';

let house: TestHouse;
let files: ReturnType<typeof bringer>;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking, imports] });
  files = bringer(house);
});
afterAll(() => house?.close());

const head = 'email,first name,city\n';
const three = `${head}a@shop.example,Zoë,Köln\nb@shop.example,René,Besançon\nc@shop.example,Åsa,Malmö\n`;
const names = ['Zoë of Köln', 'René of Besançon', 'Åsa of Malmö'];

type Nasty = {
  what: string;
  file: string | Buffer;
  name?: string;
  settings?: object;
  /** Lines of the report: row number and reason; empty: every row was simply kept. */
  report?: [row: number, code: string][];
  /** Of the whole file, not of one row. */
  noted?: Record<string, number>;
  kept: number;
  /** "first name of city", as they stand on the customers afterwards. */
  people?: string[];
};
const table: Nasty[] = [
  { what: 'UTF-8', file: three, settings: { encoding: 'utf-8' }, kept: 3, people: names },
  { what: 'UTF-8 with a byte order mark', file: `\ufeff${three}`, settings: { encoding: 'utf-8' }, kept: 3, people: names },
  {
    what: 'two files put together: a byte order mark and the header again in the middle',
    file: `${three}\ufeff${head}\ufeff"d@shop.example",Dé,Linz\n`,
    kept: 4,
    report: [[5, 'not_an_email']],
    people: [...names, 'Dé of Linz'],
  },
  {
    what: 'UTF-16 little end first, marked',
    file: Buffer.concat([Buffer.from([0xff, 0xfe]), iconv.encode(three, 'utf-16le')]),
    settings: { encoding: 'utf-16le' },
    kept: 3,
    people: names,
  },
  {
    what: 'UTF-16 little end first, unmarked',
    file: iconv.encode(three, 'utf-16le'),
    settings: { encoding: 'utf-16le' },
    kept: 3,
    people: names,
  },
  {
    what: 'UTF-16 big end first, marked',
    file: Buffer.concat([Buffer.from([0xfe, 0xff]), iconv.encode(three, 'utf-16be')]),
    settings: { encoding: 'utf-16be' },
    kept: 3,
    people: names,
  },
  {
    what: 'UTF-16 big end first, unmarked',
    file: iconv.encode(three, 'utf-16be'),
    settings: { encoding: 'utf-16be' },
    kept: 3,
    people: names,
  },
  {
    what: 'Windows-1252',
    file: iconv.encode(three, 'windows-1252'),
    settings: { encoding: 'windows-1252' },
    kept: 3,
    people: names,
  },
  {
    what: 'ISO 8859-15, told by its euro sign',
    file: iconv.encode(three.replace('Köln', 'Köln €'), 'iso-8859-15'),
    settings: { encoding: 'iso-8859-15' },
    kept: 3,
    people: ['Zoë of Köln €', 'René of Besançon', 'Åsa of Malmö'],
  },
  {
    what: 'Mac Roman with line feeds',
    file: iconv.encode(three, 'macintosh'),
    settings: { encoding: 'macintosh' },
    kept: 3,
    people: names,
  },
  {
    what: 'Mac Roman with carriage returns only',
    file: iconv.encode(three.replaceAll('\n', '\r'), 'macintosh'),
    settings: { encoding: 'macintosh' },
    kept: 3,
    people: names,
  },
  {
    what: 'Shift-JIS',
    file: iconv.encode(
      `メール,名,都市\n${['a', 'b', 'c', 'd'].map(name => `${name}@shop.example,ゆきこさん,とうきょうとしぶやく`).join('\n')}\n`,
      'shift_jis',
    ),
    settings: { encoding: 'shift_jis' },
    kept: 4,
  },
  {
    what: 'UTF-8 with single bytes of Windows-1252 in it',
    file: Buffer.concat([
      Buffer.from(head + Array.from({ length: 24 }, (_, i) => `k${i}@shop.example,Zoë,Köln\n`).join('')),
      iconv.encode('z@shop.example,Noël,Orléans\n', 'windows-1252'),
    ]),
    settings: { encoding: 'utf-8' },
    noted: { bytes_mended: 2 },
    kept: 25,
    people: [...Array<string>(24).fill('Zoë of Köln'), 'Noël of Orléans'],
  },
  { what: 'carriage returns only', file: three.replaceAll('\n', '\r'), kept: 3, people: names },
  {
    what: 'all three line ends in one file',
    file: `${head}a@shop.example,A,X\r\nb@shop.example,B,Y\rc@shop.example,C,Z\n`,
    kept: 3,
  },
  {
    what: 'line breaks inside quotes',
    file: `${head}a@shop.example,"Ana\nMaria","Bad\r\nHomburg"\nb@shop.example,B,Y\n`,
    kept: 2,
    people: ['Ana\nMaria of Bad\r\nHomburg', 'B of Y'],
  },
  {
    what: 'NUL characters',
    file: `${head}a@shop.example,A\0na,X\0\nb@shop.example,B,Y\n`,
    kept: 2,
    people: ['Ana of X', 'B of Y'],
  },
  {
    what: 'headers twice and headers missing',
    file: 'email,first name,city,,first name,\na@shop.example,A,X,1,Q,2\nb@shop.example,B,Y,1,R,2\n',
    kept: 2,
    people: ['A of X', 'B of Y'],
  },
  {
    what: 'a column too many in one row, one too few in another',
    file: `${head}a@shop.example,A,X\nb@shop.example,B,Y,shifted\nc@shop.example,C\n${Array.from({ length: 8 }, (_, i) => `k${i}@shop.example,K,Z\n`).join('')}`,
    report: [
      [3, 'too_many_cells'],
      [4, 'too_few_cells'],
    ],
    kept: 10,
  },
  {
    what: 'empty cells at the end left out throughout',
    file: `${head}a@shop.example,A\nb@shop.example,B\nc@shop.example,C,Z\n`,
    kept: 3,
  },
  {
    what: 'a quote that is never closed',
    file: `${head}a@shop.example,"A,X\nb@shop.example,"B, the second",Y\nc@shop.example,C,Z\n`,
    noted: { quotes_mended: 1 },
    kept: 3,
    people: ['"A of X', 'B, the second of Y', 'C of Z'],
  },
  { what: 'semicolons', file: three.replaceAll(',', ';'), settings: { delimiter: ';' }, kept: 3, people: names },
  { what: 'tabs', file: three.replaceAll(',', '\t'), settings: { delimiter: '\t' }, kept: 3, people: names },
  { what: 'bars', file: three.replaceAll(',', '|'), settings: { delimiter: '|' }, kept: 3, people: names },
  {
    what: 'a line that says what parts the cells',
    file: `sep=;\r\n${three.replaceAll(',', ';')}`,
    settings: { delimiter: ';', skip_rows: 1 },
    kept: 3,
    people: names,
  },
  {
    what: 'a title above the table and a sum below it',
    file: `Customers of 2024,,\n,,\n${head}a@shop.example,A,X\nb@shop.example,B,Y\nTotal: 2,,\n`,
    settings: { skip_rows: 2 },
    report: [[6, 'not_an_email']],
    kept: 2,
  },
  {
    what: 'blank rows, spaces, an address that is none, nobody at all',
    file: `${head}\n a@shop.example , A , X \n,,\nnot an address,B,Y\n,C,Z\n`,
    report: [
      [5, 'not_an_email'],
      [6, 'nobody'],
    ],
    kept: 1,
  },
  { what: 'gzip', file: gzipSync(three), name: 'people.csv.gz', settings: { compression: 'gzip' }, kept: 3, people: names },
  {
    what: 'a zip archive',
    file: zipOf({ 'export/people.csv': three }),
    name: 'people.zip',
    settings: { compression: 'gzip' },
    kept: 3,
    people: names,
  },
];

describe('nasty files', () => {
  test.each(table)('$what', async ({ file, name, settings, report, noted, kept, people }) => {
    const up = await files.bring(file, name);
    expect(up.status, up.text).toBe(201);
    if (settings) expect(up.body.settings).toMatchObject(settings);
    const mapping =
      up.body.kind === 'customers' && up.body.problems.length === 0
        ? undefined
        : {
            kind: 'customers',
            mapping: [
              { column: 0, field: 'email' },
              { column: 1, field: 'first_name' },
              { column: 2, field: 'city' },
            ],
          };
    const done = await files.act((mapping ? await files.edit(up.body, mapping) : up.body).id, 'start');
    expect(done.state).toBe('done');
    expect(done.counts.kept).toBe(kept);
    const rows = await house.context
      .postgres`select row_number::int as row, code from imports.row_report where import_id = ${done.id} order by 1, 2`;
    expect(rows.map(one => [one.row, one.code])).toEqual(report ?? []);
    expect(done.counts.noted).toMatchObject(noted ?? {});
    if (people) {
      const found = await house.context.postgres`
        select first.value #>> '{}' as name, city.value #>> '{}' as city from customers.customer c
        join customers.attribute first on first.customer_id = c.id and first.code = 'first_name'
        join customers.attribute city on city.customer_id = c.id and city.code = 'city' where c.import_id = ${done.id} order by c.email`;
      expect(found.map(one => `${one.name} of ${one.city}`)).toEqual(people);
    }
    await files.act(done.id, 'undo');
    expect(await house.context.postgres`select id from customers.customer`).toHaveLength(0);
  });
});

describe('what is refused leaves nothing', () => {
  const flat = (name: string) => `${name}@shop.example\n`;
  const overlapping = () => {
    const zip = zipOf({ 'a.csv': head + flat('a'), 'b.csv': head + flat('b') });
    // The second entry of the directory points at the first one's bytes.
    const at = zip.indexOf('PK\u0001\u0002', zip.indexOf('PK\u0001\u0002') + 4, 'latin1');
    zip.writeUInt32LE(0, at + 42);
    return zip;
  };
  test.each([
    ['an archive without a table', zipOf({ 'photo.jpg': 'x', 'read me.md': 'y' }), 'imports.zip_without_table'],
    ['a workbook', zipOf({ '[Content_Types].xml': '<x/>', 'xl/workbook.xml': '<x/>' }), 'imports.container_workbook'],
    ['an archive whose entries lie over each other', overlapping(), 'imports.container_zip'],
    ['an archive cut off', zipOf({ 'a.csv': three.repeat(50) }).subarray(0, 200), 'imports.container_zip'],
    [
      'an archive of too many tables',
      zipOf(Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`${i}.csv`, three]))),
      'imports.zip_too_many',
    ],
    ['random bytes', randomBytes(4_000), 'imports.not_text'],
  ] as [string, Buffer, string][])('%s', async (_what, file, code) => {
    const count = async () =>
      (
        await house.context
          .postgres`select (select count(*)::int from platform.file) as files, (select count(*)::int from imports.import) as imports`
      )[0];
    const before = { ...(await count()) };
    const answer = await files.bring(file, 'x.zip');
    expect([answer.status, answer.body.code]).toEqual([422, code]);
    expect({ ...(await count()) }).toEqual(before);
  });

  test('a packed file that swells as no table does is stopped long before it is unpacked', async () => {
    const zeros = Buffer.alloc(2 ** 20, 'a,b,c\n');
    const bomb = Readable.from(
      (function* () {
        for (let i = 0; i < 2_000; i++) yield zeros;
      })(),
    ).pipe(createGzip({ level: 9 }));
    const packed: Buffer[] = [];
    for await (const chunk of bomb) packed.push(chunk as Buffer);
    let bytes = 0;
    const read = async () => {
      for await (const chunk of unpack(Readable.from(packed), 'gzip')) bytes += chunk.length;
    };
    await expect(read()).rejects.toThrow(Refusal);
    expect(bytes).toBeLessThan(300 * 2 ** 20);
  });
});

test('a stream of any length is read in constant memory', async () => {
  const row = `${'somebody@shop.example,Some Body,"A city, with a comma"\n'.repeat(20_000)}`;
  const chunk = Buffer.from(row);
  const times = 200;
  const source = Readable.from(
    (function* () {
      for (let i = 0; i < times; i++) yield chunk;
    })(),
  );
  let rows = 0;
  let most = 0;
  for await (const batch of readRows(source, { compression: 'none', encoding: 'utf-8', delimiter: ',', quote: '"' })) {
    rows += batch.rows.length;
    if (rows % 400_000 < 20_000) {
      globalThis.gc?.();
      most = Math.max(most, process.memoryUsage().heapUsed);
    }
  }
  expect(rows).toBe(times * 20_000);
  expect(most).toBeLessThan(400 * 2 ** 20);
}, 60_000);
