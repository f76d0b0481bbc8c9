import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { features } from '../../features.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { mergeCustomers, resolveCustomers } from '../customers/index.ts';
import { forgetItems, runChange } from './run-bulk.ts';

let house: TestHouse;
let ids: number[];
const people = 1_200;
beforeAll(async () => {
  house = await startTestHouse({
    features: features.slice(0, features.findIndex(one => one.name === 'bulk') + 1),
  });
  const found = await resolveCustomers(
    house.context,
    Array.from({ length: people }, (_, i) => ({
      identifiers: [{ kind: 'email' as const, source: '', value: `p${i}@example.invalid` }],
      trust: 'secret' as const,
      at: house.clock.now(),
      traits: { name: `Person ${i}`, country: i % 3 === 0 ? 'DE' : 'GB' },
    })),
  );
  ids = found as number[];
  await house.drain();
});
afterAll(() => house?.close());

const start = async (body: object, actor = house.staff()) => house.request('POST', '/api/bulk-changes', { body, actor });
const show = async (id: string) => (await house.request('GET', `/api/bulk-changes/${id}`)).body;
const done = async (body: object) => {
  const answer = await start(body);
  expect(answer.status, answer.text).toBe(202);
  await house.drain();
  return show(answer.body.id);
};
const tagged = async (tag: string): Promise<number> => {
  const [row] = await house.context.postgres`select count(*)::int as count from customers.tag where tag = ${tag}`;
  return row.count as number;
};
const german = { filter: ['country:DE'] };

describe('all matches of a list', () => {
  it('are changed however many, once, and only those who were not so before; undo takes back just these', async () => {
    await done({ action: 'tag', argument: 'vip', customers: ids.slice(0, 2).map(String) });
    const change = await done({ action: 'tag', argument: 'vip', list: german });
    expect(change).toMatchObject({ state: 'done', customers: 400, worked: 400, changed: 399, may_undo: true });
    expect(await tagged('vip')).toBe(401);
    expect((await house.request('POST', `/api/bulk-changes/${change.id}/undo`)).status).toBe(202);
    await house.drain();
    expect(await show(change.id)).toMatchObject({ state: 'undone', may_undo: false });
    expect(await tagged('vip')).toBe(2);
    expect((await house.request('POST', `/api/bulk-changes/${change.id}/undo`)).status).toBe(409);
  });

  it('go on where a dead worker stopped', async () => {
    const { body } = await start({ action: 'tag', argument: 'half', list: {} });
    let reports = 0;
    const dies = {
      jobId: '',
      report: async () => {
        if (++reports === 1) throw new Error('killed');
      },
    };
    await expect(runChange(house.context, body.id, dies)).rejects.toThrow('killed');
    expect(await tagged('half')).toBe(500);
    expect((await show(body.id)).worked).toBe(500);
    await house.drain();
    expect(await show(body.id)).toMatchObject({ state: 'done', changed: people });
    expect(await tagged('half')).toBe(people);
  });

  it('are those of the moment it was asked for', async () => {
    const { body } = await start({ action: 'untag', argument: 'half', list: { query: 'Person 11' } });
    const later = await resolveCustomers(house.context, [
      {
        identifiers: [{ kind: 'email', source: '', value: 'late@example.invalid' }],
        trust: 'secret',
        at: house.clock.now(),
        traits: { name: 'Person 11 late' },
      },
    ]);
    await house.drain();
    const change = await show(body.id);
    expect(change.customers).toBe(111);
    expect(await tagged('half')).toBe(people - 111);
    expect(later).toHaveLength(1);
  });
});

it('is not offered to be undone, nor undone, once its people are forgotten', async () => {
  const change = await done({ action: 'tag', argument: 'old', customers: [String(ids[500])] });
  await house.context
    .postgres`update bulk.change set at = ${new Date(house.clock.now().getTime() - 31 * 86_400_000)} where id = ${change.id}`;
  await forgetItems(house.context);
  expect((await show(change.id)).may_undo).toBe(false);
  expect((await house.request('POST', `/api/bulk-changes/${change.id}/undo`)).status).toBe(409);
  expect(await show(change.id)).toMatchObject({ state: 'done', changed: 1 });
});

it('a mark is put back to what it was, not on those marked otherwise since', async () => {
  const [a, b, c] = ids.slice(100, 103).map(String);
  await done({ action: 'mark', argument: 'staff', customers: [a] });
  const change = await done({ action: 'mark', argument: 'wholesale', customers: [a, b, c] });
  expect(change.changed).toBe(3);
  await done({ action: 'mark', argument: 'test', customers: [c] });
  await house.request('POST', `/api/bulk-changes/${change.id}/undo`);
  await house.drain();
  const rows = await house.context.postgres`
    select not_shopper from customers.customer where id = any(${[a, b, c].map(Number)}::bigint[]) order by id`;
  expect(rows.map(row => row.not_shopper)).toEqual(['staff', null, 'test']);
});

it('call tasks are made for each, and those done meanwhile stay', async () => {
  const change = await done({ action: 'call', argument: 'Ask how the lamp is', customers: ids.slice(200, 203).map(String) });
  const tasks = (await house.request('GET', '/api/tasks', { query: { limit: '50' } })).body.data;
  expect(tasks.map((task: { title: string }) => task.title)).toEqual(Array(3).fill('Ask how the lamp is'));
  await house.request('POST', `/api/tasks/${tasks[0].id}/done`);
  await house.request('POST', `/api/bulk-changes/${change.id}/undo`);
  await house.drain();
  const left = await house.context.postgres`select done_at is not null as done from desk.task`;
  expect(left.map(row => row.done)).toEqual([true]);
});

it('survives a merge: the one who is left is changed once', async () => {
  const [winner, loser] = ids.slice(300, 302);
  const { body } = await start({ action: 'tag', argument: 'merged', customers: [String(winner), String(loser)] });
  await mergeCustomers(house.context, { winnerId: winner, loserId: loser });
  await house.drain();
  expect(await show(body.id)).toMatchObject({ state: 'done' });
  expect(await tagged('merged')).toBe(1);
});

it.each([
  [{ action: 'nothing', argument: 'x', customers: ['1'] }, 400],
  [{ action: 'tag', argument: '  ', customers: ['1'] }, 400],
  [{ action: 'mark', argument: 'robot', customers: ['1'] }, 400],
  [{ action: 'tag', argument: 'x' }, 400],
  [{ action: 'tag', argument: 'x', customers: ['1'], list: {} }, 400],
  [{ action: 'tag', argument: 'x', list: { query: 'nobody is called this' } }, 422],
  [{ action: 'call', argument: 'x', list: {} }, 422],
  [{ action: 'tag', argument: 'x', list: { filter: ['country:DE'], as_of: '2020-01-01' } }, 400],
])('%j answers %i and leaves nothing', async (body, status) => {
  const count = async () => (await house.context.postgres`select count(*) as count from bulk.item`)[0].count;
  const before = await count();
  expect((await start(body)).status).toBe(status);
  expect(await count()).toBe(before);
});

it('asks for the right of the action, and for all shops', async () => {
  const few = house.staff({ verbs: new Set(['customers:read', 'customers:write']) });
  expect((await start({ action: 'call', argument: 'x', customers: [String(ids[0])] }, few)).status).toBe(403);
  const { data } = (await house.request('GET', '/api/bulk-actions', { actor: few })).body;
  expect(data.map((one: { code: string }) => one.code)).toEqual(['tag', 'untag', 'mark']);
  const limited = house.staff({ shopIds: ['00000000-0000-7000-8000-000000000001'] });
  expect((await start({ action: 'tag', argument: 'x', customers: [String(ids[0])] }, limited)).status).toBe(403);
});
