/** Set aside with a reason, and taken back. */
import type { Context } from '../../../platform/context.ts';
import { notFound, Refusal } from '../../../platform/errors.ts';
import { inTransaction } from '../../../platform/postgres.ts';
import { maySeeShop } from '../../../platform/shop-limit.ts';
import { lockRejected } from './replay-rejected.ts';

export const discardRows = async (context: Context, rows: readonly { id: string }[], reason: string): Promise<void> => {
  await context.postgres`
    update tracking.rejected set state = 'discarded', discard_reason = ${reason}, state_by = ${context.actor.name}, state_at = ${context.clock.now()}
    where id = any(${rows.map(row => row.id)}::uuid[]) and state = 'open'`;
};

/** 404 for what the reader may not know of, 409 when it is not `expected` any more. */
const lockOne = async (context: Context, id: string, expected: 'open' | 'discarded') => {
  const [row] = await lockRejected(context, [id]);
  if (!row || !maySeeShop(context.actor, row.shop_id)) throw notFound('rejected event');
  if (row.state !== expected)
    throw new Refusal(
      'conflict',
      'tracking.rejected_settled',
      'Somebody has dealt with this event meanwhile. Load the page again.',
    );
  return row;
};

export const discardRejected = (context: Context, input: { id: string; reason: string }): Promise<void> =>
  inTransaction(context, async inside => discardRows(inside, [await lockOne(inside, input.id, 'open')], input.reason));

/** Waits for somebody again. */
export const reopenRejected = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    await lockOne(inside, id, 'discarded');
    await inside.postgres`
      update tracking.rejected set state = 'open', discard_reason = null, state_by = ${inside.actor.name}, state_at = ${inside.clock.now()} where id = ${id}`;
  });
