/** From when until when people were seen, as it was before an import widened it: remembered first, put back by undo. */
import type { Context } from '../../platform/context.ts';
import { type ResolveInput, restoreSeen } from '../customers/index.ts';
import { journalBefore, journalOf } from './journal.ts';

const area = 'customers.seen';

/** Remembers those known before by one of these identifiers; people this very import brought go with it anyway. */
export const rememberSeen = async (context: Context, importId: string, inputs: readonly ResolveInput[]): Promise<void> => {
  const keys = inputs.flatMap(one => one.identifiers);
  const rows = await context.postgres`
    select distinct s.origin_id, s.first_at, s.last_at
    from unnest(${keys.map(one => one.kind)}::text[], ${keys.map(one => one.source)}::text[], ${keys.map(one => (one.kind === 'email' ? one.value.trim().toLowerCase() : one.value))}::text[]) as a (kind, source, value)
    join customers.identifier i on i.kind = a.kind and i.source = a.source and i.value = a.value
    join customers.customer c on c.id = i.origin_id and c.import_id is distinct from ${importId}::uuid
    join customers.seen s on s.origin_id = i.origin_id`;
  await journalBefore(
    context,
    importId,
    area,
    rows.map(row => ({ key: String(row.origin_id), before: { ...row } })),
  );
};

/** Back to what it was, and as far as other events have shown them since. */
export const putSeenBack = async (context: Context, importId: string): Promise<void> => {
  const before = (await journalOf(context, importId, area)) as { origin_id: number; first_at: string; last_at: string }[];
  if (before.length === 0) return;
  const since = await context.postgres`
    select e.origin_id, min(e.time) as first, max(e.time) as last from tracking.event e
    where e.origin_id = any(${before.map(row => row.origin_id)}::bigint[]) and e.import_id is distinct from ${importId}::uuid
      and e.received_at >= (select created_at from imports.import where id = ${importId})
    group by e.origin_id`;
  const shown = new Map(since.map(row => [row.origin_id as number, { first: row.first as Date, last: row.last as Date }]));
  const earlier = (a: Date, b: Date | undefined) => (b && b < a ? b : a);
  const later = (a: Date, b: Date | undefined) => (b && b > a ? b : a);
  await restoreSeen(
    context,
    before.map(row => ({
      originId: row.origin_id,
      first: earlier(new Date(row.first_at), shown.get(row.origin_id)?.first),
      last: later(new Date(row.last_at), shown.get(row.origin_id)?.last),
    })),
  );
};
