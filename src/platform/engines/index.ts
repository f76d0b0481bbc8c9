/** Starts the engines that no address was given for, and says where all of them are. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import type { Logger } from 'pino';
import { type ClickHouseAddress, credentialsOf } from '../clickhouse.ts';
import type { Config } from '../config.ts';
import { StartError } from '../start-error.ts';
import { type ClickHouseEngine, startClickHouse } from './clickhouse.ts';
import { checkDatabase } from './external.ts';
import { startGuardian } from './guardian.ts';
import { isLocked, lockFolder, makeFolder } from './lock.ts';
import { type PostgresEngine, startPostgres } from './postgres.ts';

export type Engines = {
  databaseUrl: string;
  clickhouse: ClickHouseAddress;
  /** Numbers of the processes we started, for tests that kill them. */
  pids: () => { postgres: number | null; clickhouse: number | null };
  stop: () => Promise<void>;
};

type EngineConfig = Pick<Config, 'dataFolder' | 'databaseUrl' | 'clickhouseUrl' | 'clickhouseCluster'> &
  Partial<Pick<Config, 'port'>>;

/** Throws a StartError. Stop them after everything that uses them. */
export const startEngines = async (
  config: EngineConfig,
  log: Pick<Logger, 'warn'>,
  options: { durable?: boolean; memory_mb?: number } = {},
): Promise<Engines> => {
  refuseMusl();
  makeFolder(config.dataFolder);
  if (config.databaseUrl !== null) await checkDatabase(config.databaseUrl);
  const embedded = config.databaseUrl === null || config.clickhouseUrl === null;
  const lock = embedded ? lockFolder(config.dataFolder) : null;
  const addressFile = addressFileOf(config.dataFolder);
  const guardian = startGuardian();
  const shared = {
    folder: config.dataFolder,
    notPort: config.port,
    guardian,
    onRestart: (reason: string) => log.warn(reason),
    ...options,
  };
  const [postgres, clickhouse] = await Promise.allSettled([
    config.databaseUrl === null ? startPostgres(shared) : null,
    config.clickhouseUrl === null ? startClickHouse(shared) : null,
  ]);
  const stop = async (): Promise<void> => {
    const running = [postgres, clickhouse].map(one => (one.status === 'fulfilled' ? one.value : null));
    await Promise.all(running.map((engine: PostgresEngine | ClickHouseEngine | null) => engine?.stop()));
    guardian.close();
    if (lock !== null) rmSync(addressFile, { force: true });
    lock?.release();
  };
  for (const one of [postgres, clickhouse])
    if (one.status === 'rejected') {
      await stop();
      throw one.reason;
    }
  const started = { postgres: settledValue(postgres), clickhouse: settledValue(clickhouse) };
  const address: ClickHouseAddress =
    started.clickhouse === null
      ? { url: config.clickhouseUrl as string, cluster: config.clickhouseCluster }
      : {
          url: started.clickhouse.url,
          username: started.clickhouse.username,
          password: started.clickhouse.password,
          database: 'regulars',
        };
  if (started.clickhouse !== null) await createDatabase(address);
  const databaseUrl = started.postgres?.url ?? (config.databaseUrl as string);
  if (lock !== null) writeFileSync(addressFile, JSON.stringify({ databaseUrl, clickhouse: address }), { mode: 0o600 });
  return {
    databaseUrl,
    clickhouse: address,
    pids: () => ({ postgres: started.postgres?.pid() ?? null, clickhouse: started.clickhouse?.pid() ?? null }),
    stop,
  };
};

const addressFileOf = (dataFolder: string): string => join(dataFolder, 'engines.json');

/** The engines of the installation that runs in this folder now, for a backup or a rebuild beside it; started where none runs. */
export const joinEngines = async (config: EngineConfig, log: Pick<Logger, 'warn'>): Promise<Engines> => {
  const file = addressFileOf(config.dataFolder);
  if (!isLocked(config.dataFolder) || !existsSync(file)) return startEngines(config, log);
  const { databaseUrl, clickhouse } = JSON.parse(readFileSync(file, 'utf8')) as Pick<Engines, 'databaseUrl' | 'clickhouse'>;
  return { databaseUrl, clickhouse, pids: () => ({ postgres: null, clickhouse: null }), stop: async () => undefined };
};

const settledValue = <T>(settled: PromiseSettledResult<T>): T | null => (settled.status === 'fulfilled' ? settled.value : null);

/** The embedded engine comes empty; on a service the database is made by whoever gave us the address. */
export const createDatabase = async (address: ClickHouseAddress): Promise<void> => {
  const { database, ...credentials } = credentialsOf(address);
  const client = createClient(credentials);
  try {
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS \`${database}\`` });
  } finally {
    await client.close();
  }
};

const refuseMusl = (): void => {
  if (process.platform === 'linux' && existsSync('/etc/alpine-release'))
    throw new StartError(
      'Regulars needs a Linux with glibc, and this one (Alpine) uses musl: run it on Debian, Ubuntu, Fedora or similar.',
    );
};
