/** Rejected events as people read them: grouped by what is wrong, one by one, as a file. Bodies only for who may see personal data. */
import type { Readable } from 'node:stream';
import { type Context, maySee } from '../../../platform/context.ts';
import { csvStream } from '../../../platform/csv.ts';
import { notFound, Refusal } from '../../../platform/errors.ts';
import { ofOwnShops } from '../../../platform/shop-limit.ts';
import { guardExport } from '../../access/index.ts';
import { sentenceOf } from '../reason.ts';
import type { RejectedEventAnswer } from './contract.ts';
import { matching, type RejectedFilter } from './matching.ts';

type Values = Record<string, string | number>;

const columns = (context: Context) => context.postgres`
  rejected.id, received_at, rejected.shop_id, write_key_id, write_key.name as write_key, reason, reason_values, type, rejected.name, user_id, anonymous_id, state,
  outcome, attempts, state_by, state_at, discard_reason, body is not null or mended_body is not null as kept, body, mended_body`;

const answerOf = (context: Context, row: Record<string, unknown>): RejectedEventAnswer => {
  const { body, mended_body, user_id, anonymous_id, ...rest } = row;
  const personal = maySee(context.actor, 'contact') && maySee(context.actor, 'behaviour');
  return {
    ...(rest as unknown as RejectedEventAnswer),
    received_at: (row.received_at as Date).toISOString(),
    state_at: (row.state_at as Date | null)?.toISOString() ?? null,
    detail: sentenceOf(context, row.reason as string, row.reason_values as Values),
    user_id: null,
    anonymous_id: null,
    ...(personal ? ({ body, mended_body, user_id, anonymous_id } as object) : {}),
  };
};

/** Newest first; the cursor is the last row's time and id. */
export const listRejected = async (context: Context, input: RejectedFilter & { limit: number; cursor?: string }) => {
  const sql = context.postgres;
  const after = input.cursor ? readCursor(input.cursor) : null;
  const rows = await sql`
    select ${columns(context)}
    from tracking.rejected left join tracking.write_key on write_key.id = rejected.write_key_id
    where ${matching(context, input)} ${after ? sql`and (received_at, rejected.id) < (${after.at}, ${after.id})` : sql``}
    order by received_at desc, rejected.id desc limit ${input.limit + 1}`;
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  return {
    data: shown.map(row => answerOf(context, row)),
    next_cursor: rows.length > input.limit && last ? `${(last.received_at as Date).toISOString()}_${last.id}` : null,
  };
};

const readCursor = (cursor: string): { at: string; id: string } => {
  const [at, id] = cursor.split('_');
  if (Number.isNaN(Date.parse(at)) || !/^[0-9a-f-]{36}$/.test(id ?? ''))
    throw new Refusal('malformed', 'tracking.bad_cursor', 'This cursor is not one of ours. Start again without it.');
  return { at, id };
};

export const showRejected = async (context: Context, id: string): Promise<RejectedEventAnswer> => {
  const [row] = await context.postgres`
    select ${columns(context)} from tracking.rejected left join tracking.write_key on write_key.id = rejected.write_key_id
    where rejected.id = ${id} and ${ofOwnShops(context, 'rejected.shop_id')}`;
  if (!row) throw notFound('rejected event');
  return answerOf(context, row);
};

const mostGroups = 200;

/** What waits for somebody, by reason and write key. */
export const groupRejected = async (context: Context) => {
  const rows = await context.postgres`
    with waiting as (
      select reason, write_key_id, rejected.name, count(*)::int as count, count(*) filter (where body is not null or mended_body is not null)::int as kept,
        min(received_at) as first_at, max(received_at) as last_at, (array_agg(reason_values order by received_at desc))[1] as reason_values
      from tracking.rejected where ${matching(context, { state: 'open' })} group by reason, write_key_id, rejected.name)
    select reason, write_key_id, key.name as write_key, sum(count)::int as count, sum(kept)::int as kept, min(first_at) as first_at, max(last_at) as last_at,
      (array_agg(waiting.reason_values order by last_at desc))[1] as reason_values,
      (array_agg(jsonb_build_object('name', waiting.name, 'count', count) order by count desc))[1:3] as names
    from waiting left join tracking.write_key key on key.id = waiting.write_key_id
    group by reason, write_key_id, key.name order by count desc, reason, write_key_id limit ${mostGroups}`;
  return {
    data: rows.map(row => ({
      ...(row as object),
      first_at: (row.first_at as Date).toISOString(),
      last_at: (row.last_at as Date).toISOString(),
      detail: sentenceOf(context, row.reason as string, row.reason_values as Values),
    })) as never,
  };
};

const header = [
  'id',
  'received_at',
  'write_key',
  'type',
  'event',
  'reason',
  'detail',
  'state',
  'outcome',
  'attempts',
  'user_id',
  'anonymous_id',
  'body',
] as const;
const mostRows = 100_000;

export const rejectedCsv = async (context: Context, filter: RejectedFilter): Promise<Readable> => {
  const [{ count }] =
    await context.postgres`select count(*)::int as count from tracking.rejected where ${matching(context, filter)}`;
  await guardExport(context, {
    kind: 'tracking.rejected',
    rows: Math.min(count as number, mostRows),
    filter: { ...filter, name: undefined },
  });
  async function* pages() {
    let cursor: string | null | undefined;
    for (let sent = 0; cursor !== null && sent < mostRows; ) {
      const page = await listRejected(context, { ...filter, limit: 1000, cursor });
      yield page.data.map(row => [
        row.id,
        row.received_at,
        row.write_key,
        row.type,
        row.name,
        row.reason,
        row.detail,
        row.state,
        row.outcome,
        row.attempts,
        row.user_id,
        row.anonymous_id,
        row.mended_body ?? row.body,
      ]);
      sent += page.data.length;
      cursor = page.next_cursor;
    }
  }
  return csvStream(header, pages());
};
