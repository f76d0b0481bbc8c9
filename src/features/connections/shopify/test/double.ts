/**
 * A double of Shopify: a real HTTP server that speaks the REST Admin API as documented (tokens, Link cursors, leaky bucket, 429) and a sender
 * of signed webhooks that loses, shuffles and doubles them and tries again when it is not answered with 2xx.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Checkout,
  type Customer,
  expected,
  type Fulfilment,
  type Happening,
  type Order,
  openLife,
  type Product,
  type Refund,
  shippingTax,
  taxOf,
  totalOf,
} from './shop-life.ts';

export type Delivery = { topic: string; address: string; body: Buffer; headers: Record<string, string> };
export type Post = (delivery: Delivery) => Promise<number>;
export type ShopifyDouble = Awaited<ReturnType<typeof openShopifyDouble>>;

export const openShopifyDouble = async (options: { seed?: number; now?: string; port?: number } = {}) => {
  const outbox: Delivery[] = [];
  const subscriptions: { id: bigint; topic: string; address: string }[] = [];
  const trouble = {
    /** Shares: of answers that are 429, of webhooks lost. */
    throttled: 0,
    lost: 0.05,
    shuffled: true,
    doubled: true,
    down: false,
    /** Most records on a page, whatever is asked for. */
    pageSize: 250,
  };
  const app = {
    clientId: 'client-1',
    clientSecret: 'shpss_double_secret',
    accessToken: 'shpat_double_token',
    scopes: ['read_orders', 'read_all_orders', 'read_customers', 'write_customers', 'read_products'],
  };
  const counts = { requests: 0, throttled: 0, tokens: 0, sent: 0, lost: 0, doubled: 0, refused: 0 };
  let issued = '';
  let lastSubscription = 1n;

  const life = openLife({ seed: options.seed ?? 1, now: options.now ?? '2026-01-01T08:00:00Z', heard: one => hear(one) });

  // ---- webhooks --------------------------------------------------------------------------------------------------------

  const sign = (body: Buffer): string => createHmac('sha256', app.clientSecret).update(body).digest('base64');

  /** A delivery as Shopify would send it; for tests that forge one. */
  const deliveryOf = (topic: string, payload: unknown, address: string, at = life.now(), eventId = randomUUID()): Delivery => {
    const body = Buffer.from(digits(payload));
    return {
      topic,
      address,
      body,
      headers: {
        'content-type': 'application/json',
        'x-shopify-topic': topic,
        'x-shopify-shop-domain': domain(),
        'x-shopify-api-version': '2026-04',
        'x-shopify-webhook-id': randomUUID(),
        'x-shopify-event-id': eventId,
        'x-shopify-triggered-at': at.toISOString(),
        'x-shopify-hmac-sha256': sign(body),
      },
    };
  };
  const hear = ({ topic, about, at }: Happening): void => {
    for (const one of subscriptions.filter(one => one.topic === topic))
      outbox.push(deliveryOf(topic, webhookOf(topic, about), one.address, new Date(at)));
  };

  /** Sends what waits: some lost, the rest in any order, all twice; what is not taken is tried again a few times. */
  const deliver = async (post: Post): Promise<void> => {
    const kept = outbox.splice(0).filter(() => {
      const isLost = life.random() < trouble.lost;
      if (isLost) counts.lost++;
      return !isLost;
    });
    const twice = trouble.doubled ? [...kept, ...kept] : kept;
    counts.doubled += twice.length - kept.length;
    if (trouble.shuffled)
      for (let i = twice.length - 1; i > 0; i--) {
        const j = Math.floor(life.random() * (i + 1));
        [twice[i], twice[j]] = [twice[j], twice[i]];
      }
    for (const one of twice) {
      for (let attempt = 0; attempt < 4; attempt++) {
        counts.sent++;
        const status = await post(one).catch(() => 0);
        if (status >= 200 && status < 300) break;
        counts.refused++;
      }
    }
  };

  // ---- the API ---------------------------------------------------------------------------------------------------------

  const lists = { customers: life.customers, products: life.products, orders: life.orders, checkouts: life.checkouts };
  type Kind = keyof typeof lists;
  const shapes: Record<Kind, (record: never) => unknown> = {
    customers: customerOf,
    products: productOf,
    orders: orderOf,
    checkouts: checkoutOf,
  };

  let bucket = 0;
  let leaked = Date.now();
  const size = 80;
  const leak_per_second = 400;

  const server = createServer((request, response) => {
    answer(request, response).catch(error => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  await new Promise<void>(done => server.listen(options.port ?? 0, '127.0.0.1', done));
  const domain = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const say = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      date: life.now().toUTCString(),
      'x-shopify-shop-api-call-limit': `${Math.ceil(bucket)}/${size}`,
      ...headers,
    });
    response.end(digits(body));
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    counts.requests++;
    const asked = new URL(request.url ?? '/', `http://${domain()}`);
    const text = await bodyOf(request);
    if (trouble.down) return void request.socket.destroy();
    if (asked.pathname === '/admin/oauth/access_token') return giveToken(response, new URLSearchParams(text));
    const token = request.headers['x-shopify-access-token'];
    if (token !== app.accessToken && (issued === '' || token !== issued))
      return say(response, 401, { errors: '[API] Invalid API key or access token' });
    bucket = Math.max(0, bucket - ((Date.now() - leaked) / 1000) * leak_per_second);
    leaked = Date.now();
    if (bucket + 1 > size || life.random() < trouble.throttled) {
      counts.throttled++;
      return say(response, 429, { errors: 'Exceeded 2 calls per second for api client.' }, { 'retry-after': '0.02' });
    }
    bucket += 1;
    const path = asked.pathname.replace(/^\/admin\/(api\/[\d-]+\/)?/, '');
    route(response, request.method ?? 'GET', path, asked.searchParams, text);
  };

  const giveToken = (response: ServerResponse, form: URLSearchParams): unknown => {
    if (form.get('client_id') !== app.clientId || form.get('client_secret') !== app.clientSecret)
      return say(response, 400, { error: 'invalid_client' });
    counts.tokens++;
    issued = `shpat_${randomUUID()}`;
    say(response, 200, { access_token: issued, scope: app.scopes.join(','), expires_in: 86_399 });
  };

  const route = (response: ServerResponse, method: string, path: string, query: URLSearchParams, text: string): unknown => {
    if (path === 'shop.json')
      return say(response, 200, {
        shop: { id: 954_889n, name: 'Double Lamps', myshopify_domain: domain(), currency: 'EUR', iana_timezone: 'Europe/Berlin' },
      });
    if (path === 'oauth/access_scopes.json') return say(response, 200, { access_scopes: app.scopes.map(handle => ({ handle })) });
    if (path.startsWith('webhooks')) return webhooks(response, method, path, text);
    const [, kind, rest] = /^(\w+?)(?:\.json|\/(\w+)\.json)$/.exec(path) ?? [];
    if (!kind || !(kind in lists)) return say(response, 404, { errors: 'Not Found' });
    const records = lists[kind as Kind] as Map<bigint, { id: bigint; created: number; updated: number }>;
    const shape = shapes[kind as Kind] as (record: unknown) => unknown;
    if (rest === 'count') return say(response, 200, { count: listed(kind as Kind).length });
    if (rest) {
      const record = records.get(BigInt(rest));
      if (!record) return say(response, 404, { errors: 'Not Found' });
      if (method === 'PUT') edit(record as never as Customer, JSON.parse(text).customer);
      return say(response, 200, { [kind.slice(0, -1)]: shape(record) });
    }
    page(response, kind as Kind, query, shape);
  };

  /** Only checkouts that did not become orders are listed, as Shopify does. */
  const listed = (kind: Kind) =>
    ([...lists[kind].values()] as { id: bigint; created: number; updated: number; completed?: number | null }[]).filter(
      one => kind !== 'checkouts' || one.completed === null,
    );

  const page = (response: ServerResponse, kind: Kind, query: URLSearchParams, shape: (record: unknown) => unknown): unknown => {
    const mark = query.get('page_info');
    if (mark && [...query.keys()].some(name => !['page_info', 'limit', 'fields'].includes(name)))
      return say(response, 400, { errors: { page_info: 'Invalid value.' } });
    const from = mark
      ? (JSON.parse(Buffer.from(mark, 'base64url').toString()) as { after: string; filters: Record<string, string> })
      : { after: '0', filters: Object.fromEntries(query) };
    if (mark && from.filters.limit === undefined) return say(response, 400, { errors: { page_info: 'Invalid value.' } });
    const time = (name: string, otherwise: number) => (from.filters[name] ? Date.parse(from.filters[name]) : otherwise);
    const fits = listed(kind)
      .filter(
        one =>
          one.updated >= time('updated_at_min', 0) &&
          one.created >= time('created_at_min', 0) &&
          one.created <= time('created_at_max', Number.POSITIVE_INFINITY),
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .filter(one => one.id > BigInt(from.after));
    const most = Math.min(Number(query.get('limit') ?? 50), trouble.pageSize);
    const shown = fits.slice(0, most);
    const next = Buffer.from(JSON.stringify({ after: String(shown.at(-1)?.id ?? 0), filters: from.filters })).toString(
      'base64url',
    );
    const link: Record<string, string> =
      fits.length > most
        ? { link: `<http://${domain()}/admin/api/2026-04/${kind}.json?limit=${most}&page_info=${next}>; rel="next"` }
        : {};
    say(response, 200, { [kind]: shown.map(shape) }, link);
  };

  const webhooks = (response: ServerResponse, method: string, path: string, text: string): unknown => {
    if (method === 'GET') return say(response, 200, { webhooks: subscriptions });
    if (method === 'DELETE') {
      const id = BigInt(/(\d+)\.json$/.exec(path)![1]);
      subscriptions.splice(
        subscriptions.findIndex(one => one.id === id),
        1,
      );
      return say(response, 200, {});
    }
    const { topic, address } = JSON.parse(text).webhook as { topic: string; address: string };
    if (/^(customers|shop)\/(redact|data_request)$/.test(topic))
      return say(response, 422, { errors: { topic: ['Invalid topic'] } });
    const made = { id: ++lastSubscription, topic, address };
    subscriptions.push(made);
    say(response, 201, { webhook: made });
  };

  type Edit = {
    tags?: string;
    email_marketing_consent?: { state: string; consent_updated_at: string };
    sms_marketing_consent?: { state: string; consent_updated_at: string };
  };
  const edit = (customer: Customer, change: Edit): void => {
    const at = life.now().getTime();
    customer.updated = at;
    if (change.tags !== undefined)
      customer.tags = change.tags
        .split(',')
        .map(tag => tag.trim())
        .filter(tag => tag !== '')
        .sort();
    if (change.email_marketing_consent)
      customer.emailConsent = {
        state: change.email_marketing_consent.state,
        at: Date.parse(change.email_marketing_consent.consent_updated_at),
      };
    if (change.sms_marketing_consent)
      customer.smsConsent = {
        state: change.sms_marketing_consent.state,
        at: Date.parse(change.sms_marketing_consent.consent_updated_at),
      };
    hear({ topic: 'customers/update', about: customer, at });
    if (change.email_marketing_consent) hear({ topic: 'customers_email_marketing_consent/update', about: customer, at });
  };

  // ---- shapes ----------------------------------------------------------------------------------------------------------

  function buyerOf(id: bigint | null) {
    const customer = id === null ? undefined : life.customers.get(id);
    return customer
      ? { id: customer.id, email: customer.email, phone: customer.phone, first_name: customer.first, last_name: customer.last }
      : null;
  }

  function orderOf(order: Order) {
    const lineOf = (line: Order['lines'][number]) => ({
      id: line.id,
      sku: line.sku,
      name: line.name,
      title: line.name,
      quantity: line.quantity,
      current_quantity: line.quantity - line.taken,
      price: euros(line.cents),
      gift_card: line.gift,
      total_discount: '0.00',
      discount_allocations: line.discount > 0 ? [{ amount: euros(line.discount), discount_application_index: 0 }] : [],
      tax_lines: line.tax > 0 ? [{ price: euros(line.tax), rate: 0.2, title: 'VAT' }] : [],
    });
    const discounts = order.lines.reduce((sum, line) => sum + line.discount, 0);
    const left =
      order.lines.reduce((sum, line) => sum + line.quantity * line.cents - line.discount, 0) -
      order.refunds.flatMap(one => one.lines).reduce((sum, one) => sum + one.subtotal, 0);
    return {
      id: order.id,
      admin_graphql_api_id: `gid://shopify/Order/${order.id}`,
      name: order.name,
      order_number: Number(order.name.slice(1)),
      created_at: zoned(order.created),
      updated_at: zoned(order.updated),
      processed_at: zoned(order.created),
      cancelled_at: order.cancelled === null ? null : zoned(order.cancelled),
      currency: 'EUR',
      presentment_currency: 'USD',
      email: order.guest ?? '',
      contact_email: order.guest,
      financial_status: order.refunds.length > 0 ? 'partially_refunded' : 'paid',
      test: order.test,
      source_name: order.pos ? 'pos' : 'web',
      taxes_included: order.taxesIncluded,
      total_price: euros(totalOf(order)),
      total_tax: euros(taxOf(order)),
      total_discounts: euros(discounts),
      total_tip_received: euros(order.tip),
      current_subtotal_price: euros(left),
      checkout_token: order.checkout,
      cart_token: null,
      discount_codes: order.codes.map(code => ({ code, amount: '0.00', type: 'percentage' })),
      customer: buyerOf(order.customer),
      billing_address: order.guest ? { first_name: 'Guest', last_name: 'Buyer', city: 'Leeds', country_code: 'GB' } : null,
      shipping_address: order.pos ? null : { city: 'Leeds', country_code: 'GB', province_code: null, zip: 'LS1' },
      line_items: order.lines.map(lineOf),
      shipping_lines:
        order.shipping > 0
          ? [
              {
                id: order.shippingId,
                title: 'Standard',
                price: euros(order.shipping),
                discount_allocations: [],
                tax_lines: shippingTax(order) > 0 ? [{ price: euros(shippingTax(order)) }] : [],
              },
            ]
          : [],
      refunds: order.refunds.map(one => refundOf(order, one)),
      fulfillments: order.fulfilments.map(one => fulfilmentOf(order, one)),
    };
  }
  function refundOf(order: Order, refund: Refund) {
    const paid =
      refund.lines.reduce((sum, line) => sum + line.subtotal + (order.taxesIncluded ? 0 : line.tax), 0) + refund.shipping;
    return {
      id: refund.id,
      order_id: order.id,
      created_at: zoned(refund.at),
      processed_at: zoned(refund.at),
      refund_line_items: refund.lines.map(one => ({
        id: refund.id + 1n,
        quantity: one.quantity,
        line_item_id: one.line.id,
        // Numbers here, texts elsewhere: as on the wire.
        subtotal: one.subtotal / 100,
        subtotal_set: {
          shop_money: { amount: euros(one.subtotal), currency_code: 'EUR' },
          presentment_money: { amount: euros(one.subtotal * 2), currency_code: 'USD' },
        },
        total_tax: one.tax / 100,
        line_item: { id: one.line.id, sku: one.line.sku },
      })),
      transactions: [{ id: refund.id + 3n, kind: 'refund', status: 'success', amount: euros(paid) }],
    };
  }
  function fulfilmentOf(order: Order, one: Fulfilment) {
    return {
      id: one.id,
      order_id: order.id,
      status: one.status,
      created_at: zoned(one.at),
      updated_at: zoned(one.updated),
      shipment_status: one.shipment,
      tracking_company: 'UPS',
      tracking_number: '1z827wk74630',
      tracking_url: 'https://carrier.example/1z827wk74630',
      line_items: one.skus.map(sku => ({ id: one.id, sku })),
    };
  }
  function customerOf(customer: Customer) {
    const consent = (one: Customer['emailConsent']) => ({
      state: one.state,
      opt_in_level: 'single_opt_in',
      consent_updated_at: one.at === null ? null : zoned(one.at),
    });
    return {
      id: customer.id,
      email: customer.email,
      phone: customer.phone,
      first_name: customer.first,
      last_name: customer.last,
      created_at: zoned(customer.created),
      updated_at: zoned(customer.updated),
      tags: customer.tags.join(', '),
      email_marketing_consent: customer.email ? consent(customer.emailConsent) : null,
      sms_marketing_consent: customer.phone ? consent(customer.smsConsent) : null,
      default_address: { id: customer.id + 1n, city: customer.city, country_code: 'GB', zip: 'LS1', province_code: null },
    };
  }
  function productOf(product: Product) {
    return {
      id: product.id,
      title: product.title,
      product_type: product.type,
      created_at: zoned(product.created),
      updated_at: zoned(product.updated),
      variants: product.variants.map(one => ({ id: one.id, sku: one.sku, title: one.title, price: euros(one.cents) })),
    };
  }
  function checkoutOf(checkout: Checkout) {
    return {
      id: checkout.id,
      token: checkout.token,
      cart_token: null,
      email: checkout.email ?? '',
      currency: 'EUR',
      created_at: zoned(checkout.created),
      updated_at: zoned(checkout.updated),
      completed_at: checkout.completed === null ? null : zoned(checkout.completed),
      abandoned_checkout_url: `https://shop.example/checkouts/${checkout.token}/recover`,
      subtotal_price: euros(checkout.lines.reduce((sum, line) => sum + line.quantity * line.cents, 0)),
      discount_codes: [],
      customer: buyerOf(checkout.customer),
      line_items: checkout.lines.map(line => ({
        product_id: line.product,
        variant_id: line.variant,
        sku: line.sku,
        title: line.title,
        quantity: line.quantity,
        price: euros(line.cents),
      })),
    };
  }
  function webhookOf(topic: string, about: unknown): unknown {
    if (topic === 'orders/edited')
      return {
        order_edit: { id: (about as Order).id + 5n, order_id: (about as Order).id, line_items: { additions: [], removals: [] } },
      };
    if (topic === 'refunds/create') return refundOf((about as { order: Order }).order, (about as { refund: Refund }).refund);
    if (topic.startsWith('fulfillments/'))
      return fulfilmentOf((about as { order: Order }).order, (about as { fulfilment: Fulfilment }).fulfilment);
    if (topic.startsWith('orders/')) return orderOf(about as Order);
    if (topic.startsWith('products/')) return productOf(about as Product);
    if (topic.startsWith('checkouts/')) return checkoutOf(about as Checkout);
    if (topic === 'customers/delete') return about;
    if (topic === 'customers/merge') {
      const { kept, gone } = about as { kept: bigint; gone: bigint };
      return {
        admin_graphql_api_id_customer_kept: `gid://shopify/Customer/${kept}`,
        admin_graphql_api_id_customer_deleted: `gid://shopify/Customer/${gone}`,
        status: 'completed',
        errors: [],
      };
    }
    if (topic.startsWith('customer.tags')) {
      const { customer, tags } = about as { customer: Customer; tags: string[] };
      return { customerId: `gid://shopify/Customer/${customer.id}`, tags, occurredAt: life.now().toISOString() };
    }
    const whole = customerOf(about as Customer);
    if (topic === 'customers_email_marketing_consent/update')
      return { customer_id: whole.id, email_address: whole.email, email_marketing_consent: whole.email_marketing_consent };
    if (topic === 'customers_marketing_consent/update')
      return { id: whole.id, phone: whole.phone, sms_marketing_consent: whole.sms_marketing_consent };
    // Since 2025-01 webhooks about customers leave out tags and consents.
    const { tags: _tags, email_marketing_consent: _email, sms_marketing_consent: _sms, ...rest } = whole;
    return rest;
  }

  return {
    life,
    app,
    trouble,
    counts,
    outbox,
    subscriptions,
    domain,
    deliveryOf,
    deliver,
    sign,
    /** Tokens given out so far are no longer good. */
    withdraw: (): void => {
      issued = '';
      app.accessToken = randomUUID();
    },
    expected: () => expected(life),
    /** As the API would give it, for tests that send it themselves. */
    shapes: { order: orderOf, customer: customerOf, product: productOf, checkout: checkoutOf },
    close: () =>
      new Promise<void>(done => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
};

const euros = (cents: number): string =>
  `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;

/** Shopify writes times in the shop's zone; milliseconds are cut off. */
const zoned = (at: number): string => {
  const shifted = new Date(at - (at % 1000) + 3_600_000);
  return `${shifted.toISOString().slice(0, 19)}+01:00`;
};

/** JSON with big integers as bare digits, as on the wire. */
export const digits = (value: unknown): string =>
  JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? `@digits@${one}@` : one)).replaceAll(/"@digits@(\d+)@"/g, '$1');

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
};
