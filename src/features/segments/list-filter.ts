import type postgres from 'postgres';
import { maySee } from '../../platform/context.ts';
import { fieldGroups } from '../../platform/contract.ts';
import { Refusal } from '../../platform/errors.ts';
import type { ListFilter } from '../customers/index.ts';

const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** "In this segment" for the customers list. A definition that looks at what the reader may not see filters everybody out. */
export const segmentFilter: ListFilter = {
  name: 'segment',
  label: 'segments.filter',
  group: null,
  values: { kind: 'text' },
  where: (context, value) => {
    if (!isUuid.test(value))
      throw new Refusal('malformed', 'segments.filter', 'Name the segment by its id. GET /api/segments lists them.');
    const sql = context.postgres as postgres.Sql;
    const fields = fieldGroups.filter(group => maySee(context.actor, group));
    return sql`exists (
      select 1 from segments.membership m join segments.segment s on s.id = m.segment_id
      where m.customer_id = c.id and s.id = ${value} and s.deleted_at is null and s.groups <@ ${fields as string[]}::text[])`;
  },
};
