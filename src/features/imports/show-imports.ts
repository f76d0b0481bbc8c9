/** Imports as they leave the API. */
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { findJob } from '../../platform/queue.ts';
import { encodings } from './encoding.ts';
import { type ImportRow, progressOf } from './import.ts';
import { importFor, kindsFor, maySeeRows, problemsFor } from './manage-imports.ts';
import { listImportRows } from './postgres.ts';

export const showImport = async (context: Context, id: string) => presentImport(context, await importFor(context, id));

export const presentImports = async (context: Context, [first, ...others]: readonly ImportRow[]) => ({
  ...((await presentImport(context, first)) as object),
  also: others.map(one => ({ id: one.id, file_name: one.file_name })),
});

export const presentImport = async (context: Context, row: ImportRow) => {
  const isVisible = maySeeRows(context);
  const columns = row.found.columns.map(column => (isVisible ? column : { ...column, samples: [] }));
  const [{ n }] = await context.postgres`select count(*) as n from imports.row_report where import_id = ${row.id}`;
  const job = row.job_id && ['running', 'checking', 'undoing'].includes(row.state) ? await findJob(context, row.job_id) : null;
  const [saved] = row.found.mapping_id
    ? await context.postgres`select id, name from imports.saved_mapping where id = ${row.found.mapping_id} and deleted_at is null`
    : [];
  const broken = job?.state === 'failed' ? job.error : null;
  return {
    ...row,
    // A job that gave up for a reason of the machine leaves the import where it was; starting again goes on there.
    state: broken && row.state === 'running' ? ('failed' as const) : row.state,
    error: row.error ?? broken,
    sure: row.found.sure,
    dates_mixed: row.found.datesMixed,
    same_as: row.found.same_as,
    saved_mapping: saved ? { id: saved.id, name: saved.name } : null,
    recognised: row.found.recognised ?? false,
    columns,
    rows: isVisible ? row.found.rows : [],
    problems: problemsFor(context, row),
    progress: row.state === 'checking' ? checkProgress(job) : progressOf(row),
    report_rows: n as number,
    file_kept: row.file_id !== null,
    took_ms: row.run_ms,
  } as never;
};

const checkProgress = (job: { done: number; total: number | null } | null) => ({
  rows: 0,
  rows_total: null,
  share: job?.total ? job.done / job.total : 0,
  rows_per_second: 0,
  seconds_left: null,
});

export const listImports = async (context: Context, input: { limit: number; cursor?: string }) => {
  const rows = await listImportRows(context, input.limit + 1, readCursor(input.cursor), context.actor.shopIds);
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  return {
    data: shown.map(row => ({ ...row, progress: progressOf(row) })) as never,
    next_cursor:
      rows.length > input.limit && last
        ? Buffer.from(JSON.stringify([last.created_at.toISOString(), last.id])).toString('base64url')
        : null,
  };
};

const readCursor = (cursor: string | undefined): { at: string; id: string } | null => {
  if (cursor === undefined) return null;
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, string];
    if (!Number.isNaN(Date.parse(at)) && /^[0-9a-f-]{36}$/.test(id)) return { at, id };
  } catch {
    // Falls through to the refusal.
  }
  throw new Refusal('malformed', 'imports.cursor', 'This page mark is not one of ours. Start again without "cursor".');
};

export const showKinds = (context: Context) => ({
  data: kindsFor(context).map(({ code, label, about, money, fields, options, signature, signatures }) => ({
    code,
    label,
    about,
    money,
    format: (signature ?? signatures) !== undefined,
    fields,
    options,
  })) as never,
  encodings: [...encodings],
  currencies: Intl.supportedValuesOf('currency'),
  zones: Intl.supportedValuesOf('timeZone'),
});
