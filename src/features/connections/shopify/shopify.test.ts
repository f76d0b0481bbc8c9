/** The house beside a living shop: after every kind of trouble, each alone and all together, it holds what the shop holds. */
import { afterEach, describe, expect, test } from 'vitest';
import { openStand, type Stand } from './test/stand.ts';

let stand: Stand;
afterEach(() => stand?.close());

/** Every place where the two differ, so that a failure names it. */
const differences = (theirs: unknown, ours: unknown, path = ''): string[] => {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!isObject(theirs) || !isObject(ours))
    return theirs === ours ? [] : [`${path}: theirs ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`];
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].flatMap(key =>
    differences(theirs[key], ours[key], path === '' ? key : `${path}.${key}`),
  );
};

const agree = async (): Promise<void> => {
  const theirs = stand.double.expected();
  // Shipments of an order without a person are nobody's events.
  for (const order of Object.values(theirs.orders))
    if (order.buyer === null) Object.assign(order, { fulfilled: false, delivered: false });
  const ours = await stand.held();
  // The API lists checkouts only until they become orders: those that did so unseen are not known, nor those of nobody.
  for (const [token, { completed, known, later }] of Object.entries(theirs.checkouts)) {
    if (!known || (completed && !ours.checkouts[token]) || (!completed && later)) {
      delete theirs.checkouts[token];
      Reflect.deleteProperty(ours.checkouts, token);
    } else theirs.checkouts[token] = { completed } as never;
  }
  expect(differences(theirs, ours)).toEqual([]);
};

/** All deliveries were worked, none put aside. */
const nothingFailed = async (): Promise<void> => {
  const rows = await stand.house.context.postgres`
    select topic, error from connections.delivery where state in ('failed', 'waiting')`;
  expect([...rows]).toEqual([]);
};

describe('what the shop had before it was connected', () => {
  test('comes by the backfill, all of it historical, ids digit-exact', async () => {
    stand = await openStand({ seed: 1, lived: 200 });
    stand.double.trouble.pageSize = 7;
    await stand.house.drain();
    await agree();
    await nothingFailed();
    const { postgres: sql } = stand.house.context;
    const [{ live }] = await sql`select count(*)::int as live from tracking.event where not historical and name like 'Order%'`;
    expect(live).toBe(0);
    const ids = Object.values((await stand.held()).orders).map(order => BigInt(order.id));
    expect(ids.every(id => id > 2n ** 53n)).toBe(true);
    expect(ids.some(id => BigInt(Number(id)) !== id)).toBe(true);
    // Reading it all again changes nothing.
    await stand.walk('backfill');
    const [walk] = await sql`select met.done, met.changed from connections.walk met order by id desc limit 1`;
    expect(walk).toMatchObject({ changed: 0 });
    expect(walk.done).toBeGreaterThan(80);
  });
});

type Troubles = {
  webhooks?: boolean;
  lost?: number;
  shuffled?: boolean;
  doubled?: boolean;
  throttled?: number;
  stale?: number;
  pageSize?: number;
};

/** Half a day in the shop: it lives, sends, is polled; at last a full sweep looks at everything. */
const halfADay = async (seed: number, troubles: Troubles): Promise<void> => {
  stand = await openStand({ seed, lived: 40, webhooks: troubles.webhooks });
  const { double } = stand;
  await stand.house.drain();
  Object.assign(double.trouble, {
    lost: 0,
    shuffled: false,
    doubled: false,
    pageSize: troubles.pageSize ?? 250,
    throttled: troubles.throttled ?? 0,
  });
  for (const name of ['lost', 'shuffled', 'doubled'] as const)
    if (troubles[name] !== undefined) Object.assign(double.trouble, { [name]: troubles[name] });
  double.life.state.staleShare = troubles.stale ?? 0;
  for (let round = 0; round < 4; round++) {
    double.life.live(30);
    await double.deliver(stand.post);
    double.life.pass(2_000);
    await stand.poll();
  }
};

describe('a living shop', () => {
  test('an older webhook that arrives after a newer one changes nothing', async () => {
    stand = await openStand({ seed: 10, lived: 60 });
    const { double, house } = stand;
    await house.drain();
    const order = [...double.life.orders.values()].find(one => one.cancelled === null)!;
    const older = double.deliveryOf('orders/updated', double.shapes.order(order), `http://hooks.example/webhooks/${stand.id}`);
    double.life.pass(60_000);
    order.cancelled = double.life.now().getTime();
    order.updated = order.cancelled;
    const newer = double.deliveryOf('orders/cancelled', double.shapes.order(order), older.address);
    for (const one of [newer, older]) {
      expect(await stand.post(one)).toBe(200);
      await stand.patience();
    }
    await agree();
  });

  const alone: [string, number, Troubles, boolean][] = [
    ['told by webhooks and polls in peace', 11, {}, false],
    ['polled only: no address that the outside can reach', 12, { webhooks: false }, true],
    ['a fifth of the webhooks are lost', 13, { lost: 0.2 }, true],
    ['webhooks come in any order', 14, { shuffled: true }, false],
    ['webhooks come twice', 15, { doubled: true }, false],
    ['asked too often', 16, { throttled: 0.15, pageSize: 9 }, false],
    ['updated_at stays as it was at a third of the writes', 17, { stale: 0.33, webhooks: false }, true],
    ['all of it together', 18, { lost: 0.05, shuffled: true, doubled: true, throttled: 0.1, stale: 0.2, pageSize: 9 }, true],
  ];
  test.each(alone)('%s', { timeout: 120_000 }, async (_name, seed, troubles, sweep) => {
    await halfADay(seed, troubles);
    if (sweep) await stand.walk('full_sweep');
    await stand.patience();
    await agree();
    await nothingFailed();
  });
});
