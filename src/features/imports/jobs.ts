import type { Job } from '../../platform/feature.ts';
import { checkJob, runCheck } from './check-import.ts';
import { collectSource } from './collect-source.ts';
import { collectJob } from './manage-sources.ts';
import { runImport, runJob } from './run-import.ts';
import { tidyImports } from './tidy-imports.ts';
import { runUndo, undoJob } from './undo-import.ts';

const idOf = (payload: Record<string, unknown>) => String(payload.import_id);

export const jobs: readonly Job[] = [
  { name: runJob, run: (context, payload, progress) => runImport(context, idOf(payload), progress) },
  { name: checkJob, run: (context, payload, progress) => runCheck(context, idOf(payload), progress) },
  { name: undoJob, run: (context, payload) => runUndo(context, idOf(payload)) },
  { name: collectJob, run: (context, payload) => collectSource(context, String(payload.source_id), payload.by_hand === true) },
  { name: 'imports.tidy', schedule: '17 3 * * *', run: tidyImports },
];
