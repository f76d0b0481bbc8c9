/** "Consent Changed" and "Unsubscribed" in the event stream become statements of consent. */
import { type Channel, type ConsentInput, type ConsentState, channels, recordConsents } from '../consent/index.ts';
import type { ResolvedEvent } from './event.ts';
import type { Projection, RefusedEvent } from './projections.ts';

export const consentProjection: Projection = {
  name: 'tracking.consent',
  names: ['Consent Changed', 'Unsubscribed'],
  claims: false,
  project: async (context, events) => {
    const refused: RefusedEvent[] = [];
    const said: { event: ResolvedEvent; input: ConsentInput }[] = [];
    for (const event of events) {
      const input = readConsent(event);
      if (input) said.push({ event, input });
      else refused.push({ id: event.id, reason: 'bad_consent', values: { channels: channels.join(', ') } });
    }
    // Who speaks decides what may change: a public key never raises a consent (decisions 4).
    for (const some of Map.groupBy(said, one => `${one.event.trust} ${one.event.historical} ${one.event.importId}`).values()) {
      const { trust, historical, source, importId } = some[0].event;
      const speaker = trust === 'browser' ? 'browser' : 'person';
      await recordConsents(
        context,
        some.map(one => one.input),
        { speaker, source: `tracking.${source}`, historical, importId },
      );
    }
    return refused;
  },
};

/** { channel, state: "subscribed" | "unsubscribed", topic?, purpose?, text_version? }; "Unsubscribed" needs no state. */
const readConsent = (event: ResolvedEvent): ConsentInput | null => {
  const { channel = 'email', state, topic, purpose, text_version } = event.properties;
  if (!channels.includes(channel as Channel)) return null;
  const now = event.name === 'Unsubscribed' ? 'unsubscribed' : state;
  if (now !== 'subscribed' && now !== 'unsubscribed') return null;
  return {
    originId: event.customerId,
    channel: channel as Channel,
    state: now as ConsentState,
    at: event.time,
    ...(typeof topic === 'string' && topic.length <= 100 ? { topic } : {}),
    ...(typeof purpose === 'string' && purpose.length <= 100 ? { purpose } : {}),
    textVersion: typeof text_version === 'string' ? text_version.slice(0, 200) : null,
  };
};
