import type { Context } from '../../platform/context.ts';
import { ofOwnShops } from '../../platform/shop-limit.ts';
import type { StatusFigure } from '../../platform/system/index.ts';
import { isJump, readRejections } from './rejected/watch-rejections.ts';

/** One snapshot, so that accepted = processed + rejected + duplicate + pending holds whenever it is read. */
export const readIngestStatus = async (context: Context) => {
  const now = context.clock.now();
  const senders = await context.postgres`
    select sender.write_key_id, key.name as write_key, sender.library, sender.version, sender.site, sender.first_at, sender.last_at, sender.events
    from tracking.sender join tracking.write_key key on key.id = sender.write_key_id
    where ${ofOwnShops(context, 'key.shop_id')} order by sender.last_at desc, sender.library, sender.version, sender.site limit 20`;
  const rejections = await readRejections(context);
  const [row] = await context.postgres`
    select coalesce(sum(processed), 0)::bigint as processed, coalesce(sum(rejected), 0)::bigint as rejected, coalesce(sum(duplicate), 0)::bigint as duplicate,
      (select coalesce(sum(events), 0)::bigint from tracking.inbox) as pending,
      (select coalesce(sum(events), 0)::bigint from tracking.batch) as copying,
      (select count(*)::int from tracking.rejected where state = 'open' and ${ofOwnShops(context, 'rejected.shop_id')}) as rejected_open,
      least((select min(received_at) from tracking.inbox), (select min(received_at) from tracking.batch)) as oldest,
      (select coalesce(jsonb_agg(jsonb_build_object('hour', to_char(hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'processed', processed, 'rejected', rejected, 'duplicate', duplicate)
        order by hour), '[]') from tracking.tally where hour > ${now}::timestamptz - interval '24 hours') as hours
    from tracking.tally`;
  const { processed, rejected, duplicate, pending, copying } = row as Record<
    'processed' | 'rejected' | 'duplicate' | 'pending' | 'copying',
    number
  >;
  return {
    accepted: processed + rejected + duplicate + pending,
    pending,
    processed,
    rejected,
    duplicate,
    copying,
    lag_seconds: row.oldest ? Math.max(0, Math.round((now.getTime() - (row.oldest as Date).getTime()) / 100) / 10) : 0,
    senders: senders as never,
    rejected_open: row.rejected_open as number,
    rejections: {
      share: percent(rejections.accepted > 0 ? rejections.rejected / rejections.accepted : 0),
      usual_share: percent(rejections.usualShare),
      jumped: isJump(rejections),
    },
    hours: row.hours as { hour: string; processed: number; rejected: number; duplicate: number }[],
  };
};

const percent = (share: number): number => Math.round(share * 1000) / 10;

/** A minute behind is worth a look; ten are worth a call. */
const slow_seconds = 60;
const stuck_seconds = 600;

export const ingestFigures = async (context: Context): Promise<StatusFigure[]> => {
  const { lag_seconds, pending, copying, rejected_open, rejections } = await readIngestStatus(context);
  const state = lag_seconds > stuck_seconds ? 'bad' : lag_seconds > slow_seconds ? 'warning' : 'good';
  return [
    { code: 'tracking.lag', label: 'tracking.figure.lag', value: lag_seconds, unit: 's', state },
    { code: 'tracking.pending', label: 'tracking.figure.pending', value: pending, unit: null, state },
    { code: 'tracking.copying', label: 'tracking.figure.copying', value: copying, unit: null, state },
    {
      code: 'tracking.rejected',
      label: 'tracking.figure.rejected',
      value: rejected_open,
      unit: null,
      state: rejections.jumped ? 'bad' : rejected_open > 0 ? 'warning' : 'good',
    },
  ];
};
