import type { Job } from '../../platform/feature.ts';
import { exportJob } from './export-segment.ts';
import { refreshSegments } from './refresh-segments.ts';

export const jobs: readonly Job[] = [
  {
    // Also just after midnight in the organisation's zone, when "in the last 90 days" means another 90 days.
    name: 'segments.refresh',
    schedule: '*/15 * * * *',
    run: async (context, _payload, progress) => refreshSegments(context, { historical: false, report: progress.report }),
  },
  {
    name: 'segments.fill',
    run: async (context, payload, progress) =>
      refreshSegments(context, { segmentIds: payload.segment_ids as string[], historical: true, report: progress.report }),
  },
  exportJob,
];
