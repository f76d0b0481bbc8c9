/** What the database holds, read from PostgreSQL's own catalogue, so that no feature can forget a table. */
import type { Sql } from '../context.ts';
import type { Partition, Table } from './archive.ts';

const ours = `n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`;

/** Every table of every schema, partitions with their parent; columns that PostgreSQL computes are left out. */
export const listTables = async (sql: Sql): Promise<Table[]> => {
  const rows = await sql.unsafe(`
    select format('%s.%s', n.nspname, c.relname) as name,
      (select array_agg(a.attname::text order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and ${ours} and format('%s.%s', n.nspname, c.relname) <> 'platform.migration'
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    order by 1`);
  return rows.map(row => ({ name: row.name as string, columns: (row.columns as string[] | null) ?? [] }));
};

export const listPartitions = async (sql: Sql): Promise<Partition[]> =>
  (await sql.unsafe(`
    select format('%s.%s', n.nspname, c.relname) as name, format('%s.%s', pn.nspname, p.relname) as parent, pg_get_expr(c.relpartbound, c.oid) as bounds
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
    where c.relkind in ('r', 'p') and c.relispartition and ${ours}
    order by 1`)) as unknown as Partition[];

export const listSequences = async (sql: Sql): Promise<{ name: string; last: string; called: boolean }[]> =>
  (await sql.unsafe(`
    select format('%s.%s', schemaname, sequencename) as name, coalesce(last_value, start_value)::text as last, last_value is not null as called
    from pg_sequences where schemaname not like 'pg\\_%' order by 1`)) as unknown as {
    name: string;
    last: string;
    called: boolean;
  }[];

/** Tables in an order in which each comes after those its foreign keys point to. */
export const inKeyOrder = async (sql: Sql, tables: readonly Table[]): Promise<Table[]> => {
  const keys = (await sql.unsafe(`
    select format('%s.%s', n.nspname, c.relname) as from_table, format('%s.%s', rn.nspname, r.relname) as to_table
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_class r on r.oid = k.confrelid join pg_namespace rn on rn.oid = r.relnamespace
    where k.contype = 'f' and k.conrelid <> k.confrelid`)) as unknown as { from_table: string; to_table: string }[];
  const sorted: Table[] = [];
  const seen = new Set<string>();
  const visit = (table: Table): void => {
    if (seen.has(table.name)) return;
    seen.add(table.name);
    for (const key of keys.filter(one => one.from_table === table.name)) {
      const target = tables.find(one => one.name === key.to_table);
      if (target) visit(target);
    }
    sorted.push(table);
  };
  for (const table of tables) visit(table);
  return sorted;
};
