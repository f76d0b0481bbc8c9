import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse();
});
afterAll(() => house.close());
const records = async () => (await house.request('GET', '/api/privacy/records')).body;
type Activity = {
  code: string;
  data: { table: string }[];
  retention: { label: string; on: boolean }[];
  version: number;
  fields: Record<string, string>;
};

it('names every registered table that holds something to tell, and what the rules say about it', async () => {
  const { activities, purposes, access, recipients } = await records();
  const tables = activities.flatMap((one: Activity) => one.data.map(data => data.table));
  for (const table of ['customers.customer', 'consent.consent', 'tracking.event', 'orders.order', 'privacy.request'])
    expect(tables).toContain(table);
  const tracking = activities.find((one: Activity) => one.code === 'tracking');
  expect(tracking.retention).toContainEqual({ label: 'tracking.retention.events', days: 780, on: false });
  expect(purposes.map((one: { code: string }) => one.code)).toContain('marketing');
  expect(access.map((one: { role: string }) => one.role)).toContain('support');
  expect(Array.isArray(recipients)).toBe(true);
});

it('keeps what people write, by one at a time, and what is done elsewhere', async () => {
  const write = (code: string, version: number, fields: Record<string, string>) =>
    house.request('PATCH', `/api/privacy/records/${code}`, { body: { version, fields } });
  expect((await write('controller', 0, { name: 'Lantern & Loom Ltd', protection_officer: 'Dana' })).status).toBe(200);
  expect((await write('controller', 0, { name: 'Somebody else' })).status).toBe(409);
  expect((await write('orders', 0, { legal_basis: 'art. 6 (1) b' })).status).toBe(200);
  expect((await write('nonsense', 0, {})).status).toBe(404);
  const added = await house.request('POST', '/api/privacy/records', {
    body: { fields: { title: 'Paper guest book', purpose: '=HYPERLINK("x")' } },
  });
  expect(added.status, added.text).toBe(201);
  const own = added.body.own[0];
  const csv = (await house.request('GET', '/api/privacy/records.csv')).text;
  expect(csv).toContain('Paper guest book');
  expect(csv).toContain("'=HYPERLINK");
  expect(csv).toContain('art. 6 (1) b');
  expect((await house.request('DELETE', '/api/privacy/records/orders')).status).toBe(404);
  expect((await house.request('DELETE', `/api/privacy/records/${encodeURIComponent(own.code)}`)).status).toBe(204);
  expect((await records()).own).toEqual([]);
  expect((await records()).controller.fields.name).toBe('Lantern & Loom Ltd');
});

it('open requests show on Today and on the customer, overdue ones first', async () => {
  const made = await house.request('POST', '/api/customers', { body: { name: 'Rosa', email: 'rosa@x.test' } });
  await house.request('POST', '/api/privacy/requests', { body: { kind: 'access', customer: made.body.id } });
  const figures = async () =>
    (await house.request('GET', '/api/today')).body.figures.filter((one: { code: string }) => one.code.startsWith('privacy.'));
  expect((await figures())[0]).toMatchObject({ code: 'privacy.open', number: 1, link: '/settings/privacy-requests' });
  expect((await house.request('GET', `/api/customers/${made.body.id}`)).body.open_issues[0].title).toBe('privacy.issue.access');
  house.clock.advance(40 * 86_400_000);
  expect((await figures())[0]).toMatchObject({ code: 'privacy.overdue', number: 1 });
});
