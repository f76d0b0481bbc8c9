import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const home = process.cwd();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regulars-config-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

test('everything has a default', () => {
  expect(readConfig({ PATH: '/bin', HOST: '' })).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    dataFolder: join(process.cwd(), 'data'),
    databaseUrl: null,
    clickhouseUrl: null,
    role: 'all',
    demo: false,
    secureCookies: false,
    trustProxy: false,
    privateHosts: [],
    metricsToken: null,
  });
});

test('a .env file counts, the environment more', () => {
  writeFileSync('.env', 'PORT=4000\nLOG_LEVEL="warn"\n# a word\nADMIN_URL=https://crm.example.com/\n');
  expect(readConfig({ PORT: '5000', PRIVATE_HOSTS: 'ERP.local:8080 [fd00::1]' }, ['--demo'])).toMatchObject({
    port: 5000,
    privateHosts: ['erp.local:8080', '[fd00::1]'],
    logLevel: 'warn',
    adminUrl: 'https://crm.example.com',
    secureCookies: true,
    trustProxy: 'loopback',
    demo: true,
  });
});

test('a misspelt name in the .env file is found', () => {
  writeFileSync('.env', 'REGULARS_DATA_FOLDER=/x\n');
  expect(() => readConfig({})).toThrow(/no setting REGULARS_DATA_FOLDER/);
});

test.each<[Record<string, string>, RegExp]>([
  [{ PORT: '0' }, /PORT=0 is not a port/],
  [{ PORT: '3000x' }, /PORT=3000x/],
  [{ ROLE: 'master' }, /ROLE=master is not known: use one of all, web, worker/],
  [{ ROLE: 'worker', DATABASE_URL: 'postgres://a/b' }, /ROLE=worker needs engines/],
  [{ CLICKHOUSE_URL: 'clickhouse://a' }, /CLICKHOUSE_URL is not an address .* http:/],
  [{ CLICKHOUSE_CLUSTER: 'main' }, /CLICKHOUSE_CLUSTER is set but CLICKHOUSE_URL is not/],
  [{ CLICKHOUSE_CLUSTER: 'a b', CLICKHOUSE_URL: 'http://c:8123' }, /is not a cluster name/],
  [{ REGULARS_SETUP_TOKEN: 'short' }, /too easy to guess/],
  [{ PRIVATE_HOSTS: 'erp.local, http://10.0.0.5' }, /PRIVATE_HOSTS names http:/],
  [{ PUBLIC_URL: 'help.example.com' }, /PUBLIC_URL is not an address/],
])('%j is refused with a sentence', (env, sentence) => {
  expect(() => readConfig(env)).toThrow(sentence);
});

test('a password in an address is not repeated', () => {
  let said = '';
  try {
    readConfig({ DATABASE_URL: 'mysql://u:secret@h/x' });
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toContain('DATABASE_URL');
  expect(said).not.toContain('secret');
});

test('an unknown option is refused', () => {
  expect(() => readConfig({}, ['--dmeo'])).toThrow(/no option --dmeo/);
});
