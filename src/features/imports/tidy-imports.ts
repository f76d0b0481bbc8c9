import type { Context } from '../../platform/context.ts';
import type { CustomerTable } from '../../platform/feature.ts';
import { fileKept_days } from './store-file.ts';

/** Daily: deletes expired files, and the rows that reports and previews still show of imports as old as that. */
export const tidyImports = async (context: Context): Promise<Record<string, unknown>> => {
  const now = context.clock.now();
  const files = await context.files.sweep(context, now);
  const before = new Date(now.getTime() - fileKept_days * 86_400_000);
  const old = (
    await context.postgres`select id from imports.import where created_at < ${before} and state not in ('running', 'checking', 'undoing') and found->'rows' <> '[]'::jsonb`
  ).map(row => row.id as string);
  await forgetRows(context, old);
  return { files, imports: old.length };
};

/** Takes the file's rows out of imports: previews, samples and row reports. Counts and mapping stay. */
export const forgetRows = async (context: Context, importIds: readonly string[]): Promise<void> => {
  if (importIds.length === 0) return;
  const ids = importIds as string[];
  await context.postgres`delete from imports.row_report where import_id = any(${ids}::uuid[])`;
  await context.postgres`
    update imports.import set file_id = null, found = jsonb_set(jsonb_set(found, '{rows}', '[]'), '{columns}',
      (select coalesce(jsonb_agg(jsonb_set(entry, '{samples}', '[]')), '[]') from jsonb_array_elements(found->'columns') as entry))
    where id = any(${ids}::uuid[])`;
};

/**
 * A person leaves no trace in the files they came in with: those files go, and what was kept of their rows. All files not yet read
 * to the end may hold them too.
 */
const eraseFromImports = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  const ids = customerIds as number[];
  const rows = await context.postgres`
    select i.id, i.file_id from imports.import i
    where (i.file_id is not null or i.found->'rows' <> '[]'::jsonb or exists (select 1 from imports.row_report r where r.import_id = i.id))
      and i.state not in ('running', 'checking', 'undoing')
      and (i.state <> 'done' or exists (select 1 from imports.customer c where c.import_id = i.id and c.customer_id = any(${ids}::bigint[])))`;
  await forgetRows(
    context,
    rows.map(row => row.id as string),
  );
  await context.files.remove(
    context,
    rows.flatMap(row => (row.file_id ? [row.file_id as string] : [])),
  );
  await context.postgres`delete from imports.customer where customer_id = any(${ids}::bigint[])`;
};

export const customerTables: readonly CustomerTable[] = [
  {
    table: 'imports.customer',
    label: 'imports.table.customer',
    merge: 'move',
    export: async ({ postgres }, ids) => postgres`
      select i.file_name, i.created_at as imported_at, c.created as brought_by_it from imports.customer c join imports.import i on i.id = c.import_id
      where c.customer_id = any(${ids as number[]}::bigint[]) order by i.created_at`,
    erase: eraseFromImports,
  },
];
