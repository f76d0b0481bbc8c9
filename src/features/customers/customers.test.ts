/** Customers through the front door. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent, recordConsents } from '../consent/index.ts';
import { feature as shops } from '../shops/index.ts';
import { forgetAllVisitors } from './forget-visitors.ts';
import { feature, resolveCustomers } from './index.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, feature, consent] });
});
afterAll(() => house.close());

const analyst = () => house.staff({ verbs: new Set(['customers:read']), fields: new Set(['money', 'behaviour']) });
let round = 0;
beforeEach(() => {
  round++;
});

const make = async (profile: Record<string, unknown>): Promise<{ id: string; version: number }> => {
  const made = await house.request('POST', '/api/customers', { body: profile });
  expect(made.text, made.text).toContain('"id"');
  expect(made.status).toBe(201);
  return made.body;
};
const listed = async (query: string, actor?: ReturnType<typeof analyst>): Promise<string[]> => {
  const answer = await house.request('GET', `/api/customers?${query}`, actor ? { actor } : {});
  expect(answer.status, answer.text).toBe(200);
  return answer.body.data.map((row: { id: string }) => row.id);
};

describe('search as you type', () => {
  it.each(['zoë', 'ZOE', 'Müll', 'muller', 'zoe.m', '@mail.test', '5551', '+49 170 555', 'zo'])('%j finds her', async text => {
    const { id } = await make({
      name: `Zoë Müller ${round}`,
      email: `zoe.m${round}@mail.test`,
      phone: `+49 170 5551${String(round).padStart(3, '0')}`,
    });
    expect(await listed(`query=${encodeURIComponent(text)}`)).toContain(id);
  });

  it('finds by the number the shop gave, and by our own', async () => {
    const [id] = await resolveCustomers(house.context, [
      { identifiers: [{ kind: 'shop_customer_id', source: 'uk', value: '16029' }], trust: 'secret', at: house.clock.now() },
    ]);
    expect(await listed('query=16029')).toContain(String(id));
    expect(await listed(`query=%23${id}`)).toEqual([String(id)]);
    const answer = await house.request('GET', '/api/customers?query=16029');
    expect(answer.body.data[0]).toMatchObject({ outside_id: '16029', name: null });
  });

  it('finds nobody for wildcards and quotes', async () => {
    for (const text of ['%', '_', "' or 1=1 --", '\\'])
      expect(await listed(`query=${encodeURIComponent(`${text}nobody`)}`)).toEqual([]);
  });

  it('a role without contact data cannot search, filter, sort by or see it', async () => {
    const { id } = await make({ name: `Hidden Person ${round}`, email: `hidden1-${round}@mail.test` });
    expect(await listed('query=hidden', analyst())).toEqual([]);
    for (const query of ['sort=customers.name', 'columns=customers.birthday']) {
      expect((await house.request('GET', `/api/customers?${query}`, { actor: analyst() })).status).toBe(403);
    }
    const seen = await house.request('GET', `/api/customers/${id}`, { actor: analyst() });
    expect(seen.text).not.toContain('Hidden');
    expect(seen.text).not.toContain('hidden1');
    expect(seen.body.hidden).toContain('contact');
  });
});

describe('the list', () => {
  it('pages by key without losing or repeating anybody, by name and by age', async () => {
    const made: string[] = [];
    for (let i = 0; i < 7; i++)
      made.push(
        (
          await make({
            name: i === 3 ? undefined : `Pager ${i % 2}`,
            email: `pager${round}-${i}@mail.test`,
            country: `P${round}`,
          })
        ).id,
      );
    for (const sort of [
      'customers.name',
      '-customers.name',
      '-customers.known_since',
      '',
      'customers.city',
      '-customers.first_seen',
    ]) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const answer = await house.request(
          'GET',
          `/api/customers?filter=country:P${round}&sort=${sort}&limit=2${cursor ? `&cursor=${cursor}` : ''}`,
        );
        expect(answer.status, answer.text).toBe(200);
        seen.push(...answer.body.data.map((row: { id: string }) => row.id));
        cursor = answer.body.next_cursor;
      }
      expect([...seen].sort(), sort).toEqual([...made].sort());
    }
  });

  it('filters by what is listed, with either and both', async () => {
    const vip = await make({ name: 'A', tags: [`vip${round}`], country: `X${round}` });
    const late = await make({ name: 'B', tags: [`late${round}`], country: `X${round}`, email: `b${round}@mail.test` });
    expect(await listed(`filter=tag:vip${round}`)).toEqual([vip.id]);
    expect((await listed(`filter=tag:vip${round}&filter=tag:late${round}`)).sort()).toEqual([vip.id, late.id].sort());
    expect(await listed(`filter=country:X${round}&filter=has_email:yes`)).toEqual([late.id]);
    for (const bad of [
      'filter=nonsense:1',
      'filter=has_email:perhaps',
      'filter=tag',
      'sort=nonsense',
      'columns=nonsense',
      'cursor=abc',
    ]) {
      expect((await house.request('GET', `/api/customers?${bad}`)).status, bad).toBe(400);
    }
  });

  it('leaves out anonymous visitors, merged parts, erased people and non-shoppers unless asked', async () => {
    const [visitor] = await resolveCustomers(house.context, [
      { identifiers: [{ kind: 'anonymous_id', source: 'w', value: `v${round}` }], trust: 'browser', at: house.clock.now() },
    ]);
    const shop = await make({ name: 'Wholesale', country: `W${round}` });
    await house.request('PATCH', `/api/customers/${shop.id}`, { body: { version: shop.version, not_shopper: 'wholesale' } });
    expect(await listed(`filter=country:W${round}`)).toEqual([]);
    expect(await listed(`filter=country:W${round}&not_shoppers=1`)).toEqual([shop.id]);
    expect(await listed(`query=%23${visitor}`)).toEqual([]);
    expect(await listed(`query=%23${visitor}&anonymous=1`)).toEqual([String(visitor)]);
  });

  it('shows facts as columns, counts on request, and leaves as a safe spreadsheet', async () => {
    const { id } = await make({ name: '=HYPERLINK("x")', country: `C${round}`, birthday: '1990-05-01', tags: ['a', 'b'] });
    const answer = await house.request(
      'GET',
      `/api/customers?filter=country:C${round}&columns=customers.birthday&columns=customers.tags&total=1`,
    );
    expect(answer.body).toMatchObject({
      total: 1,
      data: [{ id, facts: { 'customers.birthday': '1990-05-01', 'customers.tags': ['a', 'b'] } }],
    });
    const csv = await house.request('GET', `/api/customers.csv?filter=country:C${round}&columns=customers.birthday`);
    expect(csv.text.split('\r\n')[1]).toContain(`${id},,"'=HYPERLINK(""x"")"`);
    expect(csv.text.split('\r\n')[1]).toContain('1990-05-01');
  });
});

describe('one customer', () => {
  it('staff edits pin against every source until they are cleared', async () => {
    const say = (city: string, day: number) =>
      resolveCustomers(
        house.context,
        [
          {
            identifiers: [{ kind: 'email', source: '', value: `pin${round}@mail.test` }],
            trust: 'secret',
            at: new Date(Date.UTC(2027, 0, day)),
            traits: { city, size: 40 },
          },
        ],
        { source: 'shop' },
      );
    const [id] = await say('Leeds', 1);
    const before = (await house.request('GET', `/api/customers/${id}`)).body;
    const changed = await house.request('PATCH', `/api/customers/${id}`, {
      body: { version: before.version, city: 'Bath', attributes: { size: 44 } },
    });
    expect(changed.status, changed.text).toBe(200);
    await say('York', 2);
    const after = (await house.request('GET', `/api/customers/${id}`)).body;
    expect(after.city).toBe('Bath');
    expect(after.attributes).toMatchObject([{ code: 'size', value: 44, pinned: true, type: 'number' }]);
    expect((await house.request('PATCH', `/api/customers/${id}`, { body: { version: before.version, city: 'X' } })).status).toBe(
      409,
    );
    const emptied = await house.request('PATCH', `/api/customers/${id}`, {
      body: { version: after.version, city: '', attributes: { size: null } },
    });
    expect(emptied.body).toMatchObject({ city: null, attributes: [{ value: 40, pinned: false }] });
  });

  it('says plainly what is wrong with what was typed', async () => {
    const { id, version } = await make({ name: 'Typo', email: `typo${round}@mail.test` });
    await make({ name: 'Other', email: `other${round}@mail.test` });
    const patch = (body: object) => house.request('PATCH', `/api/customers/${id}`, { body: { version, ...body } });
    expect((await patch({ email: 'nonsense' })).body).toMatchObject({ code: 'customers.bad_email', errors: [{ path: 'email' }] });
    expect((await patch({ phone: '12' })).body).toMatchObject({ code: 'customers.bad_phone' });
    expect((await patch({ email: `other${round}@mail.test` })).body).toMatchObject({
      code: 'customers.email_taken',
      status: 409,
    });
    expect((await house.request('POST', '/api/customers', { body: {} })).body).toMatchObject({ code: 'customers.empty' });
    expect((await house.request('POST', '/api/customers', { body: { email: `other${round}@mail.test` } })).status).toBe(409);
    expect((await house.request('GET', '/api/customers/999999')).status).toBe(404);
    expect((await house.request('GET', '/api/customers/abc')).status).toBe(400);
    expect((await house.request('GET', '/api/customers/4294967299999')).status).toBe(400);
  });

  it('tags and notes are kept with their author and stand in the timeline with consent, newest first, page by page', async () => {
    const { id } = await make({ name: 'Line', email: `line${round}@mail.test` });
    expect(
      (await house.request('POST', `/api/customers/${id}/tags`, { body: { add: ['vip', 'vip', 'gift'] } })).body.tags,
    ).toEqual(['gift', 'vip']);
    expect((await house.request('POST', `/api/customers/${id}/tags`, { body: { remove: ['gift'] } })).body.tags).toEqual(['vip']);
    for (let i = 0; i < 5; i++) {
      house.clock.advance(1000);
      await house.request('POST', `/api/customers/${id}/notes`, { body: { text: `note ${i}` } });
      await recordConsents(
        house.context,
        [{ originId: Number(id), channel: 'email', topic: `t${i}`, state: 'subscribed', at: house.clock.now() }],
        { speaker: 'person', source: 'x' },
      );
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await house.request('GET', `/api/customers/${id}/timeline?limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      expect(page.status, page.text).toBe(200);
      seen.push(...page.body.data.map((entry: { kind: string; body: string | null; at: string }) => entry.body ?? entry.kind));
      cursor = page.body.next_cursor;
    }
    expect(seen).toEqual([
      'consent',
      'note 4',
      'consent',
      'note 3',
      'consent',
      'note 2',
      'consent',
      'note 1',
      'consent',
      'note 0',
    ]);
    const notes = await house.request('GET', `/api/customers/${id}/timeline?kinds=note`);
    expect(notes.body.data).toHaveLength(5);
    expect((await house.request('GET', `/api/customers/${id}/timeline`, { actor: analyst() })).text).not.toContain('note 4');
    expect(
      (
        await house.request('POST', `/api/customers/${id}/notes`, {
          body: { text: 'x' },
          actor: house.staff({ fields: new Set(['contact']) }),
        })
      ).status,
    ).toBe(403);
  });

  it('a merge is previewed, done, found under either id, and undone', async () => {
    const ana = await make({ name: 'Ana', email: `ana${round}@mail.test`, tags: ['a'] });
    const ben = await make({ name: 'Ben', email: `ben${round}@mail.test`, tags: ['b'], city: 'Bath' });
    const preview = await house.request('GET', `/api/customers/${ana.id}/merge-preview?loser=${ben.id}`);
    expect(preview.body).toMatchObject({ winner: { id: ana.id }, loser: { id: ben.id }, tags: ['a', 'b'] });
    expect(preview.body.profile).toContainEqual(
      expect.objectContaining({ field: 'city', winner: null, loser: 'Bath', after: 'Bath', from: 'loser', why: 'pinned' }),
    );
    expect((await house.request('POST', '/api/customers/merge', { body: { winner: ana.id, loser: ana.id } })).body.code).toBe(
      'customers.merge_self',
    );
    const merged = await house.request('POST', '/api/customers/merge', { body: { winner: ana.id, loser: ben.id } });
    expect(merged.status, merged.text).toBe(200);
    expect((await house.request('GET', `/api/customers/${ben.id}`)).body).toMatchObject({
      id: ana.id,
      city: 'Bath',
      tags: ['a', 'b'],
      parts: 1,
    });
    // Found by the name and the address of the one who joined, too.
    expect(await listed(`query=ben${round}@mail`)).toEqual([ana.id]);
    expect(await listed('query=ben')).toContain(ana.id);
    expect(await listed(`query=ben${round}@mail`, analyst())).toEqual([]);
    const merges = await house.request('GET', `/api/customers/${ana.id}/merges`);
    expect(merges.body.merges).toMatchObject([{ id: merged.body.merge_id, loser_id: ben.id, reason: 'staff', undone_at: null }]);
    await house.request('POST', `/api/merges/${merged.body.merge_id}/undo`);
    expect((await house.request('GET', `/api/customers/${ben.id}`)).body).toMatchObject({ id: ben.id, name: 'Ben', tags: ['b'] });
    expect((await house.request('GET', `/api/customers/${ana.id}`)).body).toMatchObject({ city: null, tags: ['a'], parts: 0 });
    expect((await house.request('POST', `/api/merges/${merged.body.merge_id}/undo`)).status).toBe(422);
  });

  it('a possible duplicate is offered, and dismissed for good', async () => {
    const phone = `+44 20 7946 ${String(round).padStart(4, '0')}`;
    const ids = (await resolveCustomers(
      house.context,
      [1, 2].map(n => ({
        identifiers: [
          { kind: 'email' as const, source: '', value: `dup${round}-${n}@mail.test` },
          { kind: 'phone' as const, source: '', value: phone },
        ],
        trust: 'secret' as const,
        at: house.clock.now(),
      })),
    )) as number[];
    const offered = await house.request('GET', `/api/customers/${ids[0]}/merges`);
    expect(offered.body.suggestions).toMatchObject([{ id: String(ids[1]), reason: 'same_phone' }]);
    expect(await listed('filter=duplicates:yes')).toEqual(expect.arrayContaining(ids.map(String)));
    expect((await house.request('POST', `/api/customers/${ids[0]}/keep-apart`, { body: { other: String(ids[1]) } })).status).toBe(
      204,
    );
    await resolveCustomers(house.context, [
      {
        identifiers: [
          { kind: 'email', source: '', value: `dup${round}-2@mail.test` },
          { kind: 'phone', source: '', value: phone },
        ],
        trust: 'secret',
        at: house.clock.now(),
      },
    ]);
    expect((await house.request('GET', `/api/customers/${ids[0]}/merges`)).body.suggestions).toEqual([]);
  });

  it('silent visitors are forgotten after 90 days, people and visitors of today are not', async () => {
    const visit = (value: string, daysAgo: number) => ({
      identifiers: [{ kind: 'anonymous_id' as const, source: 'w', value: `${value}${round}` }],
      trust: 'browser' as const,
      at: new Date(house.clock.now().getTime() - daysAgo * 86_400_000),
    });
    const [old, fresh] = (await resolveCustomers(house.context, [visit('old', 91), visit('fresh', 89)])) as number[];
    const known = await make({ name: 'Silent but known', email: `silent${round}@mail.test` });
    await forgetAllVisitors(house.context);
    await house.drain();
    const left = await house.context
      .postgres`select id from customers.customer where id = any(${[old, fresh, Number(known.id)]}::bigint[]) and erased_at is null order by id`;
    expect(left.map(row => row.id)).toEqual([fresh, Number(known.id)]);
    const keys = await house.context.postgres`select value from customers.identifier where value = ${`old${round}`}`;
    expect(keys).toHaveLength(0);
  });

  it('ClickHouse knows who counts and who owns whom, also after an undo', async () => {
    const ana = await make({ name: 'Copy A', email: `copya${round}@mail.test` });
    const ben = await make({ name: 'Copy B', email: `copyb${round}@mail.test` });
    const merged = await house.request('POST', '/api/customers/merge', { body: { winner: ana.id, loser: ben.id } });
    const owner = async () =>
      (
        await house.context.clickhouse.query<{ o: number }>(
          `SELECT dictGetOrDefault('owner_map', 'customer_id', toUInt64(${ben.id}), toUInt32(${ben.id})) AS o`,
        )
      )[0].o;
    const counts = async () =>
      (
        await house.context.clickhouse.query<{ n: number }>(
          `SELECT count() AS n FROM base FINAL WHERE known AND shopper AND customer_id IN (${ana.id}, ${ben.id})`,
        )
      )[0].n;
    await house.drain();
    expect([await owner(), await counts()]).toEqual([Number(ana.id), 1]);
    await house.request('POST', `/api/merges/${merged.body.merge_id}/undo`);
    await house.drain();
    expect([await owner(), await counts()]).toEqual([Number(ben.id), 2]);
  });
});
