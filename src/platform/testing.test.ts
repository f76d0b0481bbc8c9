import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHouse, type TestHouse } from './testing.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({ features: [] });
});
afterAll(() => house?.close());

describe('a house for tests', () => {
  test('has migrated PostgreSQL, ClickHouse and doors of its own', async () => {
    const [row] = await house.context.postgres`select count(*) as count from platform.job`;
    expect(row?.count).toBe(0);
    expect(await house.context.clickhouse.ping()).toBe(true);
    expect((await house.request('GET', '/healthz')).body).toEqual({ ok: true });
    expect((await house.request('GET', '/api/jobs', { actor: null })).status).toBe(401);
    expect((await house.request('GET', '/api/jobs')).status).toBe(200);
  });

  test('comes to rest', () => house.drain());
});
