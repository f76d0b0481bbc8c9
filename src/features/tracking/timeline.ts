/** Events as lines of a customer's timeline. Orders have lines of their own. */
import type { Context } from '../../platform/context.ts';
import { ofOwnShops } from '../../platform/shop-limit.ts';
import type { TimelineEntry, TimelineSource } from '../customers/index.ts';
import { originsOf } from '../customers/index.ts';
import { projections } from './projections.ts';
import { tellEvent } from './tell-event.ts';

/** A page that was left is told with the page: one line with the seconds, not two. */
const longestStay = '12 hours';
const longestStay_ms = 12 * 3_600_000;
const mostStays = 1_000;

type Row = { id: string; name: string; time: Date; properties: Record<string, unknown> };

export const eventTimeline: TimelineSource = {
  kind: 'event',
  label: 'tracking.timeline.kind',
  group: 'behaviour',
  read: async (context, customerIds, { before, limit }) => {
    const sql = context.postgres;
    const origins = [...(await originsOf(context, customerIds)).values()].flat();
    // What a projection claims, its feature shows.
    const claimed = context.slots
      .all(projections)
      .filter(one => one.claims)
      .flatMap(one => one.names);
    const rows = await sql`
      select id, name, time, source, historical, properties from tracking.event
      where origin_id = any(${origins}::bigint[]) and name <> all(${claimed}::text[]) and ${ofOwnShops(context, 'event.shop_id')}
        and not (name = 'Page Left' and exists (
          select from tracking.event viewed where viewed.origin_id = any(${origins}::bigint[]) and viewed.name = 'Page Viewed'
            and viewed.time between event.time - ${longestStay}::interval and event.time and viewed.properties->>'path' = event.properties->>'path'))
        ${before ? sql`and time <= ${before.at} and (time, id::text collate "C") < (${before.at}, ${before.id})` : sql``}
      order by time desc, id desc limit ${limit}`;
    const stays = await staysOn(context, origins, rows as unknown as Row[]);
    return rows.map(
      (row): TimelineEntry => ({
        id: row.id as string,
        kind: 'event',
        at: row.time as Date,
        title: 'tracking.timeline.event',
        values: { name: row.name as string },
        ...tellEvent(row.name as string, { ...(row.properties as Record<string, unknown>), ...stays.get(row.id as string) }),
        historical: row.historical as boolean,
      }),
    );
  },
};

/** Seconds by the id of the page view they belong to: the last one of the same address before the page was left. */
const staysOn = async (
  context: Context,
  origins: readonly number[],
  rows: readonly Row[],
): Promise<Map<string, { seconds: number }>> => {
  const stays = new Map<string, { seconds: number }>();
  const views = rows.filter(row => row.name === 'Page Viewed');
  if (views.length === 0) return stays;
  const left = await context.postgres`
    select time, properties->>'path' as path, properties->>'seconds' as seconds from tracking.event
    where origin_id = any(${origins as number[]}::bigint[]) and name = 'Page Left' and time >= ${views.at(-1)!.time}
      and time <= ${new Date(views[0].time.getTime() + longestStay_ms)} order by time limit ${mostStays}`;
  for (const one of left) {
    const seconds = Number(one.seconds);
    // Newest first: the first that is not later.
    const view = views.find(row => row.time <= (one.time as Date) && row.properties.path === one.path);
    if (view && seconds > 0) stays.set(view.id, { seconds: (stays.get(view.id)?.seconds ?? 0) + seconds });
  }
  return stays;
};
