/** The demo shop comes and goes without a trace. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startJob } from '../../platform/queue.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({ now: '2026-11-21T12:00:00Z' });
});
afterAll(() => house?.close());

const counts = async () => {
  const [row] = await house.context.postgres`
    select (select count(*) from customers.customer) as customers, (select count(*) from customers.identifier) as identifiers, (select count(*) from orders."order") as orders,
      (select count(*) from tracking.event) as events, (select count(*) from consent.consent) as consents, (select count(*) from products.product) as products,
      (select count(*) from shops.shop) as shops, (select count(*) from tracking.dictionary_event) as names`;
  const [copy] = await house.context.clickhouse.query<{ events: number; purchases: number }>(
    'select (select count() from event) as events, (select count() from purchase) as purchases',
    {},
  );
  return { ...(row as unknown as { orders: number; events: number }), copied: copy.events, purchases: copy.purchases };
};

test('it comes, it comes once, it goes', async () => {
  const before = await counts();
  const payload = { seed: 'test', now: house.clock.now().toISOString(), customers: 300 };
  await startJob(house.context, 'demo.load', payload, { key: 'demo' });
  await house.drain();
  const state = (await house.request('GET', '/api/demo')).body;
  expect(state).toMatchObject({ state: 'loaded', job_id: null });
  const loaded = await counts();
  expect(loaded.orders).toBeGreaterThan(500);
  expect(loaded.events).toBe(loaded.copied);
  const [{ live }] = await house.context.postgres`select count(*) as live from tracking.event where not historical`;
  expect(live).toBe(0);
  const truth = JSON.parse(readFileSync(join(house.context.config.dataFolder, 'demo-truth.json'), 'utf8'));
  expect(truth.customers.length).toBeGreaterThanOrEqual(300);

  // A job that is taken over after a crash begins again.
  await startJob(house.context, 'demo.load', payload, { key: 'demo' });
  await house.drain();
  expect(await counts()).toEqual(loaded);
  expect((await house.request('POST', '/api/demo')).status).toBe(409);

  expect((await house.request('DELETE', '/api/demo')).status).toBe(202);
  await house.drain();
  expect(await counts()).toEqual(before);
  expect((await house.request('GET', '/api/demo')).body.state).toBe('none');
  expect(existsSync(join(house.context.config.dataFolder, 'demo'))).toBe(false);
}, 180_000);

test('only who may manage it', async () => {
  const analyst = house.staff({ verbs: new Set(['customers:read']) });
  expect((await house.request('POST', '/api/demo', { actor: analyst })).status).toBe(403);
  expect((await house.request('DELETE', '/api/demo', { actor: analyst })).status).toBe(403);
});
