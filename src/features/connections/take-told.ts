/** Everything a webhook can tell, beside whole records: each its own use case. One delivery at a time, in its transaction. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { eraseCustomer, mergeCustomers, resolveCustomers, tagCustomers, tieToShops, untagCustomers } from '../customers/index.ts';
import { createTask } from '../desk/index.ts';
import { cancelOrders, recordRefunds } from '../orders/index.ts';
import { holdReason, openRequest } from '../privacy/index.ts';
import { appendShipments } from './append-shipments.ts';
import { type ApplyOptions, applyTold, asConnection, identify } from './apply.ts';
import { isNews, sayConsents } from './apply-people.ts';
import { type Connection, fresh_ms, sourceOf } from './connection.ts';
import type { Told } from './connector.ts';
import { noteFailure } from './health.ts';
import { lockRecords, type RecordRow, readRecords, recordKey } from './postgres.ts';
import { say } from './say.ts';

/** What it tells about is not here yet: the delivery waits and is tried again. */
export class NotYet extends Error {}

/** Whom it was about (an origin), where it was about somebody. */
type Whom = number | null;
type Of<K extends Told['kind']> = Extract<Told, { kind: K }>;

/** `refunds`: "whole" where the record was read from the API, with every refund it has. */
export const takeTold = async (
  given: Context,
  connection: Connection,
  told: Told,
  at: Date,
  refunds: ApplyOptions['refunds'] = 'added',
): Promise<Whom> => {
  const context = asConnection(given, connection);
  switch (told.kind) {
    case 'customer':
    case 'order':
    case 'product':
    case 'checkout': {
      const { origins } = await applyTold(context, connection, [{ told, observedAt: at, hash: null }], {
        historical: false,
        refunds,
      });
      return origins[0] ?? null;
    }
    case 'consent':
      return takeConsent(context, connection, told, at);
    case 'tags':
      return takeTags(context, connection, told);
    case 'refund':
      return takeRefund(context, connection, told, at);
    case 'fulfilment':
      return takeFulfilment(context, connection, told);
    case 'gone':
      return takeGone(context, connection, told, at);
    case 'merged':
      return takeMerged(context, connection, told, at);
    case 'data_request':
      return takeDataRequest(context, connection, told, at);
    case 'redact':
      return takeRedact(context, connection, told, at);
    case 'shop_redact':
      return takeShopRedact(context, connection);
    case 'uninstalled':
      await noteFailure(context, connection.id, {
        code: 'uninstalled',
        message: say('connections.error.uninstalled', { name: connection.name }),
        retryAfter_seconds: null,
      });
      return null;
    case 'fetch':
      throw new Error('What is to be fetched has been fetched before this.');
  }
};

const isHistorical = (context: Context, at: Date): boolean => context.clock.now().getTime() - at.getTime() > fresh_ms;

const takeConsent = async (context: Context, connection: Connection, told: Of<'consent'>, at: Date): Promise<Whom> => {
  const who = identify(connection, { id: told.customerId, email: told.email, phone: told.phone, traits: {} }, told.consent.at);
  const [originId] = who ? await resolveCustomers(context, [who], { source: sourceOf(connection) }) : [null];
  if (originId === null) return null;
  await tieToShops(context, [{ originId, shopId: connection.shop_id }]);
  const before = await lockCustomer(context, connection, told.customerId);
  if (!isNews(before.consents, told.consent)) return originId;
  await sayConsents(context, connection, [{ originId, consent: told.consent, historical: isHistorical(context, at) }]);
  const consents = {
    ...before.consents,
    [told.consent.channel]: { state: told.consent.state, at: told.consent.at.toISOString() },
  };
  await context.postgres`
    update connections.record set consents = ${context.postgres.json(consents)}, origin_id = ${originId}, customer_id = customers.owner_of(${originId})
    where connection_id = ${connection.id} and resource = 'customers' and outside_id = ${told.customerId}`;
  return originId;
};

const lockCustomer = async (context: Context, connection: Connection, id: string): Promise<RecordRow> =>
  (await lockRecords(context, connection.id, [{ resource: 'customers', id }])).get(recordKey('customers', id))!;

const takeTags = async (context: Context, connection: Connection, told: Of<'tags'>): Promise<Whom> => {
  const before = await lockCustomer(context, connection, told.customerId);
  if (before.origin_id === null) throw new NotYet(say('connections.waiting.customer'));
  const originId = before.origin_id;
  const tags = [...new Set([...(before.tags ?? []), ...told.add])].filter(tag => !told.remove.includes(tag));
  await tagCustomers(
    context,
    told.add.map(tag => ({ originId, tag })),
    { historical: false },
  );
  await untagCustomers(
    context,
    told.remove.map(tag => ({ originId, tag })),
    { historical: false },
  );
  await context.postgres`
    update connections.record set tags = ${tags}::text[], hash = null
    where connection_id = ${connection.id} and resource = 'customers' and outside_id = ${told.customerId}`;
  return originId;
};

/** The order as it stands here: refunds and shipments name it by the outside system's id. */
const orderOf = async (context: Context, connection: Connection, id: string): Promise<{ number: string; originId: Whom }> => {
  const record = (await readRecords(context, connection.id, [{ resource: 'orders', id }])).get(recordKey('orders', id));
  const [order] = record?.number
    ? await context.postgres`select origin_id from orders."order" where shop_id = ${connection.shop_id} and number = ${record.number}`
    : [];
  if (!order) throw new NotYet(say('connections.waiting.order'));
  return { number: record!.number!, originId: order.origin_id as Whom };
};

const takeRefund = async (context: Context, connection: Connection, told: Of<'refund'>, at: Date): Promise<Whom> => {
  const { number, originId } = await orderOf(context, connection, told.orderId);
  await recordRefunds(context, [{ shopId: connection.shop_id, number, refund: told.refund }], {
    source: 'connection',
    importId: null,
    historical: isHistorical(context, at),
  });
  return originId;
};

const takeFulfilment = async (context: Context, connection: Connection, told: Of<'fulfilment'>): Promise<Whom> => {
  const { number, originId } = await orderOf(context, connection, told.orderId);
  await appendShipments(context, connection, [{ number, originId, fulfilment: told.fulfilment }], false);
  return originId;
};

/** A shop that forgets somebody has not asked us to: the person stays, the tie is marked. An order it has deleted is no sale any more. */
const takeGone = async (context: Context, connection: Connection, told: Of<'gone'>, at: Date): Promise<Whom> => {
  const before = (await lockRecords(context, connection.id, [{ resource: told.resource, id: told.id }])).get(
    recordKey(told.resource, told.id),
  )!;
  if (!told.asked && before.observed_at && before.observed_at > at) return before.origin_id;
  await context.postgres`
    update connections.record set gone_at = ${at}, observed_at = greatest(observed_at, ${at}), hash = null
    where connection_id = ${connection.id} and resource = ${told.resource} and outside_id = ${told.id}`;
  if (told.resource === 'orders' && before.number !== null)
    await cancelOrders(context, [{ shopId: connection.shop_id, number: before.number, at }], {
      source: 'connection',
      importId: null,
      historical: isHistorical(context, at),
    });
  return before.origin_id;
};

const ownerOfShopCustomer = async (context: Context, connection: Connection, id: string): Promise<Whom> => {
  const [row] = await context.postgres`
    select customers.owner_of(origin_id) as owner from customers.identifier
    where kind = 'shop_customer_id' and source = ${connection.id} and value = ${id} and not shared`;
  return (row?.owner as number) ?? null;
};

const takeMerged = async (context: Context, connection: Connection, told: Of<'merged'>, at: Date): Promise<Whom> => {
  const kept = await ownerOfShopCustomer(context, connection, told.keptId);
  const gone = await ownerOfShopCustomer(context, connection, told.goneId);
  if (kept === null) throw new NotYet(say('connections.waiting.customer'));
  if (gone !== null && gone !== kept) await mergeCustomers(context, { winnerId: kept, loserId: gone });
  await takeGone(context, connection, { kind: 'gone', resource: 'customers', id: told.goneId }, at);
  return kept;
};

// ---- privacy -----------------------------------------------------------------------------------------------------------

/** Days the law gives for an answer. */
const answerWithin_days = 30;

const personOf = async (
  context: Context,
  connection: Connection,
  asked: { customerId: string | null; email: string | null },
): Promise<Whom> => {
  const own = asked.customerId ? await ownerOfShopCustomer(context, connection, asked.customerId) : null;
  if (own !== null || !asked.email) return own;
  const [row] = await context.postgres`
    select customers.owner_of(origin_id) as owner from customers.identifier
    where kind = 'email' and source = '' and value = ${asked.email.trim().toLowerCase()} and not shared`;
  return (row?.owner as number) ?? null;
};

/** Opens a request at the privacy desk: a person hands the export over, by a day. The shop has checked who asks. */
const takeDataRequest = async (context: Context, connection: Connection, told: Of<'data_request'>, at: Date): Promise<Whom> => {
  const customerId = await personOf(context, connection, told);
  await openRequest(context, {
    kind: 'access',
    customerId,
    source: sourceOf(connection),
    outsideId: told.reference || null,
    subject: told.email,
    identity: { how: 'connection', note: connection.name },
    receivedAt: at,
  });
  return customerId;
};

/** Erased at once, unless a hold forbids it: then staff decide. The block-list keeps a late webhook or poll from bringing the person back. */
const takeRedact = async (context: Context, connection: Connection, told: Of<'redact'>, at: Date): Promise<Whom> => {
  const customerId = await personOf(context, connection, told);
  await audit(context, 'connections.redacted', {
    subject: { kind: 'connection', id: connection.id },
    known: customerId !== null,
  });
  if (customerId === null) return null;
  if ((await holdReason(context, [customerId])) === null) {
    const reason = say('connections.privacy.redact_reason', { name: connection.name });
    await eraseCustomer(context, { customerId, reason, block: true });
    return null;
  }
  await openRequest(context, {
    kind: 'erasure',
    customerId,
    source: sourceOf(connection),
    identity: { how: 'connection', note: connection.name },
    receivedAt: at,
  });
  return customerId;
};

const takeShopRedact = async (context: Context, connection: Connection): Promise<Whom> => {
  await createTask(context, {
    title: say('connections.privacy.shop_redact', { name: connection.name }),
    note: say('connections.privacy.shop_redact_note', { name: connection.name }),
    dueOn: new Date(context.clock.now().getTime() + answerWithin_days * 86_400_000).toISOString().slice(0, 10),
  });
  await audit(context, 'connections.shop_redact_asked', { subject: { kind: 'connection', id: connection.id } });
  return null;
};
