/**
 * A double of a WooCommerce shop: a real HTTP server that speaks REST v3 as the documentation and the source of WooCommerce 9 say it does,
 * with the bad manners of shared hosting, and a sender of signed webhooks that loses, shuffles and doubles them.
 */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { php, type Row } from './php.ts';
import { type Life, openLife } from './shop-life.ts';

export type Trouble = {
  /** Shares of answers that go wrong. */
  throttled: number;
  html: number;
  phpWarning: number;
  /** Seconds of Retry-After on a 429 or 503. */
  retryAfter: number;
  slow_ms: number;
  /** Everything refused: the shop is down. */
  down: boolean;
  permalinksOff: boolean;
  noWooCommerce: boolean;
  version: string;
};
export type Webhook = {
  id: number;
  name: string;
  topic: string;
  delivery_url: string;
  secret: string;
  status: 'active' | 'paused' | 'disabled';
  failure_count: number;
};
export type Delivery = { webhook: Webhook; body: Buffer; headers: Record<string, string> };

const calm: Trouble = {
  throttled: 0,
  html: 0,
  phpWarning: 0,
  retryAfter: 0,
  slow_ms: 0,
  down: false,
  permalinksOff: false,
  noWooCommerce: false,
  version: '9.8.1',
};

export type WooDouble = Awaited<ReturnType<typeof openWooDouble>>;

export const openWooDouble = async (options: { seed?: number; now?: string; port?: number; zoneOffset_hours?: number } = {}) => {
  const life = openLife({
    seed: options.seed ?? 1,
    now: options.now ?? '2026-03-01T08:00:00Z',
    zoneOffset_hours: options.zoneOffset_hours ?? 2,
  });
  const trouble: Trouble = { ...calm };
  const key = {
    consumerKey: 'ck_double',
    consumerSecret: 'cs_double',
    permissions: 'read_write' as 'read' | 'read_write',
    mayView: true,
  };
  const webhooks: Webhook[] = [];
  /** Records shown as they are, by "orders/727": samples of the vendor. */
  const samples = new Map<string, Row>();
  const outbox: Delivery[] = [];
  const counts = { requests: 0, throttled: 0, html: 0, delivered: 0, failed: 0, dropped: 0, doubled: 0 };
  let lastWebhook = 0;
  let deliveries = 0;

  const server = createServer((request, response) => {
    answer(request, response).catch(error => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  await new Promise<void>(done => server.listen(options.port ?? 0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  // ---- answers -----------------------------------------------------------------------------------------------------------

  const say = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
    const warning =
      life.random() < trouble.phpWarning
        ? '<br />\n<b>Deprecated</b>: Optional parameter in <b>/srv/wp/plugin.php</b> on line <b>7</b><br />\n'
        : '';
    response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', date: life.now().toUTCString(), ...headers });
    response.end(warning + php(body));
  };
  const refuse = (response: ServerResponse, status: number, code: string, message: string) =>
    say(response, status, { code, message, data: { status } });
  const page = (response: ServerResponse, status: number, title: string): void => {
    response.writeHead(status, { 'content-type': 'text/html', date: life.now().toUTCString() });
    response.end(
      `<!DOCTYPE html><html><head><title>${title}</title></head><body><p>${title}</p><script>var a = {"b":1};</script></body></html>`,
    );
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    counts.requests++;
    const asked = new URL(request.url ?? '/', url);
    const body = await bodyOf(request);
    if (trouble.slow_ms > 0) await new Promise(done => setTimeout(done, trouble.slow_ms));
    if (trouble.down) return request.socket.destroy();
    if (life.random() < trouble.throttled) {
      counts.throttled++;
      response.writeHead(life.random() < 0.5 ? 429 : 503, {
        'retry-after': String(trouble.retryAfter),
        'content-type': 'text/html',
      });
      return response.end('<h1>Too many requests</h1>');
    }
    if (life.random() < trouble.html) {
      counts.html++;
      return page(response, life.random() < 0.5 ? 500 : 200, 'There has been a critical error on this website.');
    }
    if (asked.searchParams.has('rest_route')) return say(response, 200, siteIndex());
    if (trouble.permalinksOff || !asked.pathname.startsWith('/wp-json')) return page(response, 404, 'Page not found');
    const path = asked.pathname.replace(/^\/wp-json\/?/, '');
    if (path === '') return say(response, 200, siteIndex());
    if (!path.startsWith('wc/v3/') || trouble.noWooCommerce)
      return refuse(response, 404, 'rest_no_route', 'No route was found matching the URL and request method.');
    const no = unauthorised(request);
    if (no) return refuse(response, no.status, no.code, no.message);
    return route(request.method ?? 'GET', path.slice('wc/v3/'.length).split('/'), asked.searchParams, body, response);
  };

  const siteIndex = () => ({
    name: 'Tea &amp; Cups',
    description: '',
    url,
    home: url,
    gmt_offset: String(life.zoneOffset_hours),
    timezone_string: '',
    namespaces: trouble.noWooCommerce ? ['wp/v2'] : ['wp/v2', 'wc/v2', 'wc/v3'],
  });

  const unauthorised = (request: IncomingMessage): { status: number; code: string; message: string } | null => {
    const [scheme, given = ''] = (request.headers.authorization ?? '').split(' ');
    const [user, password] = Buffer.from(given, 'base64').toString().split(':');
    if (scheme !== 'Basic')
      return { status: 401, code: 'woocommerce_rest_cannot_view', message: 'Sorry, you cannot list resources.' };
    const code = 'woocommerce_rest_authentication_error';
    if (user !== key.consumerKey) return { status: 401, code, message: 'Consumer key is invalid.' };
    if (password !== key.consumerSecret) return { status: 401, code, message: 'Consumer secret is invalid.' };
    if (request.method !== 'GET' && key.permissions === 'read')
      return { status: 401, code, message: 'The API key provided does not have write permissions.' };
    if (!key.mayView) return { status: 403, code: 'woocommerce_rest_cannot_view', message: 'Sorry, you cannot list resources.' };
    return null;
  };

  const route = (method: string, parts: string[], query: URLSearchParams, body: Row, response: ServerResponse) => {
    const [noun, id, sub] = parts;
    if (method === 'GET' && noun === 'system_status')
      return say(response, 200, {
        environment: { version: trouble.version, home_url: url },
        settings: { currency: life.currency },
      });
    if (method === 'GET' && noun === 'data') return say(response, 200, { code: life.currency, name: 'Euro', symbol: '&euro;' });
    if (noun === 'webhooks') return hooks(method, id, query, body, response);
    if (noun === 'orders' && sub === 'refunds') {
      const order = life.orders.get(id);
      if (!order) return refuse(response, 404, 'woocommerce_rest_invalid_order_id', 'Invalid order ID.');
      return list(response, query, life.refundRows(order));
    }
    if (noun === 'products' && sub === 'variations') {
      const product = life.products.get(id);
      if (!product) return refuse(response, 404, 'woocommerce_rest_product_invalid_id', 'Invalid ID.');
      return list(response, query, life.variationRows(product));
    }
    if (id !== undefined) return single(method, noun, id, body, response);
    if (noun === 'orders') return ordered(response, query, life.orderRows(), 'orders');
    if (noun === 'products') return ordered(response, query, life.productRows(), 'products');
    if (noun === 'customers') return accounts(response, query);
    return refuse(response, 404, 'rest_no_route', 'No route was found matching the URL and request method.');
  };

  const single = (method: string, noun: string, id: string, body: Row, response: ServerResponse) => {
    if (noun === 'customers' && method === 'PUT' && life.accounts.has(id)) {
      life.setAccountMeta(id, body.meta_data as { key: string; value: string }[]);
      announce();
    }
    const row =
      samples.get(`${noun}/${id}`) ??
      (noun === 'orders'
        ? life.orderRows().find(one => String(one.id) === id)
        : noun === 'customers'
          ? life.accountRows().find(one => String(one.id) === id)
          : (life.productRows().find(one => String(one.id) === id) ?? life.variationRow(id)));
    if (!row)
      return refuse(response, 404, `woocommerce_rest_${noun === 'orders' ? 'shop_order' : noun}_invalid_id`, 'Invalid ID.');
    return say(response, 200, row);
  };

  /** Times without dates_are_gmt are the site's own. */
  const bound = (query: URLSearchParams, name: string): number | null => {
    const given = query.get(name);
    if (given === null) return null;
    const offset = query.get('dates_are_gmt') === 'true' ? 0 : life.zoneOffset_hours * 3_600_000;
    return Date.parse(`${given.replace(/Z$/, '')}Z`) - offset;
  };
  const seconds = (at: unknown): number => Date.parse(`${at}Z`);

  const ordered = (response: ServerResponse, query: URLSearchParams, rows: Row[], noun: 'orders' | 'products') => {
    const status = query.get('status') ?? (noun === 'orders' ? 'any' : 'any');
    const kept = rows.filter(row => {
      if (status === 'any' ? row.status === 'trash' || row.status === 'auto-draft' : row.status !== status) return false;
      const [modified, created] = [seconds(row.date_modified_gmt), seconds(row.date_created_gmt)];
      const [modifiedAfter, after, before] = [bound(query, 'modified_after'), bound(query, 'after'), bound(query, 'before')];
      return (
        (modifiedAfter === null || modified > modifiedAfter) &&
        (after === null || created > after) &&
        (before === null || created < before)
      );
    });
    const by = query.get('orderby') ?? 'date';
    const keys: Record<string, (row: Row) => number> = {
      modified: row => seconds(row.date_modified_gmt),
      date: row => seconds(row.date_created_gmt),
      id: () => 0,
    };
    if (!keys[by]) return refuse(response, 400, 'rest_invalid_param', 'Invalid parameter(s): orderby');
    const turn = (query.get('order') ?? 'desc') === 'asc' ? 1 : -1;
    const byId = (a: Row, b: Row) => (BigInt(String(a.id)) < BigInt(String(b.id)) ? -1 : 1);
    kept.sort((a, b) => turn * (keys[by](a) - keys[by](b) || byId(a, b)));
    return list(response, query, kept);
  };

  /** Accounts can be sorted, not asked for by when they changed; an unknown parameter is passed over in silence, as WordPress does. */
  const accounts = (response: ServerResponse, query: URLSearchParams) => {
    const role = query.get('role') ?? 'customer';
    const include = query.get('include')?.split(',');
    const rows = life
      .accountRows()
      .filter(row => (role === 'all' || row.role === role) && (!include || include.includes(String(row.id))));
    const by = query.get('orderby') ?? 'name';
    if (!['id', 'include', 'name', 'registered_date'].includes(by))
      return refuse(response, 400, 'rest_invalid_param', 'Invalid parameter(s): orderby');
    const turn = (query.get('order') ?? 'asc') === 'asc' ? 1 : -1;
    const byId = (a: Row, b: Row) => (BigInt(String(a.id)) < BigInt(String(b.id)) ? -1 : 1);
    const byTime = (row: Row) => (by === 'registered_date' ? seconds(row.date_created_gmt) : 0);
    rows.sort((a, b) => turn * (byTime(a) - byTime(b) || byId(a, b)));
    return list(response, query, rows);
  };

  const list = (response: ServerResponse, query: URLSearchParams, rows: readonly Row[]) => {
    const perPage = Number(query.get('per_page') ?? 10);
    const number = Number(query.get('page') ?? 1);
    if (!(perPage >= 1 && perPage <= 100)) return refuse(response, 400, 'rest_invalid_param', 'Invalid parameter(s): per_page');
    const from = query.has('offset') ? Number(query.get('offset')) : (number - 1) * perPage;
    return say(response, 200, rows.slice(from, from + perPage), {
      'x-wp-total': String(rows.length),
      'x-wp-totalpages': String(Math.ceil(rows.length / perPage)),
    });
  };

  // ---- webhooks ----------------------------------------------------------------------------------------------------------

  const shown = ({ secret: _secret, failure_count: _count, ...row }: Webhook) => row;

  const hooks = (method: string, id: string | undefined, query: URLSearchParams, body: Row, response: ServerResponse) => {
    if (method === 'GET' && id === undefined) {
      const status = query.get('status') ?? 'all';
      return list(response, query, webhooks.filter(one => status === 'all' || one.status === status).map(shown));
    }
    if (method === 'POST') {
      if (!body.topic || !body.delivery_url)
        return refuse(response, 400, 'rest_missing_callback_param', 'Missing parameter(s): topic, delivery_url');
      const made: Webhook = {
        id: ++lastWebhook,
        name: String(body.name ?? ''),
        topic: String(body.topic),
        delivery_url: String(body.delivery_url),
        secret: String(body.secret ?? ''),
        status: 'active',
        failure_count: 0,
      };
      webhooks.push(made);
      void ping(made);
      return say(response, 201, shown(made));
    }
    const found = webhooks.find(one => String(one.id) === id);
    if (!found) return refuse(response, 404, 'woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.');
    if (method === 'PUT') {
      if (body.secret) found.secret = String(body.secret);
      if (body.status) found.status = body.status as Webhook['status'];
    }
    if (method === 'DELETE') webhooks.splice(webhooks.indexOf(found), 1);
    return say(response, 200, shown(found));
  };

  const pings: number[] = [];
  const ping = async (webhook: Webhook): Promise<void> => {
    const answer = await fetch(webhook.delivery_url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'WooCommerce/9.8.1 Hookshot (WordPress/6.8)',
      },
      body: `webhook_id=${webhook.id}`,
    }).catch(() => null);
    pings.push(answer?.status ?? 0);
  };

  const sign = (body: Buffer, secret: string): string => createHmac('sha256', secret).update(body).digest('base64');

  /** What happened since the last call becomes deliveries, one per webhook that listens, with the record as it is now. */
  const announce = (): void => {
    for (const { topic, id } of life.takeHappened()) {
      for (const webhook of webhooks) {
        if (webhook.topic !== topic || webhook.status !== 'active') continue;
        const [noun, event] = topic.split('.');
        const row = event === 'deleted' ? { id: life.number(id) } : life.rowOf(noun, id);
        if (!row) continue;
        const body = Buffer.from(php(row));
        outbox.push({
          webhook,
          body,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'WooCommerce/9.8.1 Hookshot (WordPress/6.8)',
            'x-wc-webhook-source': `${url}/`,
            'x-wc-webhook-topic': topic,
            'x-wc-webhook-resource': noun,
            'x-wc-webhook-event': event,
            'x-wc-webhook-signature': sign(body, webhook.secret),
            'x-wc-webhook-id': String(webhook.id),
            'x-wc-webhook-delivery-id': `d${++deliveries}`,
          },
        });
      }
    }
  };

  /** Sends what waits. WooCommerce tries once; after six failures in a row the webhook is switched off. */
  const deliver = async ({ drop = 0, double = 0, shuffle = false } = {}): Promise<void> => {
    announce();
    const waiting = outbox.splice(0);
    const sent = waiting.flatMap(one => {
      if (life.random() < drop) {
        counts.dropped++;
        return [];
      }
      if (life.random() < double) {
        counts.doubled++;
        return [one, one];
      }
      return [one];
    });
    if (shuffle) sent.sort(() => life.random() - 0.5);
    for (const one of sent) await post(one);
  };

  const post = async ({ webhook, body, headers }: Delivery): Promise<number> => {
    const answer = await fetch(webhook.delivery_url, { method: 'POST', headers, body: new Uint8Array(body) }).catch(() => null);
    const ok = answer !== null && answer.status >= 200 && answer.status < 303;
    counts[ok ? 'delivered' : 'failed']++;
    if (ok) webhook.failure_count = 0;
    else if (webhook.failure_count > 5) webhook.status = 'disabled';
    else webhook.failure_count++;
    return answer?.status ?? 0;
  };

  return {
    url,
    port,
    host: `127.0.0.1:${port}`,
    life: life as Life,
    trouble,
    key,
    webhooks,
    samples,
    pings,
    counts,
    outbox,
    announce,
    deliver,
    post,
    sign,
    calmDown: () => Object.assign(trouble, calm),
    close: () =>
      new Promise<void>(done => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
};

const bodyOf = async (request: IncomingMessage): Promise<Row> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  try {
    return JSON.parse(text) as Row;
  } catch {
    return {};
  }
};
