/** Identity: who was merged into whom, and who may be the same person. */
import type { Context } from '../../platform/context.ts';
import { maySee } from '../../platform/context.ts';

type Evidence = { kind: string; value: string };

export const listMerges = async (context: Context, id: number) => {
  const sql = context.postgres;
  const contact = maySee(context.actor, 'contact');
  const merges = await sql`
    select m.id, m.winner_id, m.loser_id, l.name, m.at, m.by_whom, m.reason, m.evidence, m.undone_at, m.undone_by
    from customers.merge m join customers.customer l on l.id = m.loser_id
    where m.winner_id in (select ${id}::bigint union select origin_id from customers.owner where customer_id = ${id}) or m.loser_id = ${id}
    order by m.at desc, m.id desc limit 200`;
  const suggestions = await sql`
    select other.id, c.name, c.email, s.reason, s.reasons, s.class, s.evidence, s.at
    from customers.suggestion s
    cross join lateral (
      select case when customers.owner_of(s.low_id) = ${id} then customers.owner_of(s.high_id) else customers.owner_of(s.low_id) end as id) other
    join customers.customer c on c.id = other.id
    where s.dismissed_at is null and other.id <> ${id} and c.erased_at is null
      and (s.low_id in (select ${id}::bigint union select origin_id from customers.owner where customer_id = ${id})
        or s.high_id in (select ${id}::bigint union select origin_id from customers.owner where customer_id = ${id}))
    order by s.score desc nulls last, s.at desc limit 50`;
  return {
    merges: merges.map(row => ({
      id: row.id,
      winner_id: String(row.winner_id),
      loser_id: String(row.loser_id),
      loser_name: contact ? row.name : null,
      at: row.at.toISOString(),
      by_whom: row.by_whom,
      reason: row.reason,
      evidence: Array.isArray(row.evidence)
        ? (row.evidence as Evidence[]).map(one => (contact ? `${one.kind}: ${one.value}` : one.kind))
        : [],
      undone_at: row.undone_at?.toISOString() ?? null,
      undone_by: row.undone_by,
    })),
    suggestions: suggestions.map(row => ({
      id: String(row.id),
      name: contact ? row.name : null,
      email: contact ? row.email : null,
      reason: row.reason,
      reasons: row.reasons,
      class: row.class ?? 'possible',
      evidence: contact ? ((row.evidence as Evidence).value ?? null) : null,
      at: row.at.toISOString(),
    })),
  };
};
