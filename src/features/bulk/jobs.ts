import type { Job } from '../../platform/feature.ts';
import { forgetItems, runChange, undoWork } from './run-bulk.ts';

export const runJob = 'bulk.run';
export const undoJob = 'bulk.undo';

export const jobs: readonly Job[] = [
  { name: runJob, run: (context, payload, progress) => runChange(context, payload.change_id as string, progress) },
  { name: undoJob, run: (context, payload, progress) => undoWork(context, payload.change_id as string, progress) },
  { name: 'bulk.forget', schedule: '25 4 * * *', run: forgetItems },
];
