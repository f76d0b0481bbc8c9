/** Retention rules on real data: what goes, what stays, holds, notices, and a run that is killed in the middle. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retentionKinds } from '../../platform/retention.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { resolveCustomers } from '../customers/index.ts';
import { recordOrders } from '../orders/index.ts';
import { defaultShopOf } from '../shops/index.ts';
import { appendEvents } from '../tracking/index.ts';
import { runRule } from './retention.ts';

let house: TestHouse;
let round = 0;
const now = '2026-03-10T12:00:00Z';
beforeAll(async () => {
  house = await startTestHouse({ now });
});
afterAll(() => house.close());

const daysAgo = (days: number) => new Date(house.clock.now().getTime() - days * 86_400_000);
const person = async (seenDaysAgo = 0): Promise<number> => {
  const [id] = await resolveCustomers(house.context, [
    {
      identifiers: [{ kind: 'email', source: '', value: `r${++round}@x.test` }],
      trust: 'secret',
      at: daysAgo(seenDaysAgo),
      traits: { name: `Rita ${round}`, email: `r${round}@x.test` },
    },
  ]);
  return id as number;
};
const events = async (customerId: number, count: number, ago: number, name = 'Product Viewed') =>
  appendEvents(
    house.context,
    Array.from({ length: count }, (_, i) => ({
      id: crypto.randomUUID(),
      customerId,
      name,
      time: new Date(daysAgo(ago).getTime() - i * 1000),
      shopId: null,
      source: 'test',
      historical: true,
      properties: { sku: `s${i}` },
    })),
  );
const set = async (code: string, patch: { on: boolean; days: number }) => {
  const { version } = (await house.request('GET', '/api/privacy/retention')).body.rules.find(
    (rule: { code: string }) => rule.code === code,
  );
  const answer = await house.request('PATCH', `/api/privacy/retention/${code}`, { body: { version, ...patch } });
  expect(answer.status, answer.text).toBe(200);
};
const preview = async (code: string, days?: number) =>
  (await house.request('POST', `/api/privacy/retention/${code}/preview`, { body: days ? { days } : {} })).body;
const run = async (code: string) => {
  const started = await house.request('POST', `/api/privacy/retention/${code}/run`, { body: {} });
  expect(started.status, started.text).toBe(202);
  await house.drain();
  return (await house.request('GET', `/api/privacy/retention/${code}/runs`)).body.data[0];
};
const inClickHouse = async (ids: number[]) =>
  Number(
    (
      await house.context.clickhouse.query<{ n: string }>(
        'SELECT count() AS n FROM event WHERE origin_id IN ({ids:Array(UInt32)})',
        { ids },
      )
    )[0].n,
  );

describe('events', () => {
  it('go from both engines once they are old; orders, new ones and held people stay; the receipt says how many', async () => {
    const [old, fresh, held] = [await person(), await person(), await person()];
    await events(old, 12, 400);
    await events(old, 3, 10);
    await events(old, 1, 400, 'Order Completed');
    await events(fresh, 5, 10);
    await events(held, 7, 400);
    await house.request('POST', `/api/customers/${held}/hold`, { body: { reason: 'a claim is open' } });
    await house.drain();
    expect(await inClickHouse([old, fresh, held])).toBe(28);
    const before = await preview('tracking.events', 365);
    expect(before).toMatchObject({ rows: 12, people: 1 });
    expect(new Date(before.oldest) < daysAgo(399)).toBe(true);
    expect((await house.request('POST', '/api/privacy/retention/tracking.events/run', { body: {} })).body.code).toBe(
      'privacy.rule_off',
    );
    await set('tracking.events', { on: true, days: 365 });
    expect(await run('tracking.events')).toMatchObject({ state: 'done', rows: 12, people: 1, days: 365 });
    expect(await inClickHouse([old, fresh, held])).toBe(16);
    const [{ left }] = await house.context.postgres`select count(*)::int as left from tracking.event where origin_id = ${old}`;
    expect(left).toBe(4);
    expect(await preview('tracking.events')).toMatchObject({ rows: 0, people: 0, oldest: null });
    expect(await run('tracking.events')).toMatchObject({ rows: 0, people: 0 });
    const [audited] = await house.context
      .postgres`select details from platform.audit where action = 'privacy.retention_ran' order by id desc limit 1`;
    expect(audited.details).toMatchObject({ rule: 'tracking.events', rows: 12, people: 1 });
  });

  it('are counted in whole days of the organisation', async () => {
    const { cutoff } = await preview('tracking.events', 30);
    expect(cutoff).toBe('2026-02-08T00:00:00.000Z');
  });
});

describe('a rule', () => {
  it.each([
    ['tracking.events', 29],
    ['privacy.inactive', 364],
    ['customers.notes', 4000],
  ])('%s is refused %s days', async (code, days) => {
    const { version } = (await house.request('GET', '/api/privacy/retention')).body.rules.find(
      (rule: { code: string }) => rule.code === code,
    );
    const answer = await house.request('PATCH', `/api/privacy/retention/${code}`, { body: { version, on: true, days } });
    expect([answer.status, answer.body.code]).toEqual([422, 'privacy.days']);
  });

  it('is changed by one at a time', async () => {
    const answer = await house.request('PATCH', '/api/privacy/retention/customers.notes', {
      body: { version: 99, on: true, days: 400 },
    });
    expect(answer.status).toBe(409);
  });

  it('takes nothing while it is only looked at', async () => {
    const id = await person();
    await events(id, 4, 900);
    for (const kind of house.context.slots.all(retentionKinds)) await preview(kind.code, kind.leastDays);
    const [{ left }] = await house.context.postgres`select count(*)::int as left from tracking.event where origin_id = ${id}`;
    expect(left).toBe(4);
  });
});

describe('notes, addresses, tasks and closed requests', () => {
  it('go one kind at a time', async () => {
    const id = await person();
    await house.request('POST', `/api/customers/${id}/notes`, { body: { text: 'likes tea' } });
    const task = (await house.request('POST', '/api/tasks', { body: { title: 'Call', customer_id: String(id) } })).body;
    await house.request('POST', `/api/tasks/${task.id}/done`, { body: {} });
    const request = (
      await house.request('POST', '/api/privacy/requests', {
        body: { kind: 'change', customer: String(id), subject: 'r@x.test' },
      })
    ).body;
    await house.request('POST', `/api/privacy/requests/${request.id}/refuse`, { body: { version: 1, reason: 'not them' } });
    house.clock.advance(40 * 86_400_000);
    await set('customers.notes', { on: true, days: 30 });
    await set('desk.tasks', { on: true, days: 30 });
    expect(await run('customers.notes')).toMatchObject({ rows: 1, people: 1 });
    expect((await run('desk.tasks')).rows).toBeGreaterThanOrEqual(1);
    house.clock.advance(60 * 86_400_000);
    await set('privacy.requests', { on: true, days: 90 });
    expect((await run('privacy.requests')).rows).toBe(1);
    const shown = (await house.request('GET', `/api/privacy/requests/${request.id}`)).body;
    expect(shown).toMatchObject({ customer: null, subject: null, outcome: null, state: 'refused' });
  });
});

describe('customers of whom nothing was heard', () => {
  it('are told about first, and erased only when they stay silent', async () => {
    house.clock.set('2030-01-01T12:00:00Z');
    const [silent, back, bought, held, recent] = [
      await person(1500),
      await person(1500),
      await person(1500),
      await person(1500),
      await person(20),
    ];
    const shop = await defaultShopOf(house.context);
    await recordOrders(
      house.context,
      [
        {
          shopId: shop.id,
          number: 'R-1',
          placedAt: daysAgo(100),
          customerId: bought,
          currency: 'EUR',
          state: 'placed',
          lines: [],
          refunds: [],
        },
      ],
      { source: 'test', importId: null, historical: true, lines: 'whole' },
    );
    await house.request('POST', `/api/customers/${held}/hold`, { body: { reason: 'a court case' } });
    const found = await preview('privacy.inactive', 1000);
    await set('privacy.inactive', { on: true, days: 1000 });
    expect(await run('privacy.inactive')).toMatchObject({ rows: 0 });
    const alive = async () =>
      (
        await house.context
          .postgres`select id from customers.customer where id = any(${[silent, back, bought, held, recent]}) and erased_at is null`
      ).length;
    expect(await alive()).toBe(5);
    const noticed = (await house.request('GET', '/api/privacy/retention-notices')).body;
    expect(noticed.total).toBe(found.people);
    const ids = noticed.data.map((one: { customer: { id: string } }) => Number(one.customer.id));
    expect([ids.includes(silent), ids.includes(back), ids.includes(bought), ids.includes(held), ids.includes(recent)]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    const tasks = await house.context.postgres`select title from desk.task where title like '%erased on%'`;
    expect(tasks).toHaveLength(1);
    expect(tasks[0].title).toContain('2030-01-15');
    await events(back, 1, 0);
    await resolveCustomers(house.context, [
      { identifiers: [{ kind: 'email', source: '', value: `r${round - 3}@x.test` }], trust: 'secret', at: house.clock.now() },
    ]);
    house.clock.advance(15 * 86_400_000);
    const receipt = await run('privacy.inactive');
    expect(receipt.rows).toBe(found.people - 1);
    const left = (
      await house.context
        .postgres`select id from customers.customer where id = any(${[silent, back, bought, held, recent]}) and erased_at is null order by id`
    ).map(row => row.id);
    expect(left).toEqual([back, bought, held, recent]);
    const traces = await house.context
      .postgres`select count(*)::int as n from customers.identifier where customer_id = ${silent}`;
    expect(traces[0].n).toBe(0);
    expect((await house.context.postgres`select count(*)::int as n from desk.task where title like '%erased on%'`)[0].n).toBe(1);
  });
});

describe('a run that is killed', () => {
  it('-9 in the middle goes on where it was, takes everything once and counts right', async () => {
    const people = [await person(), await person(), await person()];
    for (const id of people) await events(id, 9_000, 1200);
    await house.drain();
    await set('tracking.events', { on: true, days: 365 });
    const expected = (await preview('tracking.events')).rows as number;
    expect(expected).toBeGreaterThanOrEqual(27_000);
    const [{ url }] = await house.context.postgres`select current_database() as url`;
    const child = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('./test/run-retention.ts', import.meta.url)),
        url as string,
        house.context.config.dataFolder,
        house.clock.now().toISOString(),
      ],
      {
        env: { ...process.env, DATABASE_URL: await addressOf(url as string), NODE_NO_WARNINGS: '1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const gone = once(child, 'exit');
    // Dies as soon as it has told of its second portion.
    let portions = 0;
    for await (const chunk of child.stdout) {
      portions += String(chunk)
        .split('\n')
        .filter(line => line.startsWith('portion')).length;
      if (portions >= 2) break;
    }
    expect(portions).toBeGreaterThanOrEqual(2);
    child.kill('SIGKILL');
    await gone;
    const [half] = await house.context
      .postgres`select rows, state from privacy.run where code = 'tracking.events' and state = 'running'`;
    expect(half.rows as number).toBeGreaterThan(0);
    expect(half.rows as number).toBeLessThan(expected);
    const [{ left }] = await house.context
      .postgres`select count(*)::int as left from tracking.event where origin_id = any(${people})`;
    expect((half.rows as number) + (left as number)).toBeGreaterThanOrEqual(expected);
    const receipt = await run('tracking.events');
    expect(receipt).toMatchObject({ state: 'done', rows: expected });
    expect(receipt.people).toBeGreaterThanOrEqual(3);
    await house.drain();
    expect(await inClickHouse(people)).toBe(0);
    const kind = house.context.slots.get(retentionKinds, 'tracking.events')!;
    expect(await runRule(house.context, kind, 'test', async () => {})).toBe(0);
  }, 120_000);
});

/** The address of this house's own database, for a second process. */
const addressOf = async (database: string): Promise<string> => {
  const { inject } = await import('vitest');
  const engines = (await (await fetch(inject('enginesUrl'))).json()) as { databaseUrl: string };
  const address = new URL(engines.databaseUrl);
  address.pathname = `/${database}`;
  return address.href;
};
