/** Files of orders through the front door: counted, written once, taken back without a trace. */
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findJob, runOneJob } from '../../platform/queue.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { feature as imports } from '../imports/index.ts';
import { feature as products } from '../products/index.ts';
import { feature as shops } from '../shops/index.ts';
import { feature as tracking } from '../tracking/index.ts';
import { feature as orders } from './index.ts';
import { matchReturns, type Purchase } from './match-returns.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking, imports, products, orders] });
});
afterAll(() => house?.close());

const post = (path: string, body?: unknown) => house.request('POST', path, { body });

const bring = async (content: string | Buffer, name = 'orders.csv', fields: Record<string, string> = {}) => {
  const boundary = 'a-boundary-no-file-holds';
  const part = (head: string, body: string | Buffer) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      Buffer.from(body as string),
      Buffer.from('\r\n'),
    ]);
  const body = Buffer.concat([
    ...Object.entries(fields).map(([key, value]) => part(`name="${key}"`, value)),
    part(`name="file"; filename="${name}"\r\nContent-Type: text/csv`, content),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return house.request('POST', '/api/imports', {
    body,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  });
};
const edit = async (one: { id: string; version: number }, change: object) =>
  (await post(`/api/imports/${one.id}/mapping`, { version: one.version, ...change })).body;
const show = async (id: string) => (await house.request('GET', `/api/imports/${id}`)).body;
const run = async (id: string) => {
  expect((await post(`/api/imports/${id}/start`)).status).toBe(202);
  await house.drain();
  return show(id);
};
const importAll = async (content: string | Buffer, change: object = { settings: { currency: 'GBP' } }) => {
  const up = await bring(content);
  expect(up.status, up.text).toBe(201);
  return run((await edit(up.body, change)).id);
};
const undo = async (id: string) => {
  expect((await post(`/api/imports/${id}/undo`)).status).toBe(202);
  await house.drain();
  return show(id);
};
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);
const addsUp = (counts: { read: number; kept: number; merged: Record<string, number>; skipped: Record<string, number> }) => {
  expect(counts.kept + sum(counts.merged) + sum(counts.skipped)).toBe(counts.read);
};

/** Everything an import may change, as one number per table. Left out: queues, and what is learnt about names (event dictionary). */
const leftOut = ['imports', 'platform', 'access', 'pg_catalog', 'information_schema'];
const checksums = async () => {
  const tables = await house.context.postgres`
    select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p') and not relispartition and nspname !~ '^pg_' and not nspname = any(${leftOut})
      and not format('%s.%s', nspname, relname) = any('{tracking.batch,tracking.removal,customers.touched,customers.attribute_type,shops.organisation,tracking.dictionary_event,tracking.dictionary_property}') order by 1`;
  const sums: Record<string, string> = {};
  for (const { name } of tables as unknown as { name: string }[]) {
    const [row] = await house.context.postgres.unsafe(
      `select coalesce(sum(hashtextextended((to_jsonb(r) - 'version')::text, 0)), 0)::text as sum from ${name} r`,
    );
    sums[name] = row.sum;
  }
  return sums;
};
const scanned = async () =>
  (
    await house.context.clickhouse.query<{ orders: number; sales: number; lines: number }>(
      'select (select count() from purchase) as orders, (select sum(amount_minor) from purchase_line) as sales, (select count() from event) as lines',
    )
  )[0];

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n';

describe('order lines', () => {
  test('a file with every oddity goes in as it means, twice is once, and undo leaves nothing', async () => {
    const before = await checksums();
    const scanBefore = await scanned();
    const text = [
      'Bestellnummer;Datum;Artikelnummer;Bezeichnung;Menge;Einzelpreis;Kundennummer;Land',
      '1001;13.12.2010 08:26;A1;Grüner Becher;2;2,55;17850;Großbritannien',
      // The second time of an invoice; an equal line; a line that costs nothing.
      '1001;13.12.2010 08:27;B2;Teller;1;10,00;17850;Großbritannien',
      '1001;13.12.2010 08:27;B2;Teller;1;10,00;17850;Großbritannien',
      '1001;13.12.2010 08:27;C3;Zugabe;1;0,00;17850;Großbritannien',
      '1002;14.12.2010 09:00;A1;Grüner Becher;1;2,55;0;Frankreich',
      '1003;15.12.2010 09:00;A1;Grüner Becher;3;0,005;;Frankreich',
      ';15.12.2010 09:00;A1;Grüner Becher;3;1,00;;',
      '1004;31.02.2011 09:00;A1;Grüner Becher;3;1,00;17850;',
      '1005;15.12.2010 09:00;A1;Grüner Becher;viele;1,00;17850;',
      '1006;15.12.2010 09:00;A1;verrutscht;1;1,00;17850;Frankreich;zu;viel',
      '',
    ].join('\n');
    const up = await bring(iconv.encode(text, 'windows-1252'));
    expect(up.body).toMatchObject({
      kind: 'order_lines',
      settings: { encoding: 'windows-1252', delimiter: ';', decimal: ',', date_order: 'dmy', currency: null },
      problems: [{ code: 'currency_missing', field: 'currency' }],
    });
    expect((await post(`/api/imports/${up.body.id}/start`)).status).toBe(422);
    const answered = await edit(up.body, { settings: { currency: 'GBP' } });
    expect(answered.problems).toEqual([]);

    expect((await post(`/api/imports/${answered.id}/dry-run`)).status).toBe(202);
    await house.drain();
    expect(await checksums()).toEqual(before);
    const { dry_run: plan } = await show(answered.id);
    expect(plan).toMatchObject({
      counts: {
        read: 10,
        kept: 6,
        skipped: { missing: 1, not_a_time: 1, not_a_number: 1, too_many_cells: 1 },
        made: { orders: 3, lines: 6, customers: 1, orders_without_customer: 2, equal_lines: 1, zero_lines: 1 },
      },
      from: '2010-12-13T08:26:00.000Z',
      currencies: { GBP: 3 },
    });

    const done = await run(answered.id);
    expect(done.state).toBe('done');
    addsUp(done.counts);
    expect(done.counts).toMatchObject({
      ...plan.counts,
      added: 6,
      made: { orders: 3, lines: 6, customers: 1, orders_without_customer: 2, equal_lines: 1 },
    });
    const rows = await house.context.postgres`
      select o.number, o.placed_at, o.customer_id is not null as named, o.country, o.sales_minor, count(*)::int as lines, min(l.unit_price) as cheapest
      from orders."order" o join orders.line l on l.order_id = o.id group by o.id order by o.number`;
    expect(rows.map(row => ({ ...row }))).toEqual([
      {
        number: '1001',
        placed_at: new Date('2010-12-13T08:26:00Z'),
        named: true,
        country: 'GB',
        sales_minor: 2510,
        lines: 4,
        cheapest: '0',
      },
      {
        number: '1002',
        placed_at: new Date('2010-12-14T09:00:00Z'),
        named: false,
        country: 'FR',
        sales_minor: 255,
        lines: 1,
        cheapest: '2.55',
      },
      {
        number: '1003',
        placed_at: new Date('2010-12-15T09:00:00Z'),
        named: false,
        country: 'FR',
        sales_minor: 2,
        lines: 1,
        cheapest: '0.005',
      },
    ]);
    const { body: listed } = await house.request('GET', '/api/products?query=becher');
    expect(listed.data).toMatchObject([{ sku: 'A1', name: 'Grüner Becher', price: '0.005' }]);

    const after = await checksums();
    const again = await bring(iconv.encode(text, 'windows-1252'));
    expect(again.body).toMatchObject({ problems: [], same_as: done.id, settings: { currency: 'GBP' } });
    const second = await run(again.body.id);
    expect(second.counts).toMatchObject({ read: 10, kept: 6, added: 0, made: { customers_known: 1 } });
    expect(second.counts.made.orders).toBeUndefined();
    expect(await checksums()).toEqual(after);

    await undo(second.id);
    expect(await checksums()).toEqual(after);
    expect((await undo(done.id)).state).toBe('undone');
    expect(await checksums()).toEqual(before);
    expect(await scanned()).toEqual(scanBefore);
  });

  test('the skipped rows come back as a file with reasons; mended, it goes in with the same answers', async () => {
    const up = await importAll(
      `${header}R1,A,Cup,1,2011-01-13 10:00,1.00,501,France\nR2,A,Cup,one,2011-01-14 10:00,1.00,502,"France, south"\nR3,=A1,Cup,1,soon,1.00,503,France\n`,
    );
    expect(up.report_rows).toBe(2);
    const report = await house.request('GET', `/api/imports/${up.id}/errors.csv`);
    expect(report.text.slice(1).split('\r\n')).toEqual([
      `${header.trim()},Import row,Import result,Import reason`,
      'R2,A,Cup,one,2011-01-14 10:00,1.00,502,"France, south",3,skipped,"Quantity ""one"" is not a number. Correct it."',
      `R3,'=A1,Cup,1,soon,1.00,503,France,4,skipped,"Time of the order ""soon"" is not a date in the chosen order of day and month. Correct it."`,
      '',
    ]);
    const mended = await bring(report.text.replace(',one,', ',1,').replace(',soon,', ',2011-01-15,'));
    expect(mended.body).toMatchObject({ kind: 'order_lines', same_as: up.id, problems: [] });
    const done = await run(mended.body.id);
    expect(done.counts).toMatchObject({ read: 2, kept: 2, added: 2 });
    const [row] = await house.context
      .postgres`select sku from orders.line l join orders."order" o on o.id = l.order_id where o.number = 'R3'`;
    expect(row.sku).toBe('=A1');
    expect(
      (await house.request('GET', `/api/imports/${up.id}/errors.csv`, { actor: house.staff({ fields: new Set(['behaviour']) }) }))
        .status,
    ).toBe(403);
    await undo(done.id);
    await undo(up.id);
  });

  test('returns are taken off the purchase they belong to, dated when they happened', async () => {
    const before = await checksums();
    const done = await importAll(
      `${header}` +
        // In the file before its purchase: found at the end.
        'C705,Z9,Late,-1,2011-02-20 10:00,4.00,601,Spain\n' +
        // Blank rows enough for a portion of its own.
        '\n'.repeat(10_001) +
        '701,A,Cup,5,2011-01-10 10:00,2.00,601,Spain\n' +
        '702,A,Cup,3,2011-01-20 10:00,3.00,601,Spain\n' +
        'C703,A,Cup,-4,2011-02-01 10:00,2.00,601,Spain\n' +
        'C704,A,Cup,-1,2011-02-02 10:00,2.00,999,Spain\n' +
        '704,Z9,Late,2,2011-02-10 10:00,4.00,601,Spain\n',
    );
    addsUp(done.counts);
    expect(done.counts).toMatchObject({
      read: 10_007,
      kept: 6,
      skipped: { blank_row: 10_001 },
      noted: { return_unmatched: 2 },
      made: { orders: 3, returns: 3, returns_matched_late: 1 },
    });
    const refunds = await house.context.postgres`
      select o.number, r.at, r.amount_minor, array_agg(l.quantity::text) as quantities from orders.refund r join orders."order" o on o.id = r.order_id join orders.refund_line l on l.refund_id = r.id
      group by o.number, r.id order by o.number`;
    expect(refunds.map(row => ({ ...row }))).toEqual([
      { number: '701', at: new Date('2011-02-01T10:00:00Z'), amount_minor: 800, quantities: ['4'] },
      { number: '704', at: new Date('2011-02-20T10:00:00Z'), amount_minor: 400, quantities: ['1'] },
    ]);
    const [alone] = await house.context.postgres`select number, state, counts from orders."order" where number like 'C%'`;
    expect({ ...alone }).toEqual({ number: 'C704', state: 'cancelled', counts: false });
    const again = await run(
      (await bring(`${header}C703,A,Cup,-4,2011-02-01 10:00,2.00,601,Spain\nC704,A,Cup,-1,2011-02-02 10:00,2.00,999,Spain\n`))
        .body.id,
    );
    expect(again.counts).toMatchObject({ kept: 2, added: 0 });
    await undo(again.id);
    await undo(done.id);
    expect(await checksums()).toEqual(before);
  });

  test('rows of one invoice may lie anywhere: a shuffled file gives the same books, equal lines included', async () => {
    const lines = Array.from({ length: 12_000 }, (_, i) => {
      const invoice = 8000 + Math.floor(i / 6);
      return `${invoice},S${(i * 7) % (i % 6 === 5 ? 2 : 40)},Thing,${(i % 3) + 1},2011-03-01 10:00,1.25,${700 + (invoice % 90)},Italy`;
    });
    const books = async () =>
      (
        await house.context
          .postgres`select o.number, o.sales_minor, array_agg(l.key order by l.key) as lines from orders."order" o join orders.line l on l.order_id = o.id where o.number like '8%' or o.number like '1%' group by o.id order by o.number`
      ).map(row => ({ ...row }));
    const sorted = await importAll(`${header}${lines.join('\n')}\n`);
    expect(sorted.counts).toMatchObject({ kept: 12_000, made: { orders: 2_000 } });
    const wanted = await books();
    await undo(sorted.id);
    const stride = 7_919;
    const shuffled = await importAll(`${header}${lines.map((_, i) => lines[(i * stride) % lines.length]).join('\n')}\n`);
    expect(shuffled.counts).toMatchObject({ kept: 12_000, added: 12_000, made: { orders: 2_000 } });
    expect(await books()).toEqual(wanted);
    await undo(shuffled.id);
  }, 60_000);

  test('an import that dies goes on exactly where it was; two processes at once write it once', async () => {
    const lines = Array.from(
      { length: 25_000 },
      (_, i) => `${9000 + Math.floor(i / 5)},S${i % 50},Thing,1,2011-04-01 10:00,1.00,${i % 300},Italy`,
    );
    const up = await bring(`${header}${lines.join('\n')}\n`);
    const { id } = await edit(up.body, { settings: { currency: 'GBP' } });
    const { job_id } = (await post(`/api/imports/${id}/start`)).body;
    const { runImport } = await import('../imports/run-import.ts');
    let portions = 0;
    const dying = {
      jobId: job_id,
      report: async () => {
        if (++portions === 1) throw new Error('killed');
      },
    };
    await expect(runImport(house.context, id, dying)).rejects.toThrow('killed');
    const { progress } = await show(id);
    expect(progress.rows).toBeGreaterThan(9_000);
    expect(progress.rows).toBeLessThan(20_000);
    const quiet = { jobId: job_id, report: async () => {} };
    await Promise.all([runImport(house.context, id, quiet), runImport(house.context, id, quiet)]);
    await runOneJob(house.context);
    expect((await findJob(house.context, job_id))?.state).toBe('done');
    const done = await show(id);
    expect(done).toMatchObject({
      state: 'done',
      counts: { read: 25_000, kept: 25_000, added: 25_000, made: { orders: 5_000, lines: 25_000 } },
    });
    const [{ n }] = await house.context.postgres`select count(*)::int as n from orders.line where import_id = ${id}`;
    expect(n).toBe(25_000);
    await undo(id);
  }, 60_000);

  test('stopped, it keeps what is in, goes on later, or is undone', async () => {
    const before = await checksums();
    const lines = Array.from(
      { length: 15_000 },
      (_, i) => `${50000 + Math.floor(i / 5)},S${i % 50},Thing,1,2011-04-01 10:00,1.00,${i % 300},Italy`,
    );
    const { id } = await edit((await bring(`${header}${lines.join('\n')}\n`)).body, { settings: { currency: 'GBP' } });
    const { job_id } = (await post(`/api/imports/${id}/start`)).body;
    const { runImport } = await import('../imports/run-import.ts');
    let asked = false;
    await runImport(house.context, id, {
      jobId: job_id,
      report: async () => {
        if (!asked) await post(`/api/imports/${id}/cancel`);
        asked = true;
      },
    });
    const stopped = await show(id);
    expect(stopped.state).toBe('cancelled');
    expect(stopped.counts.read).toBe(stopped.progress.rows);
    expect((await run(id)).counts).toMatchObject({ read: 15_000, kept: 15_000, added: 15_000 });
    await undo(id);
    expect(await checksums()).toEqual(before);
  }, 60_000);

  test('the report adds up for files with planted faults', async () => {
    const row = fc.record({
      invoice: fc.constantFrom('1', '2', '3', 'C4', ''),
      sku: fc.constantFrom('A', 'B', '', '"x,y"'),
      quantity: fc.constantFrom('1', '2', '-1', 'x', '', '1e9999'),
      time: fc.constantFrom('2011-01-13 10:00', '2011-02-31', 'never', ''),
      price: fc.constantFrom('1.00', '0', '-2', 'abc', ''),
      customer: fc.constantFrom('7', '0', '', '8.0'),
      extra: fc.constantFrom('', '', '', ',shifted', ',,'),
      blank: fc.integer({ min: 0, max: 9 }).map(n => n === 0),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 25 }), fc.boolean(), async (rows, merges) => {
        const text = rows
          .map(one =>
            one.blank
              ? ''
              : `${one.invoice},${one.sku},Thing,${one.quantity},${one.time},${one.price},${one.customer},Italy${one.extra}`,
          )
          .join('\n');
        const up = await bring(`${header}0,A,First,1,2011-01-13 10:00,1.00,7,Italy\n${text}\n`);
        expect(up.status, up.text).toBe(201);
        const ready = await edit(up.body, {
          settings: { currency: 'GBP', date_order: 'ymd' },
          options: { merge_equal_lines: merges },
        });
        const done = await run(ready.id);
        expect(done.state).toBe('done');
        expect(done.counts.read).toBe(rows.length + 1);
        addsUp(done.counts);
        const [{ n }] = await house.context
          .postgres`select count(*)::int as n from imports.row_report where import_id = ${done.id} and outcome = 'skipped'`;
        expect(n).toBe(sum(done.counts.skipped) - (done.counts.skipped.blank_row ?? 0));
        const [{ lines }] = await house.context
          .postgres`select count(*)::int as lines from orders.line where import_id = ${done.id} and quantity > 0`;
        expect(lines).toBe(done.counts.made.lines ?? 0);
        await undo(done.id);
      }),
      { seed: 17850, numRuns: 10 },
    );
    const [{ orders: left }] = await house.context.postgres`select count(*)::int as orders from orders."order"`;
    expect(left).toBe(0);
  }, 120_000);
});

describe('Shopify orders', () => {
  const head =
    'Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Shipping Country,Cancelled at,Refunded Amount,Id,Lineitem discount';
  test('several rows are one order; tax is taken out of prices that hold it; a faulty row holds its order back', async () => {
    const before = await checksums();
    const up = await bring(
      `${head}
#1001,ana@shop.example,paid,2024-01-15 10:30:00 -0500,EUR,110.00,9.00,19.00,119.00,WELCOME,10.00,2024-01-15 10:30:00 -0500,2,Lamp,50.00,L-1,Ana Ruiz,ES,,0.00,7410991464714,0
#1001,ana@shop.example,,,,,,,,,,2024-01-15 10:30:00 -0500,1,Bulb,20.00,B-1,,,,,,0
#1002,,paid,,EUR,20.00,0.00,0.00,20.00,,0.00,2024-02-01 09:00:00 +0100,1,Bulb,20.00,B-1,,DE,2024-02-02 09:00:00 +0100,20.00,2,0
#1003,bo@shop.example,paid,,EUR,20.00,0.00,0.00,20.00,,0.00,2024-02-01 09:00:00 +0100,1,Bulb,20.00,B-1,,DE,,0.00,3,0
#1003,bo@shop.example,,,,,,,,,,2024-02-01 09:00:00 +0100,many,Lamp,50.00,L-1,,,,,,0
`,
      'orders_export.csv',
    );
    expect(up.body).toMatchObject({ kind: 'shopify_orders', problems: [] });
    const done = await run(up.body.id);
    addsUp(done.counts);
    expect(done.counts).toMatchObject({
      read: 5,
      kept: 3,
      skipped: { not_a_number: 1, order_has_fault: 1 },
      made: { orders: 2, customers: 1, orders_without_customer: 1 },
    });
    const rows = await house.context
      .postgres`select number, placed_at, state, total_minor, tax_minor, sales_minor, discount_codes from orders."order" order by number`;
    expect(rows.map(row => ({ ...row }))).toEqual([
      // 110.00 of goods hold 17.56 of the tax (19.00 x 110 / 119), shipping the rest.
      {
        number: '#1001',
        placed_at: new Date('2024-01-15T15:30:00Z'),
        state: 'placed',
        total_minor: 11900,
        tax_minor: 1900,
        sales_minor: 9244,
        discount_codes: ['WELCOME'],
      },
      {
        number: '#1002',
        placed_at: new Date('2024-02-01T08:00:00Z'),
        state: 'cancelled',
        total_minor: 2000,
        tax_minor: 0,
        sales_minor: 2000,
        discount_codes: [],
      },
    ]);
    await undo(done.id);
    expect(await checksums()).toEqual(before);
  });
});

describe('which purchase a return takes from', () => {
  const at = (day: number) => new Date(Date.UTC(2011, 0, day));
  const bought = (order: string, day: number, left: number, price: string): Purchase => ({
    customerId: 1,
    order,
    currency: 'GBP',
    placedAt: at(day),
    sku: 'A',
    left,
    prices: [price],
  });
  const back = (quantity: string, unitPrice = '2', day = 20, sku: string | null = 'A') => ({
    number: 'C1',
    customerId: 1,
    currency: 'GBP',
    at: at(day),
    lines: [{ key: 'k', sku, quantity, unitPrice, amountMinor: Number(quantity) * 200 }],
  });
  const table: [
    what: string,
    purchases: Purchase[],
    returned: ReturnType<typeof back>,
    taken: [string, number, number][],
    left: number,
  ][] = [
    ['the same price first', [bought('1', 1, 5, '2'), bought('2', 9, 5, '3')], back('3'), [['1', 3, 600]], 0],
    ['then the latest', [bought('1', 1, 5, '2'), bought('2', 9, 5, '2')], back('3'), [['2', 3, 600]], 0],
    [
      'over several, never more than bought',
      [bought('1', 1, 2, '2'), bought('2', 9, 2, '2')],
      back('5'),
      [
        ['2', 2, 400],
        ['1', 2, 400],
      ],
      1,
    ],
    ['not from a later purchase', [bought('1', 21, 5, '2')], back('1'), [], 1],
    ['not from another product', [bought('1', 1, 5, '2')], back('1', '2', 20, 'B'), [], 1],
  ];
  test.each(table)('%s', (_what, purchases, returned, taken, left) => {
    const { matches, leftovers } = matchReturns([returned], purchases);
    expect(matches.flatMap(match => match.lines.map(line => [match.order, line.quantity, line.amountMinor]))).toEqual(taken);
    expect(leftovers.reduce((total, one) => total + one.quantity, 0)).toBe(left);
  });
});
