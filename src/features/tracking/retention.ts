/** How long the event log is kept. */
import type { Context } from '../../platform/context.ts';
import { type KeptFor, keptFor, type RetentionKind, type RetentionScope, retentionKinds } from '../../platform/retention.ts';
import { fill } from '../../platform/slot.ts';
import { touchCustomers } from '../customers/index.ts';
import { insertBatch } from './postgres.ts';
import { projections } from './projections.ts';

/** Events that a feature writes from its own tables (orders) stay as long as those: figures and conditions must agree with them. */
const written = (context: Context): string[] =>
  context.slots
    .all(projections)
    .filter(one => one.claims)
    .flatMap(one => [...one.names]);

const old = (context: Context, { before, held }: RetentionScope) => context.postgres`
  from tracking.event where time < ${before} and name <> all(${written(context)}::text[]) and origin_id <> all(${held as number[]}::bigint[])`;

const events: RetentionKind = {
  code: 'tracking.events',
  label: 'tracking.retention.events',
  about: 'tracking.retention.events_about',
  usualDays: 780,
  leastDays: 30,
  mostDays: 3650,
  onFromStart: false,
  portion: 5_000,
  count: async (context, scope) => {
    const [row] = await context.postgres`
      select count(*) as rows, count(distinct origin_id) as people, min(time) as oldest ${old(context, scope)}`;
    return row as unknown as { rows: number; people: number; oldest: Date | null };
  },
  remove: async (context, { limit, ...scope }) => {
    const batch = await insertBatch(context, 0, context.clock.now());
    const gone = await context.postgres`
      with taken as (select id, time ${old(context, scope)} limit ${limit}),
      gone as (delete from tracking.event e using taken t where e.id = t.id and e.time = t.time returning e.id, e.origin_id, e.name, e.time),
      noted as (insert into tracking.removal (batch_id, event_id, origin_id, name, time) select ${batch}, id, origin_id, name, time from gone)
      select origin_id, array_agg(distinct name) as names, count(*) as rows from gone group by origin_id`;
    const origins = gone.map(row => row.origin_id as number);
    // Facts and memberships follow, but nothing is set off: what is forgotten did not just happen.
    const names = [...new Set(gone.flatMap(row => row.names as string[]))].sort();
    await touchCustomers(context, origins, names, { historical: true });
    return { rows: gone.reduce((sum, row) => sum + (row.rows as number), 0), origins };
  },
};

const kept = (code: string, days: number): KeptFor => ({
  code: `tracking.${code}`,
  label: `tracking.retention.${code}`,
  about: `tracking.retention.${code}_about`,
  days: async () => days,
  link: null,
});

export const trackingRetention = [...fill(retentionKinds, events), ...fill(keptFor, kept('rejected', 30), kept('seen', 40))];
