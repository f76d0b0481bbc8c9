import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { resolveCustomers } from '../customers/index.ts';

let house: TestHouse;
let ana: number | null;
const colleague = '00000000-0000-7000-8000-00000000000b';

beforeAll(async () => {
  house = await startTestHouse({ now: '2026-03-10T09:00:00Z' });
  const { context } = house;
  [ana] = await resolveCustomers(context, [
    {
      identifiers: [{ kind: 'email', source: '', value: 'ana@example.invalid' }],
      trust: 'secret',
      at: new Date('2026-01-01'),
      traits: { name: 'Ana Lima', phone: '+44 20 7946 0001' },
    },
  ]);
  const [{ id: roleId }] = await context.postgres`select id from access.role limit 1`;
  for (const [id, name] of [
    [house.staff().id!, 'Test Owner'],
    [colleague, 'Colleague'],
  ]) {
    await context.postgres`insert into access.staff (id, email, name, role_id, created_at) values (${id!}, ${`${name!.replace(' ', '.').toLowerCase()}@example.invalid`}, ${name!}, ${roleId}, ${context.clock.now()})`;
  }
});
afterAll(() => house.close());

const post = (path: string, body: unknown = {}, actor = house.staff()) => house.request('POST', path, { body, actor });

describe('tasks', () => {
  it('a call task shows the customer’s number, is given to a colleague who is told, done and reopened', async () => {
    const made = await post('/api/tasks', {
      kind: 'call',
      title: 'Ask how the tea tasted',
      customer_id: String(ana),
      due_on: '2026-03-09',
      assignee_id: colleague,
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      phone: '+442079460001',
      overdue: true,
      assignee: { name: 'Colleague' },
      customer: { name: 'Ana Lima' },
    });

    const told = await house.request('GET', '/api/notifications', { actor: house.staff({ id: colleague, name: 'Colleague' }) });
    expect(told.body.unread).toBe(1);
    expect(told.body.data[0]).toMatchObject({
      title: 'desk.notification.assigned',
      values: { title: 'Ask how the tea tasted', by: 'Test Owner' },
    });
    await post('/api/notifications/read-all', {}, house.staff({ id: colleague }));
    expect((await house.request('GET', '/api/notifications', { actor: house.staff({ id: colleague }) })).body.unread).toBe(0);

    const done = await post(`/api/tasks/${made.body.id}/done`);
    expect(done.body).toMatchObject({ done_by: 'Test Owner', overdue: false });
    expect((await post(`/api/tasks/${made.body.id}/done`)).status).toBe(409);
    expect((await house.request('GET', '/api/tasks?state=done')).body.data.length).toBe(1);
    expect((await post(`/api/tasks/${made.body.id}/reopen`)).body.done_at).toBe(null);
    expect(
      (await house.request('GET', `/api/customers/${ana}/timeline`)).body.data.some(
        (entry: { kind: string }) => entry.kind === 'task',
      ),
    ).toBe(true);
  });

  it('a snoozed task comes back on its day, or when it is woken', async () => {
    const { body: task } = await post('/api/tasks', { title: 'Order more ribbon' });
    expect((await post(`/api/tasks/${task.id}/snooze`, { until: '2026-03-10' })).body.code).toBe('desk.snooze_past');
    await post(`/api/tasks/${task.id}/snooze`, { until: '2026-03-20' });
    const open = async () =>
      ((await house.request('GET', '/api/tasks')).body.data as { id: string }[]).some(one => one.id === task.id);
    expect(await open()).toBe(false);
    expect((await house.request('GET', '/api/tasks?state=snoozed')).body.data[0].id).toBe(task.id);
    house.clock.set('2026-03-20T09:00:00Z');
    expect(await open()).toBe(true);
    house.clock.set('2026-03-10T09:00:00Z');
    expect(await open()).toBe(false);
    await post(`/api/tasks/${task.id}/wake`);
    expect(await open()).toBe(true);
  });

  it('two people changing one task: the second is told', async () => {
    const { body: task } = await post('/api/tasks', { title: 'Call the carrier' });
    const change = (version: number, title: string) =>
      house.request('PATCH', `/api/tasks/${task.id}`, { body: { version, title } });
    expect((await change(1, 'Call the carrier today')).body).toMatchObject({ title: 'Call the carrier today', version: 2 });
    expect((await change(1, 'Write to the carrier')).status).toBe(409);
    expect((await house.request('GET', `/api/tasks/${task.id}`)).body.title).toBe('Call the carrier today');
  });

  it('lists by due day, page by page, each task once', async () => {
    for (let i = 0; i < 7; i++) await post('/api/tasks', { title: `Numbered ${i}`, due_on: i < 4 ? `2026-04-0${i + 1}` : null });
    const titles: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { body: { data: { title: string }[]; next_cursor: string | null } } = await house.request(
        'GET',
        `/api/tasks?limit=3${cursor ? `&cursor=${cursor}` : ''}`,
      );
      titles.push(...page.body.data.map(task => task.title));
      cursor = page.body.next_cursor;
    }
    expect(titles.filter(title => title.startsWith('Numbered'))).toEqual(Array.from({ length: 7 }, (_, i) => `Numbered ${i}`));
    expect(new Set(titles).size).toBe(titles.length);
  });

  it.each([
    [{ title: '' }, 400],
    [{ title: 'x', assignee_id: '00000000-0000-7000-8000-0000000000ff' }, 422],
    [{ title: 'x', customer_id: '999999' }, 404],
    [{ title: 'x', due_on: 'tomorrow' }, 400],
  ])('refuses %j', async (body, status) => {
    expect((await post('/api/tasks', body)).status).toBe(status);
  });

  it('a role without contact data sees no number and cannot overwrite one', async () => {
    const analyst = house.staff({ fields: new Set(['money', 'behaviour']) });
    const { body: task } = await post('/api/tasks', { kind: 'call', title: 'Ring', phone: '0123', customer_id: String(ana) });
    const seen = await house.request('GET', `/api/tasks/${task.id}`, { actor: analyst });
    expect([seen.body.phone, seen.body.customer.name]).toEqual([null, null]);
    expect(
      (await house.request('PATCH', `/api/tasks/${task.id}`, { body: { version: 1, phone: '999' }, actor: analyst })).status,
    ).toBe(403);
    expect((await house.request('GET', `/api/tasks/${task.id}`)).body.phone).toBe('0123');
  });
});

describe('search', () => {
  const found = async (query: string, actor = house.staff()) =>
    (
      (await house.request('GET', '/api/search', { query: { query }, actor })).body.groups as {
        name: string;
        found: { title: string }[];
      }[]
    ).flatMap(group => group.found.map(one => `${group.name}: ${one.title}`));

  it('finds people by the beginning or middle of a name, by e-mail and by the digits of a number', async () => {
    for (const query of ['ana', 'LIMA', 'ana@example', '7946 0001']) expect(await found(query)).toContain('people: Ana Lima');
    expect(await found('%')).toEqual([]);
    expect(await found('  ')).toEqual([]);
  });

  it('shows nobody to whom may not know of them', async () => {
    expect(await found('ana', house.staff({ fields: new Set() }))).toEqual([]);
    expect(await found('ana', house.staff({ verbs: new Set() }))).toEqual([]);
  });
});

describe('Today', () => {
  it('remembers done, skip and snooze; each can be taken back; skips grow', async () => {
    const [{ count }] = await house.context.postgres`select count(*)::int as count from desk.today_choice`;
    expect(count).toBe(0);
    expect((await post(`/api/today/${ana}/done`, { note: 'Called, all well' })).body).toEqual({ until: '2026-04-09' });
    expect((await house.request('GET', '/api/today')).body).toMatchObject({ done_today: 1, hidden: 1 });
    expect((await post(`/api/today/${ana}/undo`)).status).toBe(204);
    expect((await house.request('GET', '/api/today')).body).toMatchObject({ done_today: 0, hidden: 0 });
    expect((await post(`/api/today/${ana}/undo`)).status).toBe(409);

    expect((await post(`/api/today/${ana}/skip`)).body).toEqual({ until: '2026-03-24' });
    house.clock.set('2026-03-25T09:00:00Z');
    expect((await house.request('GET', '/api/today')).body.hidden).toBe(0);
    expect((await post(`/api/today/${ana}/skip`)).body).toEqual({ until: '2026-04-22' });
    await post(`/api/today/${ana}/undo`);
    expect((await post(`/api/today/${ana}/snooze`, { until: '2026-03-25' })).status).toBe(422);
    expect((await post(`/api/today/${ana}/snooze`, { until: '2026-03-30' })).body).toEqual({ until: '2026-03-30' });
    expect((await post('/api/today/424242/done')).status).toBe(404);
  });
});
