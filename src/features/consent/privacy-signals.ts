/** Global Privacy Control (Sec-GPC: 1): a browser's standing request not to sell or share, kept as an opt-out of that purpose. */
import type { Context } from '../../platform/context.ts';
import { recordConsents } from './record-consents.ts';

/** One per visitor is enough: a browser that says it again changes nothing. `originId` from resolveCustomers. */
export const recordPrivacySignals = async (
  context: Context,
  signals: readonly { originId: number; at: Date }[],
  options: { historical?: boolean } = {},
): Promise<void> => {
  const first = new Map<number, Date>();
  for (const { originId, at } of signals) if (!first.has(originId) || first.get(originId)! > at) first.set(originId, at);
  await recordConsents(
    context,
    [...first].map(([originId, at]) => ({
      originId,
      purpose: 'sale',
      channel: 'web' as const,
      state: 'unsubscribed' as const,
      at,
      proof: { signal: 'Sec-GPC' },
    })),
    { speaker: 'browser', source: 'gpc', historical: options.historical },
  );
};
