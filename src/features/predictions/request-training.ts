/** Who wants a fit writes it down; one job at a time carries the wishes out. */
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import type { JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { dayIn } from '../../platform/time.ts';
import { takeTouched } from '../customers/index.ts';
import { organisationOf } from '../shops/index.ts';
import { dropAskedRuns } from './postgres.ts';
import { trainModels } from './train-models.ts';

const JOB = 'predictions.train';
/** Our name among those who hear of touched customers. */
export const CONSUMER = 'predictions';

/** The day everything is read as of when nobody asks for another, and whether it is simply today. */
export const defaultDay = async (context: Context): Promise<{ day: string; live: boolean }> => {
  const { defaultAsOf, zone } = await organisationOf(context);
  return { day: defaultAsOf ?? dayIn(zone, context.clock.now()), live: defaultAsOf === null };
};

/** `asOf` null = the default day. A wish made while a fit is running is carried out by the same job afterwards. Returns the job's id. */
export const requestTraining = async (context: Context, asOf: string | null, delayMs = 0): Promise<string> => {
  if (asOf !== null) await refuseFuture(context, asOf);
  await context.postgres`insert into predictions.wanted (as_of, at) values (${asOf}::date, ${context.clock.now()})`;
  return startJob(context, JOB, {}, { key: 'train', due_at: new Date(context.clock.now().getTime() + delayMs) });
};

export const refuseFuture = async (context: Context, asOf: string): Promise<void> => {
  const { zone } = await organisationOf(context);
  if (asOf > dayIn(zone, context.clock.now())) {
    throw new Refusal('refused', 'predictions.as_of_future', 'This day has not come yet. Choose today or an earlier day.');
  }
};

/** The job: the nightly run (nothing written down) and every wish, until none is left. */
export const carryOutTraining = async (context: Context, progress: JobProgress): Promise<{ people: number; days: string[] }> => {
  const days: string[] = [];
  let people = 0;
  for (let first = true; ; first = false) {
    const wishes = await context.postgres`delete from predictions.wanted returning as_of`;
    if (wishes.length === 0 && !first) return { people, days };
    const { day, live } = await defaultDay(context);
    const wanted = wishes.map(wish => (wish.as_of as string | null) ?? day);
    const asked = new Set(wanted.filter(asOf => asOf !== day));
    if (wishes.length === 0 || wanted.includes(day)) {
      await forgetTouched(context);
      // As of a past day nothing happens "now": segments move quietly.
      ({ people } = await trainModels(context, { asOf: day, purpose: 'default', historical: !live }, progress.report));
      await dropAskedRuns(context);
      days.push(day);
    }
    for (const asOf of asked) {
      ({ people } = await trainModels(context, { asOf, purpose: 'asked', historical: true }, progress.report));
      days.push(asOf);
    }
  }
};

/** Everybody is about to be scored: who was touched until now need not be scored again. */
const forgetTouched = async (context: Context): Promise<void> => {
  while ((await inTransaction(context, inside => takeTouched(inside, CONSUMER, 10_000))).length > 0);
};

/** A wish whose job ended in the very moment it was written would wait for the night: the stage starts it again. */
export const restartForgottenWishes = async (context: Context): Promise<void> => {
  const [forgotten] = await context.postgres`
    select 1 from predictions.wanted where not exists (select 1 from platform.job where name = ${JOB} and state in ('queued', 'running')) limit 1`;
  if (forgotten) await startJob(context, JOB, {}, { key: 'train' });
};
