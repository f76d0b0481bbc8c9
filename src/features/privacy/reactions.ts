/** What people ask for on their preference page becomes work for staff: there is nobody else yet who could send them a link. */
import type { Context } from '../../platform/context.ts';
import type { Reaction } from '../../platform/feature.ts';
import { dayIn } from '../../platform/time.ts';
import type { PersonRequestDesk } from '../consent/index.ts';
import { createTask } from '../desk/index.ts';
import { zoneOf } from '../shops/index.ts';
import { openRequest } from './open-request.ts';
import { en } from './texts/en.ts';

export const pageDesk: PersonRequestDesk = {
  name: 'privacy',
  open: async (context, { kind, customerId }) => {
    await openRequest(context, {
      kind,
      customerId,
      source: 'preference_page',
      identity: { how: 'mailbox', note: en['privacy.identity.mailbox_note'] },
    });
  },
};

const taskToday = async (context: Context, customerId: number, title: string, note: string): Promise<void> => {
  const [there] = await context.postgres`
    select 1 from desk.task where customer_id = ${customerId} and title = ${title} and done_at is null limit 1`;
  if (there) return;
  await createTask(context, { title, note, customerId, dueOn: dayIn(await zoneOf(context), context.clock.now()) });
};

/** Somebody we know typed their address at /p. */
const sendLink: Reaction = {
  on: 'consent.link_wanted',
  run: (context, payload) =>
    taskToday(context, Number(payload.customer_id), en['privacy.task.link']!, en['privacy.task.link_note']!),
};

/** A sign-up waits for its confirmation. */
const sendConfirmation: Reaction = {
  on: 'consent.confirmation_wanted',
  run: (context, payload) =>
    taskToday(context, Number(payload.customer_id), en['privacy.task.confirm']!, en['privacy.task.confirm_note']!),
};

export const reactions: readonly Reaction[] = [sendLink, sendConfirmation];
