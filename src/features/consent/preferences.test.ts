/** The public pages through their doors: what people see, what their buttons do, and everything that must change nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../platform/context.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { resolveCustomers } from '../customers/index.ts';
import { confirmationsOf, mayWrite, preferenceLinks, recordConsents } from './index.ts';
import { chooseLanguage, pageLanguages } from './languages.ts';
import { inkOn } from './page-html.ts';
import { de } from './texts/de.ts';
import { en as staff } from './texts/en.ts';
import { page as publicPage } from './texts/page.ts';

let house: TestHouse;
let context: Context;
let id = 0;
let page = '';
let stop = '';
let round = 0;

beforeAll(async () => {
  house = await startTestHouse();
  context = house.context;
  await house.request('POST', '/api/consent/topics/usual', { body: {} });
  const made = await house.request('POST', '/api/consent/topics', {
    body: {
      code: 'drops',
      texts: { en: { name: 'Drops <b>', description: 'Rare & "odd" things' } },
      channels: ['email'],
      double_opt_in: true,
    },
  });
  expect(made.status, made.text).toBe(201);
});
afterAll(() => house.close());
beforeEach(async () => {
  house.clock.advance(3_600_000);
  [id] = (await resolveCustomers(context, [
    {
      identifiers: [{ kind: 'email', source: '', value: `maya${++round}@lantern.test` }],
      trust: 'secret',
      at: house.clock.now(),
      traits: { name: 'Maya <script>', email: `maya${round}@lantern.test` },
    },
  ])) as number[];
  const link = (await preferenceLinks(context, { customerIds: [id] })).get(id)!;
  [page, stop] = [link.path, link.stopPath];
});

const get = (path: string, headers: Record<string, string> = {}) => house.request('GET', path, { actor: null, headers });
const post = (path: string, fields: [string, string][] | string, headers: Record<string, string> = {}) =>
  house.request('POST', path, {
    actor: null,
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
const may = async (topic: string, purpose = 'marketing', channel: 'email' | 'sms' = 'email') => {
  const [answer] = await mayWrite(context, [{ customerId: id, channel, topic, purpose }]);
  return answer.may ? 'may' : answer.reason;
};
const key = (topic: string) => `marketing|email|${topic}`;
const boxes = ['newsletter', 'sales', 'new-arrivals', 'restocks', 'tips', 'drops'];
const save = (on: string[]) =>
  post(page, [
    ['do', 'save'],
    ...boxes.map((box): [string, string] => ['shown', key(box)]),
    ...on.map((box): [string, string] => ['on', key(box)]),
  ]);
const changeIn = (answer: { headers: Record<string, unknown> }) =>
  /done=([\da-f-]{36})/.exec(String(answer.headers.location))?.[1] ?? '';
/** Everything about consent that could change, and who was touched. */
const everything = async () =>
  JSON.stringify(
    await Promise.all(
      [
        'consent.consent',
        'consent.current',
        'consent.suppression',
        'consent.link',
        'consent.pause',
        'consent.page_change',
        'consent.confirmation',
        'consent.wording',
        'consent.link_request',
        'consent.attempt',
        'privacy.request',
        'desk.task',
      ].map(
        async table =>
          (
            await context.postgres`select count(*)::int as n, md5(string_agg(t::text, '|' order by t::text)) as sum from ${context.postgres(table)} t`
          )[0],
      ),
    ),
  );

describe('the preference page', () => {
  it('shows each topic with its words, escaped, in the language asked for, without scripts', async () => {
    const english = await get(page);
    expect(english.status).toBe(200);
    expect(english.text).toContain('Newsletter');
    expect(english.text).toContain('Drops &lt;b&gt;');
    expect(english.text).not.toMatch(/<script|style=|onclick|javascript:/i);
    expect(english.text).toContain('m•••@lantern.test');
    expect(english.headers['content-security-policy']).toContain("default-src 'none'");
    expect(english.headers['cache-control']).toBe('no-store');
    expect(english.headers['referrer-policy']).toBe('no-referrer');
    const german = await get(page, { 'accept-language': 'fr, de-AT;q=0.8, en;q=0.5' });
    expect(german.text).toContain('<html lang="de">');
    expect(german.text).toContain('Alles beenden');
    expect((await get(`${page}?lang=en`, { 'accept-language': 'de' })).text).toContain('Stop everything');
  });

  it('is in every language whole', () => {
    const en: Record<string, string> = { ...staff, ...publicPage };
    const keys = Object.keys(en)
      .filter(one => one.startsWith('consent.page.'))
      .sort();
    expect(Object.keys(de).sort()).toEqual(keys);
    const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(match => match[1]).sort();
    for (const one of keys) expect(places(de[one]!), one).toEqual(places(en[one]!));
    expect(pageLanguages.map(one => one.code)).toEqual(['en', 'de']);
  });

  it.each([
    [undefined, undefined, null, 'en'],
    [undefined, 'de', null, 'de'],
    ['de', 'en', null, 'de'],
    ['xx', 'xx', 'de', 'de'],
    [undefined, 'en;q=0.2, de;q=0.9', null, 'de'],
    [undefined, 'de;q=0, en', null, 'en'],
    [['de'], '*', null, 'en'],
  ])('asked %s, browser %s, own %s: speaks %s', (asked, header, own, expected) => {
    expect(chooseLanguage(asked, header, own)).toBe(expected);
  });

  it('saves what differs, with the words that were shown, and undoes it', async () => {
    await recordConsents(context, [{ originId: id, channel: 'email', state: 'subscribed', at: new Date(Date.UTC(2025, 0, 1)) }], {
      speaker: 'person',
      source: 'form',
    });
    house.clock.advance(1000);
    expect(await may('newsletter')).toBe('may');
    const before = (await get(page)).text;
    expect(before.match(/ checked/g)?.length).toBeGreaterThan(4);
    const saved = await save(['newsletter', 'drops']);
    expect(saved.status).toBe(303);
    expect([await may('newsletter'), await may('sales'), await may('drops'), await may('tips')]).toEqual([
      'may',
      'topic_unsubscribed',
      'may',
      'topic_unsubscribed',
    ]);
    const rows =
      await context.postgres`select topic, state, source, text_version, proof, by_whom from consent.consent where customer_id = ${id} and source = 'preference_page' order by topic`;
    expect(rows.map(row => [row.topic, row.state])).toEqual([
      ['new-arrivals', 'unsubscribed'],
      ['restocks', 'unsubscribed'],
      ['sales', 'unsubscribed'],
      ['tips', 'unsubscribed'],
    ]);
    expect(rows[0].proof).toMatchObject({ page: '/p', language: 'en', network: '127.0.0.0/24' });
    const shown = (await house.request('GET', `/api/customers/${id}/consents`)).body;
    expect(shown.history[0].shown).toMatch(/·/);
    expect((await get(String(saved.headers.location))).text).toContain('Saved.');
    house.clock.advance(1000);
    const undone = await post(page, [
      ['do', 'undo'],
      ['change', changeIn(saved)],
    ]);
    expect(undone.headers.location).toContain('notice=undone');
    expect([await may('newsletter'), await may('sales'), await may('tips')]).toEqual(['may', 'may', 'may']);
    const twice = await post(page, [
      ['do', 'undo'],
      ['change', changeIn(saved)],
    ]);
    expect(twice.headers.location).toContain('notice=too_late');
  });

  it('stops everything for good: topics made later too, service mail still flows, an import brings nobody back; undone it is as before', async () => {
    await save(['newsletter']);
    house.clock.advance(1000);
    const stopped = await post(page, [['do', 'stop']]);
    expect([
      await may('newsletter'),
      await may('made-later'),
      await may('', 'survey'),
      await may('', 'profiling'),
      await may('', 'service'),
    ]).toEqual(['unsubscribed', 'unsubscribed', 'unsubscribed', 'unsubscribed', 'may']);
    const [decision] = await recordConsents(
      context,
      [{ originId: id, channel: 'email', topic: 'newsletter', state: 'subscribed', at: house.clock.now() }],
      { speaker: 'import', source: 'list' },
    );
    expect(decision).toBe('kept_unsubscribed');
    const reason = await post(page, [
      ['do', 'reason'],
      ['change', changeIn(stopped)],
      ['reason', 'too_many'],
      ['words', 'every day!'],
    ]);
    expect(reason.headers.location).toContain('thanks');
    const leaving = (await house.request('GET', '/api/consent/leaving')).body;
    expect(leaving.reasons).toEqual([{ reason: 'too_many', people: 1 }]);
    house.clock.advance(1000);
    await post(page, [
      ['do', 'undo'],
      ['change', changeIn(stopped)],
    ]);
    expect([await may('newsletter'), await may('sales'), await may('', 'profiling')]).toEqual(['may', 'unsubscribed', 'may']);
  });

  it('pauses, writes less often, goes on', async () => {
    await save(['newsletter']);
    house.clock.advance(1000);
    await post(page, [
      ['do', 'pause'],
      ['days', '30'],
    ]);
    expect(await may('newsletter')).toBe('paused');
    expect((await get(page)).text).toContain('Paused: until');
    house.clock.advance(31 * 86_400_000);
    expect(await may('newsletter')).toBe('may');
    await post(page, [
      ['do', 'gap'],
      ['days', '30'],
    ]);
    expect(await mayWrite(context, [{ customerId: id, channel: 'email', topic: 'newsletter', purpose: 'marketing' }])).toEqual([
      { may: true, leastGapDays: 30 },
    ]);
    await post(page, [['do', 'resume']]);
    expect(await mayWrite(context, [{ customerId: id, channel: 'email', topic: 'newsletter', purpose: 'marketing' }])).toEqual([
      { may: true, leastGapDays: null },
    ]);
  });

  it('hands requests about data to the privacy desk, once, with the mailbox as proof', async () => {
    expect((await get(`${page}?ask=erasure`)).text).toContain('Delete your data?');
    for (let i = 0; i < 2; i++)
      expect(
        (
          await post(page, [
            ['do', 'ask'],
            ['kind', 'erasure'],
          ])
        ).headers.location,
      ).toContain('asked_erasure');
    const requests = (await house.request('GET', '/api/privacy/requests', { query: { customer: String(id) } })).body.data;
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ kind: 'erasure', source: 'preference_page', identity: 'mailbox' });
  });
});

describe('unsubscribe (RFC 8058)', () => {
  it('takes one click from a mail program, for a topic or for all', async () => {
    await save(['newsletter', 'sales']);
    house.clock.advance(1000);
    const one = await post(`${stop}?topic=newsletter&channel=email`, 'List-Unsubscribe=One-Click');
    expect(one.status).toBe(200);
    expect([await may('newsletter'), await may('sales')]).toEqual(['topic_unsubscribed', 'may']);
    const multipart = await house.request('POST', stop, {
      actor: null,
      body: '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect(multipart.status).toBe(200);
    expect(await may('sales')).toBe('unsubscribed');
  });

  it('does nothing on a POST that is not one', async () => {
    const before = await everything();
    expect((await post(stop, 'something=else')).status).toBe(400);
    expect((await post(stop, '')).status).toBe(400);
    expect(await everything()).toBe(before);
  });

  it('works with a link that is too old to show the preferences', async () => {
    await save(['newsletter']);
    house.clock.advance(366 * 86_400_000);
    expect((await get(page)).status).toBe(404);
    expect((await get(stop)).status).toBe(200);
    expect((await post(stop, 'List-Unsubscribe=One-Click')).status).toBe(200);
    expect(await may('newsletter')).toBe('unsubscribed');
  });
});

describe('nothing changes', () => {
  it('by scanners that open every link with GET and HEAD', async () => {
    await recordConsents(
      context,
      [{ originId: id, channel: 'email', topic: 'drops', state: 'subscribed', at: house.clock.now() }],
      { speaker: 'person', source: 'form' },
    );
    const [{ path: confirm }] = await confirmationsOf(context, id);
    const before = await everything();
    for (const path of [
      page,
      `${page}?ask=erasure&do=stop&done=${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`,
      stop,
      `${stop}?topic=newsletter`,
      `${stop}?do=stop&List-Unsubscribe=One-Click`,
      confirm,
      `${confirm}?do=confirm`,
      '/p',
      '/p?email=maya@lantern.test',
      '/p/page.css',
    ])
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
        const answer = await house.request(method, path, { actor: null, headers: { 'sec-gpc': '1' } });
        expect(answer.status, `${method} ${path}`).toBeLessThan(500);
        if (method === 'GET' || method === 'HEAD') expect(answer.status, `${method} ${path}`).toBe(200);
      }
    expect(await everything()).toBe(before);
  });

  it('with forged, cut, revoked and other tokens: one page for all', async () => {
    const before = await everything();
    const forged = [
      'x',
      'A'.repeat(32),
      page.slice(3, -1),
      `${page.slice(3)}x`,
      "'; drop table consent.link; --",
      '%00',
      '..%2f..',
      page.slice(3).toUpperCase(),
    ];
    const pages = new Set<string>();
    for (const token of forged)
      for (const door of ['/p/', '/u/', '/p/confirm/']) {
        const shown = await get(door + encodeURIComponent(token));
        expect(shown.status, token).toBe(404);
        pages.add(shown.text);
        expect((await post(door + encodeURIComponent(token), [['do', 'stop']])).status).toBe(404);
      }
    expect(pages.size).toBe(1);
    expect(await everything()).toBe(before);
    await house.request('POST', `/api/customers/${id}/preference-link/revoke`, { body: {} });
    expect([(await get(page)).status, (await post(stop, 'List-Unsubscribe=One-Click')).status]).toEqual([404, 404]);
    const fresh = (await house.request('POST', `/api/customers/${id}/preference-link`, { body: {} })).body;
    expect(fresh.url).not.toContain(page);
    expect((await get(new URL(fresh.url).pathname)).status).toBe(200);
  });

  it('about others: a change of somebody else is neither shown nor undone', async () => {
    await save(['newsletter']);
    house.clock.advance(1000);
    const stopped = changeIn(await post(page, [['do', 'stop']]));
    const [other] = (await resolveCustomers(context, [
      {
        identifiers: [{ kind: 'email', source: '', value: `other${round}@lantern.test` }],
        trust: 'secret',
        at: house.clock.now(),
      },
    ])) as number[];
    const link = (await preferenceLinks(context, { customerIds: [other] })).get(other)!;
    const tried = await post(link.path, [
      ['do', 'undo'],
      ['change', stopped],
    ]);
    expect(tried.headers.location).toContain('too_late');
    expect((await get(`${link.path}?done=${stopped}`)).text).not.toContain('Undo');
    expect(await may('newsletter')).toBe('unsubscribed');
  });

  it('for a garbled form', async () => {
    const before = await everything();
    const garbage = [
      'do=save',
      'do=save&shown=marketing|email|nonsense&on=marketing|email|nonsense',
      'do=save&shown=service|email|&on=',
      '%00%00',
      'do=undo&change=1',
      'do=reason&change=x',
      '\u0000',
      '{"do":"stop"}',
      `do=nothing&x=${'y'.repeat(40_000)}`,
    ];
    for (const body of garbage) expect((await post(page, body)).status, body.slice(0, 40)).toBe(303);
    expect(await everything()).toBe(before);
    expect((await post(page, `x=${'y'.repeat(60_000)}`)).status).toBe(413);
  });
});

describe('without a link', () => {
  it('answers the same whether the address is known or not, and only a known one leaves work', async () => {
    const known = await post('/p', [['email', `MAYA${round}@lantern.test `]]);
    const unknown = await post('/p', [['email', 'nobody@lantern.test']]);
    expect([known.status, unknown.status]).toEqual([200, 200]);
    expect(known.text).toBe(unknown.text);
    expect(Object.keys(known.headers).sort()).toEqual(Object.keys(unknown.headers).sort());
    await post('/p', [['email', `maya${round}@lantern.test`]]);
    await house.drain();
    const tasks = (await house.request('GET', '/api/tasks', { query: { customer: String(id) } })).body.data;
    expect(tasks.map((task: { title: string }) => task.title)).toEqual(['Send them the link to their choices']);
    const left = await context.postgres`select email, customer_id from consent.link_request`;
    expect(left.every(row => row.email === null && row.customer_id === id)).toBe(true);
  });

  it('says what is wrong with an address, and slows down who tries many', async () => {
    expect((await post('/p', [['email', 'no address']])).status).toBe(422);
    let last = 200;
    for (let i = 0; i < 25 && last === 200; i++) last = (await post('/p', [['email', `try${i}@lantern.test`]])).status;
    expect(last).toBe(429);
  });
});

describe('double opt-in', () => {
  const sign = (speaker: 'person' | 'browser' | 'staff' = 'person') =>
    recordConsents(context, [{ originId: id, channel: 'email', topic: 'drops', state: 'subscribed', at: house.clock.now() }], {
      speaker,
      source: 'form',
    });

  it('waits until the button behind the link is pressed, once', async () => {
    expect(await sign('browser')).toEqual(['pending']);
    expect(await may('drops')).toBe('pending');
    const links = (await house.request('POST', `/api/customers/${id}/confirmation-links`, { body: {} })).body.data;
    expect(links).toHaveLength(1);
    const path = new URL(links[0].url).pathname;
    expect((await get(path)).text).toContain('Yes, sign me up');
    expect(await may('drops')).toBe('pending');
    house.clock.advance(1000);
    expect((await post(path, [['do', 'confirm']])).status).toBe(303);
    expect(await may('drops')).toBe('may');
    expect((await get(path)).text).toContain('Thank you.');
    const n = (await context.postgres`select count(*)::int as n from consent.consent where customer_id = ${id}`)[0].n;
    await post(path, [['do', 'confirm']]);
    expect((await context.postgres`select count(*)::int as n from consent.consent where customer_id = ${id}`)[0].n).toBe(n);
    expect(await sign('person')).toEqual(['same']);
  });

  it('confirms nothing when the person has said no since, or it is too late', async () => {
    await sign();
    const [{ path }] = await confirmationsOf(context, id);
    house.clock.advance(1000);
    await post(page, [['do', 'stop']]);
    await post(path, [['do', 'confirm']]);
    expect(await may('drops')).toBe('unsubscribed');
    house.clock.advance(1000);
    await sign();
    const [{ path: later }] = await confirmationsOf(context, id);
    house.clock.advance(31 * 86_400_000);
    expect((await get(later)).text).toContain('This link is over');
    await post(later, [['do', 'confirm']]);
    expect(await may('drops')).not.toBe('may');
  });

  it('is not asked of staff, who say why', async () => {
    expect(await sign('staff')).toEqual(['record']);
    expect(await may('drops')).toBe('may');
  });
});

describe('staff', () => {
  it('order, change and archive topics; the words shown before stay readable', async () => {
    const before = (await house.request('GET', '/api/consent/topics')).body.data;
    const version = /name="version" value="(page-[\da-f]+)"/.exec((await get(page)).text)![1];
    const ordered = await house.request('POST', '/api/consent/topics/order', {
      body: { ids: before.map((one: { id: string }) => one.id).reverse() },
    });
    expect(ordered.body.data.map((one: { code: string }) => one.code)).toEqual(
      before.map((one: { code: string }) => one.code).reverse(),
    );
    const tips = before.find((one: { code: string }) => one.code === 'tips');
    const changed = await house.request('PATCH', `/api/consent/topics/${tips.id}`, {
      body: { version: tips.version, archived: true },
    });
    expect(changed.body.archived, changed.text).toBe(true);
    expect((await get(page)).text).not.toContain('How to use and care');
    const kept = await house.request('GET', `/api/consent/wordings/${version}`);
    expect(kept.body.lines.join('\n')).toContain('Tips');
    await expect(context.postgres`update consent.wording set words = '{}'`).rejects.toThrow('kept as they were shown');
    const stale = await house.request('PATCH', `/api/consent/topics/${tips.id}`, {
      body: { version: tips.version, archived: false },
    });
    expect(stale.status).toBe(409);
    await house.request('PATCH', `/api/consent/topics/${tips.id}`, { body: { version: tips.version + 1, archived: false } });
  });

  it('try colours and words before they are saved', async () => {
    const preview = await house.request('POST', '/api/consent/page/preview', {
      body: { language: 'de', colour: '#ffcc00', texts: { de: { title: 'Hallo <Maya>' } } },
    });
    expect(preview.body.html).toContain('Hallo &lt;Maya&gt;');
    const { version } = (await house.request('GET', '/api/consent/page')).body;
    const saved = await house.request('PUT', '/api/consent/page', {
      body: { version, colour: '#ffcc00', texts: { en: { title: 'Hello' } } },
    });
    expect(saved.status, saved.text).toBe(200);
    const css = await get(`/p/look/${saved.body.brand_id}.css`);
    expect(css.text).toContain('--brand: #ffcc00; --on-brand: #000000');
    expect((await get(page)).text).toContain('<h1>Hello</h1>');
    expect((await house.request('PUT', '/api/consent/page', { body: { version, colour: '#000000', texts: {} } })).status).toBe(
      409,
    );
  });

  it.each([
    ['#1f5fbf', '#ffffff'],
    ['#ffff00', '#000000'],
    ['#666666', '#ffffff'],
    ['#000000', '#ffffff'],
  ])('on %s writes %s', (colour, ink) => expect(inkOn(colour)).toBe(ink));
});

it('a browser that asks not to sell is kept as an opt-out, once', async () => {
  for (let i = 0; i < 3; i++)
    await recordConsents(
      context,
      [{ originId: id, channel: 'web', purpose: 'sale', state: 'unsubscribed', at: house.clock.now() }],
      {
        speaker: 'browser',
        source: 'gpc',
      },
    );
  const rows = await context.postgres`select source, state from consent.consent where customer_id = ${id} and purpose = 'sale'`;
  expect([...rows]).toEqual([{ source: 'gpc', state: 'unsubscribed' }]);
  const facts = (await house.request('GET', `/api/customers/${id}/facts`)).body.facts;
  expect(facts['consent.sale']).toBe(true);
});

it('topics are facts: columns, sorts and segment conditions by themselves', async () => {
  await save(['newsletter']);
  await house.drain();
  const facts = (await house.request('GET', `/api/customers/${id}/facts`)).body.facts;
  expect([facts['consent.email.newsletter'], facts['consent.email.sales']]).toEqual(['subscribed', undefined]);
  const preview = await house.request('POST', '/api/segments/preview', {
    body: { definition: { fact: 'consent.email.newsletter', is: 'subscribed' } },
  });
  expect(preview.status, preview.text).toBe(200);
  expect(preview.body.count).toBeGreaterThan(0);
});

it('the short condition takes a topic, and reads as a sentence', async () => {
  const ask = (definition: unknown) => house.request('POST', '/api/segments/preview', { body: { definition } });
  const about = await ask({ consent: 'email', topic: 'newsletter' });
  expect(about.body.sentence, about.text).toContain('about newsletter');
  expect((await ask({ consent: 'email', topic: 'nonsense' })).status).not.toBe(200);
  expect((await ask({ consent: 'sale' })).status).not.toBe(200);
});
