/** The questions privacy asks of PostgreSQL. */
import type { Context } from '../../platform/context.ts';
import type { IdentityWay, RequestKind } from './request.ts';

export type StepCode =
  | 'received'
  | 'asked_again'
  | 'identity'
  | 'note'
  | 'extended'
  | 'downloaded'
  | 'erased'
  | 'objected'
  | 'refused'
  | 'done'
  | 'reopened';

export type StoredRequest = {
  id: string;
  kind: RequestKind;
  customer_id: number | null;
  subject: string | null;
  note: string | null;
  source: string;
  received_at: Date;
  due_on: string;
  extended_at: Date | null;
  identity: IdentityWay | null;
  identity_note: string | null;
  state: 'open' | 'done' | 'refused';
  closed_at: Date | null;
  closed_by: string | null;
  outcome: string | null;
  erasure_id: string | null;
  task_id: string | null;
  blanked_at: Date | null;
  version: number;
};

export const addStep = async (context: Context, requestId: string, code: StepCode, note: string | null): Promise<void> => {
  await context.postgres`
    insert into privacy.request_step (request_id, code, note, at, by_whom)
    values (${requestId}, ${code}, ${note}, ${context.clock.now()}, ${context.actor.name})`;
};

export const lockRequest = async (context: Context, id: string): Promise<StoredRequest | null> => {
  const [row] = await context.postgres`select * from privacy.request where id = ${id} for update`;
  return (row as unknown as StoredRequest) ?? null;
};

export type Step = { id: string; code: StepCode; note: string | null; at: Date; by_whom: string };

export const stepsOf = async (context: Context, requestId: string): Promise<Step[]> =>
  (await context.postgres`
    select id, code, note, at, by_whom from privacy.request_step where request_id = ${requestId} order by at, id`) as unknown as Step[];

export type RequestFilter = {
  state: 'open' | 'closed' | 'all';
  kind: RequestKind | null;
  customerId: number | null;
  limit: number;
  cursor?: string | undefined;
};

/** Open ones by the day they are due, closed ones newest first. */
export const listRequestRows = async (context: Context, filter: RequestFilter) => {
  const sql = context.postgres;
  const rank =
    filter.state === 'open' ? sql`extract(epoch from r.due_on)::float8` : sql`(-extract(epoch from r.received_at))::float8`;
  const after = filter.cursor === undefined ? null : readCursor(filter.cursor);
  const rows = (await sql`
    select r.*, ${rank} as rank from privacy.request r
    where ${filter.state === 'open' ? sql`r.state = 'open'` : filter.state === 'closed' ? sql`r.state <> 'open'` : sql`true`}
      ${filter.kind ? sql`and r.kind = ${filter.kind}` : sql``}
      ${filter.customerId === null ? sql`` : sql`and r.customer_id = customers.owner_of(${filter.customerId}::bigint)`}
      ${after ? sql`and (${rank}, r.id) > (${after.rank}, ${after.id}::uuid)` : sql``}
    order by rank, r.id limit ${filter.limit + 1}`) as unknown as (StoredRequest & { rank: number })[];
  const shown = rows.slice(0, filter.limit);
  const last = shown.at(-1);
  const next =
    rows.length > filter.limit && last ? Buffer.from(JSON.stringify([last.rank, last.id])).toString('base64url') : null;
  return { rows: shown, next };
};

/** A cursor that was made up starts at the beginning. */
const readCursor = (cursor: string): { rank: number; id: string } | null => {
  try {
    const [rank, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return typeof rank === 'number' && /^[\da-f-]{36}$/.test(String(id)) ? { rank, id: String(id) } : null;
  } catch {
    return null;
  }
};

export const requestCounts = async (context: Context, today: string): Promise<{ open: number; overdue: number }> => {
  const [row] = await context.postgres`
    select count(*)::int as open, count(*) filter (where due_on < ${today}::date)::int as overdue from privacy.request where state = 'open'`;
  return row as unknown as { open: number; overdue: number };
};
