/**
 * The audit log: who did what, when. An entry is written in the transaction of what it tells about; one background sequencer chains the
 * entries by hash afterwards, so no request ever waits for another. The hash is keyed with the root key: whoever changes the
 * database without that key cannot mend the chain, and `verifyAudit` names the first bad row.
 */
import type { Context, Sql } from './context.ts';
import type { Stage } from './feature.ts';
import { inTransaction } from './postgres.ts';

export type AuditDetails = {
  /** What it was done to, by kind and id: { kind: 'segment', id: '…' }. */
  subject?: { kind: string; id: string };
  /** Ids, codes and counts only: nothing personal about a customer, never a secret. */
  [code: string]: unknown;
};

/** Writes one entry for `context.actor`, in the caller's transaction where there is one. `action` is "<feature>.<what happened>". */
export const audit = async (context: Context, action: string, details: AuditDetails = {}): Promise<void> => {
  const { postgres: sql } = context;
  const { viewedBy } = context.actor;
  const actor = viewedBy ? { kind: 'staff', ...viewedBy } : context.actor;
  const { subject, ...rest } = viewedBy ? { ...details, viewing_as: context.actor.name } : details;
  await sql`
    insert into platform.audit (at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, details)
    values (${context.clock.now()}, ${actor.kind}, ${actor.id}, ${actor.name}, ${action}, ${subject?.kind ?? null}, ${subject?.id ?? null},
      ${sql.json(rest as never)})`;
};

const portion = 500;
/** The lock number of the sequencer: of several worker processes one chains at a time. */
const chainLock = 7_230_005;
const purpose = 'platform.audit';
const firstHash = 'start';

/** The whole entry as one text that PostgreSQL writes the same way every time. */
const entryText = (sql: Sql) => sql`
  jsonb_build_array(entry.id, extract(epoch from entry.at)::text, entry.actor_kind, entry.actor_id, entry.actor_name, entry.action,
    entry.subject_kind, entry.subject_id, entry.details)::text`;

const link = (context: Context, before: string, position: number, entry: string, keyId?: string): string =>
  context.secrets.hmac(purpose, `${before}\n${position}\n${entry}`, keyId);

/** Chains one portion of what is waiting; says whether there was work. */
export const chainAudit = (context: Context): Promise<boolean> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await sql`select pg_advisory_xact_lock(${chainLock})`;
    const waiting = await sql<{ id: string; entry: string }[]>`
      with taken as (
        delete from platform.audit_pending where audit_id in (select audit_id from platform.audit_pending order by audit_id limit ${portion}) returning audit_id
      )
      select entry.id, ${entryText(sql)} as entry from taken join platform.audit entry on entry.id = taken.audit_id order by entry.id`;
    if (waiting.length === 0) return false;
    const [last] = await sql<
      { position: number; hash: string }[]
    >`select position, hash from platform.audit_chain order by position desc limit 1`;
    const rows: { position: number; audit_id: string; hash: string }[] = [];
    for (const one of waiting) {
      const before = rows.at(-1) ?? last ?? { position: 0, hash: firstHash };
      const position = before.position + 1;
      rows.push({ position, audit_id: one.id, hash: link(inside, before.hash, position, one.entry) });
    }
    await sql`insert into platform.audit_chain ${sql(rows, 'position', 'audit_id', 'hash')}`;
    return waiting.length === portion;
  });

export const auditStage: Stage = { name: 'platform.chain-audit', step: chainAudit, idleMs: 1000 };

export type AuditVerdict = {
  ok: boolean;
  /** Entries whose hash was recomputed and agreed. */
  checked: number;
  /** Entries written in the last moments that are not chained yet. */
  waiting: number;
  /** Write the head down elsewhere to notice a later cut at the end of the log. */
  head: { position: number; hash: string } | null;
  first_bad: { position: number | null; audit_id: string; reason: 'changed' | 'missing' | 'not_chained' } | null;
};

/** Recomputes the whole chain in constant memory and names the first entry that was changed, removed or slipped in. */
export const verifyAudit = (context: Context): Promise<AuditVerdict> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await sql`select pg_advisory_xact_lock(${chainLock})`;
    const [{ waiting }] = await sql<{ waiting: number }[]>`select count(*) as waiting from platform.audit_pending`;
    let head: AuditVerdict['head'] = null;
    let checked = 0;
    const bad = (first_bad: AuditVerdict['first_bad']): AuditVerdict => ({ ok: false, checked, waiting, head, first_bad });
    const rows = sql<{ position: number; audit_id: string; hash: string; entry: string | null }[]>`
      select chain.position, chain.audit_id, chain.hash, case when entry.id is not null then ${entryText(sql)} end as entry
      from platform.audit_chain chain left join platform.audit entry on entry.id = chain.audit_id order by chain.position`.cursor(
      1000,
    );
    for await (const portionOfRows of rows) {
      for (const row of portionOfRows) {
        const position: number = (head?.position ?? 0) + 1;
        const place = { position: row.position, audit_id: row.audit_id };
        if (row.entry === null || row.position !== position) return bad({ ...place, reason: 'missing' });
        if (!agrees(inside, row.hash, head?.hash ?? firstHash, position, row.entry)) return bad({ ...place, reason: 'changed' });
        head = { position, hash: row.hash };
        checked++;
      }
    }
    const [slipped] = await sql<{ id: string }[]>`
      select entry.id from platform.audit entry
      where not exists (select from platform.audit_chain chain where chain.audit_id = entry.id)
        and not exists (select from platform.audit_pending pending where pending.audit_id = entry.id)
      order by entry.id limit 1`;
    return slipped
      ? bad({ position: null, audit_id: slipped.id, reason: 'not_chained' })
      : { ok: true, checked, waiting, head, first_bad: null };
  });

/** A hash names the root key it was made with; an unknown one is as bad as a wrong hash. */
const agrees = (context: Context, hash: string, before: string, position: number, entry: string): boolean => {
  try {
    return link(context, before, position, entry, hash.split('.')[0]) === hash;
  } catch {
    return false;
  }
};
