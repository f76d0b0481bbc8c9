/** The rejected events desk, through the front door: see, mend, replay; counted once whatever is pressed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { features } from '../../../features.ts';
import { startTestHouse, type TestHouse } from '../../../platform/testing.ts';
import { createShop, defaultShopOf } from '../../shops/index.ts';
import { type MendRule, mend } from './mend-rules.ts';
import { watchRejections } from './watch-rejections.ts';

let house: TestHouse;
let secret: string;
let browser: string;
let shopId: string;
beforeAll(async () => {
  house = await startTestHouse({
    features: features.slice(0, features.findIndex(one => one.name === 'desk') + 1),
    now: '2026-03-01T10:00:00Z',
  });
  shopId = (await defaultShopOf(house.context)).id;
  secret = await newKey('secret');
  browser = await newKey('browser');
});
afterAll(() => house?.close());

const newKey = async (kind: string, shop = shopId): Promise<string> =>
  (await house.request('POST', '/api/write-keys', { body: { shop_id: shop, kind, name: `${kind} key` } })).body.key;
const send = async (batch: unknown[], key = secret, door = '/v1/batch') => {
  const answer = await house.request('POST', door, {
    body: { batch },
    actor: null,
    headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
  });
  expect(answer.status).toBe(200);
  await house.drain();
};

let count = 0;
let who: string;
beforeEach(async () => {
  who = `person-${++count}`;
  await house.context.postgres`delete from tracking.rejected`;
});
const track = (more: object = {}) => ({ type: 'track', event: 'Thing Done', userId: who, messageId: `${who}-1`, ...more });
const list = async (query: Record<string, string> = {}) =>
  (await house.request('GET', '/api/ingest/rejected', { query })).body.data;
const only = async () => {
  const [row, ...more] = await list();
  expect(more).toEqual([]);
  return row;
};
const replay = (id: string, body?: object | string) =>
  house.request('POST', `/api/ingest/rejected/${id}/replay`, {
    body: body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) },
  });
const logged = async () =>
  house.context.postgres`
    select e.name, e.time, e.historical, e.properties from tracking.event e
    join customers.identifier i on i.customer_id = customers.owner_of(e.origin_id) and i.value = ${who} order by e.time`;
const status = async () => (await house.request('GET', '/api/ingest/status')).body;

describe('mend and replay', () => {
  it('brings the event in, once, even when pressed twice at the same time', async () => {
    await send([track({ timestamp: 'yesterday', properties: { card: '4111 1111 1111 1111', n: 1 } })]);
    const row = await only();
    expect(row).toMatchObject({ reason: 'bad_timestamp', state: 'open', kept: true, name: 'Thing Done' });
    expect(row.body).not.toContain('4111 1111');
    const before = await status();
    expect(before.rejected_open).toBe(1);
    const mended = { ...JSON.parse(row.body), timestamp: '2026-03-01T09:00:00Z' };
    const answers = await Promise.all([replay(row.id, mended), replay(row.id, mended), replay(row.id, mended)]);
    expect(answers.map(answer => answer.status).toSorted()).toEqual([200, 409, 409]);
    await house.drain();
    expect((await only()).state).toBe('replayed');
    expect(await only()).toMatchObject({ outcome: 'processed', attempts: 1, state_by: 'Test Owner' });
    expect((await logged()).map(event => [event.name, event.time.toISOString(), event.historical])).toEqual([
      ['Thing Done', '2026-03-01T09:00:00.000Z', false],
    ]);
    const after = await status();
    expect(after).toMatchObject({ processed: before.processed + 1, rejected: before.rejected, rejected_open: 0 });
    expect(after.accepted).toBe(after.processed + after.rejected + after.duplicate + after.pending);
    // The sender mends it too and sends it again under its own message id.
    await send([mended]);
    expect(await logged()).toHaveLength(1);
  });

  it('after the sender has sent it right meanwhile, it is known as sent twice', async () => {
    await send([track({ timestamp: 'yesterday' })]);
    await send([track({ timestamp: '2026-03-01T09:00:00Z' })]);
    const row = await only();
    expect((await replay(row.id, { ...JSON.parse(row.body), timestamp: '2026-03-01T09:00:00Z' })).status).toBe(200);
    await house.drain();
    expect(await only()).toMatchObject({ state: 'replayed', outcome: 'duplicate' });
    expect(await logged()).toHaveLength(1);
  });

  const bad: [string, object | string, string, string][] = [
    ['a time that is none', { timestamp: 'tomorrow' }, 'body.timestamp', 'tracking.still_rejected'],
    ['nobody', { userId: null }, 'body.userId', 'tracking.still_rejected'],
    ['no name', { event: ' ' }, 'body.event', 'tracking.still_rejected'],
    ['another type', { type: 'trick' }, 'body.type', 'tracking.still_rejected'],
    ['properties that are a list', { properties: [1] }, 'body.properties', 'tracking.still_rejected'],
    [
      'an order without a number',
      { event: 'Order Completed', properties: { total: 5 } },
      'body.properties',
      'tracking.still_rejected',
    ],
    ['a consent that says nothing', { event: 'Consent Changed', properties: {} }, 'body.properties', 'tracking.still_rejected'],
    ['no JSON', '{"type": "track",', 'body', 'tracking.mend_not_json'],
    ['a list', '[1]', 'body', 'tracking.mend_not_json'],
  ];
  it.each(bad)('%s is refused at the field, and nothing has changed', async (_what, patch, path, code) => {
    await send([track({ timestamp: 'yesterday' })]);
    const row = await only();
    const good = { ...JSON.parse(row.body), timestamp: '2026-03-01T09:00:00Z' };
    const answer = await replay(row.id, typeof patch === 'string' ? patch : { ...good, ...patch });
    expect(answer).toMatchObject({ status: 422, body: { code, errors: [{ path }] } });
    expect(answer.body.errors[0].reason.length).toBeGreaterThan(20);
    await house.drain();
    expect(await only()).toMatchObject({ state: 'open', attempts: 0, reason: 'bad_timestamp' });
    expect(await logged()).toHaveLength(0);
    expect(await house.context.postgres`select 1 from customers.identifier where value = ${who}`).toHaveLength(0);
  });

  it('what another feature refused is mended too, though its message id was used up', async () => {
    await send([
      track({
        event: 'Order Completed',
        properties: { total: 7.5, revenue: 7.5 },
        context: { library: { name: 'x' }, signature: 'secret' },
      }),
    ]);
    const row = await only();
    expect(row).toMatchObject({ reason: 'orders.reason.no_order_id', detail: expect.stringContaining('order_id') });
    expect(row.body).not.toContain('signature');
    const call = JSON.parse(row.body);
    expect((await replay(row.id, { ...call, properties: { ...call.properties, order_id: `n-${who}` } })).status).toBe(200);
    await house.drain();
    expect(await only()).toMatchObject({ state: 'replayed', outcome: 'processed' });
    const orders = await house.request('GET', '/api/orders', { query: { query: `n-${who}` } });
    expect(orders.body.data).toHaveLength(1);
    expect((await replay(row.id)).status).toBe(409);
  });

  it('one without a message id, a time and a sentAt is sent at the time it arrived, and is history when that is long ago', async () => {
    await send([{ type: 'track', userId: who, properties: {}, sentAt: '2026-03-01T09:00:00Z' }]);
    const row = await only();
    expect(row.reason).toBe('no_event_name');
    const arrived = row.received_at;
    house.clock.set(new Date('2026-03-03T10:00:00Z'));
    expect((await replay(row.id, { ...JSON.parse(row.body), event: 'Late Thing' })).status).toBe(200);
    await house.drain();
    expect((await logged()).map(event => [event.name, event.time.toISOString(), event.historical])).toEqual([
      ['Late Thing', arrived, true],
    ]);
    house.clock.set(new Date('2026-03-03T12:00:00Z'));
  });

  it('what was imported stays history', async () => {
    await send([track({ timestamp: 'x' })], secret, '/v1/import');
    const row = await only();
    await replay(row.id, { ...JSON.parse(row.body), timestamp: house.clock.now().toISOString() });
    await house.drain();
    expect((await logged())[0].historical).toBe(true);
  });

  it('a public key stays one: a mended event of a page still may not refund', async () => {
    await send([track({ event: 'Order Refunded', properties: {} })], browser);
    const row = await only();
    const answer = await replay(row.id, { ...JSON.parse(row.body), properties: { order_id: '1' } });
    expect(answer).toMatchObject({ status: 422, body: { values: { reason: 'orders.reason.browser' } } });
  });
});

describe('all of one kind', () => {
  const run = async (body: object) => {
    const started = await house.request('POST', '/api/ingest/rejected/mend', { body });
    expect(started.status).toBe(202);
    await house.drain();
    return (await house.request('GET', `/api/jobs/${started.body.job_id}`)).body;
  };

  it('is grouped, looked at first, mended by rules in the background, and what does not fit stays', async () => {
    await send([
      ...Array.from({ length: 250 }, (_, i) =>
        track({ messageId: `${who}-${i}`, timestamp: 'x', event: 'thing done', properties: { Price: '9,50', i } }),
      ),
      { type: 'track', timestamp: 'x', event: 'thing done', userId: { id: 1 } },
    ]);
    const groups = (await house.request('GET', '/api/ingest/rejected/groups')).body.data;
    expect(groups).toMatchObject([
      { reason: 'bad_timestamp', count: 250, kept: 250, write_key: 'secret key', names: [{ name: 'thing done', count: 250 }] },
      { reason: 'bad_id', count: 1 },
    ]);
    const filter = { reason: 'bad_timestamp', key: groups[0].write_key_id };
    const rules: MendRule[] = [
      { do: 'set_timestamp', to: 'received' },
      { do: 'rename_event', to: 'Thing Done' },
      { do: 'rename_property', from: 'Price', to: 'price' },
      { do: 'convert_property', path: 'price', to: 'number' },
    ];
    const none = (await house.request('POST', '/api/ingest/rejected/preview', { body: { filter, rules: [] } })).body;
    expect(none).toMatchObject({ total: 250, mended: 0, still_bad: [{ reason: 'bad_timestamp', count: 250 }] });
    const preview = (await house.request('POST', '/api/ingest/rejected/preview', { body: { filter, rules } })).body;
    expect(preview).toMatchObject({ total: 250, mended: 250, still_bad: [] });
    expect(JSON.parse(preview.examples[0].after)).toMatchObject({ event: 'Thing Done', properties: { price: 9.5 } });
    expect(await run({ filter, rules })).toMatchObject({ state: 'done', result: { replayed: 250, still_bad: 0 } });
    const events = await logged();
    expect(events).toHaveLength(250);
    expect(events[0].properties.price).toBe(9.5);
    expect(await run({ filter, rules })).toMatchObject({ result: { replayed: 0 } });
    expect(await run({ filter: { reason: 'bad_id' }, rules })).toMatchObject({ result: { replayed: 0, still_bad: 1 } });
    expect(await logged()).toHaveLength(250);
    expect(await list({ state: 'open' })).toHaveLength(1);
  });

  it('is discarded with a reason, and taken back', async () => {
    await send([track({ timestamp: 'x' })]);
    expect(await run({ filter: {}, discard: 'A robot' })).toMatchObject({ result: { discarded: 1 } });
    const row = await only();
    expect(row).toMatchObject({ state: 'discarded', discard_reason: 'A robot', state_by: 'Test Owner' });
    expect((await replay(row.id)).status).toBe(409);
    expect((await house.request('POST', `/api/ingest/rejected/${row.id}/reopen`, { body: {} })).body.state).toBe('open');
    expect((await house.request('POST', `/api/ingest/rejected/${row.id}/discard`, { body: { reason: '' } })).status).toBe(400);
    expect((await house.request('POST', `/api/ingest/rejected/${row.id}/discard`, { body: { reason: 'Old' } })).body.state).toBe(
      'discarded',
    );
  });
});

describe('who may', () => {
  it('see bodies, mend, and of which shops', async () => {
    await send([track({ timestamp: 'x', userId: 'zelda@example.com' })]);
    const row = await only();
    const blind = house.staff({ fields: new Set(['money']) });
    const seen = await house.request('GET', `/api/ingest/rejected/${row.id}`, { actor: blind });
    expect(seen.status).toBe(200);
    expect(seen.text).not.toContain('zelda');
    expect((await house.request('POST', `/api/ingest/rejected/${row.id}/replay`, { actor: blind, body: {} })).status).toBe(403);
    expect((await house.request('GET', '/api/ingest/rejected.csv', { actor: blind })).text).not.toContain('zelda');
    expect((await house.request('GET', '/api/ingest/rejected.csv')).text).toContain('zelda');
    const other = await createShop(house.context, { name: 'Other' });
    const limited = house.staff({ shopIds: [other.id] });
    expect((await house.request('GET', '/api/ingest/rejected', { actor: limited })).body.data).toEqual([]);
    expect((await house.request('GET', `/api/ingest/rejected/${row.id}`, { actor: limited })).status).toBe(404);
    expect(
      (await house.request('POST', `/api/ingest/rejected/${row.id}/discard`, { actor: limited, body: { reason: 'x' } })).status,
    ).toBe(404);
    const started = await house.request('POST', '/api/ingest/rejected/mend', {
      actor: limited,
      body: { filter: {}, discard: 'x' },
    });
    await house.drain();
    expect(started.status).toBe(202);
    expect((await only()).state).toBe('open');
  });
});

describe('a jump', () => {
  it('is told to who can do something about it, once', async () => {
    const [staff] = await house.context.postgres`select id from access.staff limit 1`;
    const run = () => watchRejections.run(house.context, {}, { jobId: '', report: async () => {} });
    house.clock.set(new Date('2026-03-20T10:00:00Z'));
    await send(Array.from({ length: 100 }, (_, i) => track({ messageId: `${who}-ok-${i}` })));
    await run();
    expect((await status()).rejections.jumped).toBe(false);
    await send(Array.from({ length: 30 }, (_, i) => track({ messageId: `${who}-bad-${i}`, timestamp: 'x' })));
    await run();
    await run();
    await house.drain();
    expect((await status()).rejections).toMatchObject({ jumped: true, share: 23.1 });
    expect(await house.context.postgres`select 1 from tracking.rejection_alert`).toHaveLength(1);
    const told = await house.context
      .postgres`select title, values, link from desk.notification where title = 'desk.notification.rejections'`;
    expect(told).toHaveLength(staff ? 1 : 0);
  });
});

describe('rules', () => {
  const at = new Date('2026-03-01T10:00:00Z');
  const table: [MendRule, object, object][] = [
    [{ do: 'rename_event', to: 'B' }, { event: 'A' }, { event: 'B' }],
    [{ do: 'set_type', to: 'track' }, { type: 'TRACK' }, { type: 'track' }],
    [{ do: 'set_timestamp', to: 'received' }, { timestamp: 'x' }, { timestamp: '2026-03-01T10:00:00.000Z' }],
    [{ do: 'rename_field', from: 'user_id', to: 'userId' }, { user_id: '7' }, { userId: '7' }],
    [{ do: 'rename_property', from: 'a.b', to: 'c.d' }, { properties: { a: { b: 1 } } }, { properties: { a: {}, c: { d: 1 } } }],
    [{ do: 'rename_property', from: 'x', to: 'y' }, { properties: { a: 1 } }, { properties: { a: 1 } }],
    [{ do: 'remove_property', path: 'a' }, { properties: { a: 1, b: 2 } }, { properties: { b: 2 } }],
    [{ do: 'set_property', path: 'order_id', to: '7' }, {}, { properties: { order_id: '7' } }],
    [{ do: 'set_property', path: '__proto__.x', to: 1 }, { properties: {} }, { properties: {} }],
    [{ do: 'convert_property', path: 'p', to: 'number' }, { properties: { p: '1.234,50' } }, { properties: { p: 1234.5 } }],
    [{ do: 'convert_property', path: 'p', to: 'number' }, { properties: { p: '1,234.50' } }, { properties: { p: 1234.5 } }],
    [{ do: 'convert_property', path: 'p', to: 'number' }, { properties: { p: 'many' } }, { properties: { p: 'many' } }],
    [{ do: 'convert_property', path: 'p', to: 'text' }, { properties: { p: 5 } }, { properties: { p: '5' } }],
    [{ do: 'convert_property', path: 'p', to: 'boolean' }, { properties: { p: 'yes' } }, { properties: { p: true } }],
    [
      { do: 'rename_property', from: 'a', to: 'b' },
      { type: 'identify', traits: { a: 1 } },
      { type: 'identify', traits: { b: 1 } },
    ],
  ];
  it.each(table)('%j', (rule, before, after) => {
    const copy = structuredClone(before);
    expect(mend(before as Record<string, unknown>, [rule], at)).toEqual(after);
    expect(before).toEqual(copy);
  });
});
