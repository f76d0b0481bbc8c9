/** What a merge, an export and an erasure do with memberships: they follow from everything else, so a merge works them out again. */
import type { Context } from '../../platform/context.ts';
import type { CustomerTable } from '../../platform/feature.ts';
import { copyMemberships } from './clickhouse.ts';

type Kept = {
  segment_id: string;
  customer_id: number;
  entered_at: string;
  version: number | null;
  cause: string | null;
  why: string[] | null;
};

/** Keeps the stored numbers in step; a full refresh counts them anew anyway. */
const recount = async (context: Context, rows: readonly { segment_id: string }[], sign: 1 | -1): Promise<void> => {
  await context.postgres`
    update segments.segment s set members = greatest(0, s.members + ${sign} * changed.count)
    from (select segment_id, count(*)::int as count from unnest(${rows.map(row => row.segment_id)}::uuid[]) as c(segment_id) group by segment_id) as changed
    where s.id = changed.segment_id`;
};

const copy = (context: Context, rows: readonly Kept[], member: boolean): Promise<void> =>
  copyMemberships(
    context,
    rows.map(row => ({ segmentId: row.segment_id, customerId: row.customer_id, member })),
  );

const takeOut = async (context: Context, customerIds: readonly number[]): Promise<Kept[]> => {
  const gone = (await context.postgres`
    delete from segments.membership where customer_id = any(${customerIds as number[]}::bigint[])
    returning segment_id, customer_id, entered_at::text, version, cause, why`) as unknown as Kept[];
  await recount(context, gone, -1);
  await copy(context, gone, false);
  return gone.map(row => ({ ...row }));
};

/** A part has no memberships of its own any more; the winner is touched by the merge and looked at again. */
const mergeMemberships = (context: Context, { loserId }: { loserId: number }): Promise<Kept[]> => takeOut(context, [loserId]);

const undoMemberships = async (context: Context, _merge: unknown, journal: unknown): Promise<void> => {
  const back = (await context.postgres`
    insert into segments.membership (segment_id, customer_id, origin_id, entered_at, version, cause, why)
    select segment_id, customer_id, customer_id, entered_at, version, cause, why
    from jsonb_to_recordset(${JSON.stringify(journal)}::text::jsonb)
      as kept(segment_id uuid, customer_id bigint, entered_at timestamptz, version int, cause text, why text[])
    where exists (select 1 from segments.segment s where s.id = kept.segment_id)
    on conflict do nothing returning segment_id, customer_id, entered_at::text, version, cause, why`) as unknown as Kept[];
  await recount(context, back, 1);
  await copy(context, back, true);
};

const giveStays = async (context: Context, originIds: readonly number[], owner: number): Promise<void> => {
  await context.postgres`update segments.stay set customer_id = ${owner} where origin_id = any(${originIds as number[]}::bigint[])`;
};

const eraseMemberships = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  await takeOut(context, customerIds);
  await context.clickhouse.command('DELETE FROM fact WHERE customer_id IN ({ids:Array(UInt32)})', { ids: [...customerIds] });
};

export const customerTables: readonly CustomerTable[] = [
  {
    table: 'segments.membership',
    label: 'segments.export.membership',
    merge: { merge: mergeMemberships, undo: undoMemberships },
    export: async (context, ids) =>
      (await context.postgres`
        select s.name as segment, m.entered_at from segments.membership m join segments.segment s on s.id = m.segment_id
        where m.customer_id = any(${ids as number[]}::bigint[]) order by m.entered_at`) as unknown as Record<string, unknown>[],
    erase: eraseMemberships,
  },
  {
    table: 'segments.stay',
    label: 'segments.export.stay',
    // By hand, because stays follow from everything else: an import that is undone may take people along who have some.
    merge: {
      merge: (context, { winnerId, originIds }) => giveStays(context, originIds, winnerId),
      undo: (context, { loserId, originIds }) => giveStays(context, originIds, loserId),
    },
    export: async (context, ids) =>
      (await context.postgres`
        select s.name as segment, t.entered_at, t.left_at from segments.stay t join segments.segment s on s.id = t.segment_id
        where t.customer_id = any(${ids as number[]}::bigint[]) order by t.left_at`) as unknown as Record<string, unknown>[],
    erase: async (context, ids) => {
      await context.postgres`delete from segments.stay where origin_id = any(${ids as number[]}::bigint[])`;
    },
  },
  {
    table: 'segments.seen',
    label: 'segments.export.seen',
    merge: 'none',
    export: null,
    erase: async (context, ids) => {
      await context.postgres`delete from segments.seen where customer_id = any(${ids as number[]}::bigint[])`;
    },
  },
];
