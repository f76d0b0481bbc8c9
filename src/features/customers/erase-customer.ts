/**
 * Erases one person: every registered table, then (after commit, by a job that survives crashes) ClickHouse, files and the journal outside
 * the database. What stays is a receipt and keyed digests; neither says anything about the person.
 */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { customerTableSlot } from '../../platform/feature.ts';
import { forgetAnswersAbout } from '../../platform/idempotency.ts';
import { forgetAnnouncementsAbout } from '../../platform/outbox.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { digestsOf, personDigests } from './block-list.ts';
import { personColumns } from './customer-tables.ts';
import { writeErasureJournal } from './erasure-journal.ts';
import type { Identifier } from './identifier.ts';
import { lockIdentity, originsOf } from './owners.ts';
import { queueCopy } from './postgres.ts';
import { findOwner } from './show-customer.ts';

export type EraseInput = { customerId: number; reason: string; block: boolean; receiptId?: string };
export type ErasureReceipt = {
  id: string;
  at: string;
  by_whom: string;
  reason: string;
  blocked: boolean;
  backups_until: string;
  counts: { label: string; rows: number }[];
};

/** How long a backup may still hold the person (decision 23). */
const backup_days = 30;

export const confirmErasure = (id: string, typed: string): void => {
  if (typed.trim().replace(/^#/, '') !== id) {
    throw new Refusal(
      'refused',
      'customers.erase_confirm',
      `Type the customer's number, ${id}, to confirm. An erasure cannot be undone.`,
      { values: { id }, faults: [{ path: 'confirm', reason: `Type ${id}.` }] },
    );
  }
};

export const eraseCustomer = async (context: Context, input: EraseInput): Promise<ErasureReceipt> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await lockIdentity(inside, 'alone');
    const owner = await findOwner(inside, String(input.customerId));
    const origins = (await originsOf(inside, [owner])).get(owner)!;
    const identifiers =
      (await sql`select kind, source, value from customers.identifier where customer_id = any(${origins}::bigint[])`) as unknown as Identifier[];
    const people =
      await sql`select id, name, email, phone, first_seen_at from customers.customer where id = any(${origins}::bigint[])`;
    const files =
      await sql`select id from platform.file where customer_id = any(${origins}::bigint[]) or origin_id = any(${origins}::bigint[])`;
    await forgetAnnouncementsAbout(inside, origins);
    await forgetAnswersAbout(inside, [
      ...identifiers.map(one => one.value),
      ...people.flatMap(row => [row.name, row.email, row.phone].filter(one => one !== null)),
    ]);
    const counts = await eraseRows(inside, origins);
    const digests = identifiers.flatMap(one => digestsOf(inside, one));
    if (input.block) await block(inside, digests);
    const now = inside.clock.now();
    const [row] = await sql`
      insert into customers.erasure (id, at, by_whom, reason, blocked, counts, digests, backups_until)
      values (coalesce(${input.receiptId ?? null}::uuid, uuidv7()), ${now}, ${inside.actor.name}, ${input.reason}, ${input.block}, ${sql.json(counts)},
        ${[...digests, ...people.flatMap(person => personDigests(inside, person.id, person.first_seen_at))]}::text[], ${new Date(now.getTime() + backup_days * 86_400_000)})
      returning *`;
    await queueCopy(inside, origins);
    await audit(inside, 'customers.erased', { subject: { kind: 'erasure', id: row.id }, blocked: input.block });
    await finishLater(inside, { origin_ids: origins, file_ids: files.map(file => file.id as string) });
    return receiptOf(row);
  });

/** Later features first, so that nobody is asked about rows that a table above still needs. */
export const eraseRows = async (context: Context, origins: number[]): Promise<{ label: string; rows: number }[]> => {
  const sql = context.postgres;
  const counts: { label: string; rows: number }[] = [];
  for (const table of [...context.slots.all(customerTableSlot)].reverse()) {
    if (table.erase === 'delete') {
      let rows = 0;
      for (const column of await personColumns(context, table.table)) {
        rows += (await sql`delete from ${sql(table.table)} where ${sql(column)} = any(${origins}::bigint[])`).count;
      }
      if (rows > 0) counts.push({ label: table.label, rows });
    } else await table.erase(context, origins);
  }
  return counts;
};

const block = async (context: Context, digests: readonly string[]): Promise<void> => {
  await context.postgres`
    insert into customers.blocked (digest, at, reason)
    select digest, ${context.clock.now()}, 'erasure' from unnest(${[...new Set(digests)].sort()}::text[]) as digest
    on conflict (digest) do update set at = excluded.at, reason = excluded.reason, released_at = null, released_by = null`;
};

export const receiptOf = (row: Record<string, unknown>): ErasureReceipt => ({
  id: row.id as string,
  at: (row.at as Date).toISOString(),
  by_whom: row.by_whom as string,
  reason: row.reason as string,
  blocked: row.blocked as boolean,
  backups_until: (row.backups_until as Date).toISOString(),
  counts: row.counts as { label: string; rows: number }[],
});

// ---- after commit ------------------------------------------------------------------------------------------------------

export const finishErasureJob = 'customers.finish-erasure';
/** A batch that was on its way to ClickHouse when the person was erased has arrived by then: look once more. */
const secondLook_ms = 120_000;

export const finishLater = async (context: Context, payload: { origin_ids: number[]; file_ids: string[] }): Promise<void> => {
  await startJob(context, finishErasureJob, payload);
  await startJob(
    context,
    finishErasureJob,
    { ...payload, file_ids: [] },
    { due_at: new Date(context.clock.now().getTime() + secondLook_ms) },
  );
};

export const finishErasure = async (context: Context, payload: Record<string, unknown>): Promise<void> => {
  const { origin_ids: ids, file_ids: files } = payload as { origin_ids: number[]; file_ids: string[] };
  await writeErasureJournal(context);
  if (files.length > 0) await context.files.remove(context, files);
  await eraseCopies(context, ids);
};

/** Every copy that names a customer, whatever feature it belongs to; who counts and who owned whom hold numbers only. */
const eraseCopies = async (context: Context, ids: readonly number[]): Promise<void> => {
  const columns = await context.clickhouse.query<{ table: string; name: string }>(`
    SELECT c.table AS table, c.name AS name FROM system.columns c JOIN system.tables t ON t.database = c.database AND t.name = c.table
    WHERE c.database = currentDatabase() AND c.name IN ('origin_id', 'customer_id') AND t.engine LIKE '%MergeTree' AND c.table NOT IN ('base', 'owner')
    ORDER BY c.table, c.name`);
  for (const { table, name } of columns) {
    if (!/^\w+$/.test(table)) continue;
    await context.clickhouse.command(`DELETE FROM ${table} WHERE ${name} IN ({ids:Array(UInt32)})`, { ids });
  }
};
