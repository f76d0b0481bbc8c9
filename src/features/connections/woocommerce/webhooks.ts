/**
 * WooCommerce's webhooks. A delivery only says THAT something changed: the record is asked for (`fetch`). So a replayed, late, shuffled or
 * stale one changes nothing, refunds and variations come along, and what was deleted is looked at rather than believed. WooCommerce tries a
 * delivery once and switches a webhook off after six failures in a row; polling brings what was lost, and `heal` switches it on again.
 */
import { createHash, createHmac } from 'node:crypto';
import { type Access, ConnectorError, type Told, type Webhooks } from '../connector.ts';
import { signedBy } from '../signature.ts';
import { ask, askList } from './client.ts';
import { deletedPayload } from './payload.ts';
import { mayWrite } from './try-out.ts';

const topics = [
  ...['order', 'product'].flatMap(noun => ['created', 'updated', 'deleted', 'restored'].map(event => `${noun}.${event}`)),
  ...['created', 'updated', 'deleted'].map(event => `customer.${event}`),
];
const resources: Record<string, 'orders' | 'products' | 'customers'> = {
  order: 'orders',
  product: 'products',
  customer: 'customers',
};

/**
 * What the shop signs with: the secret typed in for a webhook made by hand, else one that both sides can make from the consumer secret, so
 * that there is nothing more to keep. It never leaves but to the shop that has the consumer secret itself.
 */
export const webhookSecret = (typed: string | undefined, consumerSecret: string): string =>
  typed || createHmac('sha256', consumerSecret).update('regulars webhook').digest('hex');

const acceptedSecrets = (secrets: Readonly<Record<string, string[]>>): string[] => [
  ...(secrets.webhook_secret ?? []),
  ...(secrets.consumer_secret ?? []).map(secret => webhookSecret(undefined, secret)),
];

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host.replace(/^www\./, '') : '');

/** The header is not signed; links in the body are. Either may name the shop: a shop may show itself under another host than its API. */
const isFrom = (address: string, source: string, body: Buffer): boolean => {
  const own = hostOf(address);
  if (hostOf(source) === own) return true;
  const links = body.toString('latin1').replaceAll('\\/', '/');
  return links.includes(`//${own}/`) || links.includes(`//www.${own}/`);
};

export const webhooks: Webhooks = {
  headers: ['x-wc-webhook-topic', 'x-wc-webhook-source', 'x-wc-webhook-id', 'x-wc-webhook-delivery-id', 'user-agent'],
  largest_bytes: 5_000_000,

  verify: ({ body, headers }, { settings, secrets }) => {
    const signature = headers['x-wc-webhook-signature'];
    // Sent unsigned when a webhook is made; WooCommerce wants 200 and nothing more.
    if (!signature && /^webhook_id=\d+$/.test(body.subarray(0, 40).toString('latin1')))
      return { ok: true, ping: true, topic: 'ping', deliveryId: null, eventId: null, at: null };
    if (!signature) return { ok: false, reason: 'unsigned' };
    if (!signedBy(body, signature, acceptedSecrets(secrets))) return { ok: false, reason: 'forged' };
    const topic = headers['x-wc-webhook-topic'] ?? '';
    if (!topics.includes(topic)) return { ok: false, reason: 'unknown_topic' };
    if (!isFrom(settings.address, headers['x-wc-webhook-source'] ?? '', body)) return { ok: false, reason: 'wrong_shop' };
    if (!/^\s*\{/.test(body.subarray(0, 200).toString('latin1'))) return { ok: false, reason: 'unreadable' };
    return {
      ok: true,
      topic,
      deliveryId: headers['x-wc-webhook-delivery-id'] || null,
      // The ids in the headers are not signed; the same bytes say the same. But a thing may be deleted twice with the same few bytes.
      eventId: topic.endsWith('.deleted') ? null : createHash('sha256').update(body).digest('hex'),
      at: null,
    };
  },

  receive: (topic, body): Told[] => [
    { kind: 'fetch', resource: resources[topic.split('.')[0]], id: deletedPayload.parse(body).id },
  ],

  heal: async (access, address) => {
    if (!(await mayWrite(access))) return { inPlace: 0, mended: 0 };
    const secret = webhookSecret(access.secrets.webhook_secret, access.secrets.consumer_secret);
    const there = await ours(access, address);
    let mended = 0;
    for (const topic of topics) {
      const [first, ...doubles] = there.filter(one => one.topic === topic);
      for (const double of doubles) await remove(access, double.id);
      if (!first) await create(access, { topic, address, secret });
      // The shop never tells its secret, so it is given again each time: after a new key it is another.
      else await ask(access, `webhooks/${first.id}`, { method: 'PUT', body: { status: 'active', secret } });
      if (first?.status !== 'active' || doubles.length > 0) mended++;
    }
    return { inPlace: topics.length, mended };
  },

  remove: async (access, address) => {
    for (const one of await ours(access, address)) await remove(access, one.id);
  },
};

type Registered = { id: string; topic: string; status: string };

const ours = async (access: Access, address: string): Promise<Registered[]> => {
  const found: Registered[] = [];
  for (let page = 1; ; page++) {
    const { body } = await askList(access, 'webhooks', {
      query: { per_page: 100, page, status: 'all', orderby: 'id', order: 'asc' },
    });
    for (const one of body)
      if (one.delivery_url === address) found.push({ id: String(one.id), topic: String(one.topic), status: String(one.status) });
    if (body.length < 100) return found;
  }
};

const create = async (access: Access, given: { topic: string; address: string; secret: string }): Promise<void> => {
  await ask(access, 'webhooks', {
    method: 'POST',
    body: {
      name: `Regulars: ${given.topic}`,
      topic: given.topic,
      delivery_url: given.address,
      secret: given.secret,
      status: 'active',
    },
  });
};

const remove = async (access: Access, id: string): Promise<void> => {
  try {
    await ask(access, `webhooks/${id}`, { method: 'DELETE', query: { force: 'true' } });
  } catch (error) {
    if (!(error instanceof ConnectorError && error.code === 'not_found')) throw error;
  }
};
