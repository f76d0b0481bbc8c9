/**
 * Shopify's webhooks: who may knock, what a topic says, and the list of topics that are kept in place.
 * https://shopify.dev/docs/apps/build/webhooks (signature over the raw body; ids and times in headers)
 */
import { z } from 'zod';
import { type Access, type Arrival, ConnectorError, type Told, type Verdict, type Webhooks } from '../connector.ts';
import { signedBy } from '../signature.ts';
import { apiVersion, call } from './api.ts';
import { fulfilmentShape, refundShape } from './payload.ts';
import { checkoutOf, consentOf, customerOf, fulfilmentOf, orderOf, productOf, refundOf, tagsOf } from './translate.ts';

/** Shopify tries for four hours with the first time of day in the header; what is older by far is a recording played again. */
const stale_hours = 48;
const ahead_minutes = 10;
const largest_bytes = 5_000_000;

type Reading = (body: unknown, about: { settings: Readonly<Record<string, string>>; at: Date }) => Told[];

const ofOrder: Reading = body => [orderOf(body)];
const ofCustomer: Reading = (body, { at }) => [customerOf(body, at)];
const ofProduct: Reading = (body, { settings, at }) => [productOf(body, settings.currency, at)];
const ofCheckout: Reading = body => [checkoutOf(body)];

const deleted = z.looseObject({ id: z.union([z.number(), z.string()]).transform(String), token: z.string().nullish() });
const person = z.looseObject({
  customer: z.looseObject({ id: z.union([z.number(), z.string()]).nullish(), email: z.string().nullish() }).nullish(),
  data_request: z.looseObject({ id: z.union([z.number(), z.string()]).transform(String) }).nullish(),
});
const gid = z.string().transform(text => text.split('/').at(-1)!);

/**
 * The signature covers the body, not the header that names the topic: somebody who got hold of one signed body must not be able to send it
 * again as a topic that takes something away. So those three must have the body that only they have.
 */
const redaction = z.looseObject({ orders_to_redact: z.array(z.unknown()), data_request: z.undefined().optional() });
const shopRedaction = z.looseObject({ shop_domain: z.string(), customer: z.undefined().optional() });
const uninstalled = z.looseObject({ myshopify_domain: z.string() });

const whoOf = (body: unknown) => {
  const { customer, data_request: asked } = person.parse(body);
  const customerId = customer?.id === null || customer?.id === undefined ? null : String(customer.id);
  return { customerId, email: customer?.email || null, reference: asked?.id ?? '' };
};

const consentShape = z.looseObject({
  customer_id: z.union([z.number(), z.string()]).nullish(),
  id: z.union([z.number(), z.string()]).nullish(),
  email_address: z.string().nullish(),
  phone: z.string().nullish(),
  email_marketing_consent: z.unknown().optional(),
  sms_marketing_consent: z.unknown().optional(),
});
const stateShape = z.looseObject({ state: z.string(), consent_updated_at: z.string().nullish() }).nullish();

const ofConsent =
  (channel: 'email' | 'sms'): Reading =>
  (body, { at }) => {
    const one = consentShape.parse(body);
    const customerId = String(one.customer_id ?? one.id);
    const said = stateShape.parse(channel === 'email' ? one.email_marketing_consent : one.sms_marketing_consent);
    const consent = said && {
      state: said.state,
      consent_updated_at: said.consent_updated_at ? new Date(said.consent_updated_at) : null,
    };
    return consentOf(channel, consent, at).map(told => ({
      kind: 'consent',
      customerId,
      email: channel === 'email' ? one.email_address || null : null,
      phone: channel === 'sms' ? one.phone || null : null,
      consent: told,
    }));
  };

const tagsShape = z.looseObject({ customerId: gid, tags: z.union([z.array(z.string()), z.string()]) });
const ofTags =
  (what: 'add' | 'remove'): Reading =>
  body => {
    const one = tagsShape.parse(body);
    const tags = typeof one.tags === 'string' ? tagsOf(one.tags) : one.tags;
    return [{ kind: 'tags', customerId: one.customerId, add: [], remove: [], [what]: tags }];
  };

/** A refund's lines say their tax but not whether prices hold it: where there is tax, the order is asked for. */
const ofRefund: Reading = (body, { settings }) => {
  const refund = refundShape.parse(body);
  if (!refund.order_id) return [];
  if (refund.refund_line_items.some(line => Number(line.total_tax) !== 0))
    return [{ kind: 'fetch', resource: 'orders', id: refund.order_id }];
  return [{ kind: 'refund', orderId: refund.order_id, refund: refundOf(refund, settings.currency, false) }];
};

const ofFulfilment: Reading = body => {
  const { order_id: orderId } = fulfilmentShape.parse(body);
  const fulfilment = fulfilmentOf(body);
  return fulfilment && orderId ? [{ kind: 'fulfilment', orderId, fulfilment }] : [];
};

const mergedShape = z.looseObject({
  admin_graphql_api_id_customer_kept: gid,
  admin_graphql_api_id_customer_deleted: gid,
  status: z.string().nullish(),
});

/** Topic -> what its body says. The three privacy topics are set in the app's own settings; Shopify has no call to register them. */
const topics: Record<string, Reading> = {
  'orders/create': ofOrder,
  'orders/updated': ofOrder,
  'orders/paid': ofOrder,
  'orders/cancelled': ofOrder,
  // Says what was added and taken away, not what the order is now.
  'orders/edited': body => {
    const id = z
      .looseObject({ order_edit: z.looseObject({ order_id: z.union([z.number(), z.string()]).transform(String) }) })
      .parse(body);
    return [{ kind: 'fetch', resource: 'orders', id: id.order_edit.order_id }];
  },
  'refunds/create': ofRefund,
  'fulfillments/create': ofFulfilment,
  'fulfillments/update': ofFulfilment,
  'customers/create': ofCustomer,
  'customers/update': ofCustomer,
  'customers/delete': body => [{ kind: 'gone', resource: 'customers', id: deleted.parse(body).id }],
  'customers/merge': body => {
    const one = mergedShape.parse(body);
    return [
      { kind: 'merged', keptId: one.admin_graphql_api_id_customer_kept, goneId: one.admin_graphql_api_id_customer_deleted },
    ];
  },
  'customer.tags_added': ofTags('add'),
  'customer.tags_removed': ofTags('remove'),
  'customers_email_marketing_consent/update': ofConsent('email'),
  'customers_marketing_consent/update': ofConsent('sms'),
  'products/create': ofProduct,
  'products/update': ofProduct,
  'products/delete': body => [{ kind: 'gone', resource: 'products', id: deleted.parse(body).id }],
  'checkouts/create': ofCheckout,
  'checkouts/update': ofCheckout,
  'checkouts/delete': body => {
    const one = deleted.parse(body);
    return [{ kind: 'gone', resource: 'checkouts', id: one.token || one.id }];
  },
  'app/uninstalled': body => {
    uninstalled.parse(body);
    return [{ kind: 'uninstalled' }];
  },
  'customers/data_request': body => [{ kind: 'data_request', ...whoOf(body) }],
  'customers/redact': body => {
    redaction.parse(body);
    const { customerId, email } = whoOf(body);
    return [{ kind: 'redact', customerId, email }];
  },
  'shop/redact': body => {
    shopRedaction.parse(body);
    return [{ kind: 'shop_redact' }];
  },
};

const privacyTopics = new Set(['customers/data_request', 'customers/redact', 'shop/redact']);
/** What we ask Shopify to send. */
export const askedTopics = Object.keys(topics).filter(topic => !privacyTopics.has(topic));

/** Old header names begin with "x-". */
const header = (headers: Readonly<Record<string, string>>, name: string): string =>
  headers[`x-shopify-${name}`] ?? headers[`shopify-${name}`] ?? '';

const verify: Webhooks['verify'] = ({ body, headers }: Arrival, { settings, secrets, now }): Verdict => {
  const signature = header(headers, 'hmac-sha256');
  if (signature === '') return { ok: false, reason: 'unsigned' };
  if (!signedBy(body, signature, secrets.client_secret ?? [])) return { ok: false, reason: 'forged' };
  if (header(headers, 'shop-domain').toLowerCase() !== settings.shop) return { ok: false, reason: 'wrong_shop' };
  const topic = header(headers, 'topic').toLowerCase();
  if (!topics[topic]) return { ok: false, reason: 'unknown_topic' };
  const at = new Date(header(headers, 'triggered-at'));
  const isKnown = !Number.isNaN(at.getTime());
  const age_ms = now.getTime() - at.getTime();
  if (isKnown && (age_ms > stale_hours * 3_600_000 || age_ms < -ahead_minutes * 60_000)) return { ok: false, reason: 'stale' };
  return {
    ok: true,
    topic,
    deliveryId: header(headers, 'webhook-id') || null,
    eventId: header(headers, 'event-id') || null,
    at: isKnown ? at : null,
  };
};

type Subscription = { id: string; topic: string; address: string };

const subscriptionsOf = async (access: Access): Promise<Subscription[]> => {
  const { json } = await call(access, 'GET', `api/${apiVersion}/webhooks.json`, { query: { limit: '250' } });
  return ((json.webhooks as { id: unknown; topic: string; address: string }[]) ?? []).map(one => ({
    ...one,
    id: String(one.id),
  }));
};

const isOurs =
  (address: string) =>
  (one: Subscription): boolean =>
    one.address === address;

/** Shopify drops a subscription that keeps failing: what is missing is asked for again. A topic the app may not have is left out. */
const heal: NonNullable<Webhooks['heal']> = async (access, address) => {
  const present = new Set((await subscriptionsOf(access)).filter(isOurs(address)).map(one => one.topic));
  let mended = 0;
  for (const topic of askedTopics.filter(one => !present.has(one))) {
    try {
      await call(access, 'POST', `api/${apiVersion}/webhooks.json`, { body: { webhook: { topic, address, format: 'json' } } });
      mended++;
    } catch (error) {
      if (!(error instanceof ConnectorError) || !['forbidden', 'bad_answer'].includes(error.code)) throw error;
      access.out.log.warn({ connection: access.connectionId, topic, error: error.message }, 'a webhook could not be registered');
    }
  }
  return { inPlace: present.size + mended, mended };
};

const remove: NonNullable<Webhooks['remove']> = async (access, address) => {
  for (const one of (await subscriptionsOf(access)).filter(isOurs(address)))
    await call(access, 'DELETE', `api/${apiVersion}/webhooks/${one.id}.json`);
};

export const webhooks: Webhooks = {
  headers: [
    'x-shopify-topic',
    'x-shopify-shop-domain',
    'x-shopify-webhook-id',
    'x-shopify-event-id',
    'x-shopify-triggered-at',
    'x-shopify-api-version',
    'content-type',
  ],
  largest_bytes,
  verify,
  receive: (topic, body, about) => (topics[topic] ?? (() => []))(body, about),
  heal,
  remove,
};
