/**
 * Vitest's global set-up: the real engines, in a folder that is thrown away, for all test files of one run. They are started when the
 * first test asks for a house, so that pure tests stay quick.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { ClickHouseAddress } from './clickhouse.ts';
import { type Engines, startEngines } from './engines/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address that starts the engines on the first call and answers where they are. */
    enginesUrl: string;
  }
}

export type TestEngines = {
  databaseUrl: string;
  clickhouse: ClickHouseAddress /** Thrown away after the run. */;
  folder: string;
};

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = mkdtempSync(join(tmpdir(), 'regulars-test-'));
  let starting: Promise<Engines> | null = null;
  const start = (): Promise<Engines> =>
    startEngines(
      { dataFolder: folder, databaseUrl: null, clickhouseUrl: null, clickhouseCluster: null },
      { warn: (reason: unknown) => process.stderr.write(`${reason}\n`) },
      { durable: false, memory_mb: 2_048 },
    );
  const server = createServer(async (_request, response) => {
    starting ??= start();
    try {
      const { databaseUrl, clickhouse } = await starting;
      response.end(JSON.stringify({ databaseUrl, clickhouse, folder } satisfies TestEngines));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  project.provide('enginesUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.closeAllConnections();
    server.close();
    await (await starting?.catch(() => null))?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
};
