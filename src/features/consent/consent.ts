/** What somebody allows on a channel: the words, and which of two statements holds. Pure. */

export const channels = ['email', 'sms', 'push', 'phone', 'post', 'in_app', 'web'] as const;
export type Channel = (typeof channels)[number];

export const states = ['subscribed', 'unsubscribed'] as const;
export type ConsentState = (typeof states)[number];

/** Why an address must not be used, whatever was allowed. */
export const suppressionClasses = ['hard_bounce', 'soft_bounce', 'complaint', 'manual', 'legal', 'imported'] as const;
export type SuppressionClass = (typeof suppressionClasses)[number];

/**
 * Who speaks. "person": the shopper through a signed link or a shop's server on their behalf. "staff": for a reason they write down.
 * "import": a list from elsewhere. "browser": a public key, so anybody.
 */
export type Speaker = 'person' | 'staff' | 'import' | 'browser';

export type Decision = 'record' | 'same' | 'kept_unsubscribed' | 'not_allowed';

/**
 * Whether a statement is kept. A browser key never raises a consent (decision 4), and neither a list nor a browser brings back
 * somebody who has unsubscribed: only the person, or staff who say why.
 */
export const decide = (current: ConsentState | null, said: ConsentState, speaker: Speaker): Decision => {
  if (said === 'unsubscribed') return current === 'unsubscribed' && speaker === 'import' ? 'same' : 'record';
  if (speaker === 'browser') return current === 'subscribed' ? 'same' : 'not_allowed';
  if (speaker === 'import')
    return current === 'unsubscribed' ? 'kept_unsubscribed' : current === 'subscribed' ? 'same' : 'record';
  return 'record';
};

/** Who says it, what brought it, and whether it is of the past. */
export type ConsentOptions = { speaker: Speaker; source: string; importId?: string | null; historical?: boolean };
