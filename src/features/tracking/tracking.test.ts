/** Events through the front door, against the real engines. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pool } from '../../platform/context.ts';
import { rebuildCopies } from '../../platform/copies.ts';
import { startTestHouse, type TestAnswer, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers, mergeCustomers, undoMerge } from '../customers/index.ts';
import { feature as shops, shopsOf } from '../shops/index.ts';
import { copyEvents } from './copy-events.ts';
import { appendEvents, eventsOf, ownerOf, removeEvents, feature as tracking } from './index.ts';
import { resolveInbox } from './resolve-inbox.ts';

const now = '2026-11-21T12:00:00.000Z';
let house: TestHouse;
let shopId: string;
let secret: string;
let browser: string;

beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking], now });
  shopId = (await shopsOf(house.context))[0].id;
  secret = await newKey('secret');
  browser = await newKey('browser');
});
afterAll(() => house?.close());

const newKey = async (kind: 'secret' | 'browser'): Promise<string> =>
  (await house.request('POST', '/api/write-keys', { body: { shop_id: shopId, kind, name: `${kind} key` } })).body.key;

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
const send = (path: string, body: unknown, key = secret) =>
  house.request('POST', path, { body, actor: null, headers: basic(key) });
const status = async () => (await house.request('GET', '/api/ingest/status')).body;
const rejected = async () =>
  (await house.request('GET', '/api/ingest/rejected')).body.data as { reason: string; detail: string; name: string | null }[];

let sequence = 0;
const someone = () => `user-${++sequence}-${Math.round(performance.now())}`;
const customerOf = async (userId: string): Promise<number | null> => {
  const [row] = await house.context
    .postgres`select customer_id from customers.identifier where kind = 'user_id' and value = ${userId}`;
  return (row?.customer_id as number) ?? null;
};
const logOf = async (userId: string) => {
  const customerId = await customerOf(userId);
  return customerId === null ? [] : eventsOf(house.context, [customerId]);
};
const copied = async (userId: string): Promise<number> => {
  const [row] = await house.context.clickhouse.query<{ n: number }>(
    'select count() as n from event where origin_id = {id:UInt32}',
    { id: await customerOf(userId) },
  );
  return row.n;
};

describe('the doors', () => {
  test('every call of the API ends in the log, in ClickHouse and on the timeline', async () => {
    const userId = someone();
    const anonymousId = `a-${userId}`;
    const calls: [string, Record<string, unknown>][] = [
      ['/v1/page', { anonymousId, name: 'Home', properties: { url: '/' } }],
      ['/v1/track', { anonymousId, event: 'Product Viewed', properties: { sku: 'TEA-1', price: 9.5 } }],
      ['/v1/identify', { userId, anonymousId, traits: { email: `${userId}@example.com`, firstName: 'Ana' } }],
      ['/v1/screen', { userId, name: 'Cart' }],
      ['/v1/group', { userId, groupId: 'g1' }],
      ['/v1/alias', { userId, previousId: `old-${userId}` }],
      ['/v1/t', { userId, event: 'Product Added' }],
    ];
    for (const [path, call] of calls) expect(await send(path, call)).toMatchObject({ status: 200, body: { success: true } });
    expect((await send('/v1/batch', { batch: [{ type: 'track', userId, event: 'Checkout Started' }] })).status).toBe(200);
    expect((await send('/v1/import', { batch: [{ type: 'track', userId, event: 'Coupon Applied' }] })).status).toBe(200);
    await house.drain();

    const log = await logOf(userId);
    expect(log.map(event => event.name).sort()).toEqual(
      [
        'Alias Made',
        'Checkout Started',
        'Coupon Applied',
        'Group Joined',
        'Identified',
        'Page Viewed',
        'Product Added',
        'Product Viewed',
        'Screen Viewed',
      ].sort(),
    );
    expect(log.filter(event => event.historical).map(event => event.name)).toEqual(['Coupon Applied']);
    expect(log.find(event => event.name === 'Product Viewed')).toMatchObject({
      properties: { sku: 'TEA-1', price: 9.5 },
      source: 'server',
      shopId,
    });
    const [row] = await house.context.clickhouse.query<{
      text: Record<string, string>;
      number: Record<string, number>;
      owner: number;
    }>(
      `select text, number, ${ownerOf('origin_id')} as owner from event where name = 'Product Viewed' and text['sku'] = 'TEA-1'`,
    );
    expect(row).toEqual({ text: { sku: 'TEA-1' }, number: { price: 9.5 }, owner: await customerOf(userId) });
    const [profile] = await house.context
      .postgres`select email, first_name, known from customers.customer where id = ${await customerOf(userId)}`;
    expect(profile).toEqual({ email: `${userId}@example.com`, first_name: 'Ana', known: true });
  });

  const refusals: [what: string, path: string, body: unknown, status: number, code: string][] = [
    ['not JSON', '/v1/track', '{"event":', 400, 'tracking.not_json'],
    ['no body', '/v1/track', '', 400, 'tracking.empty'],
    ['a list', '/v1/track', '[1]', 400, 'tracking.not_an_object'],
    ['a batch without a list', '/v1/batch', { events: [] }, 400, 'tracking.no_batch'],
    ['a track without a name', '/v1/track', { userId: 'x' }, 400, 'tracking.no_event_name'],
    ['nobody', '/v1/track', { event: 'x' }, 400, 'tracking.no_identity'],
    [
      'an event of 33 kB',
      '/v1/track',
      { userId: 'x', event: 'x', properties: { t: 'x'.repeat(33_000) } },
      413,
      'tracking.too_large',
    ],
    ['a body of 600 kB', '/v1/batch', { batch: [], t: 'x'.repeat(600_000) }, 413, 'platform.body_too_large'],
  ];
  test.each(refusals)('%s is refused with a sentence', async (_what, path, body, code, name) => {
    const answer = await send(path, body);
    expect(answer).toMatchObject({ status: code, body: { code: name } });
    expect(answer.body.detail.length).toBeGreaterThan(20);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });

  test('a key in the body, as text/plain, gzip, and unknown or revoked keys', async () => {
    const userId = someone();
    const body = JSON.stringify({ userId, event: 'Beacon', writeKey: browser });
    expect((await house.request('POST', '/v1/t', { body, actor: null, headers: { 'content-type': 'text/plain' } })).status).toBe(
      200,
    );
    const { gzipSync } = await import('node:zlib');
    const packed = gzipSync(JSON.stringify({ userId, event: 'Packed' }));
    expect(
      (
        await house.request('POST', '/v1/track', {
          body: packed,
          actor: null,
          headers: { ...basic(secret), 'content-type': 'application/json', 'content-encoding': 'gzip' },
        })
      ).status,
    ).toBe(200);
    expect(await send('/v1/track', { userId, event: 'x' }, 'rws_wrong')).toMatchObject({
      status: 401,
      body: { code: 'tracking.unknown_key' },
    });
    expect(await house.request('POST', '/v1/track', { body: { userId, event: 'x' }, actor: null })).toMatchObject({
      status: 401,
    });

    const key = await newKey('secret');
    expect((await send('/v1/track', { userId, event: 'Before' }, key)).status).toBe(200);
    const { data } = (await house.request('GET', '/api/write-keys')).body as { data: { id: string; shown: string }[] };
    const { id } = data.find(one => one.shown.endsWith(key.slice(-4)))!;
    expect((await house.request('DELETE', `/api/write-keys/${id}`)).status).toBe(204);
    // The door still remembers the key; the inbox does not.
    expect((await send('/v1/track', { userId, event: 'After' }, key)).status).toBe(401);
    await house.drain();
    expect((await logOf(userId)).map(event => event.name).sort()).toEqual(['Beacon', 'Before', 'Packed']);
  });

  test('browsers may ask from anywhere, on /v1 only', async () => {
    const asked = await house.request('OPTIONS', '/v1/batch', {
      actor: null,
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
    });
    const api = await house.request('GET', '/api/ingest/status', { headers: { origin: 'https://shop.example' } });
    expect(api.headers['access-control-allow-origin']).toBeUndefined();
  });

  test("the browser library's settings", async () => {
    const answer = await house.request('GET', `/v1/projects/${browser}/settings`, { actor: null });
    expect(answer.status).toBe(200);
    expect(answer.body.integrations['Segment.io']).toMatchObject({ apiKey: browser, protocol: 'http' });
    expect((await house.request('GET', '/v1/projects/nonsense/settings', { actor: null })).status).toBe(401);
  });

  test('too deep an inbox answers 429, and what was acknowledged stays', async () => {
    const { openDoors } = await import('./door.ts');
    const { default: fastify } = await import('fastify');
    const app = fastify();
    app.setErrorHandler((error, _request, reply) =>
      reply.code((error as { status?: number }).status ?? 500).send({ code: (error as { code?: string }).code }),
    );
    await openDoors(app, house.context, { waiting_bytes: 1 << 20, stored_bytes: 1 << 30, stored_rows: 0 });
    const one = () =>
      app.inject({
        method: 'POST',
        url: '/v1/track',
        headers: basic(secret),
        payload: JSON.stringify({ userId: someone(), event: 'x' }),
      });
    expect((await one()).statusCode).toBe(200);
    await new Promise(resolve => setTimeout(resolve, 1_100));
    await one();
    await new Promise(resolve => setTimeout(resolve, 100));
    expect((await one()).statusCode).toBe(429);
    await house.drain();
    await app.close();
  });
});

describe('counted once', () => {
  test('accepted = processed + rejected + duplicate + pending, at every moment', async () => {
    const userId = someone();
    const before = await status();
    const batch = [
      { type: 'track', userId, event: 'A', messageId: `${userId}-1` },
      { type: 'track', userId, event: 'A', messageId: `${userId}-1` },
      { type: 'track', userId },
      { type: 'track', userId, event: 'B', messageId: `${userId}-2` },
    ];
    await send('/v1/batch', { batch });
    const waiting = await status();
    expect([waiting.accepted - before.accepted, waiting.pending - before.pending]).toEqual([4, 4]);
    await house.drain();
    await send('/v1/batch', { batch });
    await house.drain();
    const after = await status();
    expect([
      after.accepted - before.accepted,
      after.pending,
      after.processed - before.processed,
      after.rejected - before.rejected,
      after.duplicate - before.duplicate,
    ]).toEqual([8, 0, 2, 2, 4]);
    expect(after.lag_seconds).toBe(0);
    expect((await logOf(userId)).map(event => event.name).sort()).toEqual(['A', 'B']);
    expect(await copied(userId)).toBe(2);
    expect((await rejected())[0]).toMatchObject({
      reason: 'no_event_name',
      detail: expect.stringContaining('name of the event'),
    });
  });

  test('however deliveries are cut, shuffled and repeated, the state is the same', async () => {
    const world = fc.record({
      people: fc.integer({ min: 1, max: 4 }),
      events: fc.array(
        fc.record({
          who: fc.integer({ min: 0, max: 3 }),
          name: fc.constantFrom('A', 'B', 'C'),
          minute: fc.integer({ min: 0, max: 600 }),
          n: fc.integer(),
        }),
        { minLength: 1, maxLength: 25 },
      ),
      order: fc.array(fc.nat(), { minLength: 1, maxLength: 60 }),
      cut: fc.integer({ min: 1, max: 9 }),
      drainBetween: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ people, events, order, cut, drainBetween }) => {
        const run = someone();
        const calls = events.map((event, i) => ({
          type: 'track',
          userId: `${run}-${event.who % people}`,
          event: event.name,
          messageId: `${run}-${i}`,
          properties: { n: event.n },
          timestamp: new Date(Date.parse(now) - event.minute * 60_000).toISOString(),
        }));
        // Everything once, then whatever comes twice, in any order.
        const deliveries = [...calls, ...order.map(at => calls[at % calls.length])]
          .map((call, i) => ({ call, at: order[i % order.length] ^ (i * 7919) }))
          .sort((a, b) => a.at - b.at)
          .map(one => one.call);
        for (let at = 0; at < deliveries.length; at += cut) {
          expect((await send('/v1/batch', { batch: deliveries.slice(at, at + cut) })).status).toBe(200);
          if (drainBetween) await house.drain();
        }
        await house.drain();
        for (let who = 0; who < people; who++) {
          const expected = calls
            .filter(call => call.userId === `${run}-${who}`)
            .map(call => `${call.timestamp} ${call.event} ${call.properties.n}`)
            .sort();
          const found = (await logOf(`${run}-${who}`))
            .map(event => `${event.time.toISOString()} ${event.name} ${event.properties.n}`)
            .sort();
          expect(found).toEqual(expected);
          if (expected.length > 0) expect(await copied(`${run}-${who}`)).toBe(expected.length);
        }
      }),
      { seed: 20261121, numRuns: 12 },
    );
  });

  test('odd times go to the month they belong to, broken clocks to the rejected list', async () => {
    const userId = someone();
    const times = [
      '2001-02-03T00:00:00Z',
      '2019-12-31T23:59:59.999Z',
      '2020-01-01T00:00:00Z',
      '1970-01-01T00:00:00Z',
      '2099-01-01T00:00:00Z',
    ];
    await send('/v1/batch', { batch: times.map((timestamp, i) => ({ type: 'track', userId, event: `T${i}`, timestamp })) });
    await house.drain();
    expect((await logOf(userId)).map(event => [event.name, event.historical])).toEqual([
      ['T0', true],
      ['T1', true],
      ['T2', true],
    ]);
    expect(await copied(userId)).toBe(3);
    expect(
      (await rejected())
        .slice(0, 2)
        .map(one => one.reason)
        .sort(),
    ).toEqual(['in_future', 'too_old']);
  });

  test('hostile values are stored as they are or rejected; the neighbours are not lost', async () => {
    const userId = someone();
    const hostile: Record<string, unknown>[] = [
      {
        'a\u0000b': 'x\u0000y',
        half: '\ud800',
        quote: `'; drop table tracking.event; --`,
        back: '\\',
        curly: '{"a","b"}',
        empty: '',
      },
      { constructor: 'x', __proto__: 'y', toString: 1 },
      { nested: { deep: { deeper: ['a', { b: 1 }] } }, big: 1e308, small: -1e-300, list: [null, 1, 'x,y'] },
    ];
    const deep = `{"type":"track","userId":"${userId}","event":"Deep","properties":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`;
    const body = `{"batch":[${hostile.map((properties, i) => JSON.stringify({ type: 'track', userId, event: `H${i}`, properties })).join(',')},${deep},{"type":"track","userId":"${userId}","event":"Last"}]}`;
    expect((await send('/v1/batch', body)).status).toBe(200);
    await house.drain();
    const log = await logOf(userId);
    expect(log.map(event => event.name).sort()).toEqual(['H0', 'H1', 'H2', 'Last']);
    expect(log.find(event => event.name === 'H0')!.properties).toMatchObject({
      ab: 'xy',
      quote: `'; drop table tracking.event; --`,
      back: '\\',
    });
    expect(await copied(userId)).toBe(4);
    expect((await rejected())[0]).toMatchObject({ reason: 'too_deep', name: 'Deep' });
  });

  test('card numbers are never on disk', async () => {
    const userId = someone();
    await send('/v1/track', {
      userId,
      event: 'Note',
      properties: { text: 'my card is 4111 1111 1111 1111', number: 4242424242424242 },
    });
    const waiting = await house.context.postgres`select payload from tracking.inbox`;
    expect(waiting.map(row => row.payload).join()).not.toMatch(/4111 1111|42424242/);
    await house.drain();
    expect((await logOf(userId))[0].properties).toEqual({ text: 'my card is •••• 1111', number: '•••• 4242' });
  });
});

describe('when something breaks', () => {
  test('nothing is acknowledged before it is committed', async () => {
    const userId = someone();
    let answered = false;
    let sending: Promise<unknown> = Promise.resolve();
    await (house.context.postgres as Pool).begin(async lock => {
      await lock`lock table tracking.inbox in share mode`;
      sending = send('/v1/track', { userId, event: 'Patience' }).then(answer => {
        answered = true;
        return answer;
      });
      await new Promise(resolve => setTimeout(resolve, 150));
      expect(answered).toBe(false);
    });
    expect(await sending).toMatchObject({ status: 200 });
    await house.drain();
    expect(await logOf(userId)).toHaveLength(1);
  });

  test('what cannot be stored is not acknowledged', async () => {
    await house.context.postgres`alter table tracking.inbox add constraint full_disk check (events < 0) not valid`;
    expect(await send('/v1/track', { userId: someone(), event: 'x' })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '2' },
    });
    await house.context.postgres`alter table tracking.inbox drop constraint full_disk`;
  });

  // Each engine call of one copy, done and then its answer lost, or not even done.
  test.each([
    ['the removal is not done', 'command', 'before'],
    ['the removal is done, its answer lost', 'command', 'after'],
    ['the insert is not done', 'insert', 'before'],
    ['the insert is done, its answer lost', 'insert', 'after'],
    ['the insert is done, its answer lost, twice', 'insert', 'after twice'],
  ] as const)('the copy brings each row once: %s', async (_what, verb, moment) => {
    const userId = someone();
    await send('/v1/identify', { userId });
    await house.drain();
    const customerId = (await customerOf(userId))!;
    const row = (id: string, year: number) => ({
      id,
      customerId,
      name: 'Copied',
      time: new Date(Date.UTC(year, 5, 1)),
      shopId,
      source: 'file',
      historical: true,
      properties: { year },
    });
    const kept = crypto.randomUUID();
    const changed = crypto.randomUUID();
    await appendEvents(house.context, [row(kept, 2024), row(changed, 2024)]);
    await house.drain();
    // Two years in one insert: two partitions.
    await removeEvents(house.context, [changed]);
    await appendEvents(house.context, [row(changed, 2023), row(crypto.randomUUID(), 2025)]);
    const broken = { ...house.context.clickhouse };
    (broken as Record<string, unknown>)[verb] = async (...input: never[]) => {
      if (moment !== 'before') await (house.context.clickhouse[verb] as (...input: never[]) => Promise<void>)(...input);
      throw new Error('the power went off');
    };
    for (let times = moment === 'after twice' ? 2 : 1; times > 0; times--) {
      await expect(copyEvents({ ...house.context, clickhouse: broken })).rejects.toThrow('power');
    }
    await house.drain();
    const rows = await house.context.clickhouse.query<{ year: number }>(
      "select number['year'] as year from event where origin_id = {id:UInt32} and name = 'Copied' order by year",
      { id: customerId },
    );
    expect(rows.map(one => one.year)).toEqual([2023, 2024, 2025]);
  });

  test('dropped and rebuilt, ClickHouse says the same; what still waits is brought once', async () => {
    const userId = someone();
    await send('/v1/batch', {
      batch: Array.from({ length: 7 }, (_, i) => ({ type: 'track', userId, event: `R${i % 3}`, properties: { i } })),
    });
    await house.drain();
    await send('/v1/track', { userId, event: 'Still waiting' });
    await resolveInbox(house.context);
    const numbers = () =>
      house.context.clickhouse.query(
        "select name, count() as n, uniqExact(id) as ids, sum(number['i']) as total from event group by name order by name",
        {},
      );
    const before = await numbers();
    await house.context.clickhouse.command('DROP TABLE event SYNC');
    await rebuildCopies(house.context, tracking.copies);
    expect(await numbers()).toEqual(before);
    await house.drain();
    expect(await copied(userId)).toBe(8);
  });
});

describe('a browser key is public', () => {
  test('it links a visitor to a person, but overwrites nothing a trusted source said and merges nobody', async () => {
    const [ana, ben] = [someone(), someone()];
    await send('/v1/identify', { userId: ana, traits: { email: `${ana}@example.com`, firstName: 'Ana' } });
    await send('/v1/identify', { userId: ben, traits: { email: `${ben}@example.com`, firstName: 'Ben' } });
    await house.drain();
    await send(
      '/v1/identify',
      { userId: ana, anonymousId: `v-${ana}`, traits: { email: `${ben}@example.com`, firstName: 'Mallory' } },
      browser,
    );
    await house.drain();
    const names = await house.context
      .postgres`select first_name, email, merged_into from customers.customer where id in (${(await customerOf(ana))!}, ${(await customerOf(ben))!}) order by first_name`;
    expect(names).toMatchObject([
      { first_name: 'Ana', merged_into: null },
      { first_name: 'Ben', email: `${ben}@example.com`, merged_into: null },
    ]);
    expect((await logOf(ana)).map(event => event.source).sort()).toEqual(['browser', 'server']);
  });

  test('it may take a consent away, never give one', async () => {
    const userId = someone();
    await send('/v1/identify', { userId, traits: { email: `${userId}@example.com` } });
    await send('/v1/track', { userId, event: 'Consent Changed', properties: { channel: 'email', state: 'subscribed' } }, browser);
    await house.drain();
    const states = async () =>
      (
        await house.context
          .postgres`select channel, state from consent.consent where origin_id = ${(await customerOf(userId))!} order by at, id`
      ).map(row => `${row.channel} ${row.state}`);
    expect(await states()).toEqual([]);
    await send('/v1/track', { userId, event: 'Consent Changed', properties: { channel: 'email', state: 'subscribed' } });
    await house.drain();
    expect(await states()).toEqual(['email subscribed']);
    house.clock.advance(1_000);
    await send('/v1/track', { userId, event: 'Unsubscribed', properties: { channel: 'email' } }, browser);
    await house.drain();
    expect(await states()).toEqual(['email subscribed', 'email unsubscribed']);
  });

  test('keys are listed without what is secret', async () => {
    const listed = (await house.request('GET', '/api/write-keys')).body.data as {
      kind: string;
      shown: string;
      last_used_at: string | null;
    }[];
    expect(listed.find(key => key.kind === 'browser')!.shown).toBe(browser);
    expect(JSON.stringify(listed)).not.toContain(secret);
    expect(listed.find(key => key.shown.endsWith(secret.slice(-4)))!.last_used_at).not.toBeNull();
    const marketer = house.staff({ verbs: new Set(['tracking:read']) });
    expect(
      (await house.request('POST', '/api/write-keys', { actor: marketer, body: { shop_id: shopId, kind: 'secret', name: 'x' } }))
        .status,
    ).toBe(403);
  });
});

describe('the log', () => {
  const event = (id: string, customerId: number, name: string, time = now) =>
    ({ id, customerId, name, time: new Date(time), shopId, source: 'orders', historical: true, properties: { n: 1 } }) as const;

  test('events taken back and written again are there once, also in ClickHouse', async () => {
    const userId = someone();
    await send('/v1/identify', { userId });
    await house.drain();
    const customerId = (await customerOf(userId))!;
    const id = crypto.randomUUID();
    await appendEvents(house.context, [event(id, customerId, 'Order Completed', '2024-03-01T00:00:00Z')]);
    await house.drain();
    await removeEvents(house.context, [id]);
    await appendEvents(house.context, [event(id, customerId, 'Order Completed', '2024-03-02T00:00:00Z')]);
    await house.drain();
    expect(
      (await eventsOf(house.context, [customerId], { names: ['Order Completed'] })).map(one => one.time.toISOString()),
    ).toEqual(['2024-03-02T00:00:00.000Z']);
    const rows = await house.context.clickhouse.query<{ time: string }>(
      'select toString(time) as time from event where id = {id:UUID}',
      { id },
    );
    expect(rows).toEqual([{ time: '2024-03-02 00:00:00.000' }]);
    await removeEvents(house.context, [id]);
    await house.drain();
    expect(await house.context.clickhouse.query('select 1 from event where id = {id:UUID}', { id })).toEqual([]);
  });

  test('any time finds a place in the log', async () => {
    const userId = someone();
    await send('/v1/identify', { userId });
    await house.drain();
    const customerId = (await customerOf(userId))!;
    const times = ['1899-12-31T00:00:00Z', '1999-12-31T23:59:59Z', '2150-06-01T00:00:00Z'];
    await appendEvents(
      house.context,
      times.map(time => event(crypto.randomUUID(), customerId, 'Odd', time)),
    );
    await house.drain();
    expect(await eventsOf(house.context, [customerId], { names: ['Odd'] })).toHaveLength(3);
  });

  test('two writers of a new month do not fall over each other', async () => {
    const userId = someone();
    await send('/v1/identify', { userId });
    await house.drain();
    const customerId = (await customerOf(userId))!;
    await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        appendEvents(house.context, [event(crypto.randomUUID(), customerId, 'Month', `2003-0${1 + (i % 3)}-05T00:00:00Z`)]),
      ),
    );
    expect(
      await eventsOf(house.context, [customerId], {
        names: ['Month'],
        since: new Date('2003-01-01'),
        until: new Date('2003-02-01'),
      }),
    ).toHaveLength(2);
  });

  test('a call that breaks its portion is set aside; the others are kept', async () => {
    const userId = someone();
    await house.context
      .postgres`create function tracking.trap() returns trigger language plpgsql as $$ begin if new.name = 'Poison' then raise exception 'no'; end if; return new; end $$`;
    await house.context
      .postgres`create trigger trap before insert on tracking.event for each row execute function tracking.trap()`;
    const batch = ['A', 'B', 'Poison', 'C', 'D', 'E'].map(name => ({ type: 'track', userId, event: name }));
    await send('/v1/batch', { batch });
    await house.drain();
    expect((await logOf(userId)).map(one => one.name).sort()).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect((await rejected())[0]).toMatchObject({ reason: 'failed', name: 'Poison' });
    await house.context.postgres`drop trigger trap on tracking.event`;
  });
});

describe('whose events', () => {
  const numbersOn = async (customerId: number): Promise<unknown[]> => {
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { kinds: 'event', limit: '3', ...(cursor ? { cursor } : {}) };
      const page: TestAnswer = await house.request('GET', `/api/customers/${customerId}/timeline`, { query });
      seen.push(
        ...page.body.data.map(
          (entry: { details: { label: string; value: string }[] }) => entry.details.find(one => one.label === 'n')?.value,
        ),
      );
      cursor = page.body.next_cursor;
    } while (cursor);
    return seen;
  };

  test('the timeline shows each event once, page by page; a merge joins two, its undo parts them', async () => {
    const [ana, bea] = [someone(), someone()];
    const track = (userId: string, n: number) => ({
      type: 'track',
      userId,
      event: 'Step',
      messageId: `${userId}-${n}`,
      timestamp: new Date(Date.parse(now) - n * 1_000).toISOString(),
      properties: { n },
    });
    await send('/v1/batch', { batch: [...[1, 3, 5, 7, 7].map(n => track(ana, n)), ...[2, 4].map(n => track(bea, n))] });
    await house.drain();
    const [winner, loser] = [(await customerOf(ana))!, (await customerOf(bea))!];
    expect(await numbersOn(winner)).toEqual(['1', '3', '5', '7']);
    const { mergeId } = await mergeCustomers(house.context, { winnerId: winner, loserId: loser });
    await house.drain();
    expect(await numbersOn(winner)).toEqual(['1', '2', '3', '4', '5', '7']);
    const owned = () =>
      house.context.clickhouse.query<{ owner: number; n: number }>(
        `select ${ownerOf('origin_id')} as owner, count() as n from event where origin_id in ({a:UInt32}, {b:UInt32}) group by owner order by owner`,
        { a: winner, b: loser },
      );
    expect(await owned()).toEqual([{ owner: winner, n: 6 }]);
    await undoMerge(house.context, mergeId);
    await house.drain();
    expect(await numbersOn(winner)).toEqual(['1', '3', '5', '7']);
    expect(await numbersOn(loser)).toEqual(['2', '4']);
    expect(await owned()).toEqual(
      [
        { owner: winner, n: 4 },
        { owner: loser, n: 2 },
      ].sort((a, b) => a.owner - b.owner),
    );
  });

  test('an erased person has no event, no rejected one, and comes back with none', async () => {
    const userId = someone();
    await send('/v1/identify', { userId, traits: { email: `${userId}@example.com` } });
    await send('/v1/batch', {
      batch: [
        { type: 'track', userId, event: 'Known' },
        { type: 'track', userId },
      ],
    });
    await house.drain();
    const customerId = (await customerOf(userId))!;
    const erased = await house.request('POST', `/api/customers/${customerId}/erase`, {
      body: { confirm: String(customerId), reason: 'asked for it', block: true },
    });
    expect(erased.status).toBeLessThan(300);
    await house.drain();
    expect(await house.context.postgres`select 1 from tracking.event where origin_id = ${customerId}`).toHaveLength(0);
    expect(await house.context.postgres`select 1 from tracking.rejected where user_id = ${userId}`).toHaveLength(0);
    expect(await house.context.clickhouse.query('select 1 from event where origin_id = {id:UInt32}', { id: customerId })).toEqual(
      [],
    );
    await send('/v1/track', { userId, event: 'After' });
    await house.drain();
    expect(await customerOf(userId)).toBeNull();
    expect((await rejected())[0]).toMatchObject({ reason: 'blocked', name: null });
  });
});

test('the dictionary learns names, types and values that several people share, and nothing personal', async () => {
  const batch = Array.from({ length: 8 }, (_, i) => ({
    type: 'track',
    userId: `dict-${i}`,
    event: 'Dictionary Test',
    properties: {
      category: i < 5 ? 'Tea' : 'Coffee',
      price: i + 0.5,
      gift: true,
      note: `only ${i}`,
      email: 'same@example.com',
      at: '2026-01-01',
      sizes: ['a', 'b'],
      products: [{ sku: 'x' }],
      nested: { colour: 'red' },
    },
  }));
  await send('/v1/batch', { batch });
  await house.drain();
  const { data } = (await house.request('GET', '/api/events/dictionary', { query: { query: 'dictionary' } })).body;
  expect(data).toHaveLength(1);
  expect(data[0]).toMatchObject({ name: 'Dictionary Test', count: 8, sources: ['server'] });
  const property = (path: string) => data[0].properties.find((one: { path: string }) => one.path === path);
  expect(property('category')).toMatchObject({ type: 'text', samples: ['Tea', 'Coffee'] });
  expect(property('price')).toMatchObject({ type: 'number', samples: [] });
  expect(property('gift')).toMatchObject({ type: 'boolean', samples: ['true'] });
  expect(property('at')).toMatchObject({ type: 'date' });
  expect(property('sizes')).toMatchObject({ type: 'list' });
  expect(property('nested.colour')).toMatchObject({ type: 'text', samples: ['red'] });
  expect(property('note').samples).toEqual([]);
  expect(property('email').samples).toEqual([]);
  expect(property('products')).toBeUndefined();
});
