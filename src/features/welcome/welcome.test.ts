/** The welcome form as a shopper meets it, and what staff make of the answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { mergeCustomers, recordAttributes, resolveCustomers, undoMerge } from '../customers/index.ts';
import { eventsOf } from '../tracking/index.ts';
import { chooseLanguage, languages } from './languages.ts';
import { toAsk } from './questions.ts';
import { de } from './texts/de.ts';
import { en } from './texts/en.ts';
import { page as publicPage } from './texts/page.ts';

let house: TestHouse;
let formId: string;
let ana: number;
beforeAll(async () => {
  house = await startTestHouse();
  formId = (await house.request('GET', '/api/welcome-form')).body.id;
  [ana] = (await resolveCustomers(
    house.context,
    [
      {
        identifiers: [{ kind: 'email', source: '', value: 'ana@mail.test' }],
        trust: 'secret',
        at: house.clock.now(),
        traits: { name: 'Ana', main_concern: 'brand' },
      },
    ],
    { source: 'shop:one' },
  )) as number[];
  await house.context.postgres`delete from customers.attribute where code = 'main_concern'`;
});
afterAll(() => house.close());

const change = async (patch: Record<string, unknown>) => {
  const { version } = (await house.request('GET', '/api/welcome-form')).body;
  const answer = await house.request('PATCH', '/api/welcome-form', { body: { version, ...patch } });
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};
const get = (path: string, headers: Record<string, string> = {}) => house.app.inject({ method: 'GET', url: path, headers });
const post = (path: string, fields: Record<string, string>, from = '203.0.113.9') =>
  house.app.inject({
    method: 'POST',
    url: path,
    remoteAddress: from,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString(),
  });
const linkOf = async (id: number): Promise<string> => {
  const answer = await house.request('POST', `/api/customers/${id}/welcome-link`, { body: {} });
  expect(answer.status, answer.text).toBe(201);
  return new URL(answer.body.url).pathname;
};
const concernOf = async (id: number) =>
  (await house.request('GET', `/api/customers/${id}`)).body.attributes.find(
    (one: { code: string }) => one.code === 'main_concern',
  );
const rows = async () => (await house.context.postgres`select * from welcome.answer order by at, id`).length;

describe('the page', () => {
  it('is closed until staff switch it on, and unknown addresses lead nowhere', async () => {
    expect((await get(`/w/${formId}`)).statusCode).toBe(410);
    expect((await post(`/w/${formId}`, { email: 'x@mail.test', main_concern: 'price' })).statusCode).toBe(410);
    expect((await get('/w/nothing-like-that')).statusCode).toBe(404);
    await change({ active: true, second_question: 'heard_from', sites: ['shop.example'] });
    expect((await get(`/w/${formId}`)).statusCode).toBe(200);
  });

  it('speaks the language of the visitor, else English', async () => {
    const german = await get(`/w/${formId}`, { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' });
    expect(german.payload).toContain('<html lang="de">');
    expect(german.payload).toContain('Was ist Ihnen am wichtigsten?');
    expect((await get(`/w/${formId}?lang=en`, { 'accept-language': 'de' })).payload).toContain('<html lang="en">');
    expect((await get(`/w/${formId}`, { 'accept-language': 'ja' })).payload).toContain('<html lang="en">');
    expect(chooseLanguage(undefined, undefined, 'de-DE')).toBe('de');
  });

  it('every language says the whole public page, with its values', () => {
    const english: Record<string, string> = { ...en, ...publicPage };
    const isPublic = /^welcome\.(page|question|main_concern|heard_from|preferred_channel)\./;
    const places = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(match => match[0]);
    for (const key of Object.keys(english).filter(one => isPublic.test(one))) {
      expect(de[key], key).toBeTruthy();
      expect(places(de[key]!), key).toEqual(places(english[key]!));
    }
    expect(languages).toEqual(['en', 'de']);
  });

  it('asks at most two questions, and runs no script', async () => {
    const { payload, headers } = await get(`/w/${formId}`);
    expect(payload.match(/<fieldset/g)).toHaveLength(2);
    expect(payload).not.toMatch(/<script| on\w+=/);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("script-src 'self'");
    expect(policy).toMatch(/style-src 'self' 'nonce-/);
    expect(policy).toContain('frame-ancestors https://shop.example');
    expect(headers['x-frame-options']).toBeUndefined();
  });

  it('a link of one’s own stands in no other page', async () => {
    const { headers } = await get(await linkOf(ana));
    expect(String(headers['content-security-policy'])).toContain("frame-ancestors 'none'");
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  it('escapes what staff wrote and what was typed', async () => {
    await change({ why: { en: '<img src=x> & "more"' } });
    const answer = await post(`/w/${formId}`, { email: '"><script>1</script>', main_concern: 'price' });
    expect(answer.statusCode).toBe(422);
    expect(answer.payload).not.toMatch(/<script|<img/);
    expect(answer.payload).toContain('aria-invalid="true"');
    await change({ why: {} });
  });
});

describe('an answer', () => {
  it('by a link of their own is what the person said: stronger than systems, weaker than staff', async () => {
    const path = await linkOf(ana);
    const before = await rows();
    await get(path);
    expect(await rows()).toBe(before);
    const answer = await post(path, { main_concern: 'advice', heard_from: 'friend' });
    expect(answer.statusCode).toBe(200);
    expect(answer.payload).toContain('Thank you');
    expect(await concernOf(ana)).toMatchObject({ value: 'advice', source: 'customer', pinned: false });
    const say = (value: string, trust: 'secret' | 'browser', source: string) =>
      recordAttributes(
        house.context,
        [{ originId: ana, traits: { main_concern: value }, trust, at: new Date(house.clock.now().getTime() + 60_000) }],
        {
          source,
          importId: null,
          historical: false,
        },
      );
    await say('price', 'secret', 'shop:one');
    expect((await concernOf(ana)).value).toBe('advice');
    const { version } = (await house.request('GET', `/api/customers/${ana}`)).body;
    await house.request('PATCH', `/api/customers/${ana}`, { body: { version, attributes: { main_concern: 'experience' } } });
    expect(await concernOf(ana)).toMatchObject({ value: 'experience', pinned: true });
    const [event] = await eventsOf(house.context, [ana], { names: ['Welcome Form Answered'] });
    expect(event!.properties).toMatchObject({ main_concern: 'advice', heard_from: 'friend', via: 'link' });
  });

  it('is asked for once: the same link has nothing left to ask', async () => {
    const { payload } = await get(await linkOf(ana));
    expect(payload).toContain('nothing is left to ask');
    expect(payload).not.toContain('<form');
    expect(toAsk('birthday', new Set(['main_concern']), []).map(one => one.code)).toEqual(['birthday']);
    expect(toAsk('birthday', new Set(['birthday']), []).map(one => one.code)).toEqual(['main_concern']);
    expect(toAsk('category_interest', new Set(), []).map(one => one.code)).toEqual(['main_concern']);
  });

  it('ends with the link, and gives no consent', async () => {
    const [ben] = (await resolveCustomers(house.context, [
      { identifiers: [{ kind: 'email', source: '', value: 'ben@mail.test' }], trust: 'secret', at: house.clock.now() },
    ])) as number[];
    const path = await linkOf(ben!);
    await house.context.postgres`update welcome.link set expires_at = ${house.clock.now()} where customer_id = ${ben!}`;
    expect((await get(path)).statusCode).toBe(410);
    expect((await post(path, { main_concern: 'price' })).statusCode).toBe(410);
    expect(await concernOf(ben!)).toBeUndefined();
    expect(await house.context.postgres`select 1 from consent.consent where customer_id in (${ana}, ${ben!})`).toHaveLength(0);
  });

  it('from the open form is a claim: it makes a customer, but overwrites nothing and tells nothing', async () => {
    const fresh = await post(`/w/${formId}`, { email: ' New@Mail.Test ', main_concern: 'price' });
    expect(fresh.statusCode).toBe(200);
    const [made] = (await house.request('GET', '/api/customers?query=new@mail.test')).body.data;
    expect((await concernOf(Number(made.id))).value).toBe('price');
    const claim = await post(`/w/${formId}`, { email: 'ana@mail.test', main_concern: 'price' });
    expect((await concernOf(ana)).value).toBe('experience');
    const without = (page: string) => page.replace(/nonce="[^"]+"/g, '');
    expect(without(claim.payload)).toBe(without(fresh.payload));
  });

  it('must be one of those offered', async () => {
    const before = await rows();
    const wrong: Record<string, string>[] = [
      { email: 'c@mail.test', main_concern: 'gold' },
      { email: 'c@mail.test' },
      { email: 'nobody', main_concern: 'price' },
      { email: 'c@mail.test', main_concern: 'price', heard_from: 'stars' },
    ];
    for (const fields of wrong) expect((await post(`/w/${formId}`, fields, '203.0.113.20')).statusCode).toBe(422);
    expect(
      (await post(`/w/${formId}`, { email: 'c@mail.test', main_concern: 'price', website: 'http://spam' }, '203.0.113.21'))
        .statusCode,
    ).toBe(200);
    expect(
      (
        await house.app.inject({
          method: 'POST',
          url: `/w/${formId}`,
          headers: { 'content-type': 'application/json' },
          payload: '{}',
        })
      ).statusCode,
    ).toBe(422);
    expect(await rows()).toBe(before);
  });

  it('cannot be sent without end', async () => {
    const codes: number[] = [];
    for (let n = 0; n < 22; n++)
      codes.push((await post(`/w/${formId}`, { email: 'bad', main_concern: 'price' }, '203.0.113.30')).statusCode);
    expect(codes.filter(code => code === 429)).toHaveLength(2);
    expect((await post(`/w/${formId}`, { email: 'bad', main_concern: 'price' }, '203.0.113.31')).statusCode).toBe(422);
  });

  it('follows a merge and comes back with its undo', async () => {
    const snapshot = () =>
      Promise.all(
        ['answer', 'link'].map(
          table => house.context.postgres`select t::text from ${house.context.postgres(`welcome.${table}`)} t order by 1`,
        ),
      );
    const [other] = (await house.request('GET', '/api/customers?query=new@mail.test')).body.data;
    const before = await snapshot();
    const { mergeId } = await mergeCustomers(house.context, { winnerId: ana, loserId: Number(other.id) });
    expect(await snapshot()).not.toEqual(before);
    await undoMerge(house.context, mergeId);
    expect(await snapshot()).toEqual(before);
  });
});

describe('what staff see', () => {
  it('figures, and segments by answer out of the box', async () => {
    const { body } = await house.request('GET', '/api/welcome-form/results');
    expect(body).toMatchObject({ people: 2, open: 2, links_answered: 1 });
    expect(body.concerns).toEqual([
      { code: 'price', people: 1 },
      { code: 'advice', people: 1 },
      { code: 'experience', people: 0 },
      { code: 'brand', people: 0 },
    ]);
    expect(body.days.at(-1).answers).toBe(3);
    await house.drain();
    const preview = await house.request('POST', '/api/segments/preview', {
      body: { definition: { fact: 'attribute.main_concern', is: 'price' } },
    });
    expect(preview.body, preview.text).toMatchObject({ count: 1 });
    const presets = (await house.request('GET', '/api/segments/presets')).body.data;
    expect(presets.find((one: { code: string }) => one.code === 'says_price')).toMatchObject({ available: true });
  });

  it('may change it only with the right to', async () => {
    const actor = house.staff({ verbs: new Set(['welcome:read', 'customers:read']) });
    expect((await house.request('PATCH', '/api/welcome-form', { actor, body: { version: 1 } })).status).toBe(403);
    expect((await house.request('POST', `/api/customers/${ana}/welcome-link`, { actor, body: {} })).status).toBe(403);
    expect((await house.request('PATCH', '/api/welcome-form', { body: { version: 1 } })).status).toBe(409);
    const bad = await house.request('GET', '/api/welcome-form');
    const answer = await house.request('PATCH', '/api/welcome-form', {
      body: { version: bad.body.version, sites: ['javascript:alert(1)'] },
    });
    expect(answer.body.code).toBe('welcome.bad_site');
  });
});
