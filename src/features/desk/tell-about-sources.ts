/** A scheduled import that needs somebody: a task for whoever set it up, done by itself when a visit goes well again. */
import type { Context } from '../../platform/context.ts';
import type { Reaction } from '../../platform/feature.ts';
import { openTexts } from '../../platform/texts.ts';
import { dayIn } from '../../platform/time.ts';
import { staffNames } from '../access/index.ts';
import { organisationOf } from '../shops/index.ts';
import { createTask, finishTask } from './manage-tasks.ts';
import { en } from './texts/en.ts';

const { text } = openTexts({ en });
const linkOf = (sourceId: string): string => `/imports/sources/${sourceId}`;

const openTasks = async ({ postgres }: Context, sourceId: string): Promise<string[]> =>
  (await postgres`select id from desk.task where link = ${linkOf(sourceId)} and done_at is null`).map(row => row.id as string);

const makeTask = async (context: Context, payload: Record<string, unknown>): Promise<void> => {
  const { source_id, name, staff_id, outcome, detail } = payload as Record<string, string | null>;
  if (!source_id || (await openTasks(context, source_id)).length > 0) return;
  const today = dayIn((await organisationOf(context)).zone, context.clock.now());
  await createTask(context, {
    title: text(outcome === 'waiting' ? 'desk.source.waiting' : 'desk.source.failed', { name: name ?? '' }),
    note: detail,
    link: linkOf(source_id),
    dueOn: today,
    assigneeId: staff_id && (await staffNames(context, [staff_id])).has(staff_id) ? staff_id : null,
  });
};

const closeTask = async (context: Context, payload: Record<string, unknown>): Promise<void> => {
  for (const id of await openTasks(context, String(payload.source_id))) await finishTask(context, id);
};

export const sourceReactions: readonly Reaction[] = [
  { on: 'imports.source_needs_staff', run: makeTask },
  { on: 'imports.source_mended', run: closeTask },
];
