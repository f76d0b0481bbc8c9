import type { Context } from '../../platform/context.ts';
import type { Job } from '../../platform/feature.ts';
import { startJob } from '../../platform/queue.ts';
import { tieToShops } from '../customers/index.ts';
import { mendMany } from './rejected/mend-many.ts';
import { watchRejections } from './rejected/watch-rejections.ts';
import { keptDays } from './update-dictionary.ts';

/** Forgets what is kept for a while only, and makes the months that are about to come. */
export const tidy: Job = {
  name: 'tracking.tidy',
  schedule: '17 3 * * *',
  run: async context => {
    const now = context.clock.now();
    await context.postgres`delete from tracking.rejected where received_at < ${now}::timestamptz - interval '30 days'`;
    await context.postgres`delete from tracking.dictionary_day where day < ${now}::timestamptz - ${keptDays} * interval '1 day'`;
    await context.postgres`delete from tracking.rejection_alert where at < ${now}::timestamptz - interval '1 year'`;
    await context.postgres`delete from tracking.seen_message where day < ${now}::timestamptz - interval '40 days'`;
    await context.postgres`select tracking.make_months(array(select (date_trunc('month', ${now}::timestamptz) + ahead * interval '1 month')::date from generate_series(0, 2) as ahead))`;
  },
};

const people = 20_000;

/** Once after the upgrade: whose event happened in which shop, for what the log held before it was noted (`appendEvents` does it since). */
export const tieFromLog: Job = {
  name: 'tracking.tie-from-log',
  run: async (context, _payload, progress) => {
    let tied = 0;
    for (let after = 0; ; after += people) {
      const [{ last }] = await context.postgres`select max(id) as last from customers.customer`;
      if (last === null || after > last) return { tied };
      const rows = await context.postgres`
        select distinct origin_id as "originId", shop_id as "shopId" from tracking.event
        where origin_id > ${after} and origin_id <= ${after + people} and shop_id is not null`;
      await tieToShops(context, rows as unknown as { originId: number; shopId: string }[]);
      tied += rows.length;
      await progress.report(Math.min(after + people, last), last);
    }
  },
};

/** Starts that work where there is a log and nobody is tied to any shop yet. */
export const tieWhereMissing = async (context: Context): Promise<void> => {
  const [row] = await context.postgres`
    select exists (select from tracking.event where shop_id is not null) and not exists (select from customers.shop_tie) as missing`;
  if (row.missing) await startJob(context, tieFromLog.name, {}, { key: 'once' });
};

export const jobs: readonly Job[] = [watchRejections, mendMany, tidy, tieFromLog];
