/** What the database holds, as one number per table: for tests that say "nothing changed". */
import type { Sql } from '../src/platform/context.ts';

export type Checksums = (sql: Sql) => Promise<Record<string, string>>;

/** `leftOut`: tables that may change ("access.session": when somebody was last seen). Partitions are counted with their table. */
export const checksumsBut =
  (...leftOut: string[]): Checksums =>
  async sql => {
    const tables = await sql<{ name: string }[]>`
      select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where relkind in ('r', 'p') and not relispartition and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
        and not format('%s.%s', nspname, relname) = any(${leftOut}::text[])
      order by 1`;
    const query = tables.map(
      ({ name }) =>
        `select '${name}' as name, (select coalesce(sum(hashtextextended(row::text, 0)), 0)::text from ${name} as row) as sum`,
    );
    const rows = await sql.unsafe<{ name: string; sum: string }[]>(query.join(' union all '));
    return Object.fromEntries(rows.map(row => [row.name, row.sum]));
  };
