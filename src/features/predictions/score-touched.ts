/** Keeps the default day's scores up to date between two fits: whoever bought, returned or was merged is scored again within seconds. */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { endOfDay } from '../../platform/time.ts';
import { takeTouched, touchCustomers } from '../customers/index.ts';
import { organisationOf } from '../shops/index.ts';
import { dayNumber, deleteScores, dropAskedRuns, isBusy, newestRun, type Run, readHistories, writeScores } from './postgres.ts';
import { CONSUMER, requestTraining, restartForgottenWishes } from './request-training.ts';
import { scoreOf } from './score.ts';

const PORTION = 500;
/** So long after the first sign of customers the first fit begins: an import brings many signs. */
const FIRST_FIT_AFTER_MS = 20_000;
const NEXT_FIT_AFTER_MS = 60_000;

/** Words of `touchCustomers` that can change a score. Its own 'scores' is not among them. */
const CHANGES = ['Order Completed', 'Order Refunded', 'Order Cancelled', 'base', 'merge'];
export const wantsToScore = (changed: readonly string[]): boolean => changed.some(word => CHANGES.includes(word));

/** Worker stage: one portion of touched customers; says whether there was one. While a fit or an import is running they wait for it. */
export const scoreTouched = async (context: Context): Promise<boolean> => {
  if (await isBusy(context)) return false;
  const count = await inTransaction(context, async inside => {
    const touched = await takeTouched(inside, CONSUMER, PORTION);
    if (touched.length === 0) return 0;
    const run = await newestRun(inside, null);
    if (!run) await requestTraining(inside, null, FIRST_FIT_AFTER_MS);
    else
      await rescore(
        inside,
        run,
        touched.map(one => one.customerId),
        touched.every(one => one.historical),
      );
    return touched.length;
  });
  if (count === 0) await restartForgottenWishes(context);
  return count > 0;
};

const rescore = async (context: Context, run: Run, customerIds: readonly number[], historical: boolean): Promise<void> => {
  const { zone } = await organisationOf(context);
  const histories = await readHistories(context, customerIds, endOfDay(zone, run.as_of));
  const asOfDay = dayNumber(run.as_of);
  const scores = histories.map(history => scoreOf(run.models, history, asOfDay)).filter(score => score !== null);
  const moved = await writeScores(context, { scores, asOf: run.as_of, runId: run.id, comparedWith: run.as_of });
  const scored = new Set(scores.map(score => score.customerId));
  const gone = customerIds.filter(id => !scored.has(id));
  await deleteScores(context, run.as_of, gone);
  await dropAskedRuns(context);
  await touchCustomers(context, moved, ['scores'], { historical });
  await context.live.publish('scores', { as_of: run.as_of });
  const [{ touched }] = await context.postgres`
    update predictions.model_run set touched = touched + ${customerIds.length} where id = ${run.id} returning touched`;
  // A tenth of the people changed: what was learnt from them may have, too.
  if (touched > Math.max(200, run.people / 10) && touched - customerIds.length <= Math.max(200, run.people / 10)) {
    await requestTraining(context, null, NEXT_FIT_AFTER_MS);
  }
};
