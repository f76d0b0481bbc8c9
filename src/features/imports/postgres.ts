/** The imports feature's queries. */
import type { Context, Sql } from '../../platform/context.ts';
import type { Counts, ImportRow, ImportState, RowReason } from './import.ts';

export const insertImport = async (
  { postgres: sql }: Context,
  row: Pick<
    ImportRow,
    | 'shop_id'
    | 'file_id'
    | 'file_name'
    | 'bytes'
    | 'kind'
    | 'settings'
    | 'mapping'
    | 'options'
    | 'found'
    | 'header_key'
    | 'created_by'
    | 'counts'
    | 'source_id'
  >,
  now: Date,
): Promise<ImportRow> =>
  (
    await sql`
    insert into imports.import (shop_id, file_id, file_name, bytes, state, kind, settings, mapping, options, found, header_key, counts, source_id, created_by, created_at)
    values (${row.shop_id}, ${row.file_id}, ${row.file_name}, ${row.bytes}, 'mapping', ${row.kind}, ${sql.json(row.settings as never)}, ${sql.json(row.mapping as never)},
      ${sql.json(row.options as never)}, ${sql.json(row.found as never)}, ${row.header_key}, ${sql.json(row.counts as never)}, ${row.source_id}, ${row.created_by}, ${now})
    returning *`
  )[0] as unknown as ImportRow;

export const readImport = async ({ postgres }: Context, id: string): Promise<ImportRow | null> =>
  ((await postgres`select * from imports.import where id = ${id}`)[0] as unknown as ImportRow) ?? null;

export const listImportRows = async (
  { postgres }: Context,
  limit: number,
  before: { at: string; id: string } | null,
  shopIds: readonly string[] | null,
): Promise<ImportRow[]> =>
  (await postgres`
    select * from imports.import
    where ${before ? postgres`(created_at, id) < (${before.at}::timestamptz, ${before.id}::uuid)` : postgres`true`}
      and ${shopIds ? postgres`shop_id = any(${shopIds as string[]}::uuid[])` : postgres`true`}
    order by created_at desc, id desc limit ${limit}`) as unknown as ImportRow[];

/** The newest import of a file with the same columns that went through: its mapping is tried first. */
export const readSiblingOf = async ({ postgres }: Context, headerKey: string, shopId: string): Promise<ImportRow | null> =>
  ((
    await postgres`
    select * from imports.import where header_key = ${headerKey} and shop_id = ${shopId} and state in ('done', 'undone', 'cancelled')
    order by created_at desc limit 1`
  )[0] as unknown as ImportRow) ?? null;

type Edit = Partial<Pick<ImportRow, 'kind' | 'settings' | 'mapping' | 'options' | 'found' | 'shop_id'>>;

/** Writes what a person edited; false when somebody else was faster (stale version) or it may not be edited now. */
export const updateMapping = async (
  { postgres: sql }: Context,
  id: string,
  version: number,
  edit: Edit,
  states: readonly ImportState[],
): Promise<ImportRow | null> =>
  ((
    await sql`
    update imports.import set
      kind = coalesce(${edit.kind ?? null}, kind), settings = coalesce(${edit.settings ? sql.json(edit.settings as never) : null}::jsonb, settings),
      mapping = coalesce(${edit.mapping ? sql.json(edit.mapping as never) : null}::jsonb, mapping), options = coalesce(${edit.options ? sql.json(edit.options as never) : null}::jsonb, options),
      found = coalesce(${edit.found ? sql.json(edit.found as never) : null}::jsonb, found), shop_id = coalesce(${edit.shop_id ?? null}::uuid, shop_id),
      dry_run = null, total_rows = null, state = 'mapping', error = null, version = version + 1
    where id = ${id} and version = ${version} and state = any(${states as string[]}) and position = 0
    returning *`
  )[0] as unknown as ImportRow) ?? null;

/** Moves an import to another state if it is in one of `from`; null when it is not. */
export const moveState = async (
  { postgres: sql }: Context,
  id: string,
  from: readonly ImportState[],
  to: ImportState,
  also: { job_id?: string; finished_at?: Date | null; error?: ImportRow['error']; undone_at?: Date } = {},
): Promise<ImportRow | null> =>
  ((
    await sql`
    update imports.import set state = ${to}, job_id = coalesce(${also.job_id ?? null}::uuid, job_id),
      finished_at = ${also.finished_at === undefined ? sql`finished_at` : sql`${also.finished_at}::timestamptz`}, undone_at = coalesce(${also.undone_at ?? null}::timestamptz, undone_at),
      error = ${also.error ? sql`${sql.json(also.error)}::jsonb` : sql`null`}, version = version + 1
    where id = ${id} and state = any(${from as string[]})
    returning *`
  )[0] as unknown as ImportRow) ?? null;

export const writeDryRun = async (
  { postgres: sql }: Context,
  id: string,
  dryRun: Record<string, unknown>,
  totalRows: number,
): Promise<void> => {
  await sql`update imports.import set dry_run = ${sql.json(dryRun as never)}, total_rows = ${totalRows}, state = 'mapping', version = version + 1 where id = ${id} and state = 'checking'`;
};

/**
 * Moves the position over one portion; false when another process has done so, or it was cancelled: then nothing of the portion may stay.
 * Comes first in the portion's transaction: its row lock holds every other writer of this import off.
 */
export const claimPortion = async ({ postgres }: Context, id: string, from: number, until: number): Promise<boolean> =>
  (
    await postgres`update imports.import set position = ${until} where id = ${id} and position = ${from} and state = 'running' returning id`
  ).length > 0;

export const writeCounts = async (
  { postgres: sql }: Context,
  id: string,
  counts: Counts,
  bytesRead: number,
  spent_ms: number,
): Promise<void> => {
  await sql`update imports.import set counts = ${sql.json(counts as never)}, bytes_read = ${bytesRead}, run_ms = run_ms + ${Math.round(spent_ms)} where id = ${id}`;
};

export type ReportRow = RowReason & { outcome: 'skipped' | 'merged' | 'noted'; cells: readonly string[] };

export const insertReport = async ({ postgres }: Context, importId: string, rows: readonly ReportRow[]): Promise<void> => {
  if (rows.length === 0) return;
  await postgres`
    insert into imports.row_report (import_id, row_number, outcome, code, field, "values", cells)
    select ${importId}, row_number, outcome, code, field, "values"::jsonb, array(select jsonb_array_elements_text(cells::jsonb))
    from unnest(${rows.map(row => row.row)}::bigint[], ${rows.map(row => row.outcome)}::text[], ${rows.map(row => row.reason.code)}::text[], ${rows.map(row => row.reason.field ?? null)}::text[],
      ${rows.map(row => JSON.stringify(row.reason.values ?? {}))}::text[], ${rows.map(row => JSON.stringify(row.cells))}::text[]) as t (row_number, outcome, code, field, "values", cells)
    on conflict do nothing`;
};

export type StoredReportRow = {
  row_number: number;
  outcome: string;
  code: string;
  field: string | null;
  values: Record<string, string | number>;
  cells: string[];
};

/** Report rows in file order, portion by portion. */
export const readReport = async (
  { postgres }: Context,
  importId: string,
  after: number,
  limit: number,
  outcomes: readonly string[],
): Promise<StoredReportRow[]> =>
  (await postgres`
    select row_number, outcome, code, field, "values", cells from imports.row_report
    where import_id = ${importId} and row_number > ${after} and outcome = any(${outcomes as string[]})
    order by row_number, code limit ${limit}`) as unknown as StoredReportRow[];

export const deleteBookkeeping = async ({ postgres }: Context, importId: string, parts: { report: boolean }): Promise<void> => {
  await postgres`delete from imports.group_seen where import_id = ${importId}`;
  if (!parts.report) return;
  await postgres`delete from imports.row_report where import_id = ${importId}`;
  await postgres`delete from imports.journal where import_id = ${importId}`;
  await postgres`delete from imports.customer where import_id = ${importId}`;
};

/** Notes whom an import touched, with `created` for those it brought. `fresh`: who was not noted before; counts are of those. */
export const noteCustomers = async (
  { postgres }: Context,
  importId: string,
  origins: readonly number[],
): Promise<{ fresh: Set<number>; created: number; known: number }> => {
  const rows = await postgres`
    insert into imports.customer (import_id, origin_id, customer_id, created)
    select ${importId}, c.id, customers.owner_of(c.id), c.import_id is not distinct from ${importId}::uuid
    from customers.customer c where c.id = any(${[...new Set(origins)]}::bigint[]) order by c.id
    on conflict do nothing returning origin_id, created`;
  const created = rows.filter(row => row.created).length;
  return { fresh: new Set(rows.map(row => row.origin_id as number)), created, known: rows.length - created };
};

/** The newest value per attribute of these origins, whoever said it. */
export const readNewestAttributes = async (
  { postgres }: Context,
  origins: readonly number[],
): Promise<Map<number, Map<string, { value: unknown; at: Date }>>> => {
  const rows = await postgres`
    select distinct on (origin_id, code) origin_id, code, value, at from customers.attribute
    where origin_id = any(${[...new Set(origins)]}::bigint[]) order by origin_id, code, at desc`;
  const result = new Map<number, Map<string, { value: unknown; at: Date }>>();
  for (const row of rows) {
    const codes = result.get(row.origin_id as number) ?? new Map();
    codes.set(row.code, { value: row.value, at: row.at });
    result.set(row.origin_id as number, codes);
  }
  return result;
};

/** Hashes of the lines seen in earlier portions, by group. */
export const readSeen = async (sql: Sql, importId: string, groups: readonly string[]): Promise<Map<string, number[]>> => {
  const rows =
    await sql`select group_key, array_to_string(marks, ',') as marks from imports.group_seen where import_id = ${importId} and group_key = any(${groups as string[]})`;
  return new Map(rows.map(row => [row.group_key as string, (row.marks as string).split(',').map(Number)]));
};

export const addSeen = async (sql: Sql, importId: string, groups: ReadonlyMap<string, readonly number[]>): Promise<void> => {
  const keys = [...groups.keys()].sort();
  if (keys.length === 0) return;
  await sql`
    insert into imports.group_seen as s (import_id, group_key, marks)
    select ${importId}, key, string_to_array(marks, ',')::bigint[] from unnest(${keys}::text[], ${keys.map(key => groups.get(key)!.join(','))}::text[]) as t (key, marks)
    on conflict (import_id, group_key) do update set marks = s.marks || excluded.marks`;
};
