/** What access announces becomes a notification for whom it concerns, and the quarterly review a task. */
import type { Context } from '../../platform/context.ts';
import type { Reaction } from '../../platform/feature.ts';
import { openTexts } from '../../platform/texts.ts';
import { createTask } from './manage-tasks.ts';
import { notify } from './notify.ts';
import { en } from './texts/en.ts';

const { text } = openTexts({ en });

/** Owners, and the person whose login it is. */
const tellAlert = async (context: Context, payload: Record<string, unknown>): Promise<void> => {
  const { kind, subject_name, tell } = payload as { kind: string; subject_name: string; tell: string[] };
  for (const staffId of tell)
    await notify(context, {
      staffId,
      title: `desk.notification.alert.${kind}`,
      values: { name: subject_name },
      link: '/settings/security?tab=alerts',
    });
};

const tellReset = async (context: Context, payload: Record<string, unknown>): Promise<void> => {
  const { staff_id, by } = payload as { staff_id: string; by: string };
  await notify(context, {
    staffId: staff_id,
    title: 'desk.notification.factors_reset',
    values: { by },
    link: '/settings/security',
  });
};

const reviewLink = '/settings/access-review';

/** One open task at a time: asked again every week until somebody looks. */
const askForReview = async (context: Context, payload: Record<string, unknown>): Promise<void> => {
  const [there] = await context.postgres`select from desk.task where link = ${reviewLink} and done_at is null`;
  if (there) return;
  await createTask(context, {
    title: text('desk.access_review.title'),
    note: text('desk.access_review.note', { count: Number(payload.subjects) }),
    link: reviewLink,
    dueOn: null,
    assigneeId: null,
  });
};

export const accessReactions: readonly Reaction[] = [
  { on: 'access.alert_raised', run: tellAlert },
  { on: 'access.factors_reset', run: tellReset },
  { on: 'access.review_due', run: askForReview },
];
