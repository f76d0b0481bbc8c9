/** A backup holds everything; a restore gives it back whole, or nothing. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { features } from '../src/features.ts';
import { writeBackup } from '../src/platform/backup/backup.ts';
import { ByteReader } from '../src/platform/backup/byte-reader.ts';
import { listTables } from '../src/platform/backup/catalogue.ts';
import { readBackup, refuseFullFolder } from '../src/platform/backup/restore.ts';
import { checkSealed, sealing, unsealed } from '../src/platform/backup/sealed-file.ts';
import { connectClickHouse } from '../src/platform/clickhouse.ts';
import type { Context, Pool } from '../src/platform/context.ts';
import { rebuildCopies } from '../src/platform/copies.ts';
import { createDatabase } from '../src/platform/engines/index.ts';
import { migrate, openPostgres } from '../src/platform/postgres.ts';
import { openSecrets } from '../src/platform/secrets.ts';
import { startTestHouse, type TestHouse } from '../src/platform/testing.ts';
import type { TestEngines } from '../src/platform/testing-engines.ts';

const folder = mkdtempSync(join(tmpdir(), 'regulars backup '));
const file = join(folder, 'all.backup');
const migrations = features.flatMap(feature => feature.migrations ?? []);
let house: TestHouse;
let engines: TestEngines;
let stored: string;

const poolOf = (context: Context): Pool => context.postgres as Pool;
const write = (to: string) =>
  writeBackup({
    pool: poolOf(house.context),
    secrets: house.context.secrets,
    dataFolder: house.context.config.dataFolder,
    file: to,
    version: '0.1.0',
    now: house.clock.now(),
  });

beforeAll(async () => {
  house = await startTestHouse({ now: '2026-03-01T12:00:00Z' });
  engines = (await (await fetch(inject('enginesUrl'))).json()) as TestEngines;
  for (let i = 1; i <= 30; i++) {
    const answer = await house.request('POST', '/api/orders', {
      body: {
        number: `A-${i}`,
        placed_at: `2026-0${1 + (i % 2)}-1${i % 10}T10:00:00Z`,
        currency: 'EUR',
        customer: { email: `person${i % 7}@example.invalid`, name: `Ünï "quoted" \\ tab\t${i}` },
        lines: [{ sku: `S${i % 4}`, name: 'line\nbreak', quantity: '1.5', unit_price: '0.333' }],
        refunds: i % 5 === 0 ? [{ at: '2026-02-20T00:00:00Z', amount: '0.10', lines: [] }] : [],
      },
    });
    expect(answer.status).toBeLessThan(300);
  }
  stored = (
    await house.context.files.keep(house.context, Readable.from([randomBytes(3_000_000)]), {
      owner: 'imports',
      name: 'rows.csv',
      contentType: 'text/csv',
    })
  ).sha256;
  await house.drain();
  await write(file);
});
afterAll(async () => {
  await house?.close();
  rmSync(folder, { recursive: true, force: true });
});

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An empty installation that has the key. */
const emptyPlace = async (): Promise<{ pool: Pool; dataFolder: string; name: string }> => {
  const name = `restored_${randomBytes(4).toString('hex')}`;
  const admin = openPostgres(engines.databaseUrl, { max: 1 });
  await admin.unsafe(`create database ${name}`);
  const pool = openPostgres(engines.databaseUrl.replace(/\/\w+$/, `/${name}`), { max: 4 });
  closers.push(
    () => admin.end(),
    () => admin.unsafe(`drop database ${name} with (force)`),
    () => pool.end(),
  );
  const dataFolder = mkdtempSync(join(folder, 'data '));
  copyFileSync(join(house.context.config.dataFolder, 'root.key'), join(dataFolder, 'root.key'));
  return { pool, dataFolder, name };
};

/** Rows and a checksum of every table, whatever the order of the rows. */
const fingerprints = async (pool: Pool): Promise<Record<string, string>> => {
  const prints: Record<string, string> = {};
  for (const { name } of await listTables(pool)) {
    const [row] = await pool.unsafe(
      `select count(*) as rows, coalesce(md5(string_agg(h, '' order by h)), '') as sum from (select md5(t::text) as h from ${name.replace(/\.(.*)/, '."$1"')} t) x`,
    );
    prints[name] = `${row?.rows} ${row?.sum}`;
  }
  return prints;
};

describe('a restore', { timeout: 120_000 }, () => {
  test('gives back every row of every table, the files, the sequences; ClickHouse counts the same; sending is held', async () => {
    const place = await emptyPlace();
    const secrets = openSecrets({ dataFolder: place.dataFolder });
    const sum = await readBackup({ ...place, secrets, file, migrations });
    expect(sum.files).toBe(1);

    const [before, after] = [await fingerprints(poolOf(house.context)), await fingerprints(place.pool)];
    const { 'platform.setting': settingsBefore, ...otherBefore } = before;
    const { 'platform.setting': settingsAfter, ...otherAfter } = after;
    expect(otherAfter).toEqual(otherBefore);
    expect(Object.values(otherBefore).filter(print => !print.startsWith('0 ')).length).toBeGreaterThan(15);
    expect(settingsAfter).not.toBe(settingsBefore);
    expect((await place.pool`select value from platform.setting where key = 'sending_held'`)[0]?.value).toBe(true);

    const path = join('files', stored.slice(0, 2), stored);
    const there = readFileSync(join(house.context.config.dataFolder, path));
    expect(readFileSync(join(place.dataFolder, path)).equals(there)).toBe(true);
    const next = async (pool: Pool) =>
      (await pool`select nextval(pg_get_serial_sequence('customers.customer', 'id')) as id`.catch(() => [{ id: null }]))[0]?.id;
    expect(await next(place.pool)).toEqual(await next(poolOf(house.context)));

    const address = { ...engines.clickhouse, database: place.name };
    await createDatabase(address);
    const clickhouse = connectClickHouse(address);
    closers.push(
      () => clickhouse.close(),
      () => clickhouse.command(`DROP DATABASE ${place.name} SYNC`),
    );
    const restored = { ...house.context, postgres: place.pool, clickhouse };
    await rebuildCopies(
      restored,
      features.flatMap(feature => feature.copies),
    );
    const numbers = 'SELECT count() AS orders, sum(sales_minor) AS sales, uniqExact(origin_id) AS people FROM purchase';
    expect(await clickhouse.query(numbers)).toEqual(await house.context.clickhouse.query(numbers));
    expect((await clickhouse.query<{ orders: number }>(numbers))[0]?.orders).toBe(30);
  });

  test('of an older backup is brought to the newest schema', async () => {
    const place = await emptyPlace();
    const secrets = openSecrets({ dataFolder: place.dataFolder });
    const extra = join(folder, 'newer');
    mkdirSync(extra);
    writeFileSync(
      join(extra, '9999-newer.sql'),
      'create table platform.newer (id int); insert into platform.newer select count(*) from orders."order";',
    );
    await readBackup({
      ...place,
      secrets,
      file,
      migrations: [...migrations, new URL(`file://${extra.replaceAll(' ', '%20')}/`)],
    });
    expect((await place.pool`select id from platform.newer`)[0]?.id).toBe(30);
  });

  test('keeps what may not be changed unchanged: the guards are on again', async () => {
    const place = await emptyPlace();
    await readBackup({ ...place, secrets: openSecrets({ dataFolder: place.dataFolder }), file, migrations });
    await place.pool`insert into platform.audit (at, actor_kind, actor_name, action, details) values (now(), 'system', 'x', 'test.x', '{}')`;
    await expect(place.pool`delete from platform.audit`).rejects.toThrow();
  });
});

describe('nothing is taken from', { timeout: 120_000 }, () => {
  const refused = async (bytes: Buffer, sentence: RegExp): Promise<void> => {
    const broken = join(folder, `broken-${randomBytes(3).toString('hex')}`);
    writeFileSync(broken, bytes);
    const place = await emptyPlace();
    await expect(
      readBackup({ ...place, secrets: openSecrets({ dataFolder: place.dataFolder }), file: broken, migrations }),
    ).rejects.toThrow(sentence);
    const [found] = await place.pool`select to_regclass('orders."order"') as orders`;
    if (found?.orders !== null) expect((await place.pool`select count(*) as n from orders."order"`)[0]?.n).toBe(0);
  };

  test('a file with one bit changed', async () => {
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    await refused(bytes, /was changed|not complete/);
  });
  test('a file that was cut off', () => refused(readFileSync(file).subarray(0, -70_000), /not complete/));
  test('a file cut at the end of a chunk', () => {
    const bytes = readFileSync(file);
    const start = bytes.indexOf(10) + 1;
    return refused(bytes.subarray(0, start + 4 + bytes.readUInt32BE(start)), /not complete/);
  });
  test('something else', () => refused(Buffer.from('PGDMP and so on'), /is not a backup/));

  test('a backup of another installation', async () => {
    const place = await emptyPlace();
    writeFileSync(join(place.dataFolder, 'root.key'), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    await expect(checkSealed(file, { rootKey: null, dataFolder: place.dataFolder })).rejects.toThrow(
      /sealed with the root key \w+, which is not here/,
    );
    rmSync(join(place.dataFolder, 'root.key'));
    await expect(checkSealed(file, { rootKey: null, dataFolder: place.dataFolder })).rejects.toThrow(/put that root.key into/);
    expect(existsSync(join(place.dataFolder, 'root.key'))).toBe(false);
  });

  test('into a database or a folder that holds something', async () => {
    const place = await emptyPlace();
    await migrate(place.pool, migrations);
    await expect(readBackup({ ...place, secrets: house.context.secrets, file, migrations })).rejects.toThrow(
      /already holds an installation/,
    );
    await refuseFullFolder(place.dataFolder);
    writeFileSync(join(place.dataFolder, 'postgres.log'), '');
    await expect(refuseFullFolder(place.dataFolder)).rejects.toThrow(/is not empty \(postgres.log\)/);
  });
});

test('a backup never writes over a file', async () => {
  await expect(write(file)).rejects.toThrow(/exists already/);
});

test('whatever is sealed comes back, in chunks of any size', async () => {
  const secrets = house.context.secrets;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 300_000 }),
      async (sizes, slice) => {
        const parts = sizes.map(size => randomBytes(size));
        const sealed = Buffer.concat((await Readable.from(parts).pipe(sealing(secrets)).toArray()) as Buffer[]);
        const cut = async function* () {
          for (let i = 0; i < sealed.length; i += slice) yield sealed.subarray(i, i + slice);
        };
        const opened: Buffer[] = [];
        for await (const bytes of unsealed(cut(), secrets, 'test')) opened.push(bytes);
        expect(Buffer.concat(opened).equals(Buffer.concat(parts))).toBe(true);
      },
    ),
    { seed: 24, numRuns: 40 },
  );
  expect(await new ByteReader(Readable.from([Buffer.from('ab')])).exactly(3)).toBeNull();
});
