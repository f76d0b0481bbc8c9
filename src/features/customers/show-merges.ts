/** Identity: who was merged into whom, who may be the same person, and what a merge would change. */
import type { Context } from '../../platform/context.ts';
import { maySee } from '../../platform/context.ts';
import { customerTableSlot } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type Fact, type FactValue, listFacts } from './facts.ts';
import { readRows } from './list-rows.ts';
import { refuseBadPair } from './merge-customers.ts';
import { maySeeField } from './show-customer.ts';
import { profileCodes } from './traits.ts';

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
    select other.id, c.name, c.email, s.reason, s.evidence, s.at
    from customers.suggestion s
    cross join lateral (
      select case when customers.owner_of(s.low_id) = ${id} then customers.owner_of(s.high_id) else customers.owner_of(s.low_id) end as id) other
    join customers.customer c on c.id = other.id
    where s.dismissed_at is null and other.id <> ${id} and c.erased_at is null
      and (s.low_id in (select ${id}::bigint union select origin_id from customers.owner where customer_id = ${id})
        or s.high_id in (select ${id}::bigint union select origin_id from customers.owner where customer_id = ${id}))
    order by s.at desc limit 50`;
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
      evidence: contact ? ((row.evidence as Evidence).value ?? null) : null,
      at: row.at.toISOString(),
    })),
  };
};

/** What a merge would change. The profile is decided by the same order of sources and times that decides it afterwards. */
export const previewMerge = async (context: Context, winnerId: number, loserId: number) => {
  await inTransaction(context, inside => refuseBadPair(inside, winnerId, loserId));
  const facts = (await listFacts(context)).filter(fact => fact.merged !== undefined && maySee(context.actor, fact.group));
  const [[winner, loser], values, tables, tags, profile] = await Promise.all([
    readRows(context, [winnerId, loserId], { columns: [] }),
    Promise.all(facts.map(fact => fact.read(context, [winnerId, loserId], null))),
    countRows(context, loserId),
    context.postgres`select distinct tag from customers.tag where customer_id = any(${[winnerId, loserId]}::bigint[]) order by tag`,
    mergedProfile(context, winnerId, loserId),
  ]);
  const of = (index: number, id: number): FactValue | null => values[index].get(id) ?? null;
  return {
    winner,
    loser,
    profile,
    tables,
    facts: facts
      .map((fact, i) => ({
        code: fact.code,
        label: fact.label,
        type: fact.type,
        choice_labels: fact.choiceLabels ?? null,
        winner: of(i, winnerId),
        loser: of(i, loserId),
        after: together(fact, of(i, winnerId), of(i, loserId)),
      }))
      .filter(fact => fact.winner !== null || fact.loser !== null),
    tags: tags.map(row => row.tag as string),
  };
};

const together = (fact: Fact, winner: FactValue | null, loser: FactValue | null): FactValue | null => {
  if (winner === null || loser === null) return winner ?? loser;
  if (fact.merged === 'sum') return Number(winner) + Number(loser);
  const choices = fact.choices ?? [];
  return choices.indexOf(String(winner)) >= choices.indexOf(String(loser)) ? winner : loser;
};

const mergedProfile = async (context: Context, winnerId: number, loserId: number) => {
  const rows = await context.postgres`select * from customers.customer where id = any(${[winnerId, loserId]}::bigint[])`;
  const [winner, loser] = [winnerId, loserId].map(id => rows.find(row => row.id === id)!);
  const best = await context.postgres`
    select distinct on (code) code, value #>> '{}' as value from customers.attribute
    where customer_id = any(${[winnerId, loserId]}::bigint[]) and code = any(${profileCodes as unknown as string[]}::text[])
    order by code, customers.trust_rank(trust), (trust = 'staff' and origin_id <> ${winnerId}), at desc, source desc, origin_id`;
  const after = new Map(best.map(row => [row.code as string, row.value as string | null]));
  return profileCodes
    .filter(field => maySeeField(context, field) && winner[field] !== loser[field])
    .map(field => ({
      field,
      winner: winner[field],
      loser: loser[field],
      after: after.get(field) ?? winner[field] ?? loser[field],
    }));
};

const countRows = async (context: Context, loserId: number): Promise<{ label: string; rows: number }[]> => {
  const sql = context.postgres;
  const tables = context.slots.all(customerTableSlot).filter(table => table.merge === 'move');
  const counts = await Promise.all(
    tables.map(
      async table =>
        (await sql`select count(*)::int as rows from ${sql(table.table)} where customer_id = ${loserId}`)[0].rows as number,
    ),
  );
  return tables.map((table, i) => ({ label: table.label, rows: counts[i] })).filter(one => one.rows > 0);
};
