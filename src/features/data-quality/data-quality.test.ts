/** The data-quality desk through the door: found, counted, put right, taken back, left alone, reviewed every month. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { recordConsents } from '../consent/index.ts';
import { mergeCustomers, resolveCustomers, undoMerge } from '../customers/index.ts';

let house: TestHouse;
const people: Record<string, number> = {};
beforeAll(async () => {
  // Announcements are due by the database's clock: a test in the past would never hear them.
  house = await startTestHouse({ now: '2027-02-10T12:00:00Z' });
  const make = async (name: string, traits: Record<string, unknown>, email: string | null = `${name}@mail.test`) => {
    const [id] = await resolveCustomers(
      house.context,
      [
        {
          identifiers: [
            ...(email ? [{ kind: 'email' as const, source: '', value: email }] : []),
            { kind: 'shop_customer_id', source: 'uk', value: `id-${name}` },
          ],
          trust: 'secret',
          at: house.clock.now(),
          traits: { name: `${name} Person`, country: 'GB', ...traits },
        },
      ],
      { source: 'shop:uk' },
    );
    people[name] = id as number;
  };
  await make('typo', {}, 'typo.person@gmial.com');
  await make('taken', {}, 'free.person@gmail.con');
  await make('free', {}, 'free.person@gmail.com');
  await make('bad', { email: 'Bad Person@mail,test' }, null);
  await make('phone', { phone: '07700 900123', country: 'GB' });
  await make('italian', { phone: '06 1234 5678', country: 'IT' });
  await make('baby', { birthday: '2027-01-01' });
  await make('mailname', { name: 'who@mail.test' });
  await make('shout', { name: 'JANE O’SHOUT' });
  await make('blanks', { name: 'Ann  Blank' });
  await make('nowhere', { country: null, phone: '+49 170 5551234' });
  await make('words', { country: 'Deutschland' });
  await make('atlantis', { country: 'Atlantis' });
  await make('fine', { phone: '+44 7700 900999', birthday: '1980-05-05' });
  await recordConsents(
    house.context,
    [
      { originId: people.fine, channel: 'email', state: 'subscribed', at: house.clock.now(), textVersion: 'v1' },
      { originId: people.blanks, channel: 'email', state: 'subscribed', at: house.clock.now() },
    ],
    { speaker: 'import', source: 'file' },
  );
  const order = await house.request('POST', '/api/orders', {
    body: {
      number: '1',
      placed_at: '2027-02-01T10:00:00Z',
      currency: 'EUR',
      lines: [{ sku: 'A', quantity: '1', unit_price: '5.00' }],
    },
  });
  expect(order.status, order.text).toBe(200);
  await house.request('POST', '/api/data-quality/count', { body: {} });
  await house.drain();
});
afterAll(() => house.close());

const figures = async () => (await house.request('GET', '/api/data-quality')).body;
const ruleOf = async (code: string) => (await figures()).rules.find((one: { code: string }) => one.code === code);
const findings = async (code: string, query: Record<string, string> = {}) => {
  const answer = await house.request('GET', `/api/data-quality/rules/${code}`, { query });
  expect(answer.status, answer.text).toBe(200);
  return answer.body.data as { subject: string; customer_id: string; value: string; proposal: string | null; link: string }[];
};
const brief = async (code: string) => (await findings(code)).map(one => [Number(one.customer_id), one.value, one.proposal]);
const customer = async (id: number) => (await house.request('GET', `/api/customers/${id}`)).body;

describe('the rules', () => {
  it.each<[string, () => [number, string, string | null][]]>([
    [
      'email_typo',
      () => [
        [people.typo, 'typo.person@gmial.com', 'typo.person@gmail.com'],
        [people.taken, 'free.person@gmail.con', null],
      ],
    ],
    ['email_bad', () => [[people.bad, 'Bad Person@mail,test', 'badperson@mail.test']]],
    [
      'phone_no_country',
      () => [
        [people.phone, '07700900123', '+447700900123'],
        [people.italian, '0612345678', '+390612345678'],
      ],
    ],
    ['birthday_impossible', () => [[people.baby, '2027-01-01', '']]],
    ['name_is_email', () => [[people.mailname, 'who@mail.test', '']]],
    ['name_shouts', () => [[people.shout, 'JANE O’SHOUT', 'Jane O’Shout']]],
    ['name_spaces', () => [[people.blanks, 'Ann  Blank', 'Ann Blank']]],
    ['country_unknown', () => [[people.nowhere, '+491705551234', 'DE']]],
    [
      'country_words',
      () => [
        [people.words, 'Deutschland', 'DE'],
        [people.atlantis, 'Atlantis', null],
      ],
    ],
    ['consent_no_proof', () => [[people.blanks, 'email: file', null]]],
  ])('%s', async (code, expected) => {
    expect((await brief(code)).sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(expected());
  });

  it('orders of nobody lead to the order', async () => {
    expect(await findings('order_no_customer')).toMatchObject([
      { customer_id: null, link: expect.stringMatching(/^\/orders\/[0-9a-f-]{36}$/) },
    ]);
  });

  it('a rule the reader may not look into shows its number only', async () => {
    const actor = house.staff({ fields: new Set() });
    const rule = (await house.request('GET', '/api/data-quality', { actor })).body.rules.find(
      (one: { code: string }) => one.code === 'email_typo',
    );
    expect(rule).toMatchObject({ wrong: 2, may_look: false });
    expect((await house.request('GET', '/api/data-quality/rules/email_typo', { actor })).status).toBe(403);
    const noOrders = house.staff({ verbs: new Set(['data-quality:read', 'customers:read']) });
    expect((await house.request('GET', '/api/data-quality/rules/order_no_customer', { actor: noOrders })).status).toBe(404);
  });

  it('every rule says what it is and what it costs', async () => {
    const { en } = await import('./texts/en.ts');
    const texts = en as Record<string, string>;
    for (const rule of (await figures()).rules)
      for (const key of ['title', 'about', 'cost_one', 'cost_other'])
        expect(texts[`${rule.texts}.${key}`], `${rule.texts}.${key}`).toBeTruthy();
  });
});

describe('putting right', () => {
  it('one with its proposal: the figure falls, what others say counts no more, the undo brings back what was there', async () => {
    const before = await ruleOf('email_typo');
    const answer = await house.request('POST', '/api/data-quality/rules/email_typo/mend', {
      body: { items: [{ subject: String(people.typo) }] },
    });
    expect(answer.body, answer.text).toMatchObject({ mended: 1 });
    expect((await customer(people.typo)).email).toBe('typo.person@gmail.com');
    expect((await ruleOf('email_typo')).wrong).toBe(before.wrong - 1);
    const found = await house.request('GET', '/api/customers?query=typo.person@gmail.com');
    expect(found.body.data.map((row: { id: string }) => row.id)).toContain(String(people.typo));
    await house.request('POST', `/api/data-quality/fixes/${answer.body.fix_id}/undo`, { body: {} });
    expect((await customer(people.typo)).email).toBe('typo.person@gmial.com');
    expect((await ruleOf('email_typo')).wrong).toBe(before.wrong);
    expect((await house.request('POST', `/api/data-quality/fixes/${answer.body.fix_id}/undo`, { body: {} })).status).toBe(422);
  });

  it('with a value typed by hand, but not with one that is none or that somebody else has', async () => {
    const mend = (value: string) =>
      house.request('POST', '/api/data-quality/rules/email_typo/mend', {
        body: { items: [{ subject: String(people.taken), value }] },
      });
    expect((await mend('free.person@gmail.com')).body.code).toBe('data-quality.nothing_mended');
    expect((await mend('no address')).body.code).toBe('data-quality.nothing_mended');
    expect((await mend('other.person@gmail.com')).status).toBe(200);
    expect((await customer(people.taken)).email).toBe('other.person@gmail.com');
  });

  it('all of a rule in one go, and all of it back', async () => {
    const all = await house.request('POST', '/api/data-quality/rules/phone_no_country/mend-all', { body: {} });
    expect(all.status, all.text).toBe(202);
    await house.drain();
    expect([(await customer(people.phone)).phone, (await customer(people.italian)).phone]).toEqual([
      '+447700900123',
      '+390612345678',
    ]);
    const fix = (await figures()).fixes.find((one: { rule: string }) => one.rule === 'phone_no_country');
    expect(fix).toMatchObject({ rule: 'phone_no_country', items: 2, undone_at: null });
    await house.request('POST', `/api/data-quality/fixes/${fix.id}/undo`, { body: {} });
    expect([(await customer(people.phone)).phone, (await customer(people.italian)).phone]).toEqual(['07700900123', '0612345678']);
  });

  it('an impossible birthday is emptied', async () => {
    await house.request('POST', '/api/data-quality/rules/birthday_impossible/mend', {
      body: { items: [{ subject: String(people.baby) }] },
    });
    expect((await customer(people.baby)).birthday).toBeNull();
  });

  it('what cannot be told is left to people', async () => {
    const answer = await house.request('POST', '/api/data-quality/rules/consent_no_proof/mend-all', { body: {} });
    expect(answer.body.code).toBe('data-quality.not_mended_here');
  });
});

describe('leaving alone', () => {
  it('is for good, also after the next count, until it is taken back', async () => {
    const subject = String(people.shout);
    await house.request('POST', '/api/data-quality/rules/name_shouts/ignore', { body: { subjects: [subject] } });
    await house.request('POST', '/api/data-quality/count', { body: {} });
    await house.drain();
    expect(await ruleOf('name_shouts')).toMatchObject({ wrong: 0, ignored: 1, score: 100 });
    expect(await findings('name_shouts')).toEqual([]);
    expect(await findings('name_shouts', { state: 'ignored' })).toMatchObject([{ subject }]);
    await house.request('POST', '/api/data-quality/rules/name_shouts/look-again', { body: { subjects: [subject] } });
    expect((await ruleOf('name_shouts')).wrong).toBe(1);
  });

  it('follows a merge and comes back with its undo, as do corrections', async () => {
    await house.request('POST', '/api/data-quality/rules/name_shouts/ignore', { body: { subjects: [String(people.shout)] } });
    const snapshot = () =>
      Promise.all(
        ['ignored', 'fix_item'].map(
          table => house.context.postgres`select t::text from ${house.context.postgres(`data_quality.${table}`)} t order by 1`,
        ),
      );
    const before = await snapshot();
    const { mergeId } = await mergeCustomers(house.context, { winnerId: people.fine, loserId: people.shout });
    expect(await snapshot()).not.toEqual(before);
    await undoMerge(house.context, mergeId);
    expect(await snapshot()).toEqual(before);
  });
});

describe('the monthly review', () => {
  const tasks = async (state = 'open') => (await house.request('GET', '/api/tasks', { query: { state } })).body.data;

  it('is due on the first, says what changed, makes a task, and closes it when done', async () => {
    const first = await house.request('POST', '/api/data-quality/reviews', { body: {} });
    expect(first.body.fresh).toBe(true);
    expect((await house.request('POST', '/api/data-quality/reviews', { body: {} })).body).toEqual({
      id: first.body.id,
      fresh: false,
    });
    await house.drain();
    expect(await tasks()).toMatchObject([
      { title: 'Monthly data review', link: `/data-quality?review=${first.body.id}`, due_on: '2027-02-17' },
    ]);
    await house.request('POST', `/api/data-quality/reviews/${first.body.id}/done`, { body: {} });
    await house.drain();
    expect(await tasks()).toEqual([]);
    expect((await tasks('done'))[0].link).toBe(`/data-quality?review=${first.body.id}`);

    // A month later one thing has been put right; the schedule starts the review by itself.
    await house.request('POST', '/api/data-quality/rules/name_spaces/mend', {
      body: { items: [{ subject: String(people.blanks) }] },
    });
    house.clock.set('2027-03-01T12:00:00Z');
    await house.request('POST', '/api/data-quality/reviews', { body: {} });
    await house.drain();
    const [review] = (await figures()).reviews;
    expect(review).toMatchObject({ month: '2027-03-01', done_at: null });
    expect(review.summary.find((line: { code: string }) => line.code === 'name_spaces')).toEqual({
      code: 'name_spaces',
      before: 1,
      now: 0,
    });
    expect(review.score).toBeGreaterThan(review.score_before);
    expect(await tasks()).toHaveLength(1);
  });

  it('refuses somebody who is not of the team', async () => {
    const answer = await house.request('PATCH', '/api/data-quality/settings', {
      body: { reviewer_id: '00000000-0000-7000-8000-0000000000ff' },
    });
    expect(answer.body.code).toBe('data-quality.reviewer_unknown');
  });
});

describe('settings', () => {
  it('own domains: an address there is nobody’s from then on, and colleagues among the shoppers are found', async () => {
    const change = (own_domains: string[]) => house.request('PATCH', '/api/customer-settings', { body: { own_domains } });
    expect((await change(['not a domain'])).body.code).toBe('customers.bad_domain');
    expect((await change(['@Mail.Test'])).body).toEqual({ own_domains: ['mail.test'], visitor_days: 90 });
    expect((await findings('own_domain')).length).toBeGreaterThan(5);
    const [origin] = await resolveCustomers(house.context, [
      { identifiers: [{ kind: 'email', source: '', value: 'new@mail.test' }], trust: 'secret', at: house.clock.now() },
    ]);
    expect(origin).toBeNull();
  });
});
