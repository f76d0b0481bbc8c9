/**
 * The webhook door: /webhooks/<connection id>. Judges the raw bytes, stores them durably, answers; the work is a worker's. What is refused
 * is counted by reason on the connection, and nothing of it is kept.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Context, systemActor } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import type { Connection } from './connection.ts';
import type { RefusalReason, Verdict, Webhooks } from './connector.ts';
import { connectors } from './connectors.ts';
import { acceptedSecrets } from './credentials.ts';
import { findConnection } from './postgres.ts';
import { say } from './say.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const largest_bytes = Math.max(...connectors.map(connector => connector.webhooks?.largest_bytes ?? 0));

/** Paused is not wrong, only not now: the sender tries again later. */
const statusOf: Record<RefusalReason, Refusal['kind']> = {
  unsigned: 'unauthenticated',
  forged: 'unauthenticated',
  stale: 'unauthenticated',
  wrong_shop: 'unauthenticated',
  unknown_topic: 'not_found',
  unreadable: 'malformed',
  too_large: 'too_large',
  paused: 'unavailable',
};

export const openWebhookDoor = async (app: FastifyInstance, given: Context): Promise<void> => {
  const context: Context = { ...given, actor: systemActor };
  await app.register(async door => {
    // The signature is over the bytes as they came: no parser may touch them.
    door.removeAllContentTypeParsers();
    door.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    door.post('/webhooks/:id', { bodyLimit: largest_bytes + 1 }, async (request, reply) => {
      const connection = await asked(context, request);
      await receive(context, connection, request);
      return reply.header('cache-control', 'no-store').send({ ok: true });
    });
  });
};

const asked = async (context: Context, request: FastifyRequest): Promise<Connection> => {
  const { id } = request.params as { id: string };
  const connection = uuid.test(id) ? await findConnection(context, id) : null;
  if (!connection) throw notFound('connection');
  return connection;
};

const receive = async (context: Context, connection: Connection, request: FastifyRequest): Promise<void> => {
  const webhooks = connectors.find(connector => connector.kind === connection.kind)?.webhooks;
  if (!webhooks) throw notFound('connection');
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const headers = textHeaders(request);
  if (body.length > webhooks.largest_bytes) return refuse(context, connection, 'too_large');
  const verdict = webhooks.verify(
    { body, headers },
    { settings: connection.settings, secrets: await acceptedSecrets(context, connection.id), now: context.clock.now() },
  );
  if (!verdict.ok) return refuse(context, connection, verdict.reason);
  if (connection.state === 'paused') return refuse(context, connection, 'paused');
  if (verdict.ping) return;
  await store(context, connection, webhooks, { body, headers, verdict });
};

const textHeaders = (request: FastifyRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );

const refuse = async (context: Context, connection: Connection, reason: RefusalReason): Promise<never> => {
  const now = context.clock.now();
  await context.postgres`
    insert into connections.refused as r (connection_id, reason, day, count, last_at)
    values (${connection.id}, ${reason}, ${now.toISOString().slice(0, 10)}::date, 1, ${now})
    on conflict (connection_id, reason, day) do update set count = r.count + 1, last_at = excluded.last_at`;
  throw new Refusal(statusOf[reason], `connections.${reason}`, say(`connections.refused.${reason}_detail`), {
    retryAfterSeconds: reason === 'paused' ? 300 : undefined,
  });
};

type Accepted = { body: Buffer; headers: Record<string, string>; verdict: Extract<Verdict, { ok: true }> };

/** One row per delivery and per thing told; the same again only counts. */
const store = async (
  context: Context,
  connection: Connection,
  webhooks: Webhooks,
  { body, headers, verdict }: Accepted,
): Promise<void> => {
  const { postgres: sql, clock } = context;
  const now = clock.now();
  const kept = Object.fromEntries(webhooks.headers.flatMap(name => (headers[name] ? [[name, headers[name].slice(0, 500)]] : [])));
  const stored = await sql`
    insert into connections.delivery (connection_id, topic, delivery_key, event_key, at, received_at, body, bytes, sha256, headers, due_at)
    values (${connection.id}, ${verdict.topic}, ${verdict.deliveryId}, ${verdict.eventId}, ${verdict.at}, ${now}, ${body}, ${body.length},
      ${createHash('sha256').update(body).digest('hex')}, ${sql.json(kept)}, ${now})
    on conflict do nothing returning id`;
  if (stored.length === 0) {
    await sql`
      update connections.delivery set repeats = repeats + 1
      where connection_id = ${connection.id} and (delivery_key = ${verdict.deliveryId} or (event_key = ${verdict.eventId} and topic = ${verdict.topic}))`;
    return;
  }
  await sql`select pg_notify('regulars_work', 'connections')`;
};
