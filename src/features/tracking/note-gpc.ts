/**
 * A browser that sends Global Privacy Control says no to selling and sharing what is recorded (https://privacycg.github.io/gpc-spec/): kept as an
 * opt-out of that purpose on the web, once per person. Lowering is all a browser key may do.
 */
import type { Context } from '../../platform/context.ts';
import { recordConsents } from '../consent/index.ts';
import { ownersOf } from '../customers/index.ts';
import type { ResolvedEvent } from './event.ts';

const reason = 'Global Privacy Control';

export const noteGpc = async (context: Context, events: readonly (ResolvedEvent & { gpc: boolean })[]): Promise<void> => {
  const first = new Map<number, ResolvedEvent>();
  for (const event of events)
    if (event.gpc && event.trust === 'browser' && !first.has(event.customerId)) first.set(event.customerId, event);
  if (first.size === 0) return;
  const owners = await ownersOf(context, [...first.keys()]);
  const told = await context.postgres`
    select distinct customer_id from consent.consent
    where customer_id = any(${[...new Set(owners.values())]}::bigint[]) and channel = 'web' and purpose = 'sale' and state = 'unsubscribed' and reason = ${reason}`;
  const known = new Set(told.map(row => row.customer_id as number));
  const fresh = [...first].filter(([origin]) => !known.has(owners.get(origin)!)).map(([, event]) => event);
  for (const some of Map.groupBy(fresh, event => `${event.historical} ${event.importId}`).values())
    await recordConsents(
      context,
      some.map(event => ({
        originId: event.customerId,
        channel: 'web' as const,
        purpose: 'sale',
        state: 'unsubscribed' as const,
        at: event.time,
        reason,
      })),
      { speaker: 'browser', source: 'gpc', historical: some[0].historical, importId: some[0].importId },
    );
};
