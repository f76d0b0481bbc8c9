/** The dry run: reads the whole file as the import would and counts; writes nothing but its own result. */
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import type { JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { addPortion, allowed, type Counts, noCounts } from './import.ts';
import type { Reason } from './kind.ts';
import { importFor, kindOf, problemsFor, runOf } from './manage-imports.ts';
import { portions } from './portions.ts';
import { moveState, readImport, writeDryRun } from './postgres.ts';
import { liveTopic } from './run-import.ts';

export const checkJob = 'imports.check';

/** Errors: not_found, conflict, refused (problems are left). */
export const checkImport = async (context: Context, id: string): Promise<string> => {
  const row = await importFor(context, id);
  kindOf(context, row.kind);
  if (problemsFor(context, row).length > 0)
    throw new Refusal('refused', 'imports.problems_left', 'Answer what is still open in the mapping, then count again.');
  return inTransaction(context, async inside => {
    const jobId = await startJob(inside, checkJob, { import_id: id }, { key: id });
    if (!(await moveState(inside, id, allowed.check, 'checking', { job_id: jobId }))) {
      throw new Refusal('conflict', 'imports.not_now', `This import is ${row.state}; it can be counted only before it starts.`, {
        values: { state: row.state },
      });
    }
    return jobId;
  });
};

export const runCheck = async (context: Context, id: string, progress: JobProgress): Promise<void> => {
  const row = await readImport(context, id);
  if (row?.state !== 'checking' || !row.file_id) return;
  const fileId = row.file_id;
  const began = performance.now();
  const kind = kindOf(context, row.kind);
  const run = runOf(row);
  try {
    const previewer = await kind.previewer(context, run);
    let counts: Counts = noCounts();
    let rows = 0;
    let mended = { mendedBytes: 0, mendedQuotes: 0 };
    for await (const portion of portions(() => context.files.read(context, fileId), kind, run, 0)) {
      const seen = await previewer.add(context, portion.records);
      counts = addPortion(counts, portion.until - portion.from, portion.unread, portion.blank, {
        added: 0,
        made: seen.counts,
        merged: seen.merged,
        skipped: seen.skipped,
        noted: [...seen.noted, ...portion.short],
      });
      rows = portion.until;
      mended = portion;
      await progress.report(Math.round((portion.bytesRead / row.bytes) * 1000), 1000);
    }
    const end = await previewer.end(context);
    for (const [name, count] of Object.entries(end.counts)) counts.made[name] = count;
    const warnings: Reason[] = [...end.warnings];
    if (mended.mendedBytes > 0) warnings.push({ code: 'bytes_mended', values: { count: mended.mendedBytes } });
    if (mended.mendedQuotes > 0) warnings.push({ code: 'quotes_mended', values: { count: mended.mendedQuotes } });
    const dryRun = {
      counts,
      from: end.from,
      until: end.until,
      currencies: end.currencies,
      warnings,
      took_ms: Math.round(performance.now() - began),
    };
    await writeDryRun(context, id, JSON.parse(JSON.stringify(dryRun)), rows);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await moveState(context, id, ['checking'], 'failed', { error: { code: error.code, detail: error.message } });
    throw error;
  } finally {
    await context.live.publish(liveTopic, { id });
  }
};
