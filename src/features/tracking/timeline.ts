/** Events as lines of a customer's timeline. Orders have lines of their own. */
import { ofOwnShops } from '../../platform/shop-limit.ts';
import type { TimelineEntry, TimelineSource } from '../customers/index.ts';
import { originsOf } from '../customers/index.ts';
import { projections } from './projections.ts';
import { tellEvent } from './tell-event.ts';

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
        ${before ? sql`and time <= ${before.at} and (time, id::text collate "C") < (${before.at}, ${before.id})` : sql``}
      order by time desc, id desc limit ${limit}`;
    return rows.map(
      (row): TimelineEntry => ({
        id: row.id as string,
        kind: 'event',
        at: row.time as Date,
        title: 'tracking.timeline.event',
        values: { name: row.name as string },
        ...tellEvent(row.name as string, row.properties as Record<string, unknown>),
        historical: row.historical as boolean,
      }),
    );
  },
};
