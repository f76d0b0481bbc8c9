/** What a merge, an export and an erasure do with links and answers. */
import type { CustomerTable } from '../../platform/feature.ts';

export const customerTables: readonly CustomerTable[] = [
  {
    table: 'welcome.link',
    label: 'welcome.export.links',
    merge: 'move',
    export: async (context, ids) =>
      (await context.postgres`
        select made_at, made_by, expires_at, answered_at from welcome.link where customer_id = any(${ids as number[]}::bigint[]) order by made_at`) as unknown as Record<
        string,
        unknown
      >[],
    erase: 'delete',
  },
  { table: 'welcome.answer', label: 'welcome.export.answers', merge: 'move', erase: 'delete' },
];
