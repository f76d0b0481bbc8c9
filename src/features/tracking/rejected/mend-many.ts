/** Everything of one kind at once: look what a rule would do, then do it in the background. */
import type { Context } from '../../../platform/context.ts';
import type { Job } from '../../../platform/feature.ts';
import { inTransaction } from '../../../platform/postgres.ts';
import { startJob } from '../../../platform/queue.ts';
import { shopLimitOf } from '../../../platform/shop-limit.ts';
import { sentenceOf } from '../reason.ts';
import { isRejected } from '../segment-call.ts';
import { discardRows } from './discard-rejected.ts';
import { matching, type RejectedFilter } from './matching.ts';
import type { MendRule } from './mend-rules.ts';
import { parseCall, prepareReplay, type RejectedRow, readReplay } from './prepare-replay.ts';
import { lockRejected, type Replay, refuseUnseen, sendAgain } from './replay-rejected.ts';

const portion = 200;
/** As many are looked at before a rule is applied. */
const looked = 500;
const mostExamples = 3;

type Mended = {
  row: RejectedRow;
  before: Record<string, unknown> | null;
  replay: Replay | null;
  reason: string | null;
  values: Record<string, string | number>;
};

const mendOne = (row: RejectedRow, rules: readonly MendRule[], now: Date): Mended => {
  const text = row.mended_body ?? row.body;
  const before = text === null ? null : parseCall(text);
  if (before === null) return { row, before, replay: null, reason: text === null ? 'not_kept' : 'not_an_object', values: {} };
  const call = prepareReplay(row, before, rules);
  const read = readReplay(row, call, now);
  if (isRejected(read)) return { row, before, replay: null, reason: read.reason, values: read.values };
  return { row, before, replay: { row, call, mended: rules.length > 0 }, reason: null, values: {} };
};

const pageOf = async (context: Context, filter: RejectedFilter, after: string, limit: number): Promise<string[]> =>
  (
    await context.postgres`
      select rejected.id from tracking.rejected where ${matching(context, { ...filter, state: 'open' })} and rejected.id > ${after}::uuid
      order by rejected.id limit ${limit}`
  ).map(row => row.id as string);

const first = '00000000-0000-0000-0000-000000000000';

/** What the rules would do: of how many, how many would be taken, what stands in the way of the rest, and before and after of a few. */
export const previewMend = async (context: Context, input: { filter: RejectedFilter; rules: readonly MendRule[] }) => {
  refuseUnseen(context);
  const [{ total }] = await context.postgres`
    select count(*)::int as total from tracking.rejected where ${matching(context, { ...input.filter, state: 'open' })}`;
  const rows = await lockRejectedForReading(context, await pageOf(context, input.filter, first, looked));
  const mended = rows.map(row => mendOne(row, input.rules, context.clock.now()));
  const bad = new Map<string, { count: number; detail: string }>();
  for (const one of mended.filter(each => each.reason !== null)) {
    const known = bad.get(one.reason!);
    if (known) known.count += 1;
    else bad.set(one.reason!, { count: 1, detail: sentenceOf(context, one.reason!, one.values) });
  }
  return {
    total: total as number,
    looked: rows.length,
    mended: mended.filter(one => one.replay !== null).length,
    still_bad: [...bad].map(([reason, { count, detail }]) => ({ reason, count, detail })),
    examples: mended
      .filter(one => one.before !== null)
      .sort((a, b) => Number(b.replay !== null) - Number(a.replay !== null))
      .slice(0, mostExamples)
      .map(one => ({
        id: one.row.id,
        before: JSON.stringify(one.before, null, 2),
        after: JSON.stringify(one.replay?.call ?? prepareReplay(one.row, one.before!, input.rules), null, 2),
        fits: one.replay !== null,
      })),
  };
};

const lockRejectedForReading = (context: Context, ids: readonly string[]): Promise<RejectedRow[]> =>
  inTransaction(context, inside => lockRejected(inside, ids));

type Bulk = { filter: RejectedFilter; rules: MendRule[]; discard: string | null };

/** Starts the work over all matches; the job's result says how many were sent again, still do not fit, or hold nothing to send. */
export const startMendMany = async (context: Context, input: Bulk): Promise<string> => {
  if (input.discard === null) refuseUnseen(context);
  const shops = shopLimitOf(context.actor);
  return startJob(context, mendMany.name, { ...input, by: context.actor.name, shops });
};

export const mendMany: Job = {
  name: 'tracking.mend-rejected',
  run: async (system, payload, progress) => {
    const { filter, rules, discard, by, shops } = payload as unknown as Bulk & { by: string; shops: string[] | null };
    // In the name, and within the shops, of whoever pressed the button.
    const context: Context = { ...system, actor: { ...system.actor, kind: 'staff', name: by, shopIds: shops } };
    const [{ total }] = await context.postgres`
      select count(*)::int as total from tracking.rejected where ${matching(context, { ...filter, state: 'open' })}`;
    const result = { replayed: 0, still_bad: 0, discarded: 0 };
    let done = 0;
    for (let after = first; ; ) {
      const ids = await pageOf(context, filter, after, portion);
      if (ids.length === 0) return result;
      after = ids.at(-1)!;
      await inTransaction(context, async inside => {
        const rows = (await lockRejected(inside, ids)).filter(row => row.state === 'open');
        if (discard !== null) {
          await discardRows(inside, rows, discard);
          result.discarded += rows.length;
          return;
        }
        const mended = rows.map(row => mendOne(row, rules, inside.clock.now()));
        const replays = mended.flatMap(one => one.replay ?? []);
        await sendAgain(inside, replays);
        result.replayed += replays.length;
        result.still_bad += mended.length - replays.length;
      });
      done += ids.length;
      await progress.report(done, Math.max(done, total as number));
    }
  },
};
