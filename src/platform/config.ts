/**
 * Settings of the installation, from the environment or a `.env` file, all optional. What a merchant would change later is a
 * setting in the app instead. Unknown or wrong values stop the start with a sentence.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { StartError } from './start-error.ts';

export type Config = {
  /** Address to listen on. */
  host: string;
  port: number;
  /** What shoppers see (help, returns, surveys, links), without a slash at the end; null = derived from the request. */
  publicUrl: string | null;
  /** Where staff open the product. */
  adminUrl: string | null;
  /** Absolute path. */
  dataFolder: string;
  /** null = the embedded engine. */
  databaseUrl: string | null;
  clickhouseUrl: string | null;
  /** Name for ON CLUSTER and replicated engines. */
  clickhouseCluster: string | null;
  role: 'all' | 'web' | 'worker';
  rootKey: string | null;
  setupToken: string | null;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Load the demo shop. */
  demo: boolean;
  /** Cookies only over https: when staff come through https. */
  secureCookies: boolean;
  /** Hosts ("erp.local", "10.0.0.5:8080") that outgoing requests may reach although their addresses are private. */
  privateHosts: readonly string[];
  /** Who knows it may read /metrics from elsewhere; null = only this machine may. */
  metricsToken: string | null;
  /** Whose X-Forwarded-* headers count: a proxy on this machine, never a stranger. */
  trustProxy: string | false;
};

type Environment = Readonly<Record<string, string | undefined>>;

const roles = ['all', 'web', 'worker'] as const;
const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const ownNames = ['REGULARS_DATA', 'REGULARS_ROOT_KEY', 'REGULARS_SETUP_TOKEN'];

/** `argv` are the words after the program's name. Throws a StartError. */
export const readConfig = (env: Environment, argv: readonly string[] = []): Config => {
  const values = { ...dotEnv(), ...withoutEmpty(env) };
  refuseUnknown(values, argv);
  const adminUrl = urlOf(values, 'ADMIN_URL', ['http:', 'https:']);
  const publicUrl = urlOf(values, 'PUBLIC_URL', ['http:', 'https:']);
  const role = oneOf(values, 'ROLE', roles, 'all');
  const databaseUrl = urlOf(values, 'DATABASE_URL', ['postgres:', 'postgresql:']);
  const clickhouseUrl = urlOf(values, 'CLICKHOUSE_URL', ['http:', 'https:']);
  const clickhouseCluster = values.CLICKHOUSE_CLUSTER ?? null;
  if (role !== 'all' && (databaseUrl === null || clickhouseUrl === null))
    throw new StartError(
      `ROLE=${role} needs engines that several processes can reach: set DATABASE_URL and CLICKHOUSE_URL, or leave ROLE out to run everything in one.`,
    );
  if (clickhouseCluster !== null && !/^\w{1,100}$/.test(clickhouseCluster))
    throw new StartError(
      `CLICKHOUSE_CLUSTER=${clickhouseCluster} is not a cluster name: use the letters, digits and underscores of its name in ClickHouse.`,
    );
  if (clickhouseCluster !== null && clickhouseUrl === null)
    throw new StartError(
      'CLICKHOUSE_CLUSTER is set but CLICKHOUSE_URL is not: name the cluster’s address too, or remove the cluster.',
    );
  return {
    host: values.HOST ?? '127.0.0.1',
    port: portOf(values),
    publicUrl,
    adminUrl,
    dataFolder: resolve(values.REGULARS_DATA ?? 'data'),
    databaseUrl,
    clickhouseUrl,
    clickhouseCluster,
    role,
    rootKey: values.REGULARS_ROOT_KEY ?? null,
    setupToken: setupTokenOf(values),
    logLevel: oneOf(values, 'LOG_LEVEL', levels, 'info'),
    demo: argv.includes('--demo'),
    secureCookies: adminUrl?.startsWith('https:') ?? false,
    privateHosts: hostsOf(values),
    metricsToken: metricsTokenOf(values),
    trustProxy: adminUrl !== null || publicUrl !== null ? 'loopback' : false,
  };
};

const withoutEmpty = (env: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''));

/** The environment wins over the file. */
const dotEnv = (): Record<string, string> =>
  existsSync('.env') ? (withoutEmpty(parseEnv(readFileSync('.env', 'utf8'))) as Record<string, string>) : {};

const refuseUnknown = (values: Record<string, string>, argv: readonly string[]): void => {
  for (const name of Object.keys(values))
    if (name.startsWith('REGULARS_') && !ownNames.includes(name))
      throw new StartError(`There is no setting ${name}: correct its name (known are ${ownNames.join(', ')}) or remove it.`);
  for (const word of argv) if (word !== '--demo') throw new StartError(`There is no option ${word}: the only one is --demo.`);
};

const oneOf = <const T extends readonly string[]>(
  values: Record<string, string>,
  name: string,
  allowed: T,
  usual: T[number],
): T[number] => {
  const value = values[name] ?? usual;
  if (!allowed.includes(value)) throw new StartError(`${name}=${value} is not known: use one of ${allowed.join(', ')}.`);
  return value;
};

const portOf = (values: Record<string, string>): number => {
  const text = values.PORT ?? '3000';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new StartError(`PORT=${text} is not a port: use a number from 1 to 65535.`);
  return port;
};

const urlOf = (values: Record<string, string>, name: string, protocols: readonly string[]): string | null => {
  const text = values[name];
  if (text === undefined) return null;
  // The value may carry a password, so the sentence does not repeat it.
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol))
    throw new StartError(
      `${name} is not an address that can be used: write it in full, beginning with ${protocols.map(one => `${one}//`).join(' or ')}.`,
    );
  return text.replace(/\/+$/, '');
};

const hostsOf = (values: Record<string, string>): string[] => {
  const hosts = (values.PRIVATE_HOSTS ?? '').split(/[\s,]+/).filter(host => host !== '');
  for (const host of hosts)
    if (!/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host))
      throw new StartError(
        `PRIVATE_HOSTS names ${host}, which is not a host: list names or addresses, with a port where needed, such as erp.local or 10.0.0.5:8080.`,
      );
  return hosts.map(host => host.toLowerCase());
};

const metricsTokenOf = (values: Record<string, string>): string | null => {
  const token = values.METRICS_TOKEN ?? null;
  if (token !== null && !/^[\w.~+/=-]{16,500}$/.test(token))
    throw new StartError(
      'METRICS_TOKEN is too easy to guess or cannot stand in a header: use 16 or more letters, digits and "-._~+/=".',
    );
  return token;
};

const setupTokenOf = (values: Record<string, string>): string | null => {
  const token = values.REGULARS_SETUP_TOKEN ?? null;
  if (token !== null && !/^[\w-]{16,200}$/.test(token))
    throw new StartError(
      'REGULARS_SETUP_TOKEN is too easy to guess or cannot stand in a link: use 16 or more letters, digits, "-" and "_".',
    );
  return token;
};
