import type postgres from 'postgres';
import { maySee } from '../../platform/context.ts';
import { fieldGroups } from '../../platform/contract.ts';
import type { ListFilter } from '../customers/index.ts';

/** "In this segment", by its name or id, for the customers list. A definition that looks at what the reader may not see filters everybody out. */
export const segmentFilter: ListFilter = {
  name: 'segment',
  label: 'segments.filter',
  group: null,
  // What is stored speaks of all shops; the segment's own page answers for some.
  acrossShops: true,
  values: {
    kind: 'text',
    suggest: async context =>
      (
        await context.postgres`select name from segments.segment where deleted_at is null and archived_at is null order by lower(name) limit 200`
      ).map(row => row.name as string),
  },
  where: (context, value) => {
    const sql = context.postgres as postgres.Sql;
    const fields = fieldGroups.filter(group => maySee(context.actor, group));
    return sql`exists (
      select 1 from segments.membership m join segments.segment s on s.id = m.segment_id
      where m.customer_id = c.id and (s.id::text = lower(${value}) or lower(s.name) = lower(${value})) and s.deleted_at is null and s.groups <@ ${fields as string[]}::text[])`;
  },
};
