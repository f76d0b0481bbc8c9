/** The history of segments through the door: who came and went when and why, one person's way, definitions of before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeCustomers, undoMerge } from '../../customers/index.ts';
import { type House, openHouse } from './house.ts';

const twice = { all: [{ orders: 'count', at_least: 2 }, { not: { attribute: 'country', is: 'FR' } }] };

describe('the history of a segment', () => {
  let house: House;
  let ana: number;
  let ben: number;
  let id: string;
  beforeAll(async () => {
    house = await openHouse('2024-06-10T10:00:00Z');
    ana = await house.person('ana', { country: 'DE' });
    ben = await house.person('ben', { country: 'GB' });
    await house.order(ana, '2024-06-01T10:00:00Z');
    await house.order(ana, '2024-06-02T10:00:00Z');
    await house.drain();
    id = (await house.request('POST', '/api/segments', { body: { name: 'Twice', definition: twice } })).body.id;
    await house.drain();
  });
  afterAll(() => house.close());

  const moves = async (day: string, direction: 'entered' | 'left') =>
    (await house.request('GET', `/api/segments/${id}/moves`, { query: { day, direction } })).body.data;
  const historyOf = async (customer: number, query: Record<string, string> = {}) =>
    (await house.request('GET', `/api/customers/${customer}/segment-history`, { query })).body.data;

  it('says who came when the segment was made, and who came later because of what', async () => {
    expect(await moves('2024-06-10', 'entered')).toMatchObject([{ id: String(ana), cause: 'definition', until: null }]);
    house.clock.set('2024-06-11T09:00:00Z');
    await house.order(ben, '2024-06-11T08:00:00Z');
    await house.order(ben, '2024-06-11T08:30:00Z');
    await house.drain();
    const [move] = await moves('2024-06-11', 'entered');
    expect(move).toMatchObject({ id: String(ben), name: 'ben', cause: 'event', reasons: [{ turned: false }] });
    expect(move.reasons).toHaveLength(1);
    expect(move.reasons[0].phrase.key).toBe('segments.sentence.orders.count');
  });

  it('keeps the time in the segment when somebody leaves, with the condition that turned against them', async () => {
    house.clock.set('2024-06-12T09:00:00Z');
    const before = (await house.request('GET', `/api/customers/${ben}`)).body;
    await house.request('PATCH', `/api/customers/${ben}`, { body: { version: before.version, country: 'FR' } });
    await house.drain();
    const [move] = await moves('2024-06-12', 'left');
    expect(move).toMatchObject({ id: String(ben), cause: 'event', until: '2024-06-11T09:00:00.000Z' });
    expect(move.reasons).toMatchObject([{ turned: true }]);
    expect(await historyOf(ben)).toMatchObject([
      { name: 'Twice', entered_at: '2024-06-11T09:00:00.000Z', left_at: '2024-06-12T09:00:00.000Z', left_cause: 'event' },
    ]);
    // As it was a day earlier: still in.
    expect(await historyOf(ben, { as_of: '2024-06-11' })).toMatchObject([{ name: 'Twice', left_at: null, left_reasons: null }]);
    expect(await historyOf(ben, { as_of: '2024-06-10' })).toEqual([]);
  });

  it('leaves as a spreadsheet, by day and by person', async () => {
    const days = await house.request('GET', `/api/segments/${id}/history.csv`);
    expect(days.text).toContain('2024-06-11,2,1,0\r\n');
    expect(days.text).toContain('2024-06-12,1,0,1\r\n');
    const people = await house.request('GET', `/api/segments/${id}/moves.csv`, {
      query: { day: '2024-06-12', direction: 'left' },
    });
    expect(people.text.split('\r\n')[1]).toMatch(/^\d+,ben,2024-06-12T09:00:00\.000Z,event,but not: /);
  });

  it('pages through a day without losing anybody', async () => {
    const first = await house.request('GET', `/api/segments/${id}/moves`, { query: { day: '2024-06-10', limit: '1' } });
    expect(first.body.next_cursor).toBeNull();
    const wrong = await house.request('GET', `/api/segments/${id}/moves`, { query: { day: '2024-06-10', cursor: 'x' } });
    expect(wrong.status).toBe(400);
  });

  it('tells what a version changed in words, and brings an earlier definition back', async () => {
    const now = (await house.request('GET', `/api/segments/${id}`)).body;
    const changed = await house.request('PATCH', `/api/segments/${id}`, {
      body: { version: now.version, name: 'Thrice', definition: { all: [{ orders: 'count', at_least: 3 }, { tag: ['vip'] }] } },
    });
    expect(changed.status, changed.text).toBe(200);
    const versions = (await house.request('GET', `/api/segments/${id}/versions`)).body.data;
    expect(versions[0].renamed_from).toBe('Twice');
    expect(versions[0].changes.map((one: { kind: string; turned?: boolean }) => [one.kind, one.turned])).toEqual([
      ['changed', false],
      ['added', false],
      ['removed', true],
    ]);
    expect(versions[1].changes).toEqual([{ kind: 'first' }]);
    await house.drain();
    // Whoever left because it means something else now is told apart from who changed.
    const gone = (await historyOf(ana)).find((one: { left_at: string | null }) => one.left_at !== null);
    expect(gone).toMatchObject({ left_cause: 'definition' });

    const back = await house.request('POST', `/api/segments/${id}/versions/1/restore`, {
      body: { version: changed.body.version },
    });
    expect(back.status, back.text).toBe(200);
    expect(back.body.definition).toEqual(versions[1].definition);
    expect(back.body.name).toBe('Thrice');
    const again = await house.request('POST', `/api/segments/${id}/versions/1/restore`, { body: { version: back.body.version } });
    expect(again.body.code).toBe('segments.version_same');
    await house.drain();
    expect((await historyOf(ana))[0]).toMatchObject({ left_at: null });
  });

  it('works out the months before it was saved', async () => {
    const past = await house.request('GET', `/api/segments/${id}/past`, { query: { months: '2' } });
    expect(past.body.data.map((one: { day: string }) => one.day)).toEqual(['2024-04-30', '2024-05-31']);
    expect(past.body.data.map((one: { members: number }) => one.members)).toEqual([0, 0]);
    expect(past.body.current_only).toContain('customers.country');
  });

  it('follows a merge and comes back with its undo', async () => {
    const snapshot = async () => [
      await house.context.postgres`select * from segments.stay order by id`,
      await house.context.postgres`select * from segments.membership order by 1, 2`,
    ];
    const before = await snapshot();
    const { mergeId } = await mergeCustomers(house.context, { winnerId: ana, loserId: ben });
    expect((await historyOf(ana)).some((one: { left_at: string | null }) => one.left_at === '2024-06-12T09:00:00.000Z')).toBe(
      true,
    );
    await undoMerge(house.context, mergeId);
    expect(await snapshot()).toEqual(before);
  });
});
