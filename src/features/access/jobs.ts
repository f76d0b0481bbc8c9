import type { Context } from '../../platform/context.ts';
import type { Job } from '../../platform/feature.ts';
import { forgetOldAnswers } from '../../platform/idempotency.ts';
import { announceReview } from './review-access.ts';

/** What is over is kept for 90 days, for whoever looks into an incident, then forgotten. */
const forgetWhatIsOver = async (context: Context): Promise<void> => {
  const { postgres, clock } = context;
  const now = clock.now();
  const longAgo = new Date(now.getTime() - 90 * 86_400_000);
  await postgres`delete from access.attempt where resets_at < ${now}`;
  await postgres`delete from access.session where coalesce(ended_at, expires_at) < ${longAgo} or last_seen_at < ${longAgo}`;
  await postgres`delete from access.link where coalesce(used_at, voided_at, expires_at) < ${longAgo}`;
  await postgres`delete from access.pending_login where expires_at < ${now}`;
  await postgres`delete from access.alert where acknowledged_at < ${longAgo}`;
  await postgres`delete from access.habit where day < ${longAgo}::timestamptz::date`;
  await postgres`delete from access.export where at < ${new Date(now.getTime() - 730 * 86_400_000)}`;
  await forgetOldAnswers(context);
};

export const jobs: Job[] = [
  // Mondays: what a quarter has gone by for is asked for once a week until somebody looks.
  { name: 'access.ask-for-review', schedule: '30 7 * * 1', run: context => announceReview(context) },
  { name: 'access.forget-what-is-over', schedule: '17 3 * * *', run: forgetWhatIsOver },
];
