import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as views } from './index.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, views] });
});
afterAll(() => house?.close());

const person = (n: number, verbs: string[] = ['views:share']) =>
  house.staff({ id: `00000000-0000-7000-8000-00000000000${n}`, name: `Person ${n}`, verbs: new Set(verbs) });
const [ana, ben, cleo] = [() => person(1), () => person(2), () => person(3, [])];
type Actor = ReturnType<typeof person>;
const save = (actor: Actor, name: string, more: object = {}) =>
  house.request('POST', '/api/views', { actor, body: { name, page: '/customers', query: '?sort=-orders.sales', ...more } });
const names = async (actor: Actor, page = '/customers') =>
  (await house.request('GET', '/api/views', { actor, query: { page } })).body.data.map((view: { name: string }) => view.name);

it('is seen by its maker; shared, by everyone, and changed by those who may share', async () => {
  const own = await save(ana(), 'Best first', { hidden: ['country'] });
  expect(own.body).toMatchObject({ hidden: ['country'], shared: false, may_change: true, made_by: 'Person 1' });
  const shared = await save(ana(), 'For all', { shared: true });
  expect(await names(ana())).toEqual(['Best first', 'For all']);
  expect(await names(ben())).toEqual(['For all']);
  expect(await names(ben(), '/orders')).toEqual([]);

  const path = (view: { body: { id: string } }) => `/api/views/${view.body.id}`;
  expect((await house.request('PATCH', path(own), { actor: ben(), body: { name: 'Taken' } })).status).toBe(404);
  expect((await house.request('DELETE', path(shared), { actor: cleo() })).status).toBe(403);
  const renamed = await house.request('PATCH', path(shared), { actor: ben(), body: { name: 'For us all', query: '' } });
  expect(renamed.body).toMatchObject({ name: 'For us all', query: '', made_by: 'Person 1' });
  expect((await house.request('DELETE', path(shared), { actor: ben() })).status).toBe(204);
  expect(await names(ana())).toEqual(['Best first']);
});

it('is not shared by a role that does not share, and belongs to a person', async () => {
  expect((await save(cleo(), 'Mine', { shared: true })).status).toBe(403);
  const mine = await save(cleo(), 'Mine');
  expect(mine.status).toBe(201);
  const share = await house.request('PATCH', `/api/views/${mine.body.id}`, { actor: cleo(), body: { shared: true } });
  expect(share.status).toBe(403);
  const key = house.staff({ kind: 'api-key', name: 'key' });
  expect(
    (await house.request('POST', '/api/views', { actor: key, body: { name: 'K', page: '/orders', query: '' } })).status,
  ).toBe(403);
});

it.each([
  [{ name: ' ', page: '/customers', query: '' }, 400],
  [{ name: 'A', page: 'https://elsewhere.example', query: '' }, 400],
  [{ name: 'A', page: '//elsewhere.example', query: '' }, 400],
  [{ name: 'A', page: '/customers', query: 'javascript:alert(1)' }, 400],
  [{ name: 'A', page: '/customers', query: '?a=b#c' }, 400],
])('%j answers %i', async (body, status) => {
  expect((await house.request('POST', '/api/views', { actor: ana(), body })).status).toBe(status);
});

it('has a name once per person and list', async () => {
  expect((await save(ben(), 'Twice')).status).toBe(201);
  const again = await save(ben(), 'tWICE');
  expect(again.status).toBe(409);
  expect(again.body.errors[0].path).toBe('name');
  expect((await save(ana(), 'Twice')).status).toBe(201);
});
