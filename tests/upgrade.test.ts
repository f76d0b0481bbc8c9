/**
 * What any earlier release wrote, this one brings up to date without losing a row: `tests/releases/` holds a backup of each.
 * A new one is written by `REGULARS_RELEASE=0.2.0 npx vitest run tests/upgrade.test.ts` on the commit that is released.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { openFrontDoor, ownerOf } from '../src/features/access/front-door.ts';
import { features } from '../src/features.ts';
import { readBackup } from '../src/platform/backup/restore.ts';
import { rebuildCopies } from '../src/platform/copies.ts';
import { openPostgres } from '../src/platform/postgres.ts';
import { openSecrets } from '../src/platform/secrets.ts';
import { startTestHouse, type TestHouse } from '../src/platform/testing.ts';
import type { TestEngines } from '../src/platform/testing-engines.ts';
import { openRelease, releaseKey, releaseNow, writeRelease } from './fill-release.ts';
import { releaseFigures } from './release-figures.ts';

const releases = fileURLToPath(new URL('./releases/', import.meta.url));
const versions = readdirSync(releases).flatMap(name => (name.endsWith('.backup') ? [name.slice(0, -'.backup'.length)] : []));
const migrations = features.flatMap(feature => feature.migrations ?? []);
const folder = mkdtempSync(join(tmpdir(), 'regulars-upgrade-'));

const closers: (() => Promise<unknown>)[] = [];
let engines: TestEngines;
beforeAll(async () => {
  engines = (await (await fetch(inject('enginesUrl'))).json()) as TestEngines;
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An empty database with the release restored and brought up to date. */
const upgrade = async (file: string) => {
  const name = `upgraded_${randomBytes(4).toString('hex')}`;
  const admin = openPostgres(engines.databaseUrl, { max: 1 });
  await admin.unsafe(`create database ${name}`);
  const pool = openPostgres(engines.databaseUrl.replace(/\/\w+$/, `/${name}`), { max: 6 });
  closers.push(
    () => admin.end(),
    () => admin.unsafe(`drop database ${name} with (force)`),
    () => pool.end(),
  );
  const dataFolder = mkdtempSync(join(folder, 'data-'));
  const secrets = openSecrets({ rootKey: releaseKey, dataFolder });
  await readBackup({ pool, secrets, dataFolder, file, migrations });
  return { pool, secrets };
};

/** A running house on the upgraded data. */
const moveIn = async (place: Awaited<ReturnType<typeof upgrade>>): Promise<TestHouse> => {
  const house = await startTestHouse({ now: releaseNow });
  closers.push(() => house.close());
  house.context.postgres = place.pool;
  house.context.secrets = place.secrets;
  house.context.announce = house.context.bind(place.pool, 0).announce;
  for (const feature of features) await feature.start?.(house.context);
  await rebuildCopies(
    house.context,
    features.flatMap(feature => feature.copies),
  );
  return house;
};

const lists = features.flatMap(feature =>
  Object.values(feature.contract).filter(
    route =>
      route.method === 'GET' &&
      route.needs !== 'public' &&
      !route.raw &&
      !route.path.includes(':') &&
      typeof route.answer === 'object',
  ),
);

describe.each(versions)('what %s wrote', version => {
  test('is all there after the upgrade, its owner signs in, and every list answers', { timeout: 120_000 }, async () => {
    const place = await upgrade(join(releases, `${version}.backup`));
    expect(await releaseFigures(place.pool)).toEqual(JSON.parse(readFileSync(join(releases, `${version}.json`), 'utf8')));

    const house = await moveIn(place);
    const door = await openFrontDoor(house.context, features);
    closers.push(() => door.close());
    const owner = door.newBrowser();
    expect((await owner.send('POST', '/api/login', { email: ownerOf.email, password: ownerOf.password })).status).toBe(200);
    const failed: string[] = [];
    for (const route of lists) {
      const { status, text } = await owner.send('GET', route.path);
      if (status >= 500) failed.push(`${route.path}: ${status} ${text.slice(0, 200)}`);
    }
    expect(failed).toEqual([]);

    const { body: merges } = await owner.send('GET', '/api/customers?limit=200');
    expect(merges.data.length).toBeGreaterThan(10);
    const [copied] = await house.context.clickhouse.query<{ sales: string }>('SELECT sum(sales_minor) AS sales FROM purchase');
    const [stored] = await place.pool`
      select sum(sales_minor) as sales from orders."order" where counts and customer_id is not null and rate is not null`;
    expect(String(copied.sales)).toBe(String(stored.sales));
    const [merge] = await place.pool`select id from customers.merge order by id desc limit 1`;
    expect((await owner.send('POST', `/api/merges/${merge.id}/undo`)).status).toBeLessThan(300);
  });
});

test('this release can be written and read again', { timeout: 120_000 }, async () => {
  const house = await openRelease();
  closers.push(() => house.close());
  const version = process.env.REGULARS_RELEASE;
  const file = join(version ? releases : folder, `${version ?? 'now'}.backup`);
  await writeRelease(house, file, version ?? 'now');
  const figures = await releaseFigures(house.context.postgres);
  if (version) writeFileSync(join(releases, `${version}.json`), `${JSON.stringify(figures, null, 2)}\n`);
  expect(await releaseFigures((await upgrade(file)).pool)).toEqual(figures);
});
