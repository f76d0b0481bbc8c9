/** The traps of the library (docs of decisions 25), each with a test that fails when the child forgets it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseError, createClient } from '@clickhouse/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClickHouse, connectClickHouse } from '../clickhouse.ts';
import { type ClickHouseEngine, startClickHouse } from './clickhouse.ts';
import { type Guardian, startGuardian } from './guardian.ts';
import { createDatabase } from './index.ts';
import { sleep } from './processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'regulars clickhouse '));
const restarts: string[] = [];
let guardian: Guardian;
let engine: ClickHouseEngine;
let clickhouse: ClickHouse;
const raw = (patch: { password?: string } = {}) =>
  createClient({ url: engine.url, username: engine.username, password: engine.password, database: 'traps', ...patch });

beforeAll(async () => {
  guardian = startGuardian();
  engine = await startClickHouse({
    folder,
    guardian,
    memory_mb: 1_024,
    grace_ms: 700,
    onRestart: reason => restarts.push(reason),
  });
  const address = { url: engine.url, username: engine.username, password: engine.password, database: 'traps' };
  await createDatabase(address);
  clickhouse = connectClickHouse(address);
});
afterAll(async () => {
  await clickhouse?.close();
  await engine?.stop();
  guardian?.close();
  rmSync(folder, { recursive: true, force: true });
});

const makeTable = (name: string) =>
  clickhouse.command(
    `CREATE OR REPLACE TABLE ${name} (a UInt64, b String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100`,
  );
const countOf = async (table: string) => (await clickhouse.query<{ n: number }>(`SELECT count() AS n FROM ${table}`))[0]?.n;

describe('parameters', () => {
  test('any text arrives as it was sent, whatever it looks like', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }),
        async (text, list) => {
          const sent = text.replaceAll('\0', '');
          const sentList = list.map(one => one.replaceAll('\0', ''));
          const [row] = await clickhouse.query<{ t: string; l: string[] }>('SELECT {t:String} AS t, {l:Array(String)} AS l', {
            t: sent,
            l: sentList,
          });
          expect(row).toEqual({ t: sent, l: sentList });
        },
      ),
      {
        seed: 26,
        numRuns: 150,
        examples: [
          ["' OR 1=1 --", ['\\', "'", '`']],
          ['{x:String}', ['/*', '*/']],
          ["\\'; DROP TABLE x", ['\t\n\r\b']],
        ],
      },
    );
  });

  test('each type a query of ours uses', async () => {
    const sql = `SELECT {n:UInt32} AS n, {big:Int64} AS big, {f:Float64} AS f, {b:Bool} AS b, {d:Date} AS d, {t:DateTime64(3,'UTC')} AS t, {at:DateTime64(3)} AS at,
      {u:UUID} AS u, {none:Nullable(String)} AS none, {ids:Array(UInt64)} AS ids, {col:Identifier} AS col FROM (SELECT 7 AS \`od d\`)`;
    const at = new Date('2025-03-04T05:06:07.890Z');
    const [row] = await clickhouse.query(sql, {
      ...{
        n: 4_294_967_295,
        big: -5,
        f: 0.1,
        b: true,
        d: '2025-01-31',
        t: '2025-01-31 10:11:12.345',
        at,
        u: '0190a0b0-0000-7000-8000-000000000001',
      },
      ...{ none: null, ids: [1, 9_007_199_254_740_993n], col: 'od d' },
    });
    expect(row).toEqual({
      ...{
        n: 4_294_967_295,
        big: -5,
        f: 0.1,
        b: true,
        d: '2025-01-31',
        t: '2025-01-31 10:11:12.345',
        at: '2025-03-04 05:06:07.890',
      },
      ...{ u: '0190a0b0-0000-7000-8000-000000000001', none: null, ids: [1, '9007199254740993'], col: 7 },
    });
  });

  test('two queries at once never see each other’s values', async () => {
    const answers = await Promise.all(
      Array.from(
        { length: 80 },
        async (_, i) =>
          (await clickhouse.query<{ x: number }>('SELECT {x:UInt32} AS x FROM numbers(1000) LIMIT 1', { x: i }))[0]?.x,
      ),
    );
    expect(answers).toEqual(Array.from({ length: 80 }, (_, i) => i));
  });

  test('a parameter without a value is refused', async () => {
    await expect(clickhouse.query('SELECT {x:UInt8}')).rejects.toMatchObject({ code: '456' });
  });

  test('a long list of ids travels', async () => {
    const ids = Array.from({ length: 40_000 }, (_, i) => i * 50_000);
    const [row] = await clickhouse.query<{ n: number }>('SELECT length({ids:Array(UInt32)}) AS n', { ids });
    expect(row?.n).toBe(40_000);
  });
});

describe('settings', () => {
  test('stay with the query that brought them', async () => {
    const client = raw();
    const blocks = async (settings: Record<string, string>) => {
      const result = await client.query({
        query: "SELECT value FROM system.settings WHERE name = 'max_block_size'",
        format: 'JSONEachRow',
        clickhouse_settings: settings,
      });
      return ((await result.json()) as { value: string }[])[0]?.value;
    };
    const usual = await blocks({});
    for (let i = 0; i < 12; i++) expect(await blocks({ max_block_size: '7' })).toBe('7');
    for (let i = 0; i < 12; i++) expect(await blocks({})).toBe(usual);
    await client.close();
  });

  test('an unknown one is refused and leaves no connection in an unknown state', async () => {
    const client = raw();
    for (let i = 0; i < 6; i++)
      await expect(
        client.query({ query: 'SELECT 1', clickhouse_settings: { no_such_setting: 1 } as never }),
      ).rejects.toMatchObject({ type: 'UNKNOWN_SETTING' });
    expect(await clickhouse.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await client.close();
  });

  test('a token drops the repeated insert, and only that', async () => {
    await makeTable('tokens');
    const rows = Array.from({ length: 5_000 }, (_, a) => ({ a, b: 'x' }));
    await clickhouse.insert('tokens', rows, { token: 'first' });
    await clickhouse.insert('tokens', rows, { token: 'first' });
    expect(await countOf('tokens')).toBe(5_000);
    for (let i = 0; i < 4; i++) await clickhouse.insert('tokens', [{ a: 1, b: 'y' }]);
    await clickhouse.insert('tokens', rows, { token: 'second' });
    expect(await countOf('tokens')).toBe(10_004);
  });
});

describe('limits', () => {
  test('time is enforced', async () => {
    await expect(
      clickhouse.query('SELECT sum(sipHash64(number)) FROM numbers(1000000000000)', {}, { timeout_ms: 1000 }),
    ).rejects.toMatchObject({
      code: 'platform.query_too_slow',
    });
  });

  test('memory is enforced', async () => {
    await expect(clickhouse.query('SELECT length(groupArray(number)) AS n FROM numbers(2000000000)')).rejects.toMatchObject({
      code: 'platform.query_too_large',
    });
    expect(restarts).toEqual([]);
  });

  test('a query whose caller went away is stopped', async () => {
    const client = raw();
    const gone = new AbortController();
    const asked = client.query({
      query: 'SELECT sum(sipHash64(number)) AS gone FROM numbers(1000000000000)',
      abort_signal: gone.signal,
    });
    await sleep(300);
    const running = async () =>
      (
        await clickhouse.query<{ n: number }>(
          "SELECT count() AS n FROM system.processes WHERE query LIKE '%AS gone%' AND query NOT LIKE '%processes%'",
        )
      )[0]?.n;
    expect(await running()).toBe(1);
    gone.abort();
    await asked.catch(() => undefined);
    await expect.poll(running, { timeout: 5_000 }).toBe(0);
    expect(restarts).toEqual([]);
    await client.close();
  });

  test('a quick question does not wait for a slow one', async () => {
    const order: string[] = [];
    const slow = clickhouse
      .query('SELECT sleepEachRow(0.5) FROM numbers(4) SETTINGS max_block_size = 1')
      .then(() => order.push('slow'));
    await sleep(100);
    await clickhouse.query('SELECT 1').then(() => order.push('quick'));
    await slow;
    expect(order).toEqual(['quick', 'slow']);
  });

  test('reading does not wait for writing', async () => {
    await makeTable('busy');
    const order: string[] = [];
    const write = clickhouse
      .command('INSERT INTO busy SELECT number, toString(sipHash64(number)) FROM numbers(6000000)')
      .then(() => order.push('write'));
    await sleep(50);
    await clickhouse.query('SELECT 1').then(() => order.push('read'));
    await write;
    expect(order).toEqual(['read', 'write']);
  });
});

describe('read-only questions', () => {
  test.each([
    ['INSERT INTO tokens VALUES (1, 2)'],
    ['DROP TABLE tokens'],
    ["SELECT * FROM url('http://127.0.0.1/', CSV, 'a String')"],
    ["SELECT * FROM file('/etc/passwd', LineAsString)"],
    ["SELECT file('/etc/passwd')"],
    ["SELECT * FROM /* x */ s3 ('http://x')"],
    ["SELECT * FROM remote('127.0.0.1', system.one)"],
    ["SELECT * FROM merge('system', '.*')"],
    ['SELECT * FROM system.processes'],
    ['SELECT * FROM `system` . `processes`'],
    ['SELECT 1; DROP TABLE tokens'],
    ["SELECT 1 INTO OUTFILE '/tmp/x'"],
  ])('%s is refused', async sql => {
    await makeTable('tokens');
    await clickhouse.insert('tokens', [{ a: 1, b: 'x' }]);
    await expect(clickhouse.readonly.query(sql)).rejects.toBeInstanceOf(ClickHouseError);
    expect(await countOf('tokens')).toBe(1);
  });

  test('what we ask for people works', async () => {
    await makeTable('tokens');
    const [row] = await clickhouse.readonly.query<{ n: number }>(
      'SELECT count() AS n FROM tokens WHERE b = {b:String} AND a IN (SELECT number FROM numbers(3))',
      { b: 'url(' },
    );
    expect(row?.n).toBe(0);
  });
});

describe('the door', () => {
  test('asks for the password', async () => {
    const client = raw({ password: 'guess' });
    await expect(client.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516' });
    await client.close();
  });

  test('answers with ClickHouse’s own error codes', async () => {
    await expect(clickhouse.query('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    await expect(clickhouse.query('SELEKT 1')).rejects.toMatchObject({ code: '62' });
    await expect(clickhouse.insert('tokens', [{ a: 'not a number', b: 'x' }])).rejects.toBeInstanceOf(ClickHouseError);
    await expect(clickhouse.query('SELECT 1; SELECT 2')).rejects.toMatchObject({ code: '62' });
  });

  test('numbers of 64 bits arrive as numbers where they fit', async () => {
    const [row] = await clickhouse.query(
      'SELECT toUInt64(5) AS a, toInt64(-9007199254740991) AS b, toUInt64(18446744073709551615) AS c, [toUInt64(1)] AS d, toNullable(toInt64(2)) AS e',
    );
    expect(row).toEqual({ a: 5, b: -9_007_199_254_740_991, c: '18446744073709551615', d: [1], e: 2 });
  });
});

describe('restarting', () => {
  test('a query that cannot be stopped ends the process; the next question is answered by a new one', async () => {
    const before = engine.pid();
    const stubborn = clickhouse.command(
      "SELECT levenshteinDistance(repeat('ab', 30000), repeat('ba', 30000)) + levenshteinDistance(repeat('ab', 30000), repeat('bc', 30000))",
      {},
      { timeout_ms: 1000 },
    );
    await expect(stubborn).rejects.toThrow();
    expect(await clickhouse.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(engine.pid()).not.toBe(before);
    expect(restarts.length).toBe(1);
  });

  test('rows acknowledged before a kill are there once', async () => {
    await makeTable('kept');
    for (let i = 0; i < 20; i++) await clickhouse.insert('kept', [{ a: i, b: 'x' }], { token: `kept-${i}` });
    process.kill(engine.pid(), 'SIGKILL');
    for (let i = 15; i < 25; i++) await clickhouse.insert('kept', [{ a: i, b: 'x' }], { token: `kept-${i}` });
    expect(await countOf('kept')).toBe(25);
  });
});
