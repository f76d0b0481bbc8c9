import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { endOfDay } from '../../platform/time.ts';
import { type Fact, facts, resolveCustomers } from '../customers/index.ts';
import { type OrderInput, recordOrders } from '../orders/index.ts';
import { defaultShopOf } from '../shops/index.ts';
import { predictionFacts } from './facts.ts';
import { rhythmShop } from './made-up-shops.ts';
import { dayNumber, dayText, newestRun } from './postgres.ts';
import { en } from './texts/en.ts';
import { trainModels } from './train-models.ts';

const NOW = '2026-03-10';
const shop = rhythmShop(3, 400, dayNumber('2024-06-01'), 640);
let house: TestHouse;
let ids: number[];

const orderOf = (shopId: string, customerId: number, number: string, day: number, salesMinor: number): OrderInput => ({
  shopId,
  number,
  placedAt: new Date(day * 86_400_000 + 10 * 3_600_000),
  customerId,
  currency: 'EUR',
  state: 'placed',
  lines: [
    {
      kind: 'product',
      sku: `P${salesMinor % 40}`,
      name: null,
      quantity: '1',
      unitPrice: (salesMinor / 100).toFixed(2),
      discountMinor: 0,
      totalMinor: null,
    },
  ],
  refunds: [],
});

beforeAll(async () => {
  house = await startTestHouse({ now: `${NOW}T09:00:00Z` });
  const { context } = house;
  const resolved = await resolveCustomers(
    context,
    shop.map((_, i) => ({
      identifiers: [{ kind: 'shop_customer_id' as const, source: 'test', value: `S${i}` }],
      trust: 'secret' as const,
      at: new Date('2024-06-01'),
    })),
  );
  ids = resolved.map(Number);
  const { id: shopId } = await defaultShopOf(context);
  const orders = shop.flatMap((history, i) =>
    history.purchases
      .filter(one => one.day <= dayNumber(NOW))
      .map((one, k) => orderOf(shopId, ids[i]!, `${i}-${k}`, one.day, one.salesMinor)),
  );
  for (let at = 0; at < orders.length; at += 2000) {
    await recordOrders(context, orders.slice(at, at + 2000), {
      source: 'test',
      importId: null,
      historical: true,
      lines: 'whole',
    });
  }
  await house.drain();
  house.clock.advance(30_000);
  await house.drain();
}, 120_000);
afterAll(() => house.close());

const get = (path: string, actor = house.staff()) => house.request('GET', path, { actor });

describe('after the first orders', () => {
  it('everybody who bought is scored by itself, ranked by value at risk, and the figures agree with each other', async () => {
    const first = await get('/api/scores?limit=200&count=true');
    expect(first.status).toBe(200);
    expect(first.body.as_of).toBe(NOW);
    const bought = shop.filter(history => history.purchases[0]!.day <= dayNumber(NOW)).length;
    expect(first.body.total).toBe(bought);
    const all = [...first.body.data];
    for (let cursor = first.body.next_cursor; cursor; ) {
      const page = await get(`/api/scores?limit=200&cursor=${cursor}`);
      all.push(...page.body.data);
      cursor = page.body.next_cursor;
    }
    expect(new Set(all.map(one => one.customer.id)).size).toBe(bought);
    const risks = all.map(one => one.value_at_risk?.amount_minor ?? -1);
    expect(risks).toEqual([...risks].sort((a, b) => b - a));
    for (const one of all) {
      expect(one.lapse).toBeGreaterThanOrEqual(0);
      expect(one.lapse).toBeLessThanOrEqual(1);
      if (!one.rhythm) {
        expect(one.value_at_risk).toBe(null);
        continue;
      }
      const difference = Math.max(0, one.rhythm.lapse_now - one.rhythm.lapse_when_due);
      expect(one.value_at_risk.amount_minor).toBe(Math.round(one.expected_sales.amount_minor * difference));
    }
  });

  it('the track record says how it was proven', async () => {
    const { body } = await get('/api/predictions/models/lapse');
    expect(['proven', 'rule_is_better']).toContain(body.model.verdict);
    expect(body.model.record.contenders.map((one: { kind: string }) => one.kind)).toEqual([
      'regression',
      'recency-rule',
      'own-gap-rule',
      'mbg-nbd',
    ]);
    expect((await get('/api/predictions/models/purchases')).body.model.fit.parameters).toHaveProperty('alpha');
    expect((await get('/api/predictions/models/spend')).body.model.fit.parameters).toHaveProperty('gamma');
    expect((await get('/api/predictions/models/astrology')).status).toBe(400);
  });

  it('one customer’s scores come with reasons in words', async () => {
    const [slipping] = (await get('/api/scores?slipping=true&limit=1')).body.data;
    const { body } = await get(`/api/customers/${slipping.customer.id}/scores`);
    expect(body.score).toEqual(slipping);
    expect(body.score.rhythm.reasons.length).toBeGreaterThan(0);
    for (const reason of [...body.score.reasons, ...body.score.rhythm.reasons]) {
      expect(Object.keys(en)).toContain(reason.code);
      // Every place of the sentence has its value.
      const places = [...en[reason.code as keyof typeof en].matchAll(/{{(\w+)}}/g)].map(match => match[1]);
      expect(Object.keys(reason.values)).toEqual(expect.arrayContaining(places));
    }
    expect((await get('/api/customers/999999/scores')).status).toBe(404);
  });

  it('Today shows at most ten of them, and lets go of whom one has called', async () => {
    const { body } = await get('/api/today');
    expect(body.as_of).toBe(NOW);
    expect(body.people.length).toBeGreaterThan(3);
    expect(body.people.length).toBeLessThanOrEqual(10);
    expect(body.people[0].reasons[0].code).toBe('predictions.today.rhythm');
    const slipping = (await get('/api/scores?slipping=true&count=true')).body;
    expect(body.figures.find((one: { code: string }) => one.code === 'predictions.slipping').number).toBe(slipping.total);
    expect(body.people.map((one: { customer: { id: string } }) => one.customer.id)).toEqual(
      slipping.data.slice(0, body.people.length).map((one: { customer: { id: string } }) => one.customer.id),
    );
    const first = body.people[0].customer.id;
    await house.request('POST', `/api/today/${first}/done`, { body: {} });
    expect((await get('/api/today')).body.people.some((one: { customer: { id: string } }) => one.customer.id === first)).toBe(
      false,
    );
    await house.request('POST', `/api/today/${first}/undo`, { body: {} });
  });
});

describe('what a role may not see', () => {
  it('no money: ranked by lapse, amounts and the reason that tells one left out, ranking by money refused', async () => {
    const nosy = house.staff({ fields: new Set(['behaviour']) });
    const { body } = await get('/api/scores?limit=200', nosy);
    const lapses = body.data.map((one: { lapse: number }) => one.lapse);
    expect(lapses).toEqual([...lapses].sort((a, b) => b - a));
    for (const one of body.data) {
      expect([one.value_at_risk, one.expected_sales, one.sales]).toEqual([null, null, null]);
      expect(JSON.stringify(one)).not.toContain('_minor');
    }
    expect((await get('/api/scores?sort=value_at_risk', nosy)).status).toBe(403);
    expect(JSON.stringify((await get('/api/today', nosy)).body)).not.toContain('_minor');
  });

  it('no verb, no door', async () => {
    expect((await get('/api/scores', house.staff({ verbs: new Set(['customers:read']) }))).status).toBe(403);
    expect(
      (
        await house.request('POST', '/api/predictions/train', {
          body: {},
          actor: house.staff({ verbs: new Set(['predictions:read']) }),
        })
      ).status,
    ).toBe(403);
  });
});

describe('as of a past day', () => {
  const day = '2025-11-30';

  it('says what was known then, and nothing later', async () => {
    const { body } = await get(`/api/scores?as_of=${day}&limit=200&count=true`);
    expect(body.as_of).toBe(day);
    expect(body.total).toBe(shop.filter(history => history.purchases[0]!.day <= dayNumber(day)).length);
    for (const one of body.data) expect(one.last_day <= day).toBe(true);
    expect((await get('/api/scores')).body.as_of).toBe(NOW);
    expect((await get('/api/scores?as_of=2031-01-01')).status).toBe(422);
  });

  it('the rhythm facts of PostgreSQL and of ClickHouse agree, today and then', async () => {
    for (const asOf of [NOW, day]) {
      const zone = 'Europe/London';
      const end = endOfDay(zone, asOf);
      for (const fact of predictionFacts.filter(one => one.clickhouse)) {
        const here = await fact.read(house.context, ids, end);
        const { sql, params } = fact.clickhouse!({
          end: "{end:DateTime64(3, 'UTC')}",
          today: 'toDate({today:String})',
          zone: '{zone:String}',
          params: { end: end.toISOString().replace('T', ' ').replace('Z', ''), today: asOf, zone },
        });
        const there = new Map(
          (await house.context.clickhouse.query<{ customer_id: number; value: number }>(sql, params)).map(row => [
            row.customer_id,
            row.value,
          ]),
        );
        expect(there.size).toBe(here.size);
        expect(here.size).toBeGreaterThan(50);
        for (const [id, value] of here) expect([fact.code, id, there.get(id)]).toEqual([fact.code, id, Number(value)]);
      }
    }
  });
});

describe('when something happens', () => {
  it('somebody who buys is scored again without a new fit, and the model facts follow', async () => {
    const [before] = (await get('/api/scores?slipping=true&limit=1')).body.data;
    const customerId = Number(before.customer.id);
    const { id: shopId } = await defaultShopOf(house.context);
    await recordOrders(house.context, [orderOf(shopId, customerId, 'back-again', dayNumber(NOW), 5000)], {
      source: 'test',
      importId: null,
      historical: false,
      lines: 'whole',
    });
    await house.drain();
    const { score } = (await get(`/api/customers/${customerId}/scores`)).body;
    expect(score.slipping).toBe(false);
    expect(score.days_since).toBe(0);
    expect(score.lapse).toBeLessThan(before.lapse);
    const lapse = (
      await (house.context.slots.get(facts, 'predictions.lapse') as Fact).read(house.context, [customerId], null)
    ).get(customerId);
    expect(lapse).toBe(Math.round(score.lapse * 1000) / 10);
  });

  it('a wholesale customer leaves the list and the models', async () => {
    const [{ customer }] = (await get('/api/scores?slipping=true&limit=1')).body.data;
    await house.context.postgres`update customers.customer set not_shopper = 'wholesale' where id = ${Number(customer.id)}`;
    const { body } = await house.request('POST', '/api/predictions/train', { body: {} });
    await house.drain();
    expect((await get(`/api/jobs/${body.job_id}`)).body.state).toBe('done');
    expect((await get(`/api/customers/${customer.id}/scores`)).body).toMatchObject({ score: null, absent: 'not_shopper' });
    expect((await get('/api/scores?slipping=true&limit=1')).body.data[0].customer.id).not.toBe(customer.id);
  });

  it('the next night moves the day on and keeps one set', async () => {
    house.clock.set('2026-03-11T01:00:00Z');
    await house.request('POST', '/api/predictions/train', { body: {} });
    await house.drain();
    expect((await get('/api/scores')).body.as_of).toBe('2026-03-11');
    const [{ sets }] = await house.context.postgres`select count(distinct as_of)::int as sets from predictions.score`;
    expect(sets).toBe(1);
    house.clock.set(`${NOW}T09:00:00Z`);
  });
});

it('a large shop learns from a sample and still scores everybody, with the same purchase model', async () => {
  const all = await trainModels(house.context, { asOf: '2025-12-31', purpose: 'asked', historical: true });
  const before = await newestRun(house.context, '2025-12-31');
  const sampled = await trainModels(house.context, { asOf: '2025-12-31', purpose: 'asked', historical: true, mostSampled: 150 });
  const after = await newestRun(house.context, '2025-12-31');
  expect(sampled.people).toBe(all.people);
  expect(after!.sampled).toBeGreaterThan(80);
  expect(after!.sampled).toBeLessThan(220);
  expect(after!.models.purchases).toEqual(before!.models.purchases);
  expect(after!.models.spend).toEqual(before!.models.spend);
  const [{ count }] = await house.context
    .postgres`select count(*)::int as count from predictions.score where as_of = '2025-12-31'`;
  expect(count).toBe(all.people);
});

it('days and their numbers are one another’s inverse', () => {
  for (const day of ['1970-01-01', '2011-12-09', '2026-02-28', '2024-02-29']) expect(dayText(dayNumber(day))).toBe(day);
});
