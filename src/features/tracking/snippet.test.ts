/** What the snippet asks for, what is seen of it, and signed identity; through the doors, against the real engines. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { createShop, feature as shops, shopsOf } from '../shops/index.ts';
import { feature as tracking } from './index.ts';

const now = '2026-11-21T12:00:00.000Z';
const now_s = Date.parse(now) / 1000;
let house: TestHouse;
let shopId: string;
let otherShop: string;
let key: { id: string; key: string };
let server: string;
let secret: string;

const newKey = async (kind: 'secret' | 'browser', shop = shopId) =>
  (await house.request('POST', '/api/write-keys', { body: { shop_id: shop, kind, name: kind } })).body as typeof key;
const newSecret = async (shop = shopId, body: Record<string, unknown> = {}) =>
  (await house.request('POST', `/api/shops/${shop}/signing`, { body })).body as { id: string; secret: string };

beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking], now });
  shopId = (await shopsOf(house.context))[0].id;
  otherShop = (await createShop(house.context, { name: 'Second shop' })).id;
  key = await newKey('browser');
  server = (await newKey('secret')).key;
  secret = (await newSecret()).secret;
});
afterAll(() => house?.close());

/** As a shop's server does it, written apart from ours. */
const signed = (userId: string, { email = '', expires_s = now_s + 3600, with: by = secret } = {}) =>
  `${expires_s}.${createHmac('sha256', by).update(`${expires_s}:${email}:${userId}`).digest('hex')}`;

const send = async (
  calls: Record<string, unknown>[],
  { by = key.key, headers = {} as Record<string, string>, ...envelope } = {},
) => {
  const body = JSON.stringify({ writeKey: by, batch: calls, ...envelope });
  const answer = await house.request('POST', '/v1/batch', {
    body,
    actor: null,
    headers: { 'content-type': 'text/plain', ...headers },
  });
  expect(answer.status).toBe(200);
  await house.drain();
};
const identify = (userId: string, anonymousId: string, traits: Record<string, unknown> = {}, signature?: string) => ({
  type: 'identify',
  userId,
  anonymousId,
  traits,
  context: {
    library: { name: 'regulars.js', version: '1.0.0' },
    page: { url: 'https://shop.example/account' },
    ...(signature && { signature }),
  },
});
const ownerOf = async (kind: string, value: string): Promise<number | null> =>
  ((await house.context.postgres`select customer_id from customers.identifier where kind = ${kind} and value = ${value}`)[0]
    ?.customer_id as number) ?? null;
const outcomes = async () =>
  Object.fromEntries(
    (await house.request('GET', `/api/shops/${shopId}/signing`)).body.outcomes.map((one: { outcome: string; count: number }) => [
      one.outcome,
      one.count,
    ]),
  ) as Record<string, number>;

let sequence = 0;
const someone = () => `u${++sequence}`;

describe('settings', () => {
  test('a browser key asks first until somebody says otherwise; the settings door tells the snippet', async () => {
    const door = () =>
      house.request('GET', `/v1/projects/${key.key}/settings`, { actor: null, headers: { origin: 'https://shop.example' } });
    expect((await door()).body).toMatchObject({
      integrations: { 'Segment.io': { apiKey: key.key } },
      regulars: { consent: 'ask', before: 'hold', spa: true, time: true },
    });
    const path = `/api/write-keys/${key.id}/snippet`;
    // Noted beside the request, which does not wait for it.
    await expect.poll(async () => (await house.request('GET', path)).body.sight?.origin).toBe('https://shop.example');
    const before = (await house.request('GET', path)).body;
    expect(before).toMatchObject({ version: 0, first_event_at: null, senders: [] });
    const changed = await house.request('PATCH', path, { body: { version: 0, consent: 'allow', spa: false } });
    expect(changed.body).toMatchObject({ version: 1, consent: 'allow', before_answer: 'hold', spa: false, time_on_page: true });
    expect((await house.request('PATCH', path, { body: { version: 0, consent: 'ask' } })).status).toBe(409);
    expect((await door()).body.regulars).toEqual({ consent: 'allow', before: 'hold', spa: false, time: true });
  });

  test('a secret key has no snippet, and whoever may not manage changes nothing', async () => {
    const { id } = await newKey('secret');
    expect((await house.request('GET', `/api/write-keys/${id}/snippet`)).status).toBe(404);
    const reader = house.staff({ verbs: new Set(['tracking:read']) });
    const answer = await house.request('PATCH', `/api/write-keys/${key.id}/snippet`, {
      actor: reader,
      body: { version: 1, consent: 'ask' },
    });
    expect(answer.status).toBe(403);
    const limited = house.staff({ shopIds: [otherShop] });
    expect((await house.request('GET', `/api/write-keys/${key.id}/snippet`, { actor: limited })).status).toBe(404);
    expect((await house.request('GET', `/api/shops/${shopId}/signing`, { actor: limited })).status).toBe(404);
  });

  test('the file is there for every origin, once', async () => {
    const first = await house.request('GET', '/regulars.js', { actor: null });
    // Without a build (npm test builds it) the door says so.
    if (first.status === 503) return expect(first.body.code).toBe('tracking.snippet_not_built');
    expect(first.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' });
    const again = await house.request('GET', '/regulars.js', {
      actor: null,
      headers: { 'if-none-match': `W/${first.headers.etag}` },
    });
    expect([again.status, again.text]).toEqual([304, '']);
  });
});

describe('signed identity', () => {
  test('a signature may join two known people; a browser alone may not', async () => {
    const [user, other] = [someone(), someone()];
    await send([{ type: 'identify', userId: user, traits: { firstName: 'Ana' } }], { by: server });
    await send([{ type: 'identify', userId: other, traits: { email: `${user}@shop.example` } }], { by: server });
    await send([identify(user, `a-${user}`, { email: `${user}@shop.example` })]);
    expect(await ownerOf('user_id', user)).not.toBe(await ownerOf('email', `${user}@shop.example`));
  });

  test.each([
    // [what is vouched for, e-mail in the signature, joins, the name it may overwrite]
    ['the user id alone', false, false, 'Anabel'],
    ['user id and e-mail', true, true, 'Anabel'],
  ])('vouching for %s', async (_what, withEmail, joins, name) => {
    const user = someone();
    const email = `${user}@shop.example`;
    await send([{ type: 'identify', userId: user, traits: { firstName: 'Ana' } }], { by: server });
    await send([{ type: 'identify', anonymousId: `s-${user}`, traits: { email } }], { by: server });
    const signature = signed(user, { email: withEmail ? email : '' });
    await send([identify(user, `a-${user}`, { email, firstName: 'Anabel' }, signature)]);
    const owner = await ownerOf('user_id', user);
    expect((await ownerOf('email', email)) === owner).toBe(joins);
    expect(await ownerOf('anonymous_id', `a-${user}`)).toBe(owner);
    const [row] = await house.context.postgres`select first_name from customers.customer where id = ${owner}`;
    expect(row.first_name).toBe(name);
  });

  test('a plain browser identify overwrites nothing that a server said', async () => {
    const user = someone();
    await send([{ type: 'identify', userId: user, traits: { firstName: 'Ana' } }], { by: server });
    await send([identify(user, `a-${user}`, { firstName: 'Mallory' })]);
    const [row] = await house.context
      .postgres`select first_name from customers.customer where id = ${await ownerOf('user_id', user)}`;
    expect(row.first_name).toBe('Ana');
  });

  test('what does not hold falls back to the browser’s trust, is counted, and never lies in the log', async () => {
    const foreign = (await newSecret(otherShop)).secret;
    const before = await outcomes();
    const cases: [string, (user: string) => string][] = [
      ['wrong', user => signed(user, { with: 'guessed' })],
      ['wrong', () => signed('somebody else')],
      ['expired', user => signed(user, { expires_s: now_s - 120 })],
      ['expired', user => signed(user, { expires_s: now_s + 400 * 86_400 })],
      ['other_shop', user => signed(user, { with: foreign })],
      ['unreadable', () => 'let me in'],
    ];
    for (const [outcome, make] of cases) {
      const user = someone();
      await send([{ type: 'identify', userId: user, traits: { firstName: 'Ana' } }], { by: server });
      await send([identify(user, `a-${user}`, { firstName: 'Mallory' }, make(user))]);
      const owner = await ownerOf('user_id', user);
      const [row] = await house.context.postgres`select first_name from customers.customer where id = ${owner}`;
      expect([outcome, row.first_name]).toEqual([outcome, 'Ana']);
    }
    const after = await outcomes();
    const more = (outcome: string) => (after[outcome] ?? 0) - (before[outcome] ?? 0);
    expect([more('wrong'), more('expired'), more('other_shop'), more('unreadable'), more('good')]).toEqual([2, 2, 1, 1, 0]);
    const [{ leaked }] = await house.context
      .postgres`select count(*)::int as leaked from tracking.event where context ? 'signature'`;
    expect(leaked).toBe(0);
  });

  test('after a rotation the old secret counts until its day; ended, it counts no longer', async () => {
    const old = secret;
    const listed = (await house.request('GET', `/api/shops/${shopId}/signing`)).body.secrets;
    expect(JSON.stringify(listed)).not.toContain(old);
    expect(listed[0].last4).toBe(old.slice(-4));
    const present = await newSecret(shopId, { keep_old_days: 2 });
    secret = present.secret;
    const holds = async (by: string) => {
      const before = (await outcomes()).good ?? 0;
      const user = someone();
      await send([identify(user, `a-${user}`, {}, signed(user, { with: by }))]);
      return ((await outcomes()).good ?? 0) - before === 1;
    };
    expect([await holds(old), await holds(secret)]).toEqual([true, true]);
    const [{ stored }] = await house.context
      .postgres`select count(*)::int as stored from tracking.signing_secret where sealed like ${`%${secret}%`}`;
    expect(stored).toBe(0);
    const before = (await house.request('GET', `/api/shops/${shopId}/signing`)).body.secrets as {
      id: string;
      ends_at: string | null;
    }[];
    expect(before.map(one => one.ends_at)).toEqual([null, '2026-11-23T12:00:00.000Z']);
    expect((await house.request('DELETE', `/api/signing-secrets/${before[1].id}`)).status).toBe(204);
    expect([await holds(old), await holds(secret)]).toEqual([false, true]);
  });
});

test('a visitor who comes and logs in within one delivery is known', async () => {
  const user = someone();
  const page = { type: 'page', anonymousId: `v-${user}`, timestamp: new Date(Date.parse(now) - 2_000).toISOString() };
  await send([
    page,
    {
      ...identify(user, `v-${user}`, { email: `${user}@shop.example` }),
      timestamp: new Date(Date.parse(now) - 1_000).toISOString(),
    },
  ]);
  const owner = await ownerOf('user_id', user);
  expect(await ownerOf('anonymous_id', `v-${user}`)).toBe(owner);
  const found = (await house.request('GET', '/api/customers', { query: { query: `${user}@shop.example` } })).body.data;
  expect(found.map((one: { id: string; known: boolean }) => [one.id, one.known])).toEqual([[String(owner), true]]);
});

test('the timeline tells a page and how long it was looked at in one line', async () => {
  const visitor = someone();
  const at = (seconds: number) => new Date(Date.parse(now) - 60_000 + seconds * 1_000).toISOString();
  const call = (event: string | null, seconds: number, properties: Record<string, unknown>) => ({
    ...(event ? { type: 'track', event } : { type: 'page' }),
    anonymousId: visitor,
    timestamp: at(seconds),
    properties,
  });
  await send([
    call(null, 0, { path: '/tea', title: 'Tea' }),
    call('Page Left', 5, { path: '/tea', title: 'Tea', seconds: 5 }),
    call('Page Left', 12, { path: '/tea', title: 'Tea', seconds: 4 }),
    call(null, 20, { path: '/mugs', title: 'Mugs' }),
    call('Page Left', 30, { path: '/elsewhere', title: 'Elsewhere', seconds: 7 }),
  ]);
  const lines = (await house.request('GET', `/api/customers/${await ownerOf('anonymous_id', visitor)}/timeline`)).body.data;
  expect(lines.map((line: { values: { name: string }; body: string }) => [line.values.name, line.body])).toEqual([
    ['Page Left', 'Elsewhere · 7 s'],
    ['Page Viewed', 'Mugs'],
    ['Page Viewed', 'Tea · 9 s'],
  ]);
});

describe('what is seen', () => {
  test('library, site, losses and Global Privacy Control; the signal lowers the web consent, once, and nothing raises it', async () => {
    const site = await newKey('browser');
    const page = (anonymousId: string, context = {}) => ({
      type: 'page',
      anonymousId,
      context: { library: { name: 'regulars.js', version: '1.0.0' }, page: { url: 'https://tea.example/green?x=1' }, ...context },
    });
    const visitor = someone();
    await send([page(visitor, { gpc: true }), page(visitor, { gpc: true })], { by: site.key, lost: 3 } as never);
    await send([page(someone())], { by: site.key, headers: { 'sec-gpc': '1' } });
    await send([page(someone())], { by: site.key });
    const raise = {
      type: 'track',
      event: 'Consent Changed',
      anonymousId: visitor,
      properties: { channel: 'web', purpose: 'marketing', state: 'subscribed' },
    };
    await send([raise], { by: site.key });
    const seen = (await house.request('GET', `/api/write-keys/${site.id}/snippet`)).body;
    expect(seen).toMatchObject({ events: 5, gpc_events: 3, lost: 3 });
    expect(seen.senders.find((one: { library: string }) => one.library === 'regulars.js')).toMatchObject({
      version: '1.0.0',
      site: 'tea.example',
      events: 4,
    });
    const said = await house.context.postgres`
      select state, reason from consent.consent where customer_id = ${await ownerOf('anonymous_id', visitor)} and channel = 'web'`;
    expect(said.map(row => [row.state, row.reason])).toEqual([['unsubscribed', 'Global Privacy Control']]);
    const { senders } = (await house.request('GET', '/api/ingest/status')).body;
    expect(senders).toContainEqual(expect.objectContaining({ write_key_id: site.id, library: 'regulars.js', version: '1.0.0' }));
  });

  test('strangers cannot fill the list of libraries with names they make up', async () => {
    const site = await newKey('browser');
    const made = Array.from({ length: 60 }, (_, i) => ({
      type: 'page',
      anonymousId: 'x',
      context: { library: { name: `lib${i}`, version: '1' } },
    }));
    await send(made, { by: site.key });
    const [{ rows, events }] = await house.context.postgres`
      select count(*)::int as rows, sum(events)::int as events from tracking.sender where write_key_id = ${site.id}`;
    expect([rows, events]).toEqual([41, 60]);
  });
});
