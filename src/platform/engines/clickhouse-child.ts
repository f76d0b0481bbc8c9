/**
 * The embedded ClickHouse: a process of its own that holds chDB and answers ClickHouse's HTTP protocol on loopback, so that the
 * product speaks one protocol to an embedded engine and to a cluster. Started and restarted by clickhouse.ts.
 * It ends when its standard input ends, that is, when the process that started it is gone.
 */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Session } from 'chdb';
import { type Answer, Connections, type Role, type Settings } from './clickhouse-connections.ts';
import { guardReadOnly, prepare, quote, SqlFault, type Statement } from './clickhouse-sql.ts';

export type ChildOptions = {
  folder: string;
  port: number;
  password: string;
  /** Memory of all queries and caches together; one query may take half of it. */
  memory_mb: number;
  /** Rows are on disk when an insert answers. */
  durable: boolean;
  /** How long a query may outlive its own time limit before the whole process ends. */
  grace_ms: number;
};

const options = JSON.parse(process.env.REGULARS_CLICKHOUSE_CHILD ?? '') as ChildOptions;
const longest_s = 600;

/** Parts of a request that are not settings of the query. */
const notSettings = new Set([
  ...[
    'query',
    'database',
    'query_id',
    'default_format',
    'session_id',
    'session_timeout',
    'session_check',
    'role',
    'user',
    'password',
  ],
  ...['wait_end_of_query', 'send_progress_in_http_headers', 'http_headers_progress_interval_ms', 'http_response_buffer_size'],
  ...[
    'enable_http_compression',
    'http_zlib_compression_level',
    'compress',
    'decompress',
    'quota_key',
    'buffer_size',
    'log_comment',
  ],
  ...[
    'http_write_exception_in_output_format',
    'cancel_http_readonly_queries_on_client_close',
    'allow_experimental_lightweight_delete',
  ],
]);

type Asked = {
  sql: string;
  body: Buffer | null;
  params: Record<string, string>;
  settings: Settings;
  database: string;
  format: string;
  queryId: string;
};

// ---- the engine --------------------------------------------------------------------------------------------------

const configuration = (): string => `<clickhouse>
  <max_server_memory_usage>${options.memory_mb * 1_048_576}</max_server_memory_usage>
  <mark_cache_size>${Math.round(options.memory_mb / 16) * 1_048_576}</mark_cache_size>
  <index_mark_cache_size>${Math.round(options.memory_mb / 32) * 1_048_576}</index_mark_cache_size>
  <primary_index_cache_size>${Math.round(options.memory_mb / 32) * 1_048_576}</primary_index_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <query_condition_cache_size>${Math.round(options.memory_mb / 64) * 1_048_576}</query_condition_cache_size>
  <compiled_expression_cache_size>33554432</compiled_expression_cache_size>
  <max_thread_pool_size>500</max_thread_pool_size>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <merge_tree>
    <fsync_after_insert>${options.durable ? 1 : 0}</fsync_after_insert>
    <fsync_part_directory>${options.durable ? 1 : 0}</fsync_part_directory>
  </merge_tree>
</clickhouse>`;

const base: Settings = {
  max_execution_time: String(longest_s),
  max_memory_usage: String(Math.round(options.memory_mb / 2) * 1_048_576),
  max_bytes_before_external_group_by: String(Math.round(options.memory_mb / 4) * 1_048_576),
  max_bytes_before_external_sort: String(Math.round(options.memory_mb / 4) * 1_048_576),
  // Parameters stand in the text, and a segment may hold thousands of ids.
  max_query_size: '67108864',
  max_threads: String(availableParallelism()),
  implicit_select: '0',
  allow_introspection_functions: '0',
};

const configFile = join(options.folder, 'regulars.xml');
writeFileSync(configFile, configuration(), { mode: 0o600 });
const connections = new Connections(options.folder, configFile, base, { reader: 4, writer: 2, guarded: 2 });
const tableFunctions = new Set(
  (await connections.aside('SELECT lower(name) AS name FROM system.table_functions'))
    .trim()
    .split('\n')
    .map(line => (JSON.parse(line) as { name: string }).name),
);

// ---- one query ---------------------------------------------------------------------------------------------------

const answer = async (asked: Asked, gone: AbortSignal): Promise<Answer> => {
  const statement = prepare(asked.sql, asked.params);
  const readOnly = (asked.settings.readonly ?? '0') !== '0';
  if (readOnly) guardReadOnly(statement, tableFunctions);
  if (asked.body !== null && statement.kind === 'insert') return insert(asked, statement, asked.body);
  const role: Role = readOnly ? 'guarded' : statement.kind === 'read' ? 'reader' : 'writer';
  // Changing settings is refused once readonly is set, so the guard above stands in for it.
  const { readonly: _, ...settings } = asked.settings;
  return connections.use(role, asked.database, settings, session => {
    if (gone.aborted) throw new SqlFault(394, 'QUERY_WAS_CANCELLED', 'The caller went away before the query began.');
    return run(session, statement.sql, asked.format, limitOf(settings), gone);
  });
};

const limitOf = (settings: Settings): number => {
  const seconds = Number(settings.max_execution_time ?? longest_s);
  return (seconds > 0 ? seconds : longest_s) * 1000;
};

/** The mark lets another connection find and stop this query: the library has no other name for it. */
const run = async (session: Session, sql: string, format: string, limit_ms: number, gone: AbortSignal): Promise<Answer> => {
  const mark = `/*${randomUUID()}*/`;
  const watch = new Watch(mark, limit_ms);
  const cancel = (): void => watch.stop();
  gone.addEventListener('abort', cancel, { once: true });
  try {
    const result = await session.queryAsync(`${mark} ${sql}`, { format });
    return {
      bytes: result.bytes(),
      rowsRead: result.rowsRead,
      bytesRead: result.bytesRead,
      rowsWritten: 0,
      elapsed_s: result.elapsed,
    };
  } finally {
    gone.removeEventListener('abort', cancel);
    watch.end();
  }
};

/** Asks a query to stop (at its limit, or when its caller is gone); if it does not, this process ends and is started anew. */
class Watch {
  private readonly mark: string;
  private timer: NodeJS.Timeout;
  private told_at = 0;

  constructor(mark: string, limit_ms: number) {
    this.mark = mark;
    // The engine keeps the limit itself, a little earlier than this.
    this.timer = setTimeout(() => this.stop(), limit_ms + Math.min(1_000, options.grace_ms));
  }

  /** Told again and again: the first time may come before the engine has begun with it. */
  stop(): void {
    clearTimeout(this.timer);
    this.told_at ||= Date.now();
    if (Date.now() - this.told_at > options.grace_ms) {
      process.stderr.write('A query did not stop when told to; ClickHouse is started anew.\n');
      process.kill(process.pid, 'SIGKILL');
    }
    connections
      .aside(`KILL QUERY WHERE startsWith(query, ${quote(this.mark)}) ASYNC`)
      .catch(error => process.stderr.write(`${error}\n`));
    this.timer = setTimeout(() => this.stop(), 150);
  }

  end(): void {
    clearTimeout(this.timer);
  }
}

const insert = (asked: Asked, statement: Statement, body: Buffer): Promise<Answer> => {
  if (body.length === 0)
    return Promise.resolve({ bytes: new Uint8Array(0), rowsRead: 0, bytesRead: 0, rowsWritten: 0, elapsed_s: 0 });
  return connections.use('writer', asked.database, asked.settings, async session => {
    const simple = /^insert\s+into\s+([\w.]+)\s*(?:\(([\w\s,]+)\))?\s+format\s+JSONEachRow$/i.exec(statement.sql);
    if (simple === null) {
      const result = await session.queryAsync(`${statement.sql}\n${body.toString('utf8')}`);
      return {
        bytes: result.bytes(),
        rowsRead: result.rowsRead,
        bytesRead: result.bytesRead,
        rowsWritten: result.rowsRead,
        elapsed_s: result.elapsed,
      };
    }
    const [, table = '', columns] = simple;
    const result = await session.insert({
      table,
      values: body,
      format: 'JSONEachRow',
      columns: columns?.split(',').map(column => column.trim()),
    });
    return {
      bytes: new Uint8Array(0),
      rowsRead: result.rowsWritten,
      bytesRead: body.length,
      rowsWritten: result.rowsWritten,
      elapsed_s: result.elapsed,
    };
  });
};

// ---- HTTP --------------------------------------------------------------------------------------------------------

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const askedBy = async (request: IncomingMessage, url: URL): Promise<Asked> => {
  const values = new Map(url.searchParams);
  const body = await read(request);
  const type = request.headers['content-type'] ?? '';
  const isForm = type.startsWith('multipart/form-data');
  if (isForm) {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    for (const [name, value] of form) values.set(name, String(value));
  }
  const inUrl = values.get('query');
  const settings: Record<string, string> = {};
  const params: Record<string, string> = {};
  for (const [name, value] of values) {
    if (name.startsWith('param_')) params[name.slice(6)] = value;
    else if (!notSettings.has(name)) settings[name] = value;
  }
  return {
    sql: inUrl ?? body.toString('utf8'),
    body: inUrl !== undefined && !isForm ? body : null,
    params,
    settings,
    database: values.get('database') ?? (request.headers['x-clickhouse-database'] as string | undefined) ?? 'default',
    format: values.get('default_format') ?? 'TabSeparated',
    queryId: values.get('query_id') ?? randomUUID(),
  };
};

const isAllowed = (request: IncomingMessage, url: URL): boolean => {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const given = basic
    ? Buffer.from(basic, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, '')
    : ((request.headers['x-clickhouse-key'] as string | undefined) ?? url.searchParams.get('password') ?? '');
  const [a, b] = [Buffer.from(given), Buffer.from(options.password)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** Errors in ClickHouse's own words: `Code: 60. DB::Exception: ... (UNKNOWN_TABLE)`. */
const fail = (response: ServerResponse, error: unknown): void => {
  const known = error instanceof SqlFault ? `Code: ${error.code}. DB::Exception: ${error.message} (${error.type})` : null;
  const text = known ?? (error instanceof Error ? error.message : String(error));
  const code = /^Code: (\d+)/.exec(text)?.[1] ?? '1002';
  const statuses: Record<string, number> = {
    62: 400,
    60: 404,
    81: 404,
    47: 404,
    164: 403,
    497: 403,
    516: 403,
    159: 408,
    241: 500,
  };
  if (response.headersSent) return void response.destroy();
  response.writeHead(statuses[code] ?? 500, { 'content-type': 'text/plain; charset=UTF-8', 'x-clickhouse-exception-code': code });
  response.end(`${/^Code: /.test(text) ? text : `Code: 1002. DB::Exception: ${text} (UNKNOWN_EXCEPTION)`}\n`);
};

const summaryOf = (result: Answer): string =>
  JSON.stringify({
    read_rows: String(result.rowsRead),
    read_bytes: String(result.bytesRead),
    written_rows: String(result.rowsWritten),
    written_bytes: '0',
    total_rows_to_read: '0',
    result_rows: String(result.rowsRead),
    result_bytes: String(result.bytes.length),
    elapsed_ns: String(Math.round(result.elapsed_s * 1e9)),
  });

const server = createServer({ maxHeaderSize: 16 * 1_048_576, keepAliveTimeout: 60_000 }, async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  try {
    if (url.pathname === '/ping') return void response.end('Ok.\n');
    if (!isAllowed(request, url)) throw new SqlFault(516, 'AUTHENTICATION_FAILED', 'default: Authentication failed.');
    const asked = await askedBy(request, url);
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const result = await answer(asked, gone.signal);
    response.writeHead(200, {
      'content-type': 'text/plain; charset=UTF-8',
      'x-clickhouse-query-id': asked.queryId,
      'x-clickhouse-summary': summaryOf(result),
      'x-clickhouse-timezone': 'UTC',
      'content-length': result.bytes.length,
    });
    response.end(Buffer.from(result.bytes.buffer, result.bytes.byteOffset, result.bytes.byteLength));
  } catch (error) {
    fail(response, error);
  }
});

let stopping = false;
const end = (): void => {
  if (stopping) return;
  stopping = true;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 8_000);
};
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
server.on('error', error => {
  process.stderr.write(`${error.message}\n`);
  process.exit((error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 98 : 1);
});
server.listen(options.port, '127.0.0.1', () => process.stdout.write('ready\n'));
