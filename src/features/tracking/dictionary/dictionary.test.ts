/** The event dictionary through the front door. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../../platform/testing.ts';
import { feature as access } from '../../access/index.ts';
import { feature as consent } from '../../consent/index.ts';
import { feature as customers } from '../../customers/index.ts';
import { createShop, defaultShopOf, feature as shops } from '../../shops/index.ts';
import { feature as tracking } from '../index.ts';
import { updateDictionary } from '../update-dictionary.ts';

let house: TestHouse;
let key: string;
let shopId: string;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking], now: '2026-03-01T10:00:00Z' });
  shopId = (await defaultShopOf(house.context)).id;
  key = (await house.request('POST', '/api/write-keys', { body: { shop_id: shopId, kind: 'secret', name: 'k' } })).body.key;
  const track = (event: string, properties: object, more: object = {}) => ({
    type: 'track',
    userId: 'ana',
    event,
    properties,
    ...more,
  });
  await send([
    ...Array.from({ length: 4 }, () => track('Tea Brewed', { kind: 'green', cups: 2, email: 'ana@example.com' })),
    track('Tea Brewed', { kind: 'black', cups: 'two', note: { who: 'zelda@example.com' } }),
    track('Tea Brewed', { kind: 'black' }, { timestamp: '2026-02-27T10:00:00Z' }),
    track('Aardvark Seen', {}),
  ]);
});
afterAll(() => house?.close());

const send = async (batch: unknown[]) => {
  await house.request('POST', '/v1/batch', {
    body: { batch },
    actor: null,
    headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
  });
  await house.drain();
};
const list = async (query: Record<string, string> = {}, actor = house.staff()) =>
  (await house.request('GET', '/api/events/dictionary', { query, actor })).body.data;
const show = (name: string, actor = house.staff()) =>
  house.request('GET', '/api/events/dictionary/event', { query: { name }, actor });

describe('the dictionary', () => {
  it('knows types, conflicts, how often a property is there, days and shops', async () => {
    const [entry] = await list({ query: 'brew' });
    expect(entry).toMatchObject({
      name: 'Tea Brewed',
      state: 'new',
      count: 6,
      conflicts: 1,
      shops: [{ id: shopId }],
      sources: ['server'],
      days: [
        { day: '2026-02-27', count: 1 },
        { day: '2026-03-01', count: 5 },
      ],
    });
    const property = (path: string) => entry.properties.find((one: { path: string }) => one.path === path);
    expect(property('cups')).toMatchObject({
      type: 'mixed',
      conflict: true,
      filled: 83.3,
      types: [
        { type: 'number', count: 4 },
        { type: 'text', count: 1 },
      ],
    });
    expect(property('kind')).toMatchObject({ type: 'text', conflict: false, filled: 100, samples: ['green'] });
    expect(property('email').samples).toEqual([]);
  });

  it('shows examples, without personal values to who may not see them', async () => {
    const all = await show('Tea Brewed');
    expect(all.body.examples).toHaveLength(5);
    expect(all.text).toContain('zelda@example.com');
    const some = await show('Tea Brewed', house.staff({ fields: new Set(['behaviour']) }));
    expect(some.body.examples).toHaveLength(5);
    expect(some.text).not.toContain('@example.com');
    const none = await show('Tea Brewed', house.staff({ fields: new Set() }));
    expect(none.body.examples).toBeUndefined();
    expect(none.text).not.toContain('green');
    expect((await show('Nothing')).status).toBe(404);
  });

  it('is described, verified and hidden', async () => {
    const { version } = (await show('Aardvark Seen')).body;
    const patch = (body: object) =>
      house.request('PATCH', '/api/events/dictionary/event', { body: { name: 'Aardvark Seen', ...body } });
    expect((await patch({ version, description: 'A typo', state: 'hidden' })).body).toMatchObject({
      description: 'A typo',
      state: 'hidden',
      state_by: 'Test Owner',
    });
    expect((await patch({ version, state: 'new' })).status).toBe(409);
    expect((await list()).map((one: { name: string }) => one.name)).toEqual(['Tea Brewed']);
    expect((await list({ state: 'hidden' })).map((one: { name: string }) => one.name)).toEqual(['Aardvark Seen']);
    const tea = (await show('Tea Brewed')).body;
    const described = await house.request('PATCH', '/api/events/dictionary/event', {
      body: {
        name: 'Tea Brewed',
        version: tea.version,
        state: 'expected',
        property: { path: 'kind', description: 'Green or black' },
      },
    });
    expect(described.body.properties.find((one: { path: string }) => one.path === 'kind').description).toBe('Green or black');
    expect((await list({ state: 'expected' })).length).toBe(1);
  });

  it('tells a role of another shop nothing', async () => {
    const other = await createShop(house.context, { name: 'Other' });
    const limited = house.staff({ shopIds: [other.id] });
    expect(await list({}, limited)).toEqual([]);
    expect((await show('Tea Brewed', limited)).status).toBe(404);
    const own = house.staff({ shopIds: [shopId] });
    expect((await list({ query: 'brew' }, own))[0]).toMatchObject({ count: 6 });
  });

  it('stays quick and whole with two thousand names, paged in any order', async () => {
    const time = new Date('2026-03-01T09:00:00Z');
    const rows = Array.from({ length: 2_500 }, (_, i) => ({
      name: `Event ${String(i).padStart(4, '0')}`,
      time,
      source: 'server',
      shop_id: shopId,
      properties: Object.fromEntries(Array.from({ length: 12 }, (_, k) => [`p${k}`, k])),
    }));
    for (let at = 0; at < rows.length; at += 250) await updateDictionary(house.context, rows.slice(at, at + 250));
    // Those that were there before count too; the rest is not learnt: somebody is putting ids into names.
    const [{ names: before }] = await house.context
      .postgres`select count(*)::int as names from tracking.dictionary_event where name not like 'Event %'`;
    for (const sort of ['-count', 'name', '-name', '-last', 'first']) {
      const names = new Set<string>();
      let cursor: string | undefined;
      let pages = 0;
      do {
        const { body } = await house.request('GET', '/api/events/dictionary', {
          query: { sort, limit: '200', query: 'Event', ...(cursor && { cursor }) },
        });
        for (const one of body.data) names.add(one.name);
        expect(body.data[0].properties.length).toBe(8);
        expect(body.data[0].property_count).toBe(12);
        cursor = body.next_cursor ?? undefined;
        pages += 1;
      } while (cursor);
      expect([sort, names.size, pages]).toEqual([sort, 2_000 - before, 10]);
    }
  });
});
