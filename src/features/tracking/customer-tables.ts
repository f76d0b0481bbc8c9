/** What merge, export and erasure do with the tables of this feature. */
import type { CustomerTable } from '../../platform/feature.ts';
import { forgetSamples } from './forget-samples.ts';

export const customerTables: readonly CustomerTable[] = [
  {
    table: 'tracking.event',
    label: 'tracking.table.event',
    // The log keeps whom an event was written for; the owner map says whose it is now (decisions 2).
    merge: 'none',
    export: async (context, customerIds) =>
      (await context.postgres`
        select name, time, received_at, source, properties, context from tracking.event where origin_id = any(${customerIds as number[]}::bigint[])
        order by time, id`) as unknown as Record<string, unknown>[],
    erase: async (context, customerIds) => {
      const events = await context.postgres`
        select name, time, source, properties from tracking.event where origin_id = any(${customerIds as number[]}::bigint[])`;
      await forgetSamples(context, events as unknown as Parameters<typeof forgetSamples>[1]);
      const [batch] =
        await context.postgres`insert into tracking.batch (events, received_at) values (0, ${context.clock.now()}) returning id`;
      await context.postgres`
        with gone as (delete from tracking.event where origin_id = any(${customerIds as number[]}::bigint[]) returning id, origin_id, name, time)
        insert into tracking.removal (batch_id, event_id, origin_id, name, time) select ${batch.id as number}, id, origin_id, name, time from gone`;
    },
  },
  {
    // What is still to be taken out of the copy: ids only, gone with the next step of the copy stage.
    table: 'tracking.removal',
    label: 'tracking.table.event',
    merge: 'none',
    export: null,
    erase: async () => {},
  },
  {
    table: 'tracking.rejected',
    label: 'tracking.table.rejected',
    merge: 'none',
    export: null,
    erase: async (context, customerIds) => {
      await context.postgres`
        delete from tracking.rejected
        where exists (
          select 1 from customers.identifier
          where customer_id = any(${customerIds as number[]}::bigint[])
            and ((kind = 'user_id' and value = user_id) or (kind = 'anonymous_id' and value = anonymous_id) or (kind = 'email' and value = lower(rejected.email))))`;
    },
  },
];
