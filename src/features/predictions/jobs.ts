import type { Job } from '../../platform/feature.ts';
import { carryOutTraining } from './request-training.ts';

export const jobs: readonly Job[] = [
  // Soon after midnight of the organisation: "as of today" moves on by a day.
  {
    name: 'predictions.train',
    schedule: '20 0 * * *',
    run: (context, _payload, progress) => carryOutTraining(context, progress),
  },
];
