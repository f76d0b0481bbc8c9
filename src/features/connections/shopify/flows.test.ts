/** What flows back, a file beside the connection, the daily comparison, a connection that stops. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { compareDays } from '../compare-days.ts';
import { findConnection } from '../postgres.ts';
import { connect, openStand, type Stand } from './test/stand.ts';

vi.setConfig({ testTimeout: 120_000 });

let stand: Stand;
afterEach(() => stand?.close());

const customerOf = async (shopId: bigint): Promise<number> => {
  const [row] = await stand.house.context.postgres`
    select customers.owner_of(origin_id) as id from connections.record where resource = 'customers' and outside_id = ${String(shopId)}`;
  return row.id as number;
};
const backs = async () =>
  (await stand.house.request('GET', `/api/connections/${stand.id}/write-backs`)).body.data as {
    what: string;
    state: string;
    outcome: string;
  }[];

describe('what changes here flows to the shop', () => {
  test('consent and tags are written, and what the shop said is not sent back', async () => {
    stand = await openStand({ seed: 21, lived: 40 });
    await stand.patience();
    expect(await backs()).toEqual([]);
    const person = [...stand.double.life.customers.values()].find(one => one.email && one.emailConsent.state === 'subscribed')!;
    const id = await customerOf(person.id);
    stand.double.life.pass(60_000);
    stand.keepUp();
    const no = await stand.house.request('POST', `/api/customers/${id}/consents`, {
      body: { channel: 'email', state: 'unsubscribed', reason: 'said so on the phone' },
    });
    expect(no.status).toBeLessThan(300);
    await stand.house.request('POST', `/api/customers/${id}/tags`, { body: { add: ['met in person'], remove: [] } });
    await stand.patience();
    expect(person.emailConsent.state).toBe('unsubscribed');
    expect(person.tags).toContain('met in person');
    expect((await backs()).map(one => [one.what, one.state, one.outcome]).sort()).toEqual([
      ['consent', 'done', 'written'],
      ['tags', 'done', 'written'],
    ]);
    // It comes back by webhook and poll, and that is the end of it.
    await stand.double.deliver(stand.post);
    await stand.poll();
    expect(await backs()).toHaveLength(2);
    const ours = (await stand.held()).customers[String(person.id)] as Record<string, unknown>;
    expect(ours).toMatchObject({ email_consent: 'unsubscribed', tags: [...person.tags].sort() });
  });

  test('the shop’s newer word is kept, here too', async () => {
    stand = await openStand({ seed: 22, lived: 40, webhooks: false });
    await stand.patience();
    const person = [...stand.double.life.customers.values()].find(one => one.email && one.emailConsent.state === 'subscribed')!;
    const id = await customerOf(person.id);
    stand.double.trouble.down = true;
    const no = await stand.house.request('POST', `/api/customers/${id}/consents`, {
      body: { channel: 'email', state: 'unsubscribed', reason: 'said so on the phone' },
    });
    expect([no.status, no.text]).toEqual([200, expect.any(String)]);
    await stand.patience();
    stand.double.trouble.down = false;
    stand.double.life.pass(3_600_000);
    person.emailConsent = { state: 'unsubscribed', at: stand.double.life.now().getTime() - 1000 };
    person.emailConsent = { state: 'subscribed', at: stand.double.life.now().getTime() };
    stand.keepUp();
    await stand.house.context.postgres`update connections.write_back set due_at = ${stand.house.clock.now()}`;
    await stand.patience();
    expect(person.emailConsent.state).toBe('subscribed');
    expect((await backs()).map(one => one.outcome)).toEqual(['kept_theirs']);
    expect((await stand.held()).customers[String(person.id)]).toMatchObject({ email_consent: 'subscribed' });
  });
});

/** Shopify's order export, as its admin writes it: what belongs to the order on its first row only. */
const exportOf = async (): Promise<string> => {
  const euros = (cents: number) => (cents / 100).toFixed(2);
  const header =
    'Name,Email,Financial Status,Created at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Refunded Amount,Cancelled at,Id,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem discount,Shipping Country';
  const theirs = stand.double.expected().orders;
  const rows = [...stand.double.life.orders.values()].flatMap(order => {
    const { total, tax, refunds } = theirs[order.name];
    const email = order.guest ?? (order.customer ? (stand.double.life.customers.get(order.customer)?.email ?? '') : '');
    const at = (time: number) =>
      new Date(time)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z/, ' +0000');
    const subtotal = order.lines.reduce((sum, line) => sum + line.quantity * line.cents - line.discount, 0);
    return order.lines.map((line, index) => [
      order.name,
      ...(index === 0
        ? [
            email,
            'paid',
            at(order.created),
            'EUR',
            euros(subtotal),
            euros(order.shipping),
            euros(tax),
            euros(total),
            order.codes.join(','),
            '0.00',
            euros(refunds.reduce((sum, one) => sum + one.amount, 0)),
            order.cancelled ? at(order.cancelled) : '',
            String(order.id),
          ]
        : ['', '', at(order.created), '', '', '', '', '', '', '', '', '', '']),
      String(line.quantity),
      line.name,
      euros(line.cents),
      line.sku,
      euros(line.discount),
      order.pos ? '' : 'GB',
    ]);
  });
  return `${header}\n${rows.map(row => row.map(cell => `"${cell}"`).join(',')).join('\n')}\n`;
};

const bring = async (text: string, shopId: string): Promise<void> => {
  const boundary = 'x'.repeat(20);
  const part = (name: string, value: string, file = '') =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
  const body = `${part('kind', 'shopify_orders')}${part('shop_id', shopId)}${part('file', text, '; filename="orders_export.csv"')}--${boundary}--\r\n`;
  const made = await stand.house.request('POST', '/api/imports', {
    body,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  });
  expect(made.status).toBe(201);
  const started = await stand.house.request('POST', `/api/imports/${made.body.id}/start`);
  expect(started.status).toBe(202);
  await stand.house.drain();
  const over = await stand.house.request('GET', `/api/imports/${made.body.id}`);
  expect(over.body.state).toBe('done');
};

describe('a file and the connection', () => {
  test('agree on one order, whichever comes first', { timeout: 90_000 }, async () => {
    stand = await openStand({ seed: 31, lived: 120 });
    await stand.house.drain();
    const polledOnly = await stand.held();
    const [{ shop_id: shopId }] = await stand.house.context.postgres`select shop_id from connections.connection`;
    // The file after the connection changes nothing.
    await bring(await exportOf(), shopId);
    expect((await stand.held()).orders).toEqual(polledOnly.orders);
    // The file first, into a shop of its own; then that shop is connected.
    await stand.house.request('DELETE', `/api/connections/${stand.id}`);
    const made = await stand.house.request('POST', '/api/shops', {
      body: { name: 'File first', currency: 'EUR', zone: 'Europe/Berlin' },
    });
    await bring(await exportOf(), made.body.id);
    const [{ count }] = await stand.house.context
      .postgres`select count(*)::int as count from orders."order" where shop_id = ${made.body.id} and source = 'import'`;
    expect(count).toBe(stand.double.life.orders.size);
    const again = await connect(stand.house, stand.double, {}, made.body.id);
    expect(again.status).toBe(201);
    Object.assign(stand, { id: again.body.id });
    await stand.house.drain();
    const { held } = await import('./test/stand.ts');
    const both = await held(stand.house, again.body.id);
    const bare = (orders: typeof both.orders) =>
      Object.fromEntries(
        Object.entries(orders).map(([number, order]) => [number, { ...order, fulfilled: null, delivered: null }]),
      );
    expect(bare(both.orders)).toEqual(bare(polledOnly.orders));
  });
});

describe('the daily comparison', () => {
  test('agrees on every order, and names the one that differs', async () => {
    stand = await openStand({ seed: 41, lived: 200 });
    await stand.house.drain();
    const { postgres: sql } = stand.house.context;
    const connection = (await findConnection(stand.house.context, stand.id))!;
    expect(await compareDays(stand.house.context, connection)).toBe(0);
    const [{ number }] = await sql`
      update orders."order" set total_minor = total_minor + 100 where id = (select id from orders."order" where counts order by number limit 1) returning number`;
    await sql`delete from orders.to_copy`;
    expect(await compareDays(stand.house.context, connection)).toBe(1);
    const { body } = await stand.house.request('GET', `/api/connections/${stand.id}`);
    const day = body.comparison.find((one: { differing: unknown[] }) => one.differing.length > 0);
    expect(day.differing).toMatchObject([{ number, what: 'gross' }]);
    const alerts = await stand.house.request('GET', '/api/connection-alerts');
    expect(alerts.body.data).toMatchObject([{ id: stand.id, what: 'differs', count: 1 }]);
    const blind = await stand.house.request('GET', `/api/connections/${stand.id}`, {
      actor: stand.house.staff({ fields: new Set() }),
    });
    expect(blind.body.comparison[0].their_gross).toBeNull();
    const elsewhere = await stand.house.request('GET', `/api/connections/${stand.id}`, {
      actor: stand.house.staff({ shopIds: [] }),
    });
    expect(elsewhere.status).toBe(404);
  });
});

describe('trouble of our own', () => {
  test('withdrawn credentials stop it at once and in words; new ones mend it', async () => {
    stand = await openStand({ seed: 61, lived: 20, webhooks: false });
    await stand.house.drain();
    const { app } = stand.double;
    stand.double.withdraw();
    const kept = app.clientSecret;
    app.clientSecret = 'shpss_new';
    await stand.poll();
    const broken = (await stand.house.request('GET', `/api/connections/${stand.id}`)).body;
    expect(broken.state).toBe('broken');
    expect(broken.trouble.code).toBe('unauthorised');
    expect(broken.trouble.detail).toContain('client ID and secret');
    expect((await stand.house.request('GET', '/api/connection-alerts')).body.data).toMatchObject([{ what: 'broken' }]);
    const wrong = await stand.house.request('PATCH', `/api/connections/${stand.id}`, {
      body: { version: broken.version, fields: { client_secret: 'nonsense' } },
    });
    expect(wrong.status).toBe(422);
    const right = await stand.house.request('PATCH', `/api/connections/${stand.id}`, {
      body: { version: broken.version, fields: { client_secret: 'shpss_new' } },
    });
    expect(right.body.state).toBe('active');
    app.clientSecret = kept;
  });
});
