/** What a call says about who it is. Pure. */
import type { ResolveInput } from '../customers/index.ts';
import type { Call, Trust } from './segment-call.ts';
import type { Signed } from './signature.ts';

/**
 * One input, or two for a signed call: a signature raises the trust in what it vouches for, the user id. An e-mail or phone beside it that
 * it does not vouch for stays what a browser says, so it cannot join two known people (decisions 4). The first names the customer.
 */
export const inputsOf = (call: Call, signed: Signed | null): ResolveInput[] => {
  const identifiers = identifiersOf(call);
  const input = (trust: Trust, some: ResolveInput['identifiers'], traits: Record<string, unknown>): ResolveInput => ({
    identifiers: some,
    trust,
    at: call.time,
    ...(Object.keys(traits).length > 0 ? { traits } : {}),
  });
  if (signed === null) return [input(call.trust, identifiers, call.traits)];
  const vouched = (kind: string): boolean =>
    kind === 'user_id' || kind === 'anonymous_id' || (kind === 'email' && signed === 'user_and_email');
  const { email, phone, ...rest } = call.traits;
  const ofEmail = email === undefined ? {} : { email };
  const sure = input(
    'secret',
    identifiers.filter(one => vouched(one.kind)),
    signed === 'user_and_email' ? { ...rest, ...ofEmail } : rest,
  );
  const claims = identifiers.filter(one => !vouched(one.kind));
  if (claims.length === 0) return [sure];
  const user = identifiers.filter(one => one.kind === 'user_id');
  const claimed = { ...(signed === 'user_and_email' ? {} : ofEmail), ...(phone === undefined ? {} : { phone }) };
  return [sure, input('browser', [...user, ...claims], claimed)];
};

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
