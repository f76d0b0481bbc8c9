/** The life of one import and the arithmetic of its report. Pure. */

import type { Settings } from './contract.ts';
import type { ColumnMapping, Reason, Written } from './kind.ts';
import type { Found } from './look-at-file.ts';

export const importStates = ['mapping', 'checking', 'running', 'done', 'cancelled', 'failed', 'undoing', 'undone'] as const;
export type ImportState = (typeof importStates)[number];

/** What may be asked of an import in a state; anything else is refused with the reason. */
export const allowed: Record<'edit' | 'check' | 'start' | 'cancel' | 'undo', readonly ImportState[]> = {
  edit: ['mapping', 'failed'],
  check: ['mapping', 'failed'],
  start: ['mapping', 'cancelled', 'failed'],
  cancel: ['checking', 'running'],
  undo: ['done', 'cancelled', 'failed'],
};

export type Options = Record<string, string | boolean | null>;

/** Rows by what became of them. read = kept + the sum of merged + the sum of skipped, always. */
export type Counts = {
  read: number;
  kept: number;
  /** Of the kept rows, those that said something new. */
  added: number;
  merged: Record<string, number>;
  skipped: Record<string, number>;
  noted: Record<string, number>;
  made: Record<string, number>;
};
export const noCounts = (): Counts => ({ read: 0, kept: 0, added: 0, merged: {}, skipped: {}, noted: {}, made: {} });

export const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, count) => total + count, 0);
const addTo = (counts: Record<string, number>, code: string, more = 1): void => {
  counts[code] = (counts[code] ?? 0) + more;
};

export type RowReason = { row: number; reason: Reason };

/** Adds one portion. Throws when it does not add up: then nothing of the portion is committed. */
export const addPortion = (
  counts: Counts,
  read: number,
  unread: readonly RowReason[],
  blank: number,
  written: Written,
): Counts => {
  const next = structuredClone(counts);
  next.read += read;
  for (const { reason } of [...unread, ...written.skipped]) addTo(next.skipped, reason.code);
  if (blank > 0) addTo(next.skipped, 'blank_row', blank);
  for (const { reason } of written.merged) addTo(next.merged, reason.code);
  for (const { reason } of written.noted) addTo(next.noted, reason.code);
  for (const [name, count] of Object.entries(written.made)) if (count > 0) addTo(next.made, name, count);
  next.added += written.added;
  next.kept = next.read - sum(next.merged) - sum(next.skipped);
  if (next.kept < next.added)
    throw new Error(`The rows of a portion do not add up: ${next.read} read, ${next.kept} kept, ${next.added} added.`);
  return next;
};

export type ImportRow = {
  id: string;
  shop_id: string;
  file_id: string | null;
  file_name: string;
  bytes: number;
  state: ImportState;
  kind: string;
  settings: Settings;
  mapping: ColumnMapping[];
  options: Options;
  /** `same_as`: the earlier import, `mapping_id`: the saved mapping whose answers were taken over; `recognised`: by the kind's own headers. */
  found: Found & { same_as: string | null; mapping_id?: string | null; recognised?: boolean };
  header_key: string;
  dry_run: Record<string, unknown> | null;
  position: number;
  counts: Counts;
  total_rows: number | null;
  bytes_read: number;
  error: { code: string; detail: string } | null;
  job_id: string | null;
  run_ms: number;
  source_id: string | null;
  created_by: string;
  created_at: Date;
  finished_at: Date | null;
  undone_at: Date | null;
  version: number;
};

/** Rows per second so far and seconds left; null before there is anything to judge by. */
export const progressOf = (row: Pick<ImportRow, 'position' | 'total_rows' | 'bytes' | 'bytes_read' | 'run_ms' | 'state'>) => {
  const share = row.total_rows ? row.position / row.total_rows : row.bytes > 0 ? row.bytes_read / row.bytes : 0;
  const rate = row.run_ms > 0 ? (row.position * 1000) / row.run_ms : 0;
  const isMoving = row.state === 'running' && share > 0 && row.run_ms > 0;
  return {
    rows: row.position,
    rows_total: row.total_rows,
    share: Math.min(1, share),
    rows_per_second: Math.round(rate),
    seconds_left: isMoving ? Math.ceil((row.run_ms / 1000 / share) * (1 - share)) : null,
  };
};
