/**
 * Start-up only: engines -> migrations -> context -> worker -> doors. Stops in reverse on SIGTERM or Ctrl-C.
 */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { authenticate, createWatch, offerSetup } from './features/access/index.ts';
import { zoneOf } from './features/shops/index.ts';
import { features } from './features.ts';
import { buildApp } from './platform/app.ts';
import { connectClickHouse } from './platform/clickhouse.ts';
import { systemClock } from './platform/clock.ts';
import { type Config, readConfig } from './platform/config.ts';
import type { Context } from './platform/context.ts';
import { type Engines, startEngines } from './platform/engines/index.ts';
import { checkPort } from './platform/engines/port.ts';
import { buildContext, prepareHouse } from './platform/house.ts';
import { once } from './platform/idempotency.ts';
import { openLiveHub } from './platform/live.ts';
import { openLog } from './platform/log.ts';
import { deliverAnnouncements } from './platform/outbox.ts';
import { servePages } from './platform/pages.ts';
import { openPostgres } from './platform/postgres.ts';
import { runAsProcess } from './platform/process.ts';
import { planSchedules, startDueSchedules, startWorker, type Worker } from './platform/queue.ts';
import { addLiveStream } from './platform/system/live-stream.ts';
import { docsPageOf, openApiOf } from './platform/system/openapi.ts';

const adminFolder = new URL('../dist/admin/', import.meta.url);
const drain_ms = 30_000;

const addPages = async (app: FastifyInstance): Promise<void> => {
  app.get('/openapi.json', async () => openApiOf(features, '0.1.0'));
  app.get('/docs', async (_request, reply) => reply.type('text/html').send(docsPageOf(features, reply.cspNonce.style)));
  await servePages(app, adminFolder);
};

const startWork = async (context: Context, databaseUrl: string): Promise<Worker> => {
  const stages = [{ name: 'outbox', step: deliverAnnouncements, idleMs: 500 }, ...features.flatMap(feature => feature.stages)];
  const locks = openPostgres(databaseUrl, { max: stages.length + 2, name: 'regulars-stages' });
  const zone = await zoneOf(context);
  await planSchedules(
    context,
    features.flatMap(feature => feature.jobs),
    zone,
  );
  const worker = await startWorker(context, locks, stages, {
    jobs: 2,
    schedules: async () => startDueSchedules(context, await zoneOf(context)),
  });
  return {
    ...worker,
    stop: async () => {
      await worker.stop();
      await locks.end({ timeout: 5 });
    },
  };
};

/** Starts the product and returns how to stop it. Throws a plain sentence when it cannot start. */
export const startServer = async (config: Config): Promise<{ url: string; context: Context; stop: () => Promise<void> }> => {
  const log = openLog(config.logLevel);
  await checkPort(config.host, config.port);
  const engines = await startEngines(config, log);
  try {
    return await openHouse(config, log, engines);
  } catch (error) {
    await engines.stop();
    throw error;
  }
};

const openHouse = async (
  config: Config,
  log: Logger,
  engines: Engines,
): Promise<{ url: string; context: Context; stop: () => Promise<void> }> => {
  const pool = openPostgres(engines.databaseUrl, { max: 24 });
  const clickhouse = connectClickHouse(engines.clickhouse);
  const context = await buildContext({ config, features, pool, clickhouse, clock: systemClock, log });
  await prepareHouse(context, features);
  const worker = config.role === 'web' ? null : await startWork(context, engines.databaseUrl);

  let app: FastifyInstance | null = null;
  const hub = await openLiveHub(pool);
  app = await buildApp({ context, features, authenticate, watch: createWatch(context, features), once, pages: addPages });
  addLiveStream(app, hub, request => authenticate(context, request));
  await app.listen({ host: config.host, port: config.port });
  const address = config.adminUrl ?? `http://${config.host === '0.0.0.0' ? 'localhost' : config.host}:${config.port}`;
  await offerSetup(context, address);

  const stop = async () => {
    const last = setTimeout(() => process.exit(1), drain_ms);
    await app?.close();
    await worker?.stop();
    await hub.close();
    await pool.end({ timeout: 5 });
    await clickhouse.close();
    await engines.stop();
    clearTimeout(last);
  };
  return { url: address, context, stop };
};

if (import.meta.main)
  await runAsProcess(async () => {
    const server = await startServer(readConfig(process.env, process.argv.slice(2)));
    process.stdout.write(`\nRegulars is running at ${server.url}\nPress Ctrl-C to stop.\n`);
    return server;
  });
