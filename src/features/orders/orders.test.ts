import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { features } from '../../features.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { copyOrders } from './clickhouse.ts';
import { recordOrders, recordRefunds } from './index.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({
    features: features.slice(0, features.findIndex(one => one.name === 'orders') + 1),
    now: '2026-03-01T12:00:00Z',
  });
});
afterAll(() => house?.close());

const line = (sku: string, quantity: string, price: string, more: object = {}) => ({
  sku,
  name: `Tea ${sku}`,
  quantity,
  unit_price: price,
  ...more,
});
const order = (number: string, more: object = {}) => ({
  number,
  placed_at: '2026-02-01T10:00:00Z',
  currency: 'EUR',
  customer: { email: 'ana@example.invalid', name: 'Ana' },
  lines: [line('A', '2', '10.00')],
  ...more,
});
const send = async (body: object) => house.request('POST', '/api/orders', { body });
const show = async (id: string) => (await house.request('GET', `/api/orders/${id}`)).body;
const eventNames = async (): Promise<string[]> =>
  (await house.context.postgres`select name from tracking.event order by time, name`).map(row => row.name as string);
const scanned = async (sql: string) => {
  await house.drain();
  return house.context.clickhouse.query<Record<string, unknown>>(sql);
};

describe('an order', () => {
  it('comes in once, whatever is sent again, and what is new is added', async () => {
    const first = await send(order('1'));
    expect(first.body).toMatchObject({ number: '1', outcome: 'created' });
    expect((await send(order('1'))).body).toEqual({ ...first.body, outcome: 'same' });
    const more = await send(order('1', { lines: [line('A', '2', '10.00'), line('B', '1', '5.50')] }));
    expect(more.body.outcome).toBe('changed');
    expect(await show(first.body.id)).toMatchObject({
      total: { amount_minor: 2550, currency: 'EUR' },
      sales: { amount_minor: 2550 },
      lines: [{ sku: 'A' }, { sku: 'B' }],
    });
    expect(await scanned('select sales_minor, items from purchase')).toEqual([{ sales_minor: 2550, items: 3 }]);
  });

  it('keeps two equal lines apart', async () => {
    const { body } = await send(order('2', { lines: [line('A', '1', '1.00'), line('A', '1', '1.00')] }));
    expect((await show(body.id)).lines).toHaveLength(2);
    expect((await send(order('2', { lines: [line('A', '1', '1.00'), line('A', '1', '1.00')] }))).body.outcome).toBe('same');
  });

  it('does not let an older state win', async () => {
    await send(order('3', { updated_at: '2026-02-03T00:00:00Z', country: 'DE' }));
    expect((await send(order('3', { updated_at: '2026-02-02T00:00:00Z', country: 'FR' }))).body.outcome).toBe('older');
  });

  it('counts net sales: products after discount, less what came back, without shipping and gift cards', async () => {
    const { body } = await send(
      order('4', {
        lines: [
          line('A', '3', '9.99', { discount: '2.97' }),
          line('S', '1', '4.90', { kind: 'shipping' }),
          line('G', '1', '50.00', { kind: 'gift_card' }),
          line('D', '1', '-5.00', { kind: 'discount' }),
        ],
        refunds: [{ at: '2026-02-10T00:00:00Z', amount: '9.00', lines: [{ sku: 'A', quantity: '1', amount: '9.00' }] }],
      }),
    );
    const shown = await show(body.id);
    expect(shown.sales.amount_minor).toBe(2997 - 297 - 500);
    expect(shown.total.amount_minor).toBe(2997 - 297 + 490 + 5000 - 500);
    expect(shown.refunded.amount_minor).toBe(900);
    const [row] = await scanned(
      `select sum(amount_minor) as net from purchase_line where order_id = '${body.id}' and kind in ('product', 'return')`,
    );
    expect(row.net).toBe(2997 - 297 - 500 - 900);
  });

  it('stops counting when it is cancelled, and says so in the log', async () => {
    const { body } = await send(order('5', { customer: { email: 'ben@example.invalid' } }));
    const before = (await scanned('select count() as n from purchase'))[0].n as number;
    await send(
      order('5', { customer: { email: 'ben@example.invalid' }, state: 'cancelled', cancelled_at: '2026-02-02T00:00:00Z' }),
    );
    expect((await scanned('select count() as n from purchase'))[0].n).toBe(before - 1);
    const log = await house.context.postgres`select name from tracking.event where properties->>'order_id' = ${body.id}`;
    expect(log.map(row => row.name)).toEqual(['Order Cancelled']);
  });

  it('may be without a customer: then it is in no one’s log', async () => {
    const events = (await eventNames()).length;
    const { body } = await send(order('6', { customer: undefined }));
    expect((await show(body.id)).customer).toBeNull();
    expect((await eventNames()).length).toBe(events);
  });

  it('agrees with the log and with ClickHouse about how many there are', async () => {
    const [{ n: counted }] = await house.context
      .postgres`select count(*)::int as n from orders."order" where counts and customer_id is not null`;
    const [{ n: logged }] = await house.context
      .postgres`select count(*)::int as n from tracking.event where name = 'Order Completed'`;
    const [{ n: scannedOrders }] = await scanned('select count() as n from purchase');
    const [{ n: scannedEvents }] = await scanned("select count() as n from event where name = 'Order Completed'");
    expect([logged, scannedOrders, scannedEvents]).toEqual([counted, counted, counted]);
  });
});

describe('who may see what', () => {
  it('shows no money without the money fields, not even through sorting', async () => {
    const actor = house.staff({ fields: new Set(['contact']) });
    const list = await house.request('GET', '/api/orders', { actor });
    expect(list.body.data.length).toBeGreaterThan(0);
    expect(list.text).not.toContain('amount_minor');
    expect((await house.request('GET', '/api/orders', { actor, query: { sort: '-total' } })).status).toBe(403);
  });

  it('pages through every order once, in any order', async () => {
    for (const sort of ['-placed', 'placed', '-total', 'total']) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const { body } = await house.request('GET', '/api/orders', {
          query: { sort, limit: '2', ...(cursor ? { cursor } : {}) },
        });
        seen.push(...body.data.map((one: { number: string }) => one.number));
        cursor = body.next_cursor ?? undefined;
      } while (cursor);
      expect(seen.toSorted()).toEqual(['1', '2', '3', '4', '5', '6']);
    }
  });
});

describe('bad input', () => {
  it.each([
    [{ currency: 'XQZ' }, 422],
    [{ currency: 'eur' }, 400],
    [{ placed_at: 'yesterday' }, 400],
    [{ lines: [line('A', 'two', '1.00')] }, 400],
    [{ number: '' }, 400],
  ])('%j is refused with %i and leaves nothing', async (patch, status) => {
    const answer = await send(order('bad', patch));
    expect(answer.status).toBe(status);
    expect(answer.body.detail.length).toBeGreaterThan(10);
    const [{ n }] = await house.context.postgres`select count(*)::int as n from orders."order" where number = 'bad'`;
    expect(n).toBe(0);
  });
});

describe('refunds on their own', () => {
  it('wait for their order and are added once', async () => {
    const [{ id: shopId }] = await house.context.postgres`select id from shops.shop limit 1`;
    const refund = {
      outsideId: 'r1',
      at: new Date('2026-02-05T00:00:00Z'),
      amountMinor: 500,
      lines: [{ sku: 'A', quantity: '1', amountMinor: 500 }],
    };
    const options = { source: 'test', importId: null, historical: true };
    expect(await recordRefunds(house.context, [{ shopId, number: 'late', refund }], options)).toBe(1);
    const { body } = await send(order('late'));
    expect((await show(body.id)).refunded.amount_minor).toBe(500);
    expect(await recordRefunds(house.context, [{ shopId, number: 'late', refund }], options)).toBe(0);
    expect((await show(body.id)).refunded.amount_minor).toBe(500);
    expect((await house.request('GET', '/api/orders/figures')).body.unmatched_refunds).toBe(0);
  });
});

describe('another currency', () => {
  it('adds no money until somebody types its rate, and then counts', async () => {
    const { body } = await send(order('usd', { currency: 'USD' }));
    const scan = `select sales_minor from purchase where order_id = '${body.id}'`;
    expect(await scanned(scan)).toEqual([{ sales_minor: 0 }]);
    expect((await house.request('GET', '/api/orders/figures')).body.unconverted).toBe(1);
    const set = await house.request('PUT', '/api/orders/rates', {
      body: { currency: 'USD', from_day: '2026-01-01', rate: '0.85' },
    });
    expect(set.status).toBe(202);
    expect(await scanned(scan)).toEqual([{ sales_minor: 1700 }]);
    expect((await house.request('GET', '/api/orders/figures')).body.unconverted).toBe(0);
  });
});

describe('the copy', () => {
  it('is whole after a crash between its steps', async () => {
    const { body } = await send(order('crash', { lines: [line('A', '1', '1.00')] }));
    await house.drain();
    await send(order('crash', { lines: [line('A', '1', '1.00'), line('B', '1', '2.00')] }));
    const { clickhouse } = house.context;
    // Each time one statement more gets through before the process "dies".
    for (let allowed = 0; allowed < 4; allowed++) {
      let left = allowed;
      const dying = <F extends (...input: never[]) => Promise<unknown>>(run: F) =>
        (async (...input: Parameters<F>) => {
          const answer = await run(...input);
          if (left-- === 0) throw new Error('killed after the statement');
          return answer;
        }) as unknown as F;
      const context = {
        ...house.context,
        clickhouse: { ...clickhouse, insert: dying(clickhouse.insert), command: dying(clickhouse.command) },
      };
      await copyOrders(context).catch(() => {});
    }
    expect(await scanned(`select count() as n from purchase where order_id = '${body.id}'`)).toEqual([{ n: 1 }]);
    expect(await scanned(`select sku, amount_minor from purchase_line where order_id = '${body.id}' order by sku`)).toEqual([
      { sku: 'A', amount_minor: 100 },
      { sku: 'B', amount_minor: 200 },
    ]);
  });
});

describe('a connection that knows the whole order', () => {
  it('takes out a refund the shop has deleted, or a file only told of, where the input names them all', async () => {
    const { context } = house;
    const [shop] = await context.postgres`select id from shops.shop limit 1`;
    const input = (refunds: { outsideId: string; amountMinor: number }[]) => ({
      shopId: shop.id as string,
      number: 'refunds-whole',
      placedAt: new Date('2026-02-01T10:00:00Z'),
      customerId: null,
      currency: 'EUR',
      state: 'placed' as const,
      lines: [],
      refunds: refunds.map(one => ({ ...one, at: new Date('2026-02-05T10:00:00Z'), lines: [] })),
    });
    const options = { source: 'test', importId: null, historical: true, lines: 'whole' as const };
    const keys = async () =>
      (
        await context.postgres`
        select r.key from orders.refund r join orders."order" o on o.id = r.order_id where o.number = 'refunds-whole' order by 1`
      ).map(row => row.key);
    await recordOrders(context, [input([{ outsideId: 'export:1', amountMinor: 500 }])], options);
    await recordOrders(context, [input([{ outsideId: 'r1', amountMinor: 500 }])], options);
    expect(await keys()).toEqual(['export:1', 'r1']);
    const [answer] = await recordOrders(context, [input([{ outsideId: 'r2', amountMinor: 500 }])], {
      ...options,
      refunds: 'whole',
    });
    expect(answer.outcome).toBe('changed');
    expect(await keys()).toEqual(['r2']);
    const [same] = await recordOrders(context, [input([{ outsideId: 'r2', amountMinor: 500 }])], {
      ...options,
      refunds: 'whole',
    });
    expect(same.outcome).toBe('same');
  });
});
