import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../platform/errors.ts';
import { clockIn, detectDateOrder, readTime } from './dates.ts';
import { detectEncoding, openDecoder } from './encoding.ts';
import { lookAtFile } from './look-at-file.ts';
import { canonical, detectDecimalSign, parseDecimal } from './numbers.ts';
import { readRows } from './rows.ts';
import { normalHeader } from './table.ts';

const look = (bytes: Buffer | string, wanted = {}) =>
  lookAtFile(
    async () => Readable.from([typeof bytes === 'string' ? Buffer.from(bytes) : bytes]),
    [],
    { zone: 'Europe/London' },
    wanted,
  );
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no refusal',
    error => (error instanceof Refusal ? error.code : String(error)),
  );

describe('numbers', () => {
  const table: [text: string, sign: '.' | ',', decimal: string | null][] = [
    ['12', '.', '12'],
    ['12.50', '.', '12.50'],
    ['-3', '.', '-3'],
    ['1,234.50', '.', '1234.50'],
    ['1.234,50', ',', '1234.50'],
    ['12,5', ',', '12.5'],
    ["1'234.50", '.', '1234.50'],
    ['1 234,50', ',', '1234.50'],
    ['1\u202f234,50 €', ',', '1234.50'],
    ['£2.55', '.', '2.55'],
    ['EUR 2.55', '.', '2.55'],
    ['2,55 EUR', ',', '2.55'],
    ['(5.00)', '.', '-5.00'],
    ['5-', '.', '-5'],
    ['\u22125', '.', '-5'],
    ['+7', '.', '7'],
    ['.5', '.', '0.5'],
    ['1.5E3', '.', '1500'],
    ['1e-2', '.', '0.01'],
    ['0.00001', '.', '0.00001'],
    ['12,34,567.5', '.', '1234567.5'],
    ['12,5', '.', null],
    ['1.2.3', '.', null],
    ['', '.', null],
    ['abc', '.', null],
    ['-', '.', null],
    ['1-2', '.', null],
    ['-0', '.', '-0'],
    ['12345678901234567890.123', '.', '12345678901234567890.123'],
  ];
  test.each(table)('%j with decimal sign %j is %j', (text, sign, decimal) => {
    expect(parseDecimal(text, sign)).toBe(decimal);
  });
  test('one number has one text', () => {
    expect(['6', '6.0', '6.00', '006', '0.50', '-0.0', '-2.50', '100'].map(canonical)).toEqual([
      '6',
      '6',
      '6',
      '6',
      '0.5',
      '0',
      '-2.5',
      '100',
    ]);
  });
  test.each([
    [['1.234,50', '7'], ','],
    [['12,5'], ','],
    [['12.50', '1,234.00'], '.'],
    [['1,234', '5,678'], null],
    [['1.234.567'], null],
    [['3', '4'], null],
  ] as const)('%j speak for %j', (values, sign) => expect(detectDecimalSign(values)).toBe(sign));
});

describe('times', () => {
  const table: [text: string, order: 'ymd' | 'dmy' | 'mdy' | 'epoch', instant: string | null][] = [
    ['2010-12-01 08:26:00', 'ymd', '2010-12-01T08:26:00.000Z'],
    ['2011-07-01 08:26', 'ymd', '2011-07-01T07:26:00.000Z'],
    ['2010-12-01', 'dmy', '2010-12-01T00:00:00.000Z'],
    ['2010-12-01T08:26:00Z', 'ymd', '2010-12-01T08:26:00.000Z'],
    ['2010-12-01T08:26:00.123+02:00', 'ymd', '2010-12-01T06:26:00.123Z'],
    ['2024-01-15 10:30:00 -0500', 'ymd', '2024-01-15T15:30:00.000Z'],
    ['01/12/2010 08:26', 'dmy', '2010-12-01T08:26:00.000Z'],
    ['12/1/2010 8:26', 'mdy', '2010-12-01T08:26:00.000Z'],
    ['1.12.2010', 'dmy', '2010-12-01T00:00:00.000Z'],
    ['1/12/10', 'dmy', '2010-12-01T00:00:00.000Z'],
    ['12/1/2010 8:26 PM', 'mdy', '2010-12-01T20:26:00.000Z'],
    ['12/1/2010 12:05 am', 'mdy', '2010-12-01T00:05:00.000Z'],
    ['2010/12/01', 'ymd', '2010-12-01T00:00:00.000Z'],
    ['19970118', 'ymd', '1997-01-18T00:00:00.000Z'],
    ['20101201T082600', 'ymd', '2010-12-01T08:26:00.000Z'],
    ['1 Dec 2010', 'ymd', '2010-12-01T00:00:00.000Z'],
    ['December 1st, 2010 8:26', 'ymd', '2010-12-01T08:26:00.000Z'],
    ['1. Dezember 2010', 'ymd', '2010-12-01T00:00:00.000Z'],
    ['01-Dec-10', 'ymd', '2010-12-01T00:00:00.000Z'],
    ['1 de diciembre de 2010', 'ymd', '2010-12-01T00:00:00.000Z'],
    ['1291191960', 'epoch', '2010-12-01T08:26:00.000Z'],
    ['1291191960000', 'epoch', '2010-12-01T08:26:00.000Z'],
    ['29/02/2011', 'dmy', null],
    ['31/04/2010', 'dmy', null],
    ['2010-13-01', 'ymd', null],
    ['13/13/2010', 'dmy', null],
    ['24:00', 'dmy', null],
    ['2010-12-01 25:00', 'ymd', null],
    ['soon', 'ymd', null],
    ['', 'ymd', null],
    // The hour that does not exist is read as the one after; the hour that exists twice as the first.
    ['2011-03-27 01:30', 'ymd', '2011-03-27T01:30:00.000Z'],
    ['2011-10-30 01:30', 'ymd', '2011-10-30T00:30:00.000Z'],
  ];
  const toInstant = clockIn('Europe/London');
  test.each(table)('%j read as %s is %s', (text, order, instant) => {
    const time = readTime(text, order);
    expect(time && toInstant(time).toISOString()).toBe(instant);
  });
  test.each([
    [['01/12/2010', '13/12/2010'], 'dmy'],
    [['12/1/2010', '12/13/2010'], 'mdy'],
    [['2010-12-01'], 'ymd'],
    [['1.12.2010', '2.12.2010'], 'dmy'],
    [['1291191960', '1291191961'], 'epoch'],
    [['01/12/2010'], null],
    [['13/01/2010', '01/13/2010'], null],
  ] as const)('%j stand in the order %j', (values, order) => expect(detectDateOrder(values)?.order ?? null).toBe(order));
  test('words are no times', () => expect(detectDateOrder(['red', 'blue', '3'])).toBe(null));
});

describe('encodings', () => {
  const text = 'Name;Straße;Preis\nJürgen Müller;Große Allee 5;12,50 €\nZoë Ångström;Rue de l\u2019Été;3,00 €\n';
  const table: [what: string, bytes: Buffer, encoding: string][] = [
    ['UTF-8', Buffer.from(text), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['UTF-16 LE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 BE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'utf-16be'],
    ['UTF-16 LE without a mark', Buffer.from(text, 'utf16le'), 'utf-16le'],
    ['UTF-16 BE without a mark', Buffer.from(text, 'utf16le').swap16(), 'utf-16be'],
    ['Windows-1252', iconv.encode(text, 'windows-1252'), 'windows-1252'],
    ['old Mac', iconv.encode(text.replaceAll('\n', '\r').replaceAll('€', 'kr'), 'macintosh'), 'macintosh'],
    ['plain letters', Buffer.from('a;b\n1;2\n'), 'utf-8'],
  ];
  test.each(table)('%s', async (_what, bytes, encoding) => {
    expect(detectEncoding(bytes).encoding).toBe(encoding);
    const { settings, found } = await look(bytes);
    expect(settings.encoding).toBe(encoding);
    if (bytes.length < 20) return;
    expect(settings).toMatchObject({ delimiter: ';', header: true, decimal: ',' });
    expect(found.columns[0].name).toBe('Name');
    expect(found.rows[0].slice(0, 2)).toEqual(['Jürgen Müller', 'Große Allee 5']);
  });
  test('a character cut between two chunks', () => {
    const bytes = Buffer.from('aé€😀z');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoder = openDecoder('utf-8');
      expect(decoder.write(bytes.subarray(0, cut)) + decoder.write(bytes.subarray(cut)) + decoder.end()).toBe('aé€😀z');
      expect(decoder.mended()).toBe(0);
    }
  });
  test('foreign bytes inside UTF-8 are read as Windows-1252, the rest stays', () => {
    const decoder = openDecoder('utf-8');
    const bytes = Buffer.concat([Buffer.from('Zoë,'), Buffer.from([0x80, 0x4d, 0xfc, 0x6c]), Buffer.from(',€')]);
    expect(decoder.write(bytes) + decoder.end()).toBe('Zoë,€Mül,€');
    expect(decoder.mended()).toBe(2);
  });
  test('NUL characters are left out', async () => {
    const { found } = await look('name,price\nan\0na,1.50\nbob,2.50\n', { encoding: 'utf-8' });
    expect(found.rows[0]).toEqual(['anna', '1.50']);
  });
});

describe('the look at a file', () => {
  test.each([
    [',', 'sku,price\na,1.5\nb,2.5\n'],
    [';', 'sku;price\na;1,5\nb;2,5\n'],
    ['\t', 'sku\tprice\na\t1.5\nb\t2.5\n'],
    ['|', 'sku|price\na|1.5\nb|2.5\n'],
    [';', 'name;note\n"a, b";x, y, z\n"c, d";x, y, z\n'],
  ])('delimiter %j', async (delimiter, text) => {
    expect((await look(text)).settings.delimiter).toBe(delimiter);
  });
  test('no header', async () => {
    const { settings, found } = await look(
      '536365,85123A,6,2010-12-01 08:26:00,2.55\n536366,22423,1,2010-12-02 08:26:00,12.75\n',
    );
    expect(settings.header).toBe(false);
    expect(found.columns.map(column => column.name)).toEqual(['Column 1', 'Column 2', 'Column 3', 'Column 4', 'Column 5']);
    expect(found.rows.length).toBe(2);
  });
  test('headers twice and empty ones get names of their own', async () => {
    const { found } = await look('sku,price,price,\na,1.5,2.5,x\nb,2.5,3.5,y\n');
    expect(found.columns.map(column => column.name)).toEqual(['sku', 'price', 'price (2)', 'Column 4']);
  });
  test('titles above the table are passed over', async () => {
    const { settings, found } = await look(
      'Sales report,,,\nJanuary,,,\nsku,name,price,day\na,Apple,1.5,2020-01-13\nb,Pear,2.5,2020-01-14\n',
    );
    expect(settings.skip_rows).toBe(2);
    expect(found.columns.map(column => column.name)).toEqual(['sku', 'name', 'price', 'day']);
  });
  test('dates that the head leaves open are settled by a row far below', async () => {
    const open = Array.from({ length: 60_000 }, (_, i) => `${i},${String((i % 12) + 1).padStart(2, '0')}/12/2010`).join('\n');
    expect((await look(`id,day\n${open}\n99,13/12/2010\n`)).settings.date_order).toBe('dmy');
    expect((await look(`id,day\n${open}\n`)).settings.date_order).toBe(null);
  });
  test('gzip', async () => {
    const { settings, found } = await look(gzipSync('sku,price\na,1.5\n'));
    expect(settings.compression).toBe('gzip');
    expect(found.rows).toEqual([['a', '1.5']]);
  });
  test.each([
    ['nothing', Buffer.alloc(0), 'imports.empty'],
    ['only blank lines', Buffer.from('\n\n \n'), 'imports.empty'],
    ['a header only', Buffer.from('sku,price,quantity\n'), 'imports.header_only'],
    ['gzip of nothing', gzipSync(''), 'imports.empty'],
    ['gzip of garbage', gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 31))), 'imports.not_text'],
    ['broken gzip', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(200, 7)]), 'imports.gzip_broken'],
    ['an Excel workbook', Buffer.from('PK\u0003\u0004xxxxxxxxxxxxxxx'), 'imports.container_zip'],
    ['a PDF', Buffer.from('%PDF-1.7 xxxxxxxxxxxxxxx'), 'imports.container_pdf'],
    [
      'a picture',
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 18, 19]),
      'imports.not_text',
    ],
  ])('%s is refused with a reason', async (_what, bytes, code) => {
    expect(await codeOf(look(bytes))).toBe(code);
  });
  test('a gzip file that was cut off is refused when it is read to the end', async () => {
    const whole = gzipSync(Array.from({ length: 200_000 }, (_, i) => `row,${i},${Math.sin(i)}`).join('\n'));
    const reading = { compression: 'gzip', encoding: 'utf-8', delimiter: ',', quote: '"' } as const;
    const readAll = async () => {
      for await (const _ of readRows(Readable.from([whole.subarray(0, whole.length / 2)]), reading));
    };
    expect(await codeOf(readAll())).toBe('imports.gzip_broken');
  });
  test('a file of one endless line is not a table', async () => {
    const reading = { compression: 'none', encoding: 'utf-8', delimiter: ',', quote: '"' } as const;
    const readAll = async () => {
      for await (const _ of readRows(Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(256 * 1024, 'x'))), reading));
    };
    expect(await codeOf(readAll())).toBe('imports.not_a_table');
  });
});

test('headers are compared by their words', () => {
  expect(['InvoiceNo', 'E-Mail-Adresse', 'Prénom', 'ORDER_ID', 'Straße', '  Unit  Price '].map(normalHeader)).toEqual([
    'invoice no',
    'e mail adresse',
    'prenom',
    'order id',
    'strasse',
    'unit price',
  ]);
});
