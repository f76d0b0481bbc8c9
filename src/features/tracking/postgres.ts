/** The questions that tracking asks PostgreSQL. */
import type { Context } from '../../platform/context.ts';
import type { LoggedEvent, NewEvent } from './event.ts';
import { monthOf } from './event.ts';

/** Log rows of one batch, in one statement; months that are missing are made first. */
export const insertEvents = async (context: Context, events: readonly NewEvent[], batchId: number): Promise<void> => {
  const now = context.clock.now();
  const months = [...new Set(events.map(event => monthOf(event.time)))].sort();
  await context.postgres`select tracking.make_months(${months}::date[])`;
  const column = <T>(read: (event: NewEvent) => T): T[] => events.map(read);
  await context.postgres`
    insert into tracking.event (id, origin_id, name, time, received_at, shop_id, source, message_id, import_id, historical, properties, context, batch_id)
    select id, origin_id, name, time, received_at, shop_id, source, message_id, import_id, historical, properties::jsonb, context::jsonb, ${batchId}
    from unnest(
      ${column(event => event.id)}::uuid[],
      ${column(event => event.customerId)}::bigint[],
      ${column(event => event.name)}::text[],
      ${column(event => event.time.toISOString())}::timestamptz[],
      ${column(event => (event.receivedAt ?? now).toISOString())}::timestamptz[],
      ${column(event => event.shopId)}::uuid[],
      ${column(event => event.source)}::text[],
      ${column(event => event.messageId ?? null)}::text[],
      ${column(event => event.importId ?? null)}::uuid[],
      ${column(event => String(event.historical))}::text[]::boolean[],
      ${column(event => JSON.stringify(event.properties))}::text[],
      ${column(event => JSON.stringify(event.context ?? {}))}::text[]
    ) as row (id, origin_id, name, time, received_at, shop_id, source, message_id, import_id, historical, properties, context)`;
};

/** Opens a batch: the unit in which the copy brings log rows to ClickHouse. */
export const insertBatch = async (context: Context, events: number, receivedAt: Date): Promise<number> => {
  const [row] =
    await context.postgres`insert into tracking.batch (events, received_at) values (${events}, ${receivedAt}) returning id`;
  return row.id as number;
};

export type EventFilter = {
  names?: readonly string[];
  /** Inclusive. */
  since?: Date;
  /** Exclusive. */
  until?: Date;
};

/**
 * Events of these customers, those of people merged into them included, oldest first. `names`: none = all.
 * Reads the index by customer; meant for a few thousand customers at a time.
 */
export const eventsOf = async (
  context: Context,
  customerIds: readonly number[],
  filter: EventFilter = {},
): Promise<LoggedEvent[]> => {
  const sql = context.postgres;
  return (await sql`
    with origin as (
      select id as origin_id, coalesce(owner.customer_id, id) as customer_id
      from unnest(${customerIds as number[]}::bigint[]) as id left join customers.owner on owner.origin_id = id
      where coalesce(owner.customer_id, id) = id
      union
      select origin_id, customer_id from customers.owner where customer_id = any(${customerIds as number[]}::bigint[]))
    select event.id, origin.customer_id as "customerId", event.origin_id as "originId", name, time, received_at as "receivedAt", shop_id as "shopId", source,
      historical, import_id as "importId", properties
    from origin join tracking.event on event.origin_id = origin.origin_id
    where true
      ${filter.names ? sql`and name = any(${filter.names as string[]}::text[])` : sql``}
      ${filter.since ? sql`and time >= ${filter.since}` : sql``}
      ${filter.until ? sql`and time < ${filter.until}` : sql``}
    order by time, event.id`) as unknown as LoggedEvent[];
};
