/** What a call says about who it is. Pure. */
import type { ResolveInput } from '../customers/index.ts';
import type { Call } from './segment-call.ts';

export const inputOf = (call: Call): ResolveInput => ({
  identifiers: identifiersOf(call),
  trust: call.trust,
  at: call.time,
  ...(Object.keys(call.traits).length > 0 ? { traits: call.traits } : {}),
});

/** User and anonymous ids belong to the shop they were sent for; an e-mail address is the same everywhere. */
const identifiersOf = (call: Call): ResolveInput['identifiers'] => {
  const found: ResolveInput['identifiers'] = [];
  if (call.userId) found.push({ kind: 'user_id', source: call.shopId, value: call.userId });
  const email = typeof call.traits.email === 'string' ? call.traits.email : call.userId?.includes('@') ? call.userId : null;
  if (email) found.push({ kind: 'email', source: '', value: email });
  if (typeof call.traits.phone === 'string' && call.traits.phone !== '')
    found.push({ kind: 'phone', source: '', value: call.traits.phone });
  if (call.anonymousId) found.push({ kind: 'anonymous_id', source: call.shopId, value: call.anonymousId });
  if (call.previousId) found.push({ kind: 'anonymous_id', source: call.shopId, value: call.previousId });
  return found;
};
