/** Looks every ten minutes whether much more is rejected than usual, and says so: once a day at most. */
import type { Context } from '../../../platform/context.ts';
import type { Job } from '../../../platform/feature.ts';
import { inTransaction } from '../../../platform/postgres.ts';

/** Below these nothing is a jump: at least so many in two hours, at least this share, and so many times the usual share of the week before. */
const least_events = 20;
const least_share = 0.02;
const factor = 3;
const quiet_hours = 24;

export type Rejections = { rejected: number; accepted: number; usualShare: number };

/** The last two hours (this one and the one before) against the week before them. */
export const readRejections = async (context: Context): Promise<Rejections> => {
  const now = context.clock.now();
  const [row] = await context.postgres`
    select coalesce(sum(rejected) filter (where recent), 0)::int as rejected, coalesce(sum(processed + rejected + duplicate) filter (where recent), 0)::int as accepted,
      coalesce(sum(rejected) filter (where not recent), 0)::float8 / greatest(1, coalesce(sum(processed + rejected + duplicate) filter (where not recent), 0)) as "usualShare"
    from (select *, hour > ${now}::timestamptz - interval '2 hours' as recent from tracking.tally where hour > ${now}::timestamptz - interval '7 days') hours`;
  return row as unknown as Rejections;
};

export const isJump = ({ rejected, accepted, usualShare }: Rejections): boolean =>
  rejected >= least_events && rejected / accepted >= Math.max(least_share, factor * usualShare);

export const watchRejections: Job = {
  name: 'tracking.watch-rejections',
  schedule: '*/10 * * * *',
  run: context =>
    inTransaction(context, async inside => {
      const found = await readRejections(inside);
      if (!isJump(found)) return;
      const now = inside.clock.now();
      const told = await inside.postgres`
        insert into tracking.rejection_alert (at, rejected, accepted, usual_share)
        select ${now}, ${found.rejected}, ${found.accepted}, ${found.usualShare}
        where not exists (select from tracking.rejection_alert where at > ${now}::timestamptz - ${quiet_hours} * interval '1 hour')
        on conflict do nothing returning at`;
      if (told.length > 0)
        await inside.announce('tracking.rejections_jumped', {
          rejected: found.rejected,
          percent: Math.round((1000 * found.rejected) / found.accepted) / 10,
        });
    }),
};
