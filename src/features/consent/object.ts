import type { Context } from '../../platform/context.ts';
import { channels } from './consent.ts';
import { recordConsents } from './record-consents.ts';

/** The person objects to everything that needs no contract: every purpose on every channel. `source` says where it was said. */
export const objectToEverything = async (context: Context, customerId: number, source: string): Promise<void> => {
  const purposes = ['marketing', 'profiling'];
  await recordConsents(
    context,
    purposes.flatMap(purpose =>
      channels.map(channel => ({
        originId: customerId,
        purpose,
        channel,
        state: 'unsubscribed' as const,
        at: context.clock.now(),
      })),
    ),
    { speaker: 'person', source },
  );
};
