/** What is kept how long (decisions 22): bodies 30 days, then hash, topic and outcome for a year. */
import type { Job } from '../../platform/feature.ts';

const bodies_days = 30;
const rows_days = 365;
const counts_days = 90;

export const tidy: Job = {
  name: 'connections.tidy',
  schedule: '50 3 * * *',
  run: async ({ postgres, clock }) => {
    const before = (days: number): Date => new Date(clock.now().getTime() - days * 86_400_000);
    const bodies = await postgres`
      update connections.delivery set body = null, headers = '{}' where body is not null and received_at < ${before(bodies_days)}`;
    const rows = await postgres`delete from connections.delivery where received_at < ${before(rows_days)}`;
    await postgres`delete from connections.refused where last_at < ${before(counts_days)}`;
    await postgres`delete from connections.write_back where at < ${before(rows_days)} and state <> 'waiting'`;
    await postgres`delete from connections.walk where finished_at < ${before(counts_days)}`;
    await postgres`delete from connections.comparison where day < ${before(rows_days).toISOString().slice(0, 10)}::date`;
    await postgres`update connections.secret set previous_sealed = null, previous_until = null where previous_until < ${clock.now()}`;
    return { bodies: bodies.count, deliveries: rows.count };
  },
};
