/** Sending a rejected event again, mended or as it is: through the inbox like everything else, under its own message id. */
import type { Context } from '../../../platform/context.ts';
import { maySee } from '../../../platform/context.ts';
import { notFound, Refusal } from '../../../platform/errors.ts';
import { inTransaction, withSql } from '../../../platform/postgres.ts';
import { maySeeShop } from '../../../platform/shop-limit.ts';
import type { Sql } from '../../../platform/sql.ts';
import { writeLine } from '../inbox.ts';
import { sentenceOf } from '../reason.ts';
import { recordCalls } from '../record-calls.ts';
import { replayId } from '../replay-id.ts';
import { type Call, isRejected } from '../segment-call.ts';
import { deliveryOf, faultOf, isClaimed, parseCall, prepareReplay, type RejectedRow, readReplay } from './prepare-replay.ts';

export const lockRejected = async (context: Context, ids: readonly string[]): Promise<RejectedRow[]> =>
  (await context.postgres`
    select r.id, r.received_at, r.shop_id, r.write_key_id, coalesce(key.kind, 'browser') as key_kind, coalesce(shop.kind = 'demo', false) as demo,
      r.reason, r.imported, r.state, r.body, r.mended_body
    from tracking.rejected r left join tracking.write_key key on key.id = r.write_key_id left join shops.shop on shop.id = r.shop_id
    where r.id = any(${ids as string[]}::uuid[]) order by r.id for update of r`) as unknown as RejectedRow[];

/** Who may not see what stands in an event may not send it again either: they could not know what they send. */
export const refuseUnseen = (context: Context): void => {
  if (!maySee(context.actor, 'contact') || !maySee(context.actor, 'behaviour'))
    throw new Refusal(
      'forbidden',
      'tracking.rejected_unseen',
      'Your role does not show what stands in events, so you cannot mend them. Ask a colleague who sees contact data and behaviour.',
    );
};

/**
 * Sends one again; `body` is the mended JSON, left out: as it is. Refused with the place of the fault when it would be rejected again, and
 * with 409 when it was sent or discarded before: pressing twice counts once.
 */
export const replayRejected = (context: Context, input: { id: string; body?: string }): Promise<void> =>
  inTransaction(context, async inside => {
    refuseUnseen(inside);
    const [row] = await lockRejected(inside, [input.id]);
    if (!row || !maySeeShop(inside.actor, row.shop_id)) throw notFound('rejected event');
    if (row.state !== 'open')
      throw new Refusal(
        'conflict',
        'tracking.rejected_settled',
        'This event was sent again or discarded already. Load the page to see what became of it.',
      );
    const text = input.body ?? row.mended_body ?? row.body;
    if (text === null)
      throw new Refusal(
        'refused',
        'tracking.body_not_kept',
        'Nothing is kept of this event, so there is nothing to send again. Discard it.',
      );
    const parsed = parseCall(text);
    if (parsed === null) {
      const reason = 'This is not one JSON object. Look for a missing quote, comma or bracket.';
      throw new Refusal('refused', 'tracking.mend_not_json', reason, { faults: [{ path: 'body', reason }] });
    }
    const call = prepareReplay(row, parsed);
    const read = readReplay(row, call, inside.clock.now());
    if (isRejected(read)) throw stillBad(inside, read.reason, read.values);
    const again = await rehearse(inside, row, read);
    if (again) throw stillBad(inside, again.reason, again.values);
    await sendAgain(inside, [{ row, call, mended: input.body !== undefined }]);
  });

const stillBad = (context: Context, reason: string, values: Record<string, string | number>): Refusal => {
  const sentence = sentenceOf(context, reason, values);
  return new Refusal('refused', 'tracking.still_rejected', sentence, {
    values: { reason },
    faults: [faultOf(reason, values, sentence)],
  });
};

class Undo extends Error {}

/** What would become of it, found out by doing it and taking it back: other features refuse events too. Null: it would be kept. */
const rehearse = async (
  context: Context,
  row: RejectedRow,
  call: Call,
): Promise<{ reason: string; values: Record<string, string | number> } | null> => {
  let refused: { reason: string; values: Record<string, string | number> } | null = null;
  try {
    await (context.postgres as Sql & { savepoint: (work: (sql: Sql) => Promise<void>) => Promise<void> }).savepoint(async sql => {
      const inside = withSql(context, sql);
      await releaseClaims(inside, [{ row, call }]);
      const recorded = await recordCalls(inside, [call], []);
      if (recorded.rejected > 0) {
        const [again] = await sql`select reason, reason_values from tracking.rejected where id = ${row.id}`;
        refused = { reason: again.reason as string, values: again.reason_values as Record<string, string | number> };
      }
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return refused;
};

/** A message id that a refusal has used up is given back, else the replay would count as sent twice. */
const releaseClaims = async (
  { postgres }: Context,
  calls: readonly { row: RejectedRow; call: Pick<Call, 'seenId'> }[],
): Promise<void> => {
  const ids = calls.filter(({ row }) => isClaimed(row.reason)).map(({ call }) => call.seenId);
  if (ids.length > 0) await postgres`delete from tracking.seen_message where id = any(${ids.sort()}::uuid[])`;
};

export type Replay = { row: RejectedRow; call: Record<string, unknown>; mended: boolean };

/** Into the inbox, in the caller's transaction; the resolver tells what became of them (`settleReplays`). */
export const sendAgain = async (context: Context, replays: readonly Replay[]): Promise<void> => {
  if (replays.length === 0) return;
  const { postgres: sql, actor } = context;
  const receivedAt = context.clock.now();
  const reads = replays.map(({ row, call }) => ({ row, call: readReplay(row, call, receivedAt) as Call }));
  await releaseClaims(context, reads);
  const lines = replays.map(({ row, call }) => {
    const delivery = deliveryOf(row, call, receivedAt);
    const door = delivery.door as 'batch' | 'import';
    return writeLine({ ...delivery, door, events: 1, json: JSON.stringify(delivery.body) }, replayId(row.id));
  });
  const payload = lines.join('\n');
  await sql`
    insert into tracking.inbox (received_at, events, size_bytes, payload) values (${receivedAt}, ${replays.length}, ${payload.length}, ${payload})`;
  await sql`
    update tracking.rejected r set state = 'replaying', outcome = null, attempts = attempts + 1, state_by = ${actor.name}, state_at = ${receivedAt},
      mended_body = coalesce(given.body, r.mended_body)
    from unnest(${replays.map(one => one.row.id)}::uuid[], ${replays.map(one => (one.mended ? JSON.stringify(one.call) : null))}::text[]) as given(id, body)
    where r.id = given.id`;
  await sql`select pg_notify('regulars_work', 'inbox')`;
};
