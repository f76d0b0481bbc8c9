/** The resolver's side: what became of events that were sent again. */
import type { Context } from '../../../platform/context.ts';
import type { Call, PlacedRejection } from '../segment-call.ts';

/** Counted, or recognised as counted before. */
export const settleReplays = async (context: Context, calls: readonly Call[], fresh: ReadonlySet<Call>): Promise<void> => {
  const replayed = calls.filter(call => call.replayOf);
  if (replayed.length === 0) return;
  await context.postgres`
    update tracking.rejected r set state = 'replayed', outcome = given.outcome, state_at = ${context.clock.now()}
    from unnest(${replayed.map(call => call.replayOf!)}::uuid[], ${replayed.map(call => (fresh.has(call) ? 'processed' : 'duplicate'))}::text[]) as given(id, outcome)
    where r.id = given.id and r.state = 'replaying'`;
};

/** Rejected again: the row waits for somebody once more, with the new reason; it does not become two. Returns those that are no replay. */
export const rejectAgain = async (context: Context, rejections: readonly PlacedRejection[]): Promise<PlacedRejection[]> => {
  const again = rejections.filter(one => one.replayOf);
  if (again.length > 0)
    await context.postgres`
      update tracking.rejected r set state = 'open', outcome = 'rejected', reason = given.reason, reason_values = given.reason_values::jsonb, state_at = ${context.clock.now()}
      from unnest(${again.map(one => one.replayOf!)}::uuid[], ${again.map(one => one.reason)}::text[], ${again.map(one => JSON.stringify(one.values))}::text[])
        as given(id, reason, reason_values)
      where r.id = given.id`;
  return rejections.filter(one => !one.replayOf);
};
