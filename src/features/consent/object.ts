import type { Context } from '../../platform/context.ts';
import { channels } from './consent.ts';
import { recordConsents } from './record-consents.ts';
import { purposesOf } from './topics.ts';

/** The person objects to everything that needs no contract: every purpose on every channel. `source` says where it was said. */
export const objectToEverything = async (context: Context, customerId: number, source: string): Promise<void> => {
  const purposes = (await purposesOf(context)).filter(purpose => purpose.basis !== 'contract');
  const at = context.clock.now();
  await recordConsents(
    context,
    purposes.flatMap(({ code }) =>
      channels.map(channel => ({ originId: customerId, purpose: code, channel, state: 'unsubscribed' as const, at })),
    ),
    { speaker: 'person', source },
  );
};
