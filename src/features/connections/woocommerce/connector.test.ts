/** The connector against the double: what it reads, what it says when something is wrong, which webhooks it keeps in place. */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Access, ConnectorError, type Item, type ResourceCode } from '../connector.ts';
import { addressOf, woocommerce } from './index.ts';
import { openWooDouble, type WooDouble } from './test/double.ts';
import { webhookSecret } from './webhooks.ts';

let shop: WooDouble;
beforeEach(async () => {
  shop = await openWooDouble({ seed: 7 });
});
afterEach(() => shop.close());

const accessTo = (given: Partial<Access> = {}): Access => ({
  out: {
    config: { privateHosts: ['127.0.0.1', 'localhost'] },
    clock: { now: () => shop.life.now() },
    log: {},
  } as unknown as Access['out'],
  connectionId: 'c1',
  settings: { address: shop.url },
  secrets: { consumer_key: shop.key.consumerKey, consumer_secret: shop.key.consumerSecret },
  secretsVersion: '1',
  ...given,
});

const readAll = async (resource: ResourceCode, since: Date | null = null, between?: () => unknown): Promise<Item[]> => {
  const items: Item[] = [];
  let page: string | null = null;
  do {
    const read = await woocommerce.poll(accessTo(), resource, { since, page });
    items.push(...read.items);
    page = read.next;
    between?.();
  } while (page !== null);
  return items;
};
const trouble = (work: Promise<unknown>): Promise<ConnectorError> =>
  work.then(
    () => {
      throw new Error('It went well.');
    },
    error => {
      expect(error).toBeInstanceOf(ConnectorError);
      return error as ConnectorError;
    },
  );

describe('reading', () => {
  test('everything is met, trash included, though the shop changes between the pages', async () => {
    shop.life.live(700);
    const before = new Set(shop.life.orders.keys());
    const items = await readAll('orders', null, () => shop.life.live(3));
    const met = new Set(items.map(item => item.id));
    const missed = [...before].filter(id => shop.life.orders.has(id) && !met.has(id));
    expect(missed).toEqual([]);
    expect(items.length).toBeGreaterThan(before.size * 0.9);
  });

  test('a bulk edit gives hundreds of orders one second', async () => {
    shop.life.live(400);
    const at = Math.floor(shop.life.now().getTime() / 1000) * 1000;
    for (const order of shop.life.orders.values()) order.modified = at;
    expect(shop.life.orders.size).toBeGreaterThan(100);
    const met = new Set((await readAll('orders')).map(item => item.id));
    expect(met.size).toBe(shop.life.orders.size);
  });

  test('since a time: only what changed then, in the time of the shop, whatever its zone', async () => {
    shop.life.live(200);
    const since = shop.life.now();
    shop.life.live(20);
    const items = await readAll('orders', since);
    const changed = [...shop.life.orders.values()].filter(order => order.modified > since.getTime()).map(order => order.id);
    expect([...new Set(items.map(item => item.id))].sort()).toEqual(changed.sort());
  });

  test('an account deleted between two pages hides nobody', async () => {
    for (let made = 0; made < 230; made++) {
      const id = String(9_007_199_254_740_993n + BigInt(made));
      shop.life.accounts.set(id, {
        id,
        email: `p${made}@woo.invalid`,
        first: 'P',
        city: 'Wien',
        created: Date.parse('2026-02-01T00:00:00Z') + made * 1000,
        modified: null,
        meta: new Map(),
      });
    }
    const all = [...shop.life.accounts.keys()];
    const items = await readAll('customers', null, () => shop.life.accounts.delete(all.shift()!));
    const met = new Set(items.map(item => item.id));
    expect([...shop.life.accounts.keys()].filter(id => !met.has(id))).toEqual([]);
    const fresh = await readAll('customers', new Date('2026-02-01T00:03:00Z'));
    expect(fresh.map(item => item.payload.email)).toContain('p229@woo.invalid');
    expect(fresh.length).toBe(50);
    expect(await woocommerce.count(accessTo(), 'customers')).toBe(shop.life.accounts.size);
  });

  test('orders bring their refunds and accounts along, products their variations; ids stay exact', async () => {
    shop.life.live(300);
    const orders = await readAll('orders');
    const withRefund = orders.find(item => Array.isArray(item.payload.regulars_refunds))!;
    expect(shop.life.orders.get(withRefund.id)!.refunds).toHaveLength((withRefund.payload.regulars_refunds as unknown[]).length);
    const withAccount = orders.find(item => item.payload.regulars_account)!;
    const told = woocommerce.translate('orders', withAccount.payload, { settings: {} });
    expect(told.map(one => one.kind).slice(0, 2)).toEqual(['customer', 'order']);
    expect(BigInt(withAccount.id)).toBeGreaterThan(9_007_199_254_740_992n);
    const products = await readAll('products');
    const prices = products
      .flatMap(item => woocommerce.translate('products', item.payload, { settings: {} }))
      .flatMap(one =>
        one.kind === 'product'
          ? one.variants.map(variant => [variant.sku, Math.round(Number(variant.price) * 100)] as const)
          : [],
      );
    expect(new Map(prices)).toEqual(shop.life.expectedPrices());
  });

  test("the shop's own sums, for the daily comparison", async () => {
    shop.life.live(300);
    const sums = await woocommerce.orderSums(accessTo(), new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z'));
    const expected = [...shop.life.expected().values()];
    const counting = sums.filter(sum => sum.counts);
    const key = (one: { number: string; total: number; net: number }) => `${one.number} ${one.total} ${one.net}`;
    expect(counting.map(sum => key({ number: sum.number, total: sum.grossMinor, net: sum.netMinor })).sort()).toEqual(
      expected.map(key).sort(),
    );
  });

  test('a mark of another version is refused, so that the reading begins anew', async () => {
    for (const resource of ['orders', 'customers', 'products'] as const)
      expect((await trouble(woocommerce.poll(accessTo(), resource, { since: null, page: 'what?' }))).code).toBe('bad_page');
  });
});

describe('trouble', () => {
  test('short pauses are waited out, long ones passed on', async () => {
    shop.life.live(20);
    shop.trouble.throttled = 0.2;
    expect((await readAll('products')).length).toBeGreaterThan(0);
    Object.assign(shop.trouble, { throttled: 1, retryAfter: 120 });
    expect(await trouble(readAll('orders'))).toMatchObject({ code: 'throttled', retryAfter_seconds: 120 });
  });

  test('a web page is no data; warnings in front of the data are passed over', async () => {
    shop.life.live(20);
    shop.trouble.html = 1;
    expect(await trouble(readAll('orders'))).toMatchObject({ code: 'bad_answer' });
    Object.assign(shop.trouble, { html: 0, phpWarning: 1 });
    expect((await readAll('orders')).length).toBeGreaterThan(0);
    shop.trouble.down = true;
    expect(await trouble(readAll('orders'))).toMatchObject({ code: 'unreachable' });
  });
});

/** Changes the shop, not the access. */
const spoilt = (change: () => unknown): undefined => {
  change();
  return undefined;
};

describe('testing a connection', () => {
  test('says who answers', async () => {
    expect(await woocommerce.test(accessTo())).toEqual({
      name: 'Tea & Cups',
      address: shop.url,
      currency: 'EUR',
      zone: 'Etc/GMT-2',
      missing: [],
    });
    expect(shop.webhooks).toEqual([]);
  });

  test.each<[string, () => Partial<Access> | undefined, string, RegExp]>([
    [
      'a wrong key',
      () => ({ secrets: { consumer_key: 'ck_x', consumer_secret: 'cs_double' } }),
      'unauthorised',
      /does not know this key/,
    ],
    [
      'a wrong secret',
      () => ({ secrets: { consumer_key: 'ck_double', consumer_secret: 'x' } }),
      'unauthorised',
      /does not know this key/,
    ],
    [
      'a key of somebody who may not look',
      () => spoilt(() => (shop.key.mayView = false)),
      'forbidden',
      /administrator or shop manager/,
    ],
    ['permalinks off', () => spoilt(() => (shop.trouble.permalinksOff = true)), 'not_found', /permalinks switched off/],
    ['no WooCommerce', () => spoilt(() => (shop.trouble.noWooCommerce = true)), 'not_found', /without WooCommerce/],
    ['an old version', () => spoilt(() => (shop.trouble.version = '5.7.2')), 'bad_answer', /Update it to 5\.8/],
    ['nobody there', () => ({ settings: { address: 'http://127.0.0.1:1' } }), 'unreachable', /cannot be reached/],
    ['no https', () => ({ settings: { address: 'http://shop.example' } }), 'unreachable', /https/],
  ])('%s', async (_what, spoil, code, words) => {
    const given = spoil() ?? {};
    const error = await trouble(woocommerce.test(accessTo(given)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
  });

  test('a key that may only read is enough to read, and said', async () => {
    shop.key.permissions = 'read';
    expect((await woocommerce.test(accessTo())).missing).toEqual(['write']);
  });

  test.each([
    ['shop.example', 'https://shop.example'],
    [' https://www.shop.example/store/wp-admin/index.php?x=1 ', 'https://www.shop.example/store'],
    ['https://shop.example/wp-json/wc/v3/', 'https://shop.example'],
  ])('the address %s means %s', (typed, address) => expect(addressOf(typed)).toBe(address));
  test.each(['', 'my shop', 'https://ck:cs@shop.example'])('%j is no address', typed => expect(() => addressOf(typed)).toThrow());
});

describe('webhooks', () => {
  const secrets = { consumer_key: ['ck_double'], consumer_secret: ['cs_double'] };
  const secret = webhookSecret(undefined, 'cs_double');
  const judge = (body: string | Buffer, headers: Record<string, string>, accepted: Record<string, string[]> = secrets) =>
    woocommerce.webhooks!.verify(
      { body: Buffer.from(body), headers },
      { settings: { address: shop.url }, secrets: accepted, now: shop.life.now() },
    );
  const headersFor = (body: string | Buffer, more: Record<string, string> = {}) => ({
    'x-wc-webhook-topic': 'order.updated',
    'x-wc-webhook-source': `${shop.url}/`,
    'x-wc-webhook-delivery-id': 'd1',
    'x-wc-webhook-signature': shop.sign(Buffer.from(body), secret),
    ...more,
  });

  test('are made, pinged, mended and taken away', async () => {
    const address = 'http://127.0.0.1:9/webhooks/c1';
    const { heal, remove } = woocommerce.webhooks!;
    expect(await heal!(accessTo(), address)).toEqual({ inPlace: 11, mended: 11 });
    expect(await heal!(accessTo(), address)).toEqual({ inPlace: 11, mended: 0 });
    shop.webhooks[0].status = 'disabled';
    shop.webhooks.push({ ...shop.webhooks[1], id: 99 }, { ...shop.webhooks[2], id: 100, delivery_url: 'https://other.example/' });
    expect(await heal!(accessTo(), address)).toEqual({ inPlace: 11, mended: 2 });
    expect(shop.webhooks.map(one => one.id)).toHaveLength(12);
    expect(shop.webhooks.every(one => one.id === 100 || (one.status === 'active' && one.secret === secret))).toBe(true);
    await remove!(accessTo(), address);
    expect(shop.webhooks.map(one => one.id)).toEqual([100]);
    // A key that may only read can make none: polling does it alone.
    shop.key.permissions = 'read';
    expect(await heal!(accessTo(), address)).toEqual({ inPlace: 0, mended: 0 });
  });

  test('a signature over the raw bytes is asked for; what the body says is asked of the shop', () => {
    const body = '{"id":9007199254740993,"status":"completed","_links":{"self":[{"href":"https:\\/\\/shop"}]}}';
    const verdict = judge(body, headersFor(body));
    expect(verdict).toMatchObject({ ok: true, topic: 'order.updated', deliveryId: 'd1', at: null });
    expect(woocommerce.webhooks!.receive('order.updated', { id: '9007199254740993' }, { settings: {}, at: new Date() })).toEqual([
      { kind: 'fetch', resource: 'orders', id: '9007199254740993' },
    ]);
    expect(() => woocommerce.webhooks!.receive('order.updated', { order: 1 }, { settings: {}, at: new Date() })).toThrow();
  });

  test('what is not the shop speaking is refused', () => {
    const body = '{"id":5,"x":"a\\/b"}';
    const headers = headersFor(body);
    expect(judge(body, { ...headers, 'x-wc-webhook-signature': '' })).toEqual({ ok: false, reason: 'unsigned' });
    expect(judge(`${body} `, headers)).toEqual({ ok: false, reason: 'forged' });
    expect(judge(JSON.stringify(JSON.parse(body)), headers)).toEqual({ ok: false, reason: 'forged' });
    expect(judge(body, headers, { consumer_secret: ['other'] })).toEqual({ ok: false, reason: 'forged' });
    expect(judge(body, { ...headers, 'x-wc-webhook-topic': 'coupon.created' })).toEqual({ ok: false, reason: 'unknown_topic' });
    expect(judge(body, { ...headers, 'x-wc-webhook-source': 'https://other.example/' })).toEqual({
      ok: false,
      reason: 'wrong_shop',
    });
    expect(judge('[1]', headersFor('[1]'))).toEqual({ ok: false, reason: 'unreadable' });
    expect(judge('webhook_id=5', {})).toMatchObject({ ok: true, ping: true });
    expect(judge('webhook_id=5&x=1', {})).toEqual({ ok: false, reason: 'unsigned' });
    // After a new key the shop signs with the old one for a while; a secret typed for a webhook made by hand is good too.
    expect(judge(body, headers, { consumer_secret: ['new', 'cs_double'] })).toMatchObject({ ok: true });
    const byHand = headersFor(body, { 'x-wc-webhook-signature': shop.sign(Buffer.from(body), 'mine') });
    expect(judge(body, byHand, { ...secrets, webhook_secret: ['mine'] })).toMatchObject({ ok: true });
    // A shop that shows itself under another host than its API names that in its links.
    const linked = `{"id":5,"_links":{"self":[{"href":"${shop.url.replaceAll('/', '\\/')}\\/wp-json\\/wc\\/v3\\/orders\\/5"}]}}`;
    expect(judge(linked, headersFor(linked, { 'x-wc-webhook-source': 'https://www.front.example/' }))).toMatchObject({
      ok: true,
    });
  });

  test('the same bytes say the same, but a thing may be deleted twice', () => {
    const one = judge('{"id":5}', headersFor('{"id":5}'));
    const again = judge('{"id":5}', headersFor('{"id":5}', { 'x-wc-webhook-delivery-id': 'd2' }));
    expect(one).toMatchObject({ eventId: (again as { eventId: string }).eventId });
    expect(judge('{"id":5}', headersFor('{"id":5}', { 'x-wc-webhook-topic': 'order.deleted' }))).toMatchObject({ eventId: null });
  });

  const shared = new URL('../../../../../shared/data/payloads/', import.meta.url);
  test.skipIf(!existsSync(shared))(
    "the published signature of the vendor's sample holds (../shared/data; skipped where it is absent)",
    () => {
      const vectors = JSON.parse(readFileSync(new URL('signatures/vectors.json', shared), 'utf8')) as Record<string, never>[];
      const {
        secret: own,
        body_file: file,
        headers,
      } = vectors.find(one => one.id === 'woo-orders') as unknown as {
        secret: string;
        body_file: string;
        headers: Record<string, string>;
      };
      const body = readFileSync(new URL(file, shared));
      const given = { 'x-wc-webhook-topic': 'order.created', 'x-wc-webhook-signature': headers['X-WC-Webhook-Signature'] };
      const verify = (bytes: Buffer, address = 'https://example.com') =>
        woocommerce.webhooks!.verify(
          { body: bytes, headers: given },
          { settings: { address }, secrets: { webhook_secret: [own] }, now: new Date() },
        );
      expect(verify(body)).toMatchObject({ ok: true });
      expect(verify(body, 'https://other.invalid')).toEqual({ ok: false, reason: 'wrong_shop' });
      expect(verify(Buffer.from(JSON.stringify(JSON.parse(body.toString()))))).toEqual({ ok: false, reason: 'forged' });
    },
  );
});

describe('writing back', () => {
  test('consents and tags stand as meta data of the account', async () => {
    shop.life.live(60);
    const id = [...shop.life.accounts.keys()][0];
    const at = new Date('2026-03-02T00:00:00Z');
    const consent = { what: 'consent', customerId: id, channel: 'email', state: 'unsubscribed', at } as const;
    expect(await woocommerce.writeBack!(accessTo(), consent)).toBe('written');
    expect(await woocommerce.writeBack!(accessTo(), consent)).toBe('same');
    expect(
      await woocommerce.writeBack!(accessTo(), { ...consent, state: 'subscribed', at: new Date('2026-03-01T00:00:00Z') }),
    ).toBe('kept_theirs');
    const tags = { what: 'tags', customerId: id, add: ['vip', 'tea, green'], remove: [] } as const;
    expect(await woocommerce.writeBack!(accessTo(), { ...tags, add: [...tags.add], remove: [] })).toBe('written');
    expect(await woocommerce.writeBack!(accessTo(), { what: 'tags', customerId: id, add: ['new'], remove: ['vip'] })).toBe(
      'written',
    );
    expect(Object.fromEntries(shop.life.accounts.get(id)!.meta)).toEqual({
      regulars_email_consent: 'unsubscribed',
      regulars_email_consent_at: '2026-03-02T00:00:00.000Z',
      regulars_tags: 'new,tea  green',
    });
    expect(await woocommerce.writeBack!(accessTo(), { ...consent, customerId: '1' })).toBe('gone');
  });
});
