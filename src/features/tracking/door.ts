/**
 * Segment's HTTP tracking API (api.md section 2): validate, store durably, answer. Nothing is looked up about the customer here;
 * that is the resolver's work.
 */
import { gunzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mayHoldCard } from '../../platform/cards.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { type InboxLimits, openInbox, unknownKey } from './inbox.ts';
import { cleanValue, parseExact } from './properties.ts';
import { reasonSentence } from './reason.ts';
import { callTypes, type Delivery, isRejected, readDelivery, type Trust } from './segment-call.ts';
import { openSnippetDoor } from './snippet-door.ts';
import { noteSight, settingsOf } from './snippet-settings.ts';
import { hashKey } from './write-key.ts';

export const largestBody_bytes = 512_000;

/** Path -> door. The short ones are what Segment's browser library calls. */
const doors: Record<string, Delivery['door']> = {
  ...Object.fromEntries(callTypes.map(type => [type, type])),
  batch: 'batch',
  import: 'import',
  b: 'batch',
  i: 'identify',
  t: 'track',
  p: 'page',
  s: 'screen',
  g: 'group',
  a: 'alias',
};

const success = '{"success":true}';

export const openDoors = async (app: FastifyInstance, context: Context, limits?: InboxLimits): Promise<void> => {
  const inbox = openInbox(context, limits);
  const findKey = keyFinder(context);
  const saw = sightNoter(context);
  openSnippetDoor(app);
  await app.register(async v1 => {
    v1.removeAllContentTypeParsers();
    v1.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    v1.addHook('onRequest', async (_request, reply) => {
      reply
        .header('access-control-allow-origin', '*')
        // Or a page of another origin cannot read how long to wait.
        .header('access-control-expose-headers', 'retry-after')
        .header('cross-origin-resource-policy', 'cross-origin')
        .header('cache-control', 'no-store');
    });
    v1.options('/v1/*', async (_request, reply) =>
      reply
        .header('access-control-allow-methods', 'GET, POST, OPTIONS')
        .header('access-control-allow-headers', 'authorization, content-type, content-encoding, x-retry-count')
        .header('access-control-max-age', '86400')
        .code(204)
        .send(),
    );
    for (const [path, door] of Object.entries(doors)) {
      v1.post(`/v1/${path}`, { bodyLimit: largestBody_bytes }, async (request, reply) => {
        const json = textOf(request);
        const body = parseBody(json);
        const key = await findKey(keyOf(request, body));
        if (!key) throw unknownKey();
        const receivedAt = context.clock.now();
        const refused = refusalOf({ ...key, id: '', receivedAt, door, body });
        // A refused call is kept too: it is listed under rejected events with its reason.
        if (refused !== 'malformed') {
          await inbox.store({
            ...key,
            receivedAt,
            door,
            gpc: request.headers['sec-gpc'] === '1',
            events: Array.isArray(body.batch) && isMany(door) ? body.batch.length : 1,
            json: mayHoldCard(json) ? withoutCards(json) : json,
          });
        }
        if (refused === 'malformed')
          throw new Refusal(
            'malformed',
            'tracking.no_batch',
            'Send an object with a list named "batch", as Segment\'s batch call does.',
          );
        if (refused)
          throw new Refusal(
            refused.reason === 'too_large' ? 'too_large' : 'malformed',
            `tracking.${refused.reason}`,
            reasonSentence(refused.reason, refused.values),
            { values: refused.values },
          );
        return answer(reply);
      });
    }
    // The browser library reports on itself here when its sampling is on; we have no use for it.
    v1.post('/v1/m', { bodyLimit: largestBody_bytes }, async (_request, reply) => answer(reply));
    v1.get('/v1/projects/:key/settings', async (request, reply) => {
      const writeKey = (request.params as { key: string }).key;
      const key = await findKey(writeKey);
      if (!key) throw unknownKey();
      // A page of a shop says where it stands; the admin page, which asks here too, does not.
      if (key.trust === 'browser' && request.headers.origin) saw(key.keyId, request.headers.origin);
      const { consent, before_answer: before, spa, time_on_page: time } = await settingsOf(context, key.keyId);
      return reply
        .header('cache-control', 'public, max-age=60')
        .send({ ...settingsFor(context, request, writeKey), regulars: { consent, before, spa, time } });
    });
  });
};

const answer = (reply: FastifyReply) => reply.type('application/json; charset=utf-8').send(success);
const isMany = (door: Delivery['door']): boolean => door === 'batch' || door === 'import';

/** What `@segment/analytics-next` asks for before it sends: only this installation as a destination, no metrics elsewhere. */
const settingsFor = (context: Context, request: FastifyRequest, writeKey: string) => {
  const url = new URL(context.config.publicUrl ?? `${request.protocol}://${request.host}`);
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost: `${url.host}${url.pathname.replace(/\/$/, '')}/v1`,
        protocol: url.protocol.replace(':', ''),
        versionSettings: { version: '4.4.7', componentTypes: ['browser'] },
      },
    },
    plan: {
      track: { __default: { enabled: true, integrations: {} } },
      identify: { __default: { enabled: true } },
      group: { __default: { enabled: true } },
    },
    edgeFunction: {},
    analyticsNextEnabled: true,
    metrics: { sampleRate: 0 },
    middlewareSettings: {},
    enabledMiddleware: {},
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  };
};

/** Notes that a page has asked for its settings, at most once a minute per key, beside the request. */
const sightNoter = (context: Context): ((keyId: string, origin: string) => void) => {
  const noted = new Map<string, number>();
  return (keyId, origin) => {
    if (Date.now() - (noted.get(keyId) ?? 0) < 60_000) return;
    noted.set(keyId, Date.now());
    const site = URL.canParse(origin) ? new URL(origin).origin.slice(0, 200) : null;
    noteSight(context, keyId, site).catch(error => context.log.warn({ err: error }, 'the sight of a snippet could not be noted'));
  };
};

const textOf = (request: FastifyRequest): string => {
  const raw = request.body as Buffer | undefined;
  if (!raw || raw.length === 0)
    throw new Refusal('malformed', 'tracking.empty', 'The request has no body. Send the call as JSON.');
  try {
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw, { maxOutputLength: largestBody_bytes }) : raw;
    return bytes.toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE')
      throw new Refusal('too_large', 'platform.body_too_large', 'The body is larger than 500 kB. Send it in smaller portions.');
    throw new Refusal(
      'malformed',
      'tracking.bad_gzip',
      'The body says it is gzip but cannot be unpacked. Send it again, or plain.',
    );
  }
};

const parseBody = (json: string): Record<string, unknown> => {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch (error) {
    throw new Refusal(
      'malformed',
      'tracking.not_json',
      `The body is not JSON (${(error as Error).message}). Correct it and send it again.`,
    );
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal('malformed', 'tracking.not_an_object', "Send one JSON object, as Segment's HTTP API describes.");
  return body as Record<string, unknown>;
};

/** Card numbers are masked before anything is written to disk. */
const withoutCards = (json: string): string => {
  try {
    return JSON.stringify(cleanValue(parseExact(json)));
  } catch {
    throw new Refusal('malformed', 'tracking.too_deep', 'The body nests deeper than 30 levels. Send flatter properties.');
  }
};

/** A batch must be one; a single call is read at once, so that its sender learns what is wrong with it. */
const refusalOf = (delivery: Delivery) => {
  if (isMany(delivery.door)) return Array.isArray((delivery.body as { batch?: unknown }).batch) ? null : ('malformed' as const);
  const [read] = readDelivery(delivery);
  return isRejected(read) ? read : null;
};

// ---- write keys ---------------------------------------------------------------------------------------------------

type FoundKey = { keyId: string; shopId: string; trust: Trust; demo: boolean };

const keyOf = (request: FastifyRequest, body: Record<string, unknown>): string => {
  const header = request.headers.authorization ?? '';
  if (/^basic /i.test(header)) {
    const name = Buffer.from(header.slice(6), 'base64').toString('utf8').split(':')[0];
    if (name) return name;
  }
  return typeof body.writeKey === 'string' ? body.writeKey : '';
};

const remember_ms = 10_000;
const mostRemembered = 10_000;

/** Remembers keys for ten seconds. A key revoked meanwhile is still refused: the inbox looks again when it stores. */
const keyFinder = (context: Context): ((key: string) => Promise<FoundKey | null>) => {
  const remembered = new Map<string, { found: FoundKey; until: number }>();
  return async key => {
    if (key === '' || key.length > 100) return null;
    const known = remembered.get(key);
    if (known && known.until > Date.now()) return known.found;
    const [row] = await context.postgres`
      select write_key.id, write_key.shop_id, write_key.kind, shop.kind as shop_kind
      from tracking.write_key join shops.shop on shop.id = write_key.shop_id
      where hash = ${hashKey(key)} and revoked_at is null`;
    if (!row) return null;
    const found: FoundKey = { keyId: row.id, shopId: row.shop_id, trust: row.kind, demo: row.shop_kind === 'demo' };
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(key, { found, until: Date.now() + remember_ms });
    return found;
  };
};
