import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { allowed, type Counts } from './import.ts';
import { importFor, kindOf } from './manage-imports.ts';
import { deleteBookkeeping, moveState, readImport } from './postgres.ts';
import { liveTopic } from './run-import.ts';

export const undoJob = 'imports.undo';

/** Queues the undo. Errors: not_found, conflict (running, undone, nothing written). */
export const undoImport = async (context: Context, id: string): Promise<string> => {
  const row = await importFor(context, id);
  kindOf(context, row.kind);
  return inTransaction(context, async inside => {
    const jobId = await startJob(inside, undoJob, { import_id: id }, { key: id });
    if (!(await moveState(inside, id, allowed.undo, 'undoing', { job_id: jobId }))) {
      throw new Refusal(
        'conflict',
        'imports.not_now',
        `This import is ${row.state}; only one that has ended can be undone. Cancel it first.`,
        { values: { state: row.state } },
      );
    }
    await audit(inside, 'imports.undone', { subject: { kind: 'import', id } });
    await inside.live.publish(liveTopic, { id });
    return jobId;
  });
};

/** All of it in one transaction: an undo that is killed has taken back nothing and starts again. */
export const runUndo = (context: Context, id: string): Promise<Record<string, unknown>> =>
  inTransaction(context, async inside => {
    const row = await readImport(inside, id);
    if (row?.state !== 'undoing') return {};
    const gone = await kindOf(inside, row.kind).undo(inside, id);
    await deleteBookkeeping(inside, id, { report: true });
    const counts: Counts = {
      ...row.counts,
      made: Object.fromEntries(Object.entries(gone).map(([name, count]) => [`${name}_undone`, count])),
    };
    await inside.postgres`update imports.import set counts = ${inside.postgres.json(counts as never)} where id = ${id}`;
    await moveState(inside, id, ['undoing'], 'undone', { undone_at: inside.clock.now() });
    await inside.live.publish(liveTopic, { id });
    return gone;
  });
