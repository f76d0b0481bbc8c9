/**
 * The HTTP server: reads the contracts, checks who may, parses what comes and what goes, and answers noes as RFC 9457 problems.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import ipaddr from 'ipaddr.js';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import { audit } from './audit.ts';
import type { Config } from './config.ts';
import { type Actor, type Context, may } from './context.ts';
import type { Route } from './contract.ts';
import { type Fault, Refusal } from './errors.ts';
import type { Feature } from './feature.ts';
import type { FileAnswer, HandlerInput } from './http.ts';
import { guardOrigin } from './origin.ts';

export type AppOptions = {
  context: Context;
  features: readonly Feature[];
  /** Who is calling: a staff session, an API key, or null. Comes from the access feature. */
  authenticate: (context: Context, request: FastifyRequest) => Promise<Actor | null>;
  /** Replays the first answer for a repeated Idempotency-Key (platform/idempotency.ts); absent in tests that do not need it. */
  once?: (context: Context, request: FastifyRequest, work: (context: Context) => Promise<unknown>) => Promise<unknown>;
  /** Told of every answer, to notice break-ins; must be quick and never throws. Comes from the access feature. */
  watch?: Watch;
  /** False while migrations run: everything but /healthz answers 503. */
  ready?: () => boolean;
  /** Serves the admin app; added last so that its fallback does not hide a route. */
  pages?: (app: FastifyInstance) => Promise<void>;
};

export type Watched = {
  actor: Actor;
  address: string;
  route: Route;
  request: FastifyRequest;
  status: number;
  code: string | null;
};
export type Watch = (watched: Watched) => void;

const publicActor: Actor = { kind: 'public', id: null, name: 'public', verbs: new Set(), fields: new Set(), shopIds: null };

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor;
    /** Code of the refusal this request is answered with. */
    refusedAs: string | null;
  }
}

export const buildApp = async (options: AppOptions): Promise<FastifyInstance> => {
  const app = fastify({
    loggerInstance: options.context.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1 << 20,
    trustProxy: options.context.config.trustProxy,
    routerOptions: { maxParamLength: 300 },
  });
  await app.register(cookie);
  await app.register(multipart, { limits: { fileSize: 8 * 2 ** 30, files: 1, fields: 20, fieldSize: 100_000 } });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Each page carries a fresh nonce for the <style> elements that the admin app adds (platform/pages.ts).
    enableCSPNonces: true,
    hsts: options.context.config.secureCookies ? { maxAge: 31_536_000 } : false,
    crossOriginResourcePolicy: { policy: 'same-origin' },
  });
  app.setErrorHandler((error, request, reply) => answerError(options.context, error as FastifyError, request, reply));
  app.setNotFoundHandler((request, reply) => {
    void reply;
    throw new Refusal(
      'not_found',
      'platform.no_route',
      `There is nothing at ${request.method} ${request.url.split('?')[0]}. See /docs for what there is.`,
    );
  });
  app.decorateRequest('actor', null as never);
  app.decorateRequest('refusedAs', null);
  app.addHook('onRequest', async request => {
    request.actor = publicActor;
    if (options.ready && !options.ready() && request.url !== '/healthz') {
      throw new Refusal('unavailable', 'platform.starting', 'Regulars is starting. Try again in a few seconds.', {
        retryAfterSeconds: 3,
      });
    }
  });
  addMetrics(app, options.context);
  for (const feature of options.features) {
    for (const [name, route] of Object.entries(feature.contract)) if (!route.raw) addRoute(app, options, feature, name, route);
    await feature.doors?.(app, options.context);
  }
  await options.pages?.(app);
  return app;
};

const addRoute = (app: FastifyInstance, options: AppOptions, feature: Feature, name: string, route: Route): void => {
  const handler = feature.routes[name];
  if (!handler)
    throw new Error(`The route ${feature.name}.${name} has no handler: bind it in src/features/${feature.name}/routes.ts.`);
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyLimit ?? 1 << 20,
    onResponse: async (request, reply) =>
      options.watch?.({
        actor: request.actor,
        address: request.ip,
        route,
        request,
        status: reply.statusCode,
        code: request.refusedAs,
      }),
    handler: async (request, reply) => {
      guardOrigin(request, options.context.config, route);
      const actor = await authorise(options, request, route);
      const context: Context = { ...options.context, actor, log: request.log as never };
      const input = {
        params: parse(route.params, request.params, 'params'),
        query: parse(route.query, request.query, 'query'),
        body: route.upload ? undefined : parse(route.body, request.body ?? (route.body ? {} : undefined), 'body'),
        request,
        reply,
      } as HandlerInput;
      const work = async (inside: Context) => handler(inside, input);
      const result =
        options.once && hasRepeatableAnswer(request, route) ? await options.once(context, request, work) : await work(context);
      if (reply.sent || reply.raw.headersSent) return reply;
      return send(reply, route, result);
    },
  });
};

/** Doors before login are left out: their answers set cookies, and nobody could prove that a repeated key is their own. */
const hasRepeatableAnswer = (request: FastifyRequest, route: Route): boolean =>
  route.method === 'POST' &&
  request.headers['idempotency-key'] !== undefined &&
  request.actor.kind !== 'public' &&
  route.needs !== 'public' &&
  !route.upload &&
  !route.asks &&
  !route.tries &&
  typeof route.answer !== 'string';

/** 401 without a login, 403 without the verb; nothing has happened before either. */
const authorise = async (options: AppOptions, request: FastifyRequest, route: Route): Promise<Actor> => {
  const actor = (await options.authenticate(options.context, request)) ?? publicActor;
  request.actor = actor;
  if (route.needs === 'public' || route.needs === 'write-key') return actor;
  if (actor.kind === 'public')
    throw new Refusal('unauthenticated', 'access.sign_in', 'Sign in, or send an API key as "Authorization: Bearer ...".');
  if (actor.held && !route.whileHeld) {
    throw new Refusal(
      'forbidden',
      'access.second_factor_required',
      'Your organisation asks for a second factor. Set one up in Settings, Security; everything else opens then.',
    );
  }
  if (actor.viewedBy && route.method !== 'GET' && !route.asks && !route.whileViewing) {
    throw new Refusal(
      'forbidden',
      'access.viewing',
      `You are looking at Regulars as ${actor.name}, and looking changes nothing. End the view to do this as yourself.`,
      { values: { name: actor.name } },
    );
  }
  if (route.needs !== 'signed-in' && !may(actor, route.needs)) {
    throw new Refusal(
      'forbidden',
      'access.forbidden',
      `Your role does not include "${route.needs}". Ask an owner of this installation to add it.`,
      { values: { verb: route.needs } },
    );
  }
  return actor;
};

const parse = (schema: z.ZodType | undefined, value: unknown, where: string): unknown => {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults: Fault[] = result.error.issues
    .slice(0, 50)
    .map(issue => ({ path: issue.path.map(String).join('.'), reason: issue.message }));
  const first = faults[0];
  throw new Refusal(
    'malformed',
    `platform.malformed_${where}`,
    `${first?.path ? `${first.path}: ` : ''}${first?.reason ?? 'The request does not have the right shape.'} Correct it and send it again.`,
    { faults },
  );
};

const send = (reply: FastifyReply, route: Route, result: unknown): unknown => {
  if (typeof route.answer === 'string') {
    const { file, filename } = result as FileAnswer;
    const ascii = filename.replace(/[^\w.\- ]/g, '_');
    reply
      .header('content-type', route.answer)
      .header('content-disposition', `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(filename)}`);
    return reply.send(file);
  }
  if (!route.answer) return reply.code(route.status ?? 204).send();
  reply.code(route.status ?? 200).header('cache-control', 'no-store');
  // Parsing what leaves strips whatever the contract does not name.
  return reply.send(route.answer.parse(plain(result)));
};

/** Dates leave as RFC 3339 UTC. */
const plain = (value: unknown): unknown => {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === 'object') {
    const out: Record<string, unknown> = {};
    for (const [key, one] of Object.entries(value)) out[key] = plain(one);
    return out;
  }
  return value;
};

const answerError = async (
  context: Context,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const refusal = asRefusal(error) ?? asBrokenUpload(error, request);
  if (!refusal) {
    context.log.error({ err: error, method: request.method, url: request.url.split('?')[0] }, 'a bug answered 500');
    return reply.code(500).type('application/problem+json').send({
      type: 'urn:regulars:platform.bug',
      title: 'Something broke on our side',
      status: 500,
      code: 'platform.bug',
      values: {},
      errors: [],
      detail: 'Nothing was lost. Try again; if it happens again, look at the log of the server and report it.',
    });
  }
  request.refusedAs = refusal.code;
  if (refusal.kind === 'forbidden' && request.actor.kind !== 'public') await logRefusal(context, refusal, request);
  if (refusal.retryAfterSeconds !== undefined) reply.header('retry-after', String(refusal.retryAfterSeconds));
  return reply.code(refusal.status).type('application/problem+json').send(refusal.toProblem());
};

/** What somebody tried and may not: outside the transaction that the refusal rolled back. */
const logRefusal = (context: Context, refusal: Refusal, request: FastifyRequest): Promise<void> =>
  audit({ ...context, actor: request.actor }, 'access.refused', {
    door: `${request.method} ${request.routeOptions.url ?? ''}`,
    code: refusal.code,
    ...refusal.values,
  }).catch(error => context.log.error({ err: error }, 'a refusal could not be written to the audit log'));

/** The parser of multipart bodies throws plain errors for what a caller sent cut off or garbled. */
const asBrokenUpload = (error: FastifyError, request: FastifyRequest): Refusal | null =>
  request.isMultipart() && /multipart|part header|part terminated/i.test(error.message)
    ? new Refusal('malformed', 'platform.broken_upload', 'The upload arrived incomplete or garbled. Send the file again.')
    : null;

const asRefusal = (error: FastifyError): Refusal | null => {
  if (error instanceof Refusal) return error;
  if (error instanceof z.ZodError) return null;
  const known: Record<string, () => Refusal> = {
    FST_ERR_CTP_BODY_TOO_LARGE: () =>
      new Refusal(
        'too_large',
        'platform.body_too_large',
        'The body is larger than this door accepts. Send it in smaller portions.',
      ),
    FST_REQ_FILE_TOO_LARGE: () =>
      new Refusal(
        'too_large',
        'platform.file_too_large',
        'The file is larger than this door accepts. Split it and send the parts.',
      ),
    FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
      new Refusal('unsupported_type', 'platform.content_type', 'Send JSON with the header "Content-Type: application/json".'),
    FST_INVALID_MULTIPART_CONTENT_TYPE: () =>
      new Refusal('unsupported_type', 'platform.content_type', 'Send the file as multipart/form-data.'),
  };
  if (known[error.code]) return known[error.code]();
  // PostgreSQL refuses NUL characters and values out of range: bad input, not a bug.
  if (['22021', '22P05', '22003', '22008', '22P02'].includes(error.code)) {
    return new Refusal(
      'malformed',
      'platform.malformed_value',
      'A value holds a character or a number that cannot be stored. Correct it and send it again.',
    );
  }
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500) {
    return new Refusal(
      error.statusCode === 415 ? 'unsupported_type' : error.statusCode === 413 ? 'too_large' : 'malformed',
      'platform.malformed',
      `The request could not be read: ${error.message}. Correct it and send it again.`,
    );
  }
  return null;
};

/** Figures of the inside are for whoever runs the machine: from the machine itself, or with METRICS_TOKEN. */
const guardMetrics = (request: FastifyRequest, config: Config): void => {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (config.metricsToken !== null) {
    const given = createHash('sha256')
      .update(token ?? '')
      .digest();
    if (timingSafeEqual(given, createHash('sha256').update(config.metricsToken).digest())) return;
  } else if (isLoopback(request.socket.remoteAddress) && request.headers['x-forwarded-for'] === undefined) return;
  throw new Refusal(
    'forbidden',
    'platform.metrics',
    'Metrics are read from this machine, or from elsewhere with METRICS_TOKEN as "Authorization: Bearer ...".',
  );
};

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';

const addMetrics = (app: FastifyInstance, context: Context): void => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'regulars_http_seconds',
    help: 'Time to answer, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  });
  const bugs = new Counter({ name: 'regulars_bugs_total', help: 'Answers with status 500', registers: [registry] });
  app.addHook('onResponse', async (request, reply) => {
    duration.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
    if (reply.statusCode === 500) bugs.inc();
  });
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const [database, scan] = await Promise.all([
      context.postgres`select 1`.then(
        () => true,
        () => false,
      ),
      context.clickhouse.ping().catch(() => false),
    ]);
    // ClickHouse may be down without losing work, so it does not make the service unready.
    return reply.code(database ? 200 : 503).send({ ok: database, postgres: database, clickhouse: scan });
  });
  app.get('/metrics', async (request, reply) => {
    guardMetrics(request, context.config);
    const [jobs] = await context.postgres`
      select count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'running') as running,
        (select count(*) from platform.delivery where not dead) as announcements, (select count(*) from platform.delivery where dead) as dead
      from platform.job where state in ('queued', 'running')`;
    const own = Object.entries(jobs)
      .map(([name, value]) => `# TYPE regulars_queue_${name} gauge\nregulars_queue_${name} ${value}\n`)
      .join('');
    return reply.type(registry.contentType).send((await registry.metrics()) + own);
  });
};
