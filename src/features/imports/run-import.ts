/** Writes an import portion by portion; each portion, its report and the new position are one transaction. */
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import type { JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { cancelJob, startJob } from '../../platform/queue.ts';
import { addPortion, allowed, type Counts, type ImportRow } from './import.ts';
import type { ImportKind, Run, Written } from './kind.ts';
import type { OpenFile } from './look-at-file.ts';
import { importFor, kindOf, problemsFor, runOf } from './manage-imports.ts';
import { type Portion, portions } from './portions.ts';
import { claimPortion, deleteBookkeeping, insertReport, moveState, type ReportRow, readImport, writeCounts } from './postgres.ts';

export const runJob = 'imports.run';
/** Topic of live messages: { id }. Listeners read the import again. */
export const liveTopic = 'imports';

/** Queues the import, or lets it go on where it stopped. Errors: not_found, conflict (running, done), refused (problems are left). */
export const startImport = async (context: Context, id: string): Promise<string> => {
  const row = await importFor(context, id);
  kindOf(context, row.kind);
  const [problem] = problemsFor(context, row);
  if (problem) {
    throw new Refusal(
      'refused',
      `imports.problem_${problem.code}`,
      'This import cannot start yet. Look at its problems, answer them in the mapping, then start.',
      {
        faults: problemsFor(context, row).map(one => ({ path: one.field ?? '', reason: one.code })),
      },
    );
  }
  fileOf(row);
  return inTransaction(context, async inside => {
    const jobId = await startJob(inside, runJob, { import_id: id }, { key: id });
    const moved = await moveState(inside, id, allowed.start, 'running', { job_id: jobId, finished_at: null });
    if (!moved) throw notNow(row);
    await inside.live.publish(liveTopic, { id });
    return jobId;
  });
};

const notNow = (row: ImportRow) =>
  new Refusal(
    'conflict',
    'imports.not_now',
    `This import is ${row.state}, so this cannot be done now. Load it again to see where it stands.`,
    { values: { state: row.state } },
  );

const fileOf = (row: ImportRow): string => {
  if (!row.file_id)
    throw new Refusal('refused', 'imports.file_gone', 'The uploaded file was deleted in the meantime. Upload it again.');
  return row.file_id;
};

/** Stops after the portion being written. Errors: not_found, conflict. */
export const cancelImport = async (context: Context, id: string): Promise<ImportRow> => {
  const row = await importFor(context, id);
  const to = row.state === 'checking' ? 'mapping' : 'cancelled';
  const moved = await moveState(context, id, allowed.cancel, to, { finished_at: context.clock.now() });
  if (!moved) throw notNow(row);
  if (row.job_id) await cancelJob(context, row.job_id);
  await context.live.publish(liveTopic, { id });
  return moved;
};

/** The job: from the stored position to the end of the file. Safe to run twice or by two processes at once. */
export const runImport = async (context: Context, id: string, progress: JobProgress): Promise<Record<string, unknown>> => {
  const row = await readImport(context, id);
  if (row?.state !== 'running') return {};
  const kind = kindOf(context, row.kind);
  const run = runOf(row);
  try {
    const open: OpenFile = () => context.files.read(context, fileOf(row));
    let counts = row.counts;
    let since = performance.now();
    const source = portions(open, kind, run, row.position);
    let next = source.next();
    for (;;) {
      const { value: portion, done } = await next;
      if (done) break;
      // Reading and cutting the next portion goes on while PostgreSQL writes this one.
      next = source.next();
      next.catch(() => {});
      const written = await writePortion(context, kind, run, portion, counts, performance.now() - since);
      if (!written) return {};
      since = performance.now();
      counts = written;
      await progress.report(portion.until, row.total_rows);
      await context.live.publish(liveTopic, { id });
    }
    await finishImport(context, kind, run, counts);
    return { rows: counts.read };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await moveState(context, id, ['running'], 'failed', {
      error: { code: error.code, detail: error.message },
      finished_at: context.clock.now(),
    });
    await context.live.publish(liveTopic, { id });
    throw error;
  }
};

/** null: somebody cancelled it or another process has taken it over; nothing of the portion was written. */
const writePortion = <R>(
  context: Context,
  kind: ImportKind<R>,
  run: Run,
  portion: Portion<R>,
  counts: Counts,
  spent_ms: number,
): Promise<Counts | null> =>
  inTransaction(context, async inside => {
    if (!(await claimPortion(inside, run.importId, portion.from, portion.until))) return null;
    const began = performance.now();
    const written: Written =
      portion.records.length > 0
        ? await kind.write(inside, run, portion.records)
        : { added: 0, merged: [], skipped: [], noted: [], made: {} };
    written.noted.push(...portion.short);
    const next = addPortion(counts, portion.until - portion.from, portion.unread, portion.blank, written);
    if (portion.mendedBytes > 0) next.noted.bytes_mended = portion.mendedBytes;
    if (portion.mendedQuotes > 0) next.noted.quotes_mended = portion.mendedQuotes;
    await insertReport(inside, run.importId, reportRows(portion, written));
    await writeCounts(inside, run.importId, next, portion.bytesRead, spent_ms + performance.now() - began);
    return next;
  });

const reportRows = <R>(portion: Portion<R>, written: Written): ReportRow[] => [
  ...[...portion.unread, ...written.skipped].map(one => ({
    ...one,
    outcome: 'skipped' as const,
    cells: portion.cellsOf(one.row),
  })),
  ...written.merged.map(one => ({ ...one, outcome: 'merged' as const, cells: portion.cellsOf(one.row) })),
  ...written.noted.map(one => ({ ...one, outcome: 'noted' as const, cells: portion.cellsOf(one.row) })),
];

const finishImport = (context: Context, kind: ImportKind, run: Run, counts: Counts): Promise<void> =>
  inTransaction(context, async inside => {
    const began = performance.now();
    const [locked] =
      await inside.postgres`select 1 from imports.import where id = ${run.importId} and state = 'running' for update`;
    if (!locked) return;
    const made = (await kind.finish?.(inside, run)) ?? {};
    const next = structuredClone(counts);
    for (const [name, count] of Object.entries(made)) if (count !== 0) next.made[name] = (next.made[name] ?? 0) + count;
    const [{ bytes }] = await inside.postgres`select bytes from imports.import where id = ${run.importId}`;
    await writeCounts(inside, run.importId, next, bytes as number, performance.now() - began);
    await deleteBookkeeping(inside, run.importId, { report: false });
    await inside.postgres`update imports.import set total_rows = position where id = ${run.importId}`;
    await moveState(inside, run.importId, ['running'], 'done', { finished_at: inside.clock.now() });
    await inside.live.publish(liveTopic, { id: run.importId });
    await inside.announce('imports.finished', { import_id: run.importId, kind: kind.code });
  });
