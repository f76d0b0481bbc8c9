import type { Job } from '../../platform/feature.ts';

/** Forgets what is kept for a while only, and makes the months that are about to come. */
export const tidy: Job = {
  name: 'tracking.tidy',
  schedule: '17 3 * * *',
  run: async context => {
    const now = context.clock.now();
    await context.postgres`delete from tracking.rejected where received_at < ${now}::timestamptz - interval '30 days'`;
    await context.postgres`delete from tracking.seen_message where day < ${now}::timestamptz - interval '40 days'`;
    await context.postgres`select tracking.make_months(array(select (date_trunc('month', ${now}::timestamptz) + ahead * interval '1 month')::date from generate_series(0, 2) as ahead))`;
  },
};

export const jobs: readonly Job[] = [tidy];
