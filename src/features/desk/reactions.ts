/** Tasks that follow from what other features announce. */
import type { Context } from '../../platform/context.ts';
import type { Reaction } from '../../platform/feature.ts';
import { openTexts } from '../../platform/texts.ts';
import { addDays, dayIn } from '../../platform/time.ts';
import { staffNames } from '../access/index.ts';
import { organisationOf } from '../shops/index.ts';
import { createTask, finishTask } from './manage-tasks.ts';
import { accessReactions } from './tell-about-access.ts';
import { sourceReactions } from './tell-about-sources.ts';
import { en } from './texts/en.ts';

/** How long somebody has for the monthly look at the data. */
const review_days = 7;

const reviewLink = (reviewId: string): string => `/data-quality?review=${reviewId}`;

const { text } = openTexts({ en });

/** Reactions run in the transaction that takes the announcement away, so a task is made once. */
const makeReviewTask = async (context: Context, payload: Record<string, unknown>): Promise<void> => {
  const { review_id, staff_id, open, worse } = payload as {
    review_id: string;
    staff_id: string | null;
    open: number;
    worse: number;
  };
  const [there] = await context.postgres`select 1 from desk.task where link = ${reviewLink(review_id)}`;
  if (there) return;
  const assigneeId = staff_id !== null && (await staffNames(context, [staff_id])).has(staff_id) ? staff_id : null;
  const today = dayIn((await organisationOf(context)).zone, context.clock.now());
  await createTask(context, {
    title: text('desk.review.title'),
    note: text('desk.review.note', { open, worse }),
    link: reviewLink(review_id),
    dueOn: addDays(today, review_days),
    assigneeId,
  });
};

const closeReviewTask = async (context: Context, payload: Record<string, unknown>): Promise<void> => {
  const rows =
    await context.postgres`select id from desk.task where link = ${reviewLink(String(payload.review_id))} and done_at is null`;
  for (const row of rows) await finishTask(context, row.id as string);
};

export const reactions: readonly Reaction[] = [
  { on: 'data-quality.review_due', run: makeReviewTask },
  { on: 'data-quality.review_done', run: closeReviewTask },
  ...sourceReactions,
  ...accessReactions,
];
