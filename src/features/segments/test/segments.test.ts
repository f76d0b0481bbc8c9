/** Segments through the door: saved, filled, kept up to date, read as of a day, exported. */
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from './house.ts';

const repeatNotSince = { all: [{ orders: 'count', at_least: 2 }, { not: { did: 'Order Completed', within: { days: 90 } } }] };

describe('segments', () => {
  let house: House;
  const people: Record<string, number> = {};
  beforeAll(async () => {
    house = await openHouse();
    for (const name of ['ana', 'ben', 'cleo', 'dan'])
      people[name] = await house.person(name, { country: name === 'ana' ? 'DE' : 'GB' });
    await house.order(people.ana, '2023-01-10T10:00:00Z', [{ sku: 'X', total: 5000 }]);
    await house.order(people.ana, '2023-06-10T10:00:00Z', [{ sku: 'Y', total: 7000 }]);
    await house.order(people.ben, '2024-05-01T10:00:00Z', [
      { sku: 'X', total: 1000 },
      { sku: 'Z', total: 500 },
    ]);
    await house.order(people.ben, '2024-06-01T10:00:00Z', [{ sku: 'Y', total: 1000 }]);
    await house.order(people.cleo, '2024-06-14T10:00:00Z', [{ sku: 'Z', total: 200 }]);
    await house.event(people.dan, 'Product Viewed', '2024-06-14T10:00:00Z', { price: 12.5 });
    await house.drain();
  });
  afterAll(() => house.close());

  const save = async (name: string, definition: unknown) => {
    const answer = await house.request('POST', '/api/segments', { body: { name, definition } });
    expect(answer.status, answer.text).toBe(201);
    await house.drain();
    return answer.body.id as string;
  };
  const members = (id: string, query?: Record<string, string>) => house.names(`/api/segments/${id}/members`, query);

  it('counts a definition and says what each condition does', async () => {
    const { status, body, text } = await house.request('POST', '/api/segments/preview', { body: { definition: repeatNotSince } });
    expect(status, text).toBe(200);
    expect(body).toMatchObject({
      count: 1,
      total: 4,
      share: 0.25,
      sentence: 'Customers who placed at least 2 orders, but not those who did “Order Completed” in the last 90 days.',
    });
    expect(body.sample).toMatchObject([
      { id: String(people.ana), email: 'ana@example.invalid', facts: { 'orders.count': 2, 'orders.sales': 12_000 } },
    ]);
    expect(
      body.conditions.map(({ path, alone, without }: { path: string; alone: number; without: number }) => [path, alone, without]),
    ).toEqual([
      ['all.0', 2, 2],
      ['all.1.not', 2, 2],
    ]);
    expect(body.sales).toEqual({ amount_minor: 12_000, currency: 'EUR' });
  });

  it.each<[string, unknown, string | undefined, number]>([
    ['everybody', { all: [] }, undefined, 4],
    ['a country', { attribute: 'country', is: 'DE' }, undefined, 1],
    ['not a country', { attribute: 'country', is_not: 'DE' }, undefined, 3],
    ['X or Y but not Z', { bought: ['X', 'Y'], but_not: 'Z' }, undefined, 1],
    ['sales', { orders: 'sales', at_least: { amount_minor: 2_500 } }, undefined, 2],
    ['no order', { orders: 'count', at_most: 0 }, undefined, 1],
    ['an event with a price', { did: 'Product Viewed', where: [{ property: 'price', more_than: 12 }] }, undefined, 1],
    ['a fact with its own SQL', { fact: 'orders.days_since_last', at_most: 1 }, undefined, 1],
    ['known by e-mail', { identifier: 'email' }, undefined, 4],
    ['nobody subscribed', { consent: 'email' }, undefined, 0],
    ['two orders as of last year', { orders: 'count', at_least: 2 }, '2023-12-31', 1],
    ['not since, as of last year', repeatNotSince, '2023-07-01', 0],
  ])('finds %s', async (_, definition, asOf, count) => {
    expect(await house.count(definition, asOf)).toBe(count);
  });

  it('saves, fills without announcing, and follows what happens within one pass', async () => {
    const id = await save('Slept', repeatNotSince);
    expect(await members(id)).toEqual(['ana']);
    const log = async () =>
      (
        await house.context.postgres`select name, origin_id from tracking.event where name like 'Segment %' order by time, name`
      ).map(row => [row.name, row.origin_id]);
    expect(await log()).toEqual([]);
    await house.order(people.ana, '2024-06-15T09:00:00Z');
    await house.drain();
    expect(await members(id)).toEqual([]);
    expect(await log()).toEqual([['Segment Exited', people.ana]]);
    // Time alone brings both back.
    house.clock.set('2024-09-20T10:00:00Z');
    await house.request('POST', `/api/segments/${id}/refresh`, {});
    await house.drain();
    expect(await members(id)).toEqual(['ana', 'ben']);
    const history = await house.request('GET', `/api/segments/${id}/history`);
    expect(history.body.data).toEqual([
      { day: '2024-06-15', members: 0, entered: 1, exited: 1 },
      { day: '2024-09-20', members: 2, entered: 2, exited: 0 },
    ]);
    expect(await members(id, { as_of: '2024-06-14' })).toEqual(['ana']);
    expect((await house.request('GET', `/api/segments/${id}`)).body).toMatchObject({ count: 2 });
    expect((await house.request('GET', `/api/customers/${people.ben}/segments`)).body.data).toMatchObject([
      { id, name: 'Slept' },
    ]);
    house.clock.set('2024-06-15T10:00:00Z');
  });

  it('announces a scheduled refresh, once', async () => {
    const id = await save('Lately', { did: 'Product Viewed', within: { days: 7 } });
    expect(await members(id)).toEqual(['dan']);
    house.clock.set('2024-07-15T10:00:00Z');
    const { refreshSegments } = await import('../refresh-segments.ts');
    expect(await refreshSegments(house.context, { historical: false })).toMatchObject({ exited: expect.any(Number) });
    await refreshSegments(house.context, { historical: false });
    await house.drain();
    expect(await members(id)).toEqual([]);
    const left = await house.context
      .postgres`select count(*)::int as count from tracking.event where name = 'Segment Exited' and properties->>'segment_id' = ${id}`;
    expect(left[0].count).toBe(1);
    house.clock.set('2024-06-15T10:00:00Z');
  });

  it('builds on other segments, refuses cycles and deletion while used', async () => {
    const inner = await save('Inner', { bought: 'X' });
    const outer = await save('Outer', { all: [{ in_segment: inner }, { not: { bought: 'Z' } }] });
    expect(await members(outer)).toEqual(['ana']);
    const cycle = await house.request('PATCH', `/api/segments/${inner}`, {
      body: { version: 1, definition: { in_segment: outer } },
    });
    expect(cycle.status).toBe(422);
    expect(cycle.body.detail).toContain('Inner → Outer → Inner');
    expect((await house.request('DELETE', `/api/segments/${inner}`)).status).toBe(422);
    expect((await house.request('GET', `/api/segments/${inner}`)).body.used_in).toEqual([
      { kind: 'segment', id: outer, name: 'Outer' },
    ]);
    // What the inner one means changes the outer one too.
    expect(
      (await house.request('PATCH', `/api/segments/${inner}`, { body: { version: 1, definition: { bought: ['X', 'Y'] } } }))
        .status,
    ).toBe(200);
    await house.event(people.cleo, 'Product Viewed', '2024-06-15T09:00:00Z');
    await house.order(people.cleo, '2024-06-15T09:30:00Z', [{ sku: 'Y', total: 100 }]);
    await house.drain();
    expect(await members(outer)).toEqual(['ana']);
    expect(await members(inner)).toEqual(['ana', 'ben', 'cleo']);
    expect((await house.request('PATCH', `/api/segments/${inner}`, { body: { version: 1, name: 'Stale' } })).status).toBe(409);
    expect((await house.request('POST', '/api/segments', { body: { name: 'inner', definition: { all: [] } } })).status).toBe(409);
    expect((await house.request('DELETE', `/api/segments/${outer}`)).status).toBe(204);
    expect((await house.request('GET', '/api/segments', { query: { state: 'deleted' } })).body.data).toMatchObject([
      { id: outer },
    ]);
    expect((await house.request('POST', `/api/segments/${outer}/restore`, {})).status).toBe(200);
    const copy = await house.request('POST', `/api/segments/${outer}/duplicate`, {});
    expect(copy.body).toMatchObject({ name: 'Outer (copy)' });
    expect((await house.request('GET', `/api/segments/${inner}/versions`)).body.data).toHaveLength(2);
  });

  it('names the path of a fault', async () => {
    const { status, body } = await house.request('POST', '/api/segments/preview', {
      body: { definition: { all: [{ did: 'X', within: { days: 'many' } }] } },
    });
    expect(status).toBe(422);
    expect(body.errors[0].path).toBe('definition.all.0.within.days');
  });

  it('shows name and count only to who lacks a field group, and refuses to use it', async () => {
    const id = await save('Rich', { orders: 'sales', at_least: { amount_minor: 5_000 } });
    const actor = house.staff({ fields: new Set(['contact', 'behaviour']) });
    const { body } = await house.request('GET', `/api/segments/${id}`, { actor });
    expect(body).toMatchObject({ name: 'Rich', count: 1, definition: null, sentence: null, hidden: ['money'] });
    for (const [method, path, sent] of [
      ['GET', `/api/segments/${id}/members`, undefined],
      ['GET', `/api/segments/${id}/explain/${people.ana}`, undefined],
      ['POST', `/api/segments/${id}/exports`, {}],
      ['POST', `/api/segments/${id}/duplicate`, {}],
      ['PATCH', `/api/segments/${id}`, { version: 1, definition: { all: [] } }],
      ['POST', '/api/segments/preview', { definition: { orders: 'sales', at_least: { amount_minor: 1 } } }],
      ['POST', '/api/segments/preview', { definition: { in_segment: id } }],
      ['POST', '/api/segments', { name: 'Mine', definition: { in_segment: id } }],
    ] as const) {
      expect([path, (await house.request(method, path, { actor, body: sent })).status]).toEqual([path, 403]);
    }
    expect(
      (
        await house.request('GET', `/api/segments/${id}/members`, {
          actor: house.staff({ fields: new Set(['money', 'behaviour']) }),
        })
      ).body.data,
    ).toMatchObject([{ name: null, email: null }]);
    expect(
      (await house.request('POST', '/api/segments/preview', { actor, body: { definition: { all: [] } } })).body,
    ).toMatchObject({ sales: null });
  });

  it('says which condition fails for one customer', async () => {
    const id = await save('Why', {
      all: [
        { orders: 'count', at_least: 2 },
        { attribute: 'country', is: 'DE' },
      ],
    });
    const { body } = await house.request('GET', `/api/segments/${id}/explain/${people.ben}`);
    expect(body).toMatchObject({
      member: false,
      conditions: [
        { path: 'all.0', holds: true },
        { path: 'all.1', holds: false, sentence: expect.stringContaining('Country') },
      ],
    });
  });

  it('exports a file that a spreadsheet opens and that runs nothing', async () => {
    const evil = await house.person('eve', { name: '=HYPERLINK("http://x")', country: '@SUM(1)' });
    await house.order(evil, '2024-06-10T10:00:00Z', [{ sku: 'E', total: 123_456 }]);
    await house.drain();
    const id = await save('Export: all/of them', { bought: 'E' });
    const { body } = await house.request('POST', `/api/segments/${id}/exports`, { body: {} });
    await house.drain();
    const job = await house.request('GET', `/api/jobs/${body.job_id}`);
    expect(job.body).toMatchObject({ state: 'done', result: { rows: 1 } });
    const file = await house.request('GET', job.body.result.url);
    expect(file.headers['content-disposition']).toContain('attachment');
    expect(
      file.text.startsWith(
        '\ufeffid,outside_id,name,email,phone,country,entered_at,orders.count,orders.sales,orders.last_on\r\n',
      ),
    ).toBe(true);
    const [, row] = parse(file.text, { bom: true }) as string[][];
    expect(row.slice(0, 6)).toEqual([String(evil), '', '\'=HYPERLINK("http://x")', 'eve@example.invalid', '', "'@SUM(1)"]);
    expect(row.slice(7)).toEqual(['1', '1234.56', '2024-06-10']);
    const audited = await house.context
      .postgres`select action from platform.audit where action like 'segments.export%' order by at`;
    expect(audited.map(entry => entry.action)).toContain('segments.exported');
    const noContact = await house.request('POST', `/api/segments/${id}/exports`, {
      body: {},
      actor: house.staff({ fields: new Set(['behaviour']) }),
    });
    await house.drain();
    const small = await house.request('GET', (await house.request('GET', `/api/jobs/${noContact.body.job_id}`)).body.result.url);
    expect(small.text.split('\r\n')[0]).toBe('\ufeffid,outside_id,country,entered_at,orders.count,orders.last_on');
    const asked = await house.request('POST', `/api/segments/${id}/exports`, {
      body: { columns: ['orders.sales'] },
      actor: house.staff({ fields: new Set(['behaviour']) }),
    });
    expect(asked.status).toBe(403);
  });

  it('follows tags, merges and marks', async () => {
    const tagged = await save('Tagged', { tag: 'vip' });
    expect((await house.request('POST', `/api/customers/${people.dan}/tags`, { body: { add: ['vip'] } })).status).toBe(200);
    await house.drain();
    expect(await members(tagged)).toEqual(['dan']);
    expect(await house.count({ tag: 'vip' })).toBe(1);
    expect(await house.count({ fact: 'customers.tags', has_none: ['vip'] })).toBe((await house.count({ all: [] })) - 1);
    const everyone = await save('Everyone', { all: [] });
    const before = await members(everyone);
    const shown = await house.request('GET', `/api/customers/${people.dan}`);
    await house.request('PATCH', `/api/customers/${people.dan}`, { body: { version: shown.body.version, not_shopper: 'staff' } });
    await house.drain();
    expect(await members(everyone)).toEqual(before.filter(name => name !== 'dan'));
    expect(await members(tagged)).toEqual([]);
    const merge = await house.request('POST', '/api/customers/merge', {
      body: { winner: String(people.ana), loser: String(people.cleo) },
    });
    expect(merge.status, merge.text).toBe(200);
    await house.drain();
    expect(await members(everyone)).toEqual(before.filter(name => name !== 'dan' && name !== 'cleo'));
    expect(await house.count({ bought: { all: ['X', 'Z'] } })).toBe(2);
    await house.request('POST', `/api/merges/${merge.body.merge_id}/undo`, {});
    await house.drain();
    expect(await members(everyone)).toEqual(before.filter(name => name !== 'dan'));
    expect(await house.count({ bought: { all: ['X', 'Z'] } })).toBe(1);
  });

  it('mends memberships that the copy or the table lost', async () => {
    const id = await save('To be mended', { bought: ['X', 'Y', 'Z'] });
    const before = await members(id);
    expect(before.length).toBeGreaterThan(2);
    const sql = house.context.postgres;
    await sql`update segments.seen set at = at - interval '1 hour'`;
    await sql`delete from segments.membership where segment_id = ${id} and customer_id = ${people.ana}`;
    await house.context.clickhouse.command('DELETE FROM membership WHERE segment_id = {id:UUID} AND customer_id = {ben:UInt32}', {
      id,
      ben: people.ben,
    });
    const { refreshSegments } = await import('../refresh-segments.ts');
    await refreshSegments(house.context, { historical: false });
    expect(await members(id)).toEqual(before);
    expect((await sql`select count(*)::int as count from segments.membership where segment_id = ${id}`)[0].count).toBe(
      before.length,
    );
    const shown = await house.request('GET', `/api/segments/${id}`);
    expect(shown.body.count).toBe(before.length);
  });

  it('says that a definition needs mending when a fact went away, and keeps its members', async () => {
    const odd = await house.person('odd', { shoe_size: 44 });
    await house.drain();
    const codes = (await house.request('GET', '/api/vocabulary')).body.facts.map((fact: { code: string }) => fact.code);
    const code = codes.find((one: string) => one.startsWith('attribute.') && one.includes('shoe'));
    const id = await save('Large feet', { fact: code, at_least: 44 });
    expect(await members(id)).toEqual(['odd']);
    await house.context.postgres`delete from customers.attribute_type where code = ${code.slice('attribute.'.length)}`;
    await house.event(odd, 'Product Viewed', '2024-06-15T09:00:00Z');
    await house.drain();
    const { refreshSegments } = await import('../refresh-segments.ts');
    await refreshSegments(house.context, { historical: false });
    const shown = await house.request('GET', `/api/segments/${id}`);
    expect(shown.body).toMatchObject({ count: 1, broken: expect.stringContaining('There is no fact named') });
    expect((await house.request('GET', `/api/segments/${id}/members`)).status).toBe(422);
  });

  it('can be chosen in the customers list', async () => {
    const id = await save('Bought X', { bought: 'X' });
    for (const value of [id, 'bought x']) {
      const list = await house.request('GET', '/api/customers', { query: { filter: `segment:${value}` } });
      expect(list.status, list.text).toBe(200);
      expect(list.body.data.map((row: { email: string }) => row.email.split('@')[0]).sort()).toEqual(['ana', 'ben']);
    }
  });

  it('tells what forms are drawn from', async () => {
    const { status, body, text } = await house.request('GET', '/api/vocabulary');
    expect(status, text).toBe(200);
    expect(body.conditions.map((kind: { key: string }) => kind.key)).toEqual([
      'fact',
      'did',
      'orders',
      'bought',
      'tag',
      'consent',
      'identifier',
      'in_segment',
      'share',
    ]);
    expect(body.events.map((event: { name: string }) => event.name)).toContain('Order Completed');
    const presets = await house.request('GET', '/api/segments/presets');
    expect(presets.body.data.filter((preset: { available: boolean }) => preset.available).length).toBeGreaterThan(12);
  });
});
