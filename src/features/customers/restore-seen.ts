/** Puts back from when until when people were seen, after what had widened it was taken back. */
import type { Context } from '../../platform/context.ts';

export type SeenSpan = { originId: number; first: Date; last: Date };

/** In the caller's transaction; people who are gone meanwhile stay gone. */
export const restoreSeen = async ({ postgres }: Context, spans: readonly SeenSpan[]): Promise<void> => {
  if (spans.length === 0) return;
  const sorted = [...spans].sort((a, b) => a.originId - b.originId);
  await postgres`
    update customers.seen s set first_at = n.first_at, last_at = n.last_at
    from unnest(${sorted.map(one => one.originId)}::bigint[], ${sorted.map(one => one.first.toISOString())}::timestamptz[], ${sorted.map(one => one.last.toISOString())}::timestamptz[]) as n(id, first_at, last_at)
    where s.origin_id = n.id`;
};
