import { afterAll, beforeAll, expect, it } from 'vitest';
import { features } from '../../features.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { openFrontDoor, ownerOf } from '../access/front-door.ts';

let house: TestHouse;
let door: Awaited<ReturnType<typeof openFrontDoor>>;

beforeAll(async () => {
  // Later than the database's own clock, by which announcements are due.
  house = await startTestHouse({ features, now: '2030-01-10T12:00:00Z' });
  door = await openFrontDoor(house.context, features);
});
afterAll(async () => {
  await door?.close();
  await house?.close();
});

const told = async (browser: {
  send: (method: 'GET', path: string) => Promise<{ body: { data: { title: string; values: object; link: string }[] } }>;
}) => (await browser.send('GET', '/api/notifications')).body.data.map(({ title, values, link }) => ({ title, values, link }));

it('an alert reaches the owner and whose login it is, once; lost factors taken away reach the person; the review becomes one task', async () => {
  const owner = await door.setUpOwner();
  const support = await door.join(owner, 'support');
  const elsewhere = door.newBrowser();
  for (let i = 0; i < 2; i++)
    await elsewhere.send('POST', '/api/login', { email: 'support@shop.example', password: 'seven green bicycles' });
  await house.drain();
  const alert = {
    title: 'desk.notification.alert.new_device',
    values: { name: 'Somebody support' },
    link: '/settings/security?tab=alerts',
  };
  expect(await told(owner)).toEqual([alert]);
  expect(await told(support)).toEqual([alert]);
  await house.context.announce('access.factors_reset', { staff_id: support.id, by: ownerOf.name });
  for (let i = 0; i < 2; i++) await house.context.announce('access.review_due', { due_on: '2030-04-10', subjects: 2 });
  await house.drain();
  expect((await told(support))[0]).toMatchObject({ title: 'desk.notification.factors_reset', values: { by: ownerOf.name } });
  const tasks = (await owner.send('GET', '/api/tasks')).body.data as { title: string }[];
  expect(tasks.filter(task => task.title === 'Review who has access')).toHaveLength(1);
});
