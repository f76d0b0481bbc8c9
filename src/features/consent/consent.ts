/** What somebody allows on a channel: the words, and which of two statements holds. Pure. */

export const channels = ['email', 'sms', 'push', 'phone', 'post', 'in_app', 'web'] as const;
export type Channel = (typeof channels)[number];

/** "pending": said on a form, not yet confirmed from the person's own mailbox. */
export const states = ['subscribed', 'unsubscribed', 'pending'] as const;
export type ConsentState = (typeof states)[number];

/** Why an address must not be used, whatever was allowed. */
export const suppressionClasses = ['hard_bounce', 'soft_bounce', 'complaint', 'manual', 'legal', 'imported'] as const;
export type SuppressionClass = (typeof suppressionClasses)[number];

/** consent: only after a yes. opt_out: until a no. contract: part of what was bought, a no does not stop it. */
export const bases = ['consent', 'opt_out', 'contract'] as const;
export type Basis = (typeof bases)[number];

/**
 * Who speaks. "person": the shopper through a signed link or a shop's server on their behalf. "staff": for a reason they write down.
 * "import": a list from elsewhere. "browser": a public key, so anybody.
 */
export type Speaker = 'person' | 'staff' | 'import' | 'browser';

export type Decision = 'record' | 'same' | 'pending' | 'kept_unsubscribed' | 'not_allowed';

/** A statement that holds now, as `consent.current` has it; '' = every topic, every brand. */
export type Standing = { topic: string; brand: string; state: ConsentState; since: Date; originId: number; liftsAll: boolean };

/**
 * What the statements amount to for one topic and brand: a "no" (or a sign-up that waits) holds unless a later "yes" that is no wider
 * lifts it. null = nothing was ever said. The same rule as consent.why_not in SQL.
 */
export const standingOf = (all: readonly Standing[], topic: string, brand: string): ConsentState | null => {
  const stated = all.filter(one => (one.topic === '' || one.topic === topic) && (one.brand === '' || one.brand === brand));
  const lifts = (yes: Standing, no: Standing): boolean =>
    yes.state === 'subscribed' &&
    yes.since > no.since &&
    (no.topic === '' || yes.topic === no.topic) &&
    (no.brand === '' || yes.brand === no.brand) &&
    (yes.liftsAll || yes.originId === no.originId);
  const refused = stated.filter(no => no.state !== 'subscribed' && !stated.some(yes => lifts(yes, no)));
  if (refused.some(one => one.state === 'unsubscribed')) return 'unsubscribed';
  if (refused.length > 0) return 'pending';
  return stated.length > 0 ? 'subscribed' : null;
};

/**
 * Whether a statement is kept. `current`: what holds for just this topic, wider statements included; `own`: what was last said about
 * exactly it. A browser key never raises a consent (decision 4), and neither a list nor a browser brings back somebody who has
 * unsubscribed: only the person, or staff who say why. `confirms`: this sign-up has to be confirmed from the person's mailbox first.
 */
export const decide = (
  current: ConsentState | null,
  own: ConsentState | null,
  said: ConsentState,
  speaker: Speaker,
  confirms = false,
): Decision => {
  if (said === 'unsubscribed')
    return own === 'unsubscribed' && (speaker === 'import' || speaker === 'browser') ? 'same' : 'record';
  if (said === 'pending' || (confirms && (speaker === 'person' || speaker === 'browser')))
    return current === 'subscribed' ? 'same' : 'pending';
  if (speaker === 'browser') return current === 'subscribed' ? 'same' : 'not_allowed';
  if (speaker === 'import') {
    if (current === 'unsubscribed' || current === 'pending') return 'kept_unsubscribed';
    return own === 'subscribed' ? 'same' : 'record';
  }
  return 'record';
};

/** Who says it, what brought it, and whether it is of the past. */
export type ConsentOptions = {
  speaker: Speaker;
  source: string;
  importId?: string | null;
  historical?: boolean;
  /** It comes out of the person's own mailbox or login: nothing is left to confirm. */
  confirmed?: boolean;
};
