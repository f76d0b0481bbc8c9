import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { resolveCustomers } from '../customers/index.ts';
import { openRequest } from './index.ts';
import { dueDay, extendedDay } from './request.ts';

let house: TestHouse;
let round = 0;
beforeAll(async () => {
  house = await startTestHouse({ now: '2026-01-31T12:00:00Z' });
});
afterAll(() => house.close());

const person = async () => {
  round++;
  const [id] = await resolveCustomers(house.context, [
    {
      identifiers: [{ kind: 'email', source: '', value: `p${round}@x.test` }],
      trust: 'secret',
      at: house.clock.now(),
      traits: { name: `Person ${round}` },
    },
  ]);
  return id as number;
};
const post = (path: string, body: unknown) => house.request('POST', path, { body });

describe('by when', () => {
  it.each([
    ['2026-01-31', '2026-02-28', '2026-04-30'],
    ['2026-02-28', '2026-03-28', '2026-05-28'],
    ['2024-01-31', '2024-02-29', '2024-04-30'],
    ['2026-12-15', '2027-01-15', '2027-03-15'],
  ])('received %s, due %s, extended %s', (received, due, extended) => {
    expect([dueDay(received), extendedDay(received)]).toEqual([due, extended]);
  });
});

describe('a request', () => {
  it('arrives once, whatever delivers it twice, with a task a week before its day', async () => {
    const customerId = await person();
    const input = {
      kind: 'access' as const,
      customerId,
      source: 'connection:abc',
      outsideId: '99999999999999999999',
      identity: { how: 'connection' as const },
    };
    const twice = await Promise.all([openRequest(house.context, input), openRequest(house.context, input)]);
    expect(twice.map(one => one.opened).sort()).toEqual([false, true]);
    expect(twice[0].id).toBe(twice[1].id);
    expect(twice[0].dueOn).toBe('2026-02-28');
    const again = await openRequest(house.context, { ...input, source: 'preference_page', outsideId: null });
    expect(again).toEqual({ ...twice[0], opened: false });
    const shown = await house.request('GET', `/api/privacy/requests/${again.id}`);
    expect(shown.body.steps.map((step: { code: string }) => step.code)).toEqual(['received', 'identity', 'asked_again']);
    const tasks = (await house.request('GET', '/api/tasks', { query: { customer: String(customerId) } })).body.data;
    expect(tasks.map((task: { due_on: string; title: string }) => [task.due_on, task.title])).toEqual([
      ['2026-02-21', 'Privacy request: send their data by 2026-02-28'],
    ]);
  });

  it('is not carried out before somebody checked who it is', async () => {
    const customerId = await person();
    const made = await post('/api/privacy/requests', { kind: 'access', customer: String(customerId) });
    expect(made.status, made.text).toBe(201);
    const path = `/api/privacy/requests/${made.body.id}`;
    expect((await post(`${path}/download`, {})).body.code).toBe('privacy.identity_unchecked');
    expect((await post(`${path}/done`, { version: 1, outcome: 'sent it' })).body.code).toBe('privacy.identity_unchecked');
    const checked = await post(`${path}/identity`, { version: 1, note: 'called back on the number on file' });
    expect(checked.status, checked.text).toBe(200);
    const data = await post(`${path}/download`, {});
    expect(JSON.parse(data.text).customer_id).toBe(String(customerId));
    expect((await post(`${path}/download-readable`, {})).text).toContain('<!doctype html>');
    const done = await post(`${path}/done`, { version: 2, outcome: 'handed over on paper' });
    expect(done.body.state, done.text).toBe('done');
    const receipt = (await house.request('GET', `${path}/receipt`)).body;
    expect(receipt.in_time).toBe(true);
    expect(receipt.steps.map((step: { code: string }) => step.code)).toEqual([
      'received',
      'identity',
      'downloaded',
      'downloaded',
      'done',
    ]);
    expect((await post(`${path}/done`, { version: 3, outcome: 'again' })).body.code).toBe('privacy.request_closed');
    const open = await post(`${path}/reopen`, { version: 3, reason: 'they asked for orders too' });
    expect(open.body.state).toBe('open');
  });

  it('erases, keeps what was done and nothing about whom', async () => {
    const customerId = await person();
    const { id } = await openRequest(house.context, {
      kind: 'erasure',
      customerId,
      source: 'preference_page',
      subject: `p${round}@x.test`,
      identity: { how: 'mailbox', note: `link sent to p${round}@x.test` },
      note: 'please',
    });
    const path = `/api/privacy/requests/${id}`;
    expect((await post(`${path}/erase`, { version: 1, confirm: 'x' })).body.code).toBe('privacy.confirm');
    await post(`/api/customers/${customerId}/hold`, { reason: 'a court asked for it' });
    const held = await post(`${path}/erase`, { version: 1, confirm: String(customerId) });
    expect([held.status, held.body.code]).toEqual([422, 'privacy.on_hold']);
    expect((await post(`/api/customers/${customerId}/erase`, { confirm: String(customerId), reason: 'asked' })).body.code).toBe(
      'privacy.on_hold',
    );
    await post(`/api/customers/${customerId}/release-hold`, { reason: 'the case is over' });
    const erased = await post(`${path}/erase`, { version: 1, confirm: String(customerId) });
    expect(erased.status, erased.text).toBe(200);
    expect(erased.body).toMatchObject({ state: 'done', customer: null, subject: null, note: null });
    const receipt = (await house.request('GET', `${path}/receipt`)).body;
    expect(receipt.erasure.id).toBe(erased.body.erasure_id);
    const [{ left }] = await house.context.postgres`
      select count(*)::int as left from privacy.request r, privacy.request_step s where r::text like ${`%p${round}@%`} or s::text like ${`%p${round}@%`}`;
    expect(left).toBe(0);
  });

  it('is extended once, refused with a reason, and shows when it is overdue', async () => {
    const customerId = await person();
    const made = await post('/api/privacy/requests', { kind: 'change', customer: String(customerId) });
    const path = `/api/privacy/requests/${made.body.id}`;
    const extended = await post(`${path}/extend`, { version: 1, reason: 'many systems to ask' });
    expect(extended.body.due_on, extended.text).toBe('2026-04-30');
    expect((await post(`${path}/extend`, { version: 2, reason: 'once more' })).body.code).toBe('privacy.extended');
    house.clock.set('2026-05-02T12:00:00Z');
    const list = (await house.request('GET', '/api/privacy/requests', { query: { customer: String(customerId) } })).body;
    expect(list.data[0].overdue).toBe(true);
    expect(list.overdue).toBeGreaterThan(0);
    const refused = await post(`${path}/refuse`, { version: 2, reason: 'could not be identified' });
    expect(refused.body.state, refused.text).toBe('refused');
  });
});
