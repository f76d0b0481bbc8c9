/**
 * ClickHouse is a cache for scanning: filled from PostgreSQL only, may lag, may be down without losing work, is rebuilt by one
 * command. This file is the client; copies.ts makes and fills the tables.
 */

import { createHash, randomUUID } from 'node:crypto';
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { Refusal } from './errors.ts';

/** Values for `{name:Type}` places; arrays and maps included. Dates are sent as instants. */
export type Params = Readonly<Record<string, unknown>>;
export type Row = Record<string, unknown>;

export type ClickHouseReader = {
  /**
   * Runs a SELECT. 64-bit whole numbers arrive as numbers (as text beyond 2^53), dates and times as text in UTC.
   * `timeout_ms` (default 60 s) is enforced by the engine. Errors: unavailable (down, restarting), refused (took too long or too much memory).
   */
  query: <T = Row>(sql: string, params?: Params, options?: { timeout_ms?: number }) => Promise<T[]>;
};

export type ClickHouse = ClickHouseReader & {
  /** Runs a statement without an answer (DDL, lightweight DELETE); it has taken effect when this resolves. */
  command: (sql: string, params?: Params, options?: { timeout_ms?: number }) => Promise<void>;
  /**
   * Inserts rows as one block per partition, on disk when it resolves. Repeating it with the same `token` and rows changes nothing, so a caller that
   * crashed may do it again; needs `non_replicated_deduplication_window` on the table.
   */
  insert: (table: string, rows: readonly Row[], options?: { token?: string }) => Promise<void>;
  /** For queries whose shape comes from a person: cannot write, nor reach tables functions, files or system tables. */
  readonly: ClickHouseReader;
  ping: () => Promise<boolean>;
  close: () => Promise<void>;
  /** ' ON CLUSTER name ' and the replicated engine words when the installation has a cluster; else nothing. */
  words: { onCluster: string; engine: (ddl: string) => string };
};

export type ClickHouseAddress = { url: string; username?: string; password?: string; database?: string; cluster?: string | null };

const usual_timeout_ms = 60_000;
const patience_ms = 8_000;

/** Reads and tokened inserts are tried again while the engine restarts; they do the same however often they run. */
export const connectClickHouse = (address: ClickHouseAddress): ClickHouse => {
  const client = createClient({
    ...credentialsOf(address),
    application: 'regulars',
    request_timeout: 660_000,
    max_open_connections: 12,
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    use_multipart_params_auto: true,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 1,
      date_time_input_format: 'best_effort',
      // What a person may meet when a text is not a number: an error, not a silent 0.
      input_format_null_as_default: 1,
    },
  });
  const cluster = address.cluster ?? null;
  return {
    query: (sql, params, options) => read(client, sql, params, options, {}),
    readonly: {
      query: (sql, params, options) => read(client, sql, params, options, { readonly: '2', max_result_rows: '1000000' }),
    },
    command: (sql, params, options) =>
      explained(async () => {
        await client.command({
          query: sql,
          query_params: { ...params },
          clickhouse_settings: {
            max_execution_time: seconds(options?.timeout_ms ?? 600_000),
            mutations_sync: '1',
            wait_end_of_query: 1,
          },
        });
      }),
    insert: (table, rows, options) => insert(client, table, rows, options?.token),
    ping: async () => (await client.ping({ select: true })).success,
    close: () => client.close(),
    words: {
      onCluster: cluster === null ? '' : ` ON CLUSTER \`${cluster}\` `,
      engine: ddl => (cluster === null ? ddl : ddl.replace(/ENGINE\s*=\s*((?:\w+)?MergeTree)/i, 'ENGINE = Replicated$1')),
    },
  };
};

/** Name and password may stand in the address, as may the database. */
export const credentialsOf = (address: ClickHouseAddress) => {
  const url = new URL(address.url);
  const username = address.username ?? (decodeURIComponent(url.username) || 'default');
  const password = address.password ?? decodeURIComponent(url.password);
  const database = address.database ?? (url.pathname.replace(/^\//, '') || 'regulars');
  return { url: url.origin, username, password, database };
};

const seconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000));

const read = async <T>(
  client: ClickHouseClient,
  sql: string,
  params: Params | undefined,
  options: { timeout_ms?: number } | undefined,
  settings: Record<string, string>,
): Promise<T[]> =>
  explained(() =>
    patiently(async () => {
      const result = await client.query({
        query: sql,
        query_params: { ...params },
        format: 'JSONCompact',
        clickhouse_settings: { max_execution_time: seconds(options?.timeout_ms ?? usual_timeout_ms), ...settings },
      });
      return toRows<T>((await result.json()) as unknown as Compact);
    }),
  );

type Compact = { meta: { name: string; type: string }[]; data: unknown[][] };

/** JSON has no 64-bit integers: they travel quoted and become numbers where they fit. */
const toRows = <T>({ meta, data }: Compact): T[] => {
  const readers = meta.map(column => readerOf(column.type));
  return data.map(values => {
    const row: Row = {};
    for (let i = 0; i < meta.length; i++) {
      const reader = readers[i];
      row[(meta[i] as { name: string }).name] = reader === undefined ? values[i] : reader(values[i]);
    }
    return row as T;
  });
};

type Reader = (value: unknown) => unknown;

const readerOf = (type: string): Reader | undefined => {
  const inner = /^(?:LowCardinality|Nullable)\((.*)\)$/.exec(type)?.[1];
  if (inner !== undefined) return readerOf(inner);
  if (/^U?Int(?:64|128|256)$/.test(type)) return wholeNumber;
  const element = /^Array\((.*)\)$/.exec(type)?.[1];
  const reader = element === undefined ? undefined : readerOf(element);
  return reader && (value => (value as unknown[]).map(reader));
};

const wholeNumber: Reader = value => {
  const number = Number(value);
  return value === null || !Number.isSafeInteger(number) ? value : number;
};

const insert = (client: ClickHouseClient, table: string, rows: readonly Row[], token: string | undefined): Promise<void> => {
  if (rows.length === 0) return Promise.resolve();
  const run = async (): Promise<void> => {
    await client.insert({
      table,
      values: rows as Row[],
      format: 'JSONEachRow',
      clickhouse_settings: {
        insert_deduplicate: 1,
        // Without a token equal rows are equal rows: ClickHouse would otherwise drop a block that looks like an earlier one.
        insert_deduplication_token: token === undefined ? randomUUID() : tokenOf(token),
        // Whole portions become whole blocks, so that a token covers them.
        min_insert_block_size_rows: '2000000',
        min_insert_block_size_bytes: '0',
        max_insert_block_size: '2000000',
        input_format_parallel_parsing: 0,
        max_partitions_per_insert_block: '0',
        async_insert: 0,
      },
    });
  };
  return explained(() => (token === undefined ? run() : patiently(run)));
};

const tokenOf = (token: string): string => (token.length <= 60 ? token : createHash('sha256').update(token).digest('hex'));

const isAway = (error: unknown): boolean => {
  const text = `${(error as { code?: string } | null)?.code ?? ''} ${error instanceof Error ? error.message : ''}`;
  return /ECONNREFUSED|ECONNRESET|EPIPE|socket hang up|other side closed/.test(text);
};

const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
  for (const deadline = Date.now() + patience_ms; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || Date.now() > deadline) throw error;
      await new Promise(resolve => setTimeout(resolve, 150));
    }
  }
};

/** What people can meet becomes a Refusal; a wrong statement stays an error with the engine's words. */
const explained = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (isAway(error))
      throw new Refusal(
        'unavailable',
        'platform.clickhouse_away',
        'The engine for counting is starting again. Try once more in a few seconds.',
        {
          retryAfterSeconds: 3,
        },
      );
    if (error instanceof ClickHouseError && (error.type === 'TIMEOUT_EXCEEDED' || error.type === 'QUERY_WAS_CANCELLED'))
      throw new Refusal(
        'refused',
        'platform.query_too_slow',
        'This question took too long. Ask about a shorter time or fewer things at once.',
      );
    if (error instanceof ClickHouseError && error.type === 'MEMORY_LIMIT_EXCEEDED')
      throw new Refusal(
        'refused',
        'platform.query_too_large',
        'This question needs more memory than it may use. Ask about a shorter time or fewer things at once.',
      );
    throw error;
  }
};
