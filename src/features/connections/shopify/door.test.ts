/** The webhook door: who may knock, what is kept, what a topic sets off. */
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digits } from './test/double.ts';
import { openStand, type Stand } from './test/stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await openStand({ seed: 5, lived: 20 });
  await stand.house.drain();
}, 60_000);
afterAll(() => stand.close());

const path = () => `/webhooks/${stand.id}`;
const knock = (body: Buffer | string, headers: Record<string, string>) =>
  stand.house.request('POST', path(), { actor: null, body: Buffer.from(body), headers });
const delivery = (topic: string, payload: unknown) => stand.double.deliveryOf(topic, payload, `http://hooks.example${path()}`);
const refused = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await stand.house.request('GET', `/api/connections/${stand.id}`)).body.refused.map(
      (one: { reason: string; count: number }) => [one.reason, one.count],
    ),
  );
const without = (headers: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));

describe('the door', () => {
  test('refuses what is not signed, forged, written anew, stale, of another shop or topic, and counts each by its reason', async () => {
    const order = [...stand.double.life.orders.values()][0];
    const good = delivery('orders/updated', stand.double.shapes.order(order));
    const resigned = (headers: Record<string, string>, patch: Record<string, string>) => ({ ...headers, ...patch });
    const anew = Buffer.from(JSON.stringify(JSON.parse(good.body.toString())));
    expect(anew.equals(good.body)).toBe(false);
    const tries: [string, Buffer, Record<string, string>, number][] = [
      ['unsigned', good.body, without(good.headers, 'x-shopify-hmac-sha256'), 401],
      [
        'forged',
        good.body,
        resigned(good.headers, { 'x-shopify-hmac-sha256': createHmac('sha256', 'guess').update(good.body).digest('base64') }),
        401,
      ],
      ['forged', anew, good.headers, 401],
      ['wrong_shop', good.body, resigned(good.headers, { 'x-shopify-shop-domain': 'other.myshopify.com' }), 401],
      ['unknown_topic', good.body, resigned(good.headers, { 'x-shopify-topic': 'themes/update' }), 404],
      ['stale', good.body, resigned(good.headers, { 'x-shopify-triggered-at': '2025-11-01T00:00:00Z' }), 401],
    ];
    for (const [reason, body, headers, status] of tries) {
      const answer = await knock(body, headers);
      expect([reason, answer.status]).toEqual([reason, status]);
    }
    expect(await refused()).toEqual({ unsigned: 1, forged: 2, wrong_shop: 1, unknown_topic: 1, stale: 1 });
    const [{ count }] = await stand.house.context.postgres`select count(*)::int as count from connections.delivery`;
    expect(count).toBe(0);
    expect(
      (
        await stand.house.request('POST', '/webhooks/01234567-89ab-7cde-8f01-23456789abcd', {
          actor: null,
          body: good.body,
          headers: good.headers,
        })
      ).status,
    ).toBe(404);
  });

  test('keeps a delivery once, by either of its ids, and answers in time', async () => {
    const order = [...stand.double.life.orders.values()][0];
    const one = delivery('orders/updated', stand.double.shapes.order(order));
    const before = performance.now();
    expect((await knock(one.body, one.headers)).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(1000);
    expect((await knock(one.body, one.headers)).status).toBe(200);
    const otherDelivery = { ...one.headers, 'x-shopify-webhook-id': 'another-subscription' };
    expect((await knock(one.body, otherDelivery)).status).toBe(200);
    const [row] = await stand.house.context
      .postgres`select count(*)::int as rows, sum(repeats)::int as repeats from connections.delivery`;
    expect(row).toEqual({ rows: 1, repeats: 2 });
    await stand.house.drain();
    const list = await stand.house.request('GET', `/api/connections/${stand.id}/deliveries`);
    expect(list.body.data).toMatchObject([{ topic: 'orders/updated', state: 'done', repeats: 2 }]);
    const raw = await stand.house.request('GET', `/api/deliveries/${list.body.data[0].id}/raw`);
    expect(raw.body.body).toBe(one.body.toString());
    expect(raw.body.headers['x-shopify-hmac-sha256']).toBeUndefined();
    const blind = await stand.house.request('GET', `/api/deliveries/${list.body.data[0].id}/raw`, {
      actor: stand.house.staff({ fields: new Set() }),
    });
    expect(blind.status).toBe(403);
    // Doing it again changes nothing.
    expect((await stand.house.request('POST', `/api/deliveries/${list.body.data[0].id}/replay`)).status).toBe(204);
    const held = await stand.held();
    await stand.house.drain();
    expect(await stand.held()).toEqual(held);
  });

  test('takes deliveries signed with the old secret for a while after it was replaced', async () => {
    const old = delivery('products/update', {
      id: 9_007_199_254_741_999n,
      title: 'Old secret',
      updated_at: stand.double.life.now().toISOString(),
      variants: [],
    });
    const { version } = (await stand.house.request('GET', `/api/connections/${stand.id}`)).body;
    stand.double.app.clientSecret = 'shpss_rotated';
    const changed = await stand.house.request('PATCH', `/api/connections/${stand.id}`, {
      body: { version, fields: { client_secret: 'shpss_rotated' } },
    });
    expect(changed.status).toBe(200);
    expect(changed.body.secrets).toMatchObject([{ code: 'client_secret', last4: 'ated' }]);
    expect(JSON.stringify(changed.body)).not.toContain('shpss');
    expect((await knock(old.body, old.headers)).status).toBe(200);
    const fresh = delivery('products/update', {
      id: 9_007_199_254_741_997n,
      title: 'New secret',
      updated_at: stand.double.life.now().toISOString(),
      variants: [],
    });
    expect((await knock(fresh.body, fresh.headers)).status).toBe(200);
    stand.house.clock.advance(49 * 3_600_000);
    stand.double.life.pass(49 * 3_600_000);
    const late = {
      ...old.headers,
      'x-shopify-webhook-id': 'late',
      'x-shopify-event-id': 'late',
      'x-shopify-triggered-at': stand.house.clock.now().toISOString(),
    };
    expect((await knock(old.body, late)).status).toBe(401);
  });

  test('a paused connection asks the sender to come again later', async () => {
    const one = delivery('products/update', { id: 9_007_199_254_742_001n, title: 'Later', variants: [] });
    await stand.house.request('POST', `/api/connections/${stand.id}/pause`);
    const answer = await knock(one.body, one.headers);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '300']);
    await stand.house.request('POST', `/api/connections/${stand.id}/resume`);
    expect((await knock(one.body, one.headers)).status).toBe(200);
  });
});

describe('the three privacy topics', () => {
  const someone = () => [...stand.double.life.customers.values()].find(one => one.email !== null)!;
  const payloadOf = (more: object) => {
    const { id, email } = someone();
    return { shop_id: 954_889n, shop_domain: stand.double.domain(), customer: { id, email, phone: null }, ...more };
  };
  const send = async (topic: string, payload: unknown): Promise<void> => {
    const one = delivery(topic, payload);
    expect((await knock(one.body, one.headers)).status).toBe(200);
    await stand.house.drain();
  };

  test('a request for somebody’s data opens one at the privacy desk', async () => {
    await send('customers/data_request', payloadOf({ orders_requested: [], data_request: { id: 9_007_199_254_743_001n } }));
    const rows = await stand.house.context.postgres`select kind, source, outside_id, customer_id from privacy.request`;
    expect(rows).toMatchObject([{ kind: 'access', source: `connection:${stand.id}`, outside_id: '9007199254743001' }]);
    expect(rows[0].customer_id).not.toBeNull();
  });

  test('a redaction erases the person, and a late webhook does not bring them back', async () => {
    const person = someone();
    const late = delivery('customers/update', stand.double.shapes.customer(person));
    await send('customers/redact', payloadOf({ orders_to_redact: [] }));
    const known = async () =>
      (
        await stand.house.context.postgres`select count(*)::int as count from customers.identifier where value = ${person.email}`
      )[0].count;
    expect(await known()).toBe(0);
    expect((await knock(late.body, late.headers)).status).toBe(200);
    await stand.house.drain();
    await stand.poll();
    await stand.walk('full_sweep');
    expect(await known()).toBe(0);
    const bodies = await stand.house.context.postgres`
      select topic from connections.delivery where position(${person.email} in encode(body, 'escape')) > 0 and received_at < ${late.headers['x-shopify-triggered-at']}`;
    expect([...bodies]).toEqual([]);
  });

  test('the shop’s own redaction is a decision for staff', async () => {
    await send('shop/redact', { shop_id: 954_889n, shop_domain: stand.double.domain() });
    const tasks = await stand.house.context.postgres`select title from desk.task where title like 'Decide what happens%'`;
    expect(tasks).toHaveLength(1);
  });
});

const samples = new URL('../../../../../shared/data/payloads/', import.meta.url);

describe('the vendor’s own samples', () => {
  const folder = new URL('shopify/webhooks-2026-04/', samples);
  const has = existsSync(folder);
  test.skipIf(!has)(
    `go through the door with valid signatures${has ? '' : ' (skipped: ../shared/data is not here)'}`,
    async () => {
      const { postgres: sql } = stand.house.context;
      // What erases a person comes last: it takes what waits about them along.
      const files = readdirSync(folder).sort((a, b) => Number(a.includes('red')) - Number(b.includes('red')) || (a < b ? -1 : 1));
      for (const file of files) {
        if (file.includes('red')) await stand.patience();
        const topic = file.replace('.json', '').replace('-', '/');
        const body = readFileSync(new URL(file, folder));
        const { headers } = delivery(topic, {});
        const answer = await knock(body, { ...headers, 'x-shopify-hmac-sha256': stand.double.sign(body) });
        expect([topic, answer.status]).toEqual([topic, 200]);
      }
      await stand.patience();
      const failed = await sql`select topic, state, error from connections.delivery where state = 'failed'`;
      expect([...failed]).toEqual([]);
      const [order] = await sql`select number, test, state, outside_id from orders."order" where number = '#9999'`;
      expect(order).toMatchObject({ test: true, state: 'cancelled' });
      expect(readFileSync(new URL('orders-create.json', folder), 'utf8')).toContain(`"id": ${order.outside_id},`);
    },
  );

  test.skipIf(!existsSync(samples))('the published signature is found valid, and no other body is', async () => {
    const { signedBy } = await import('../signature.ts');
    const vectors = JSON.parse(readFileSync(new URL('signatures/vectors.json', samples), 'utf8')) as {
      vendor: string;
      secret: string;
      body: string;
      headers: Record<string, string>;
    }[];
    const one = vectors.find(vector => vector.vendor === 'shopify')!;
    const given = one.headers['X-Shopify-Hmac-Sha256'];
    expect(signedBy(Buffer.from(one.body), given, ['old', one.secret])).toBe(true);
    expect(signedBy(Buffer.from(digits(JSON.parse(one.body))), given, [one.secret])).toBe(false);
    expect(signedBy(Buffer.from(one.body), given, ['old'])).toBe(false);
  });
});
