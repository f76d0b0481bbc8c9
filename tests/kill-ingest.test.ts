/**
 * P1: acknowledged means kept, and counted once. Segment's own library sends events while the server is killed (-9) and started
 * again five times, and ClickHouse alone in between; then ClickHouse is dropped and rebuilt. REGULARS_FULL=1 sends 100,000 events.
 * The same seed kills at the same moments: REGULARS_SEED=7.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Analytics } from '@segment/analytics-node';
import { afterAll, expect, test } from 'vitest';
import { features } from '../src/features.ts';
import { type ClickHouse, connectClickHouse } from '../src/platform/clickhouse.ts';
import { systemClock } from '../src/platform/clock.ts';
import { readConfig } from '../src/platform/config.ts';
import type { Pool } from '../src/platform/context.ts';
import { rebuildCopies } from '../src/platform/copies.ts';
import { startEngines } from '../src/platform/engines/index.ts';
import { buildContext } from '../src/platform/house.ts';
import { openLog } from '../src/platform/log.ts';
import { openPostgres } from '../src/platform/postgres.ts';
import { openProduct, type Product, sleep } from './product.ts';

const total = process.env.REGULARS_FULL ? 100_000 : 5_000;
const rounds = 5;
const seed = Number(process.env.REGULARS_SEED ?? Date.now() % 100_000);
const people = 200;
const folder = mkdtempSync(join(tmpdir(), 'regulars-kill-'));
let product: Product | undefined;

afterAll(async () => {
  await product?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** 0 <= x < 1, the same for the same seed (mulberry32). */
let state = seed;
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

test(
  `${total} events, the server killed ${rounds} times`,
  async () => {
    process.stderr.write(`kill-ingest: seed ${seed}\n`);
    product = await openProduct(folder);
    const { data: shops } = await product.request<{ data: { id: string }[] }>('GET', '/api/shops');
    const { key } = await product.request<{ key: string }>('POST', '/api/write-keys', {
      shop_id: shops[0].id,
      kind: 'secret',
      name: 'kill test',
    });

    const sent: Sent = new Map();
    for (let round = 0; round < rounds; round++) await oneRound(product, key, sent, round);
    expect(sent.size).toBe(total);

    await settled(product);
    await onTimelines(product, sent);
    await product.stop();
    await judge(sent);
  },
  process.env.REGULARS_FULL ? 1_800_000 : 420_000,
);

/** Message id -> who and which, of acknowledged events. */
type Sent = Map<string, { userId: string; number: number }>;

/** Events that are on their way at any time: traffic must not pause, or a kill meets an idle server that has nothing to lose. */
const outstanding = 80;

const oneRound = async (running: Product, key: string, sent: Sent, round: number): Promise<void> => {
  const analytics = new Analytics({
    writeKey: key,
    host: running.url,
    flushAt: 5,
    flushInterval: 20,
    maxRetries: 200,
    httpRequestTimeout: 5_000,
  });
  const count = total / rounds;
  const first = round * count;
  let next = 0;
  let acknowledged = 0;
  const finished = new Promise<void>((resolve, reject) => {
    const sendNext = (): void => {
      if (next === count) return;
      const number = first + next++;
      const userId = `person-${number % people}`;
      analytics.track({ userId, event: 'Kill Test', properties: { number } }, (error, context) => {
        if (error) return reject(error instanceof Error ? error : new Error(String(error)));
        sent.set(context!.event.messageId!, { userId, number });
        acknowledged += 1;
        if (acknowledged === count) resolve();
        else sendNext();
      });
    };
    for (let i = 0; i < outstanding; i++) sendNext();
  });
  finished.catch(() => undefined);
  const after = async (share: number) => {
    while (acknowledged < count * share) await sleep(1);
  };
  // Work must be done before the kill, and work must be left: somewhere between a fifth and nine tenths of the round.
  await after(0.1 + 0.1 * random());
  running.killClickHouse();
  await after(0.2 + 0.6 * random());
  if (random() < 0.5) running.killClickHouse();
  await sleep(random() * 12);
  const inTheMiddle = count - acknowledged;
  await running.kill();
  expect(inTheMiddle, 'events still on their way at the kill').toBeGreaterThan(0);
  await running.start();
  await finished;
  await analytics.closeAndFlush();
};

const settled = async (running: Product): Promise<void> => {
  for (const deadline = Date.now() + 300_000; ; await sleep(200)) {
    const status = await running.request<{
      pending: number;
      copying: number;
      processed: number;
      accepted: number;
      rejected: number;
      duplicate: number;
    }>('GET', '/api/ingest/status');
    expect(status.accepted).toBe(status.processed + status.rejected + status.duplicate + status.pending);
    if (status.pending === 0 && status.copying === 0) return;
    if (Date.now() > deadline) throw new Error(`Still waiting: ${JSON.stringify(status)}`);
  }
};

/** What staff see of three of these people: each event once, page by page. */
const onTimelines = async (running: Product, sent: Sent): Promise<void> => {
  for (const userId of ['person-0', `person-${people >> 1}`, `person-${people - 1}`]) {
    const { data: found } = await running.request<{ data: { id: string; outside_id: string | null }[] }>(
      'GET',
      `/api/customers?query=${userId}&limit=200`,
    );
    const customer = found.find(one => one.outside_id === userId) ?? (await byList(running, userId));
    const numbers: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { data: { details: { label: string; value: string }[] }[]; next_cursor: string | null } = await running.request(
        'GET',
        `/api/customers/${customer.id}/timeline?kinds=event&limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      numbers.push(...page.data.map(entry => Number(entry.details.find(one => one.label === 'number')?.value)));
      cursor = page.next_cursor;
    }
    const expected = [...sent.values()].filter(one => one.userId === userId).map(one => one.number);
    expect(
      numbers.sort((a, b) => a - b),
      `timeline of ${userId}`,
    ).toEqual(expected.sort((a, b) => a - b));
  }
};

const byList = async (running: Product, userId: string): Promise<{ id: string }> => {
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: { data: { id: string; outside_id: string | null }[]; next_cursor: string | null } = await running.request(
      'GET',
      `/api/customers?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    const found = page.data.find(one => one.outside_id === userId);
    if (found) return found;
    cursor = page.next_cursor;
  }
  throw new Error(`${userId} is not in the list of customers.`);
};

/** Opens the folder that the killed product left behind, and looks for each acknowledged event. */
const judge = async (sent: Sent): Promise<void> => {
  const config = readConfig({ REGULARS_DATA: folder, LOG_LEVEL: 'error' });
  const log = openLog('error');
  const engines = await startEngines(config, log);
  const pool = openPostgres(engines.databaseUrl, { max: 4 });
  const clickhouse = connectClickHouse(engines.clickhouse);
  try {
    await eachOnce(pool, clickhouse, sent);
    await canFail(pool, clickhouse, sent);
    const context = await buildContext({ config, features, pool, clickhouse, clock: systemClock, log });
    await clickhouse.command('DROP TABLE event SYNC');
    await rebuildCopies(
      context,
      features.flatMap(feature => feature.copies),
    );
    await eachOnce(pool, clickhouse, sent);
  } finally {
    await pool.end({ timeout: 5 });
    await clickhouse.close();
    await engines.stop();
  }
};

const eachOnce = async (pool: Pool, clickhouse: ClickHouse, sent: Sent): Promise<void> => {
  const log = await pool`
    select event.id, event.message_id, (properties ->> 'number')::int as number, event.origin_id, identifier.value as user_id
    from tracking.event join customers.identifier on kind = 'user_id' and identifier.customer_id = customers.owner_of(event.origin_id)
    where name = 'Kill Test'`;
  expect(log.length, 'rows of the log').toBe(sent.size);
  for (const row of log)
    expect(sent.get(row.message_id as string), 'an acknowledged event').toEqual({ userId: row.user_id, number: row.number });
  expect(new Set(log.map(row => row.message_id)).size, 'each message once').toBe(sent.size);
  const copy = await clickhouse.query<{ id: string; origin_id: number; number: number }>(
    "select toString(id) as id, origin_id, number['number'] as number from event where name = 'Kill Test'",
  );
  expect(copy.length, 'rows in ClickHouse').toBe(sent.size);
  const written = (row: { id: string; origin_id: number; number: number }) => `${row.id} ${row.origin_id} ${row.number}`;
  expect(new Set(copy.map(written))).toEqual(new Set(log.map(row => written(row as never))));
};

/** The judge is no use if it never says no: one event lost, then one doubled. */
const canFail = async (pool: Pool, clickhouse: ClickHouse, sent: Sent): Promise<void> => {
  const [row] = await pool`select id, batch_id from tracking.event where name = 'Kill Test' limit 1`;
  await pool`create table tracking.aside as select * from tracking.event where id = ${row.id as string}`;
  await pool`delete from tracking.event where id = ${row.id as string}`;
  await expect(eachOnce(pool, clickhouse, sent)).rejects.toThrow('rows of the log');
  await pool`insert into tracking.event select * from tracking.aside`;
  await pool`drop table tracking.aside`;
  await clickhouse.command('INSERT INTO event SELECT * FROM event WHERE id = {id:UUID}', { id: row.id });
  await expect(eachOnce(pool, clickhouse, sent)).rejects.toThrow('rows in ClickHouse');
};
