import type { Context } from '../../platform/context.ts';
import { maySee } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { reasonSentence } from './reason.ts';

/** Newest first; the cursor is the last row's time and id. */
export const listRejected = async (context: Context, input: { limit: number; cursor?: string; reason?: string }) => {
  const sql = context.postgres;
  const after = input.cursor ? readCursor(input.cursor) : null;
  const rows = await sql`
    select rejected.id, received_at, rejected.shop_id, write_key.name as write_key, reason, reason_values, type, rejected.name, user_id, anonymous_id, body
    from tracking.rejected left join tracking.write_key on write_key.id = rejected.write_key_id
    where true
      ${input.reason ? sql`and reason = ${input.reason}` : sql``}
      ${after ? sql`and (received_at, rejected.id) < (${after.at}, ${after.id})` : sql``}
    order by received_at desc, rejected.id desc limit ${input.limit + 1}`;
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  const personal = maySee(context.actor, 'contact') && maySee(context.actor, 'behaviour');
  return {
    data: shown.map(row => {
      const { body, user_id, anonymous_id, ...rest } = row;
      const detail = reasonSentence(row.reason as string, row.reason_values as Record<string, string | number>);
      return {
        ...rest,
        detail,
        ...(personal ? { body, user_id, anonymous_id } : { user_id: null, anonymous_id: null }),
      } as never;
    }),
    next_cursor: rows.length > input.limit && last ? `${(last.received_at as Date).toISOString()}_${last.id}` : null,
  };
};

const readCursor = (cursor: string): { at: string; id: string } => {
  const [at, id] = cursor.split('_');
  if (Number.isNaN(Date.parse(at)) || !/^[0-9a-f-]{36}$/.test(id ?? ''))
    throw new Refusal('malformed', 'tracking.bad_cursor', 'This cursor is not one of ours. Start again without it.');
  return { at, id };
};
