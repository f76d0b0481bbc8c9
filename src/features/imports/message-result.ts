/** What became of a message, in the words of other senders. Pure. */
import type { Channel } from '../consent/index.ts';

export const messageResults = [
  'Message Sent',
  'Message Delivered',
  'Message Opened',
  'Message Clicked',
  'Message Bounced',
  'Message Complained',
  'Message Skipped',
  'Unsubscribed',
] as const;
export type MessageResult = (typeof messageResults)[number];

/** Whole names, lower case, words apart, the channel taken out: "Opened Email" -> "opened". */
const words: Record<MessageResult, RegExp> = {
  'Message Sent': /^(sent|send|sends|processed|message sent|request|requests|recipient)$/,
  'Message Delivered': /^(delivered|delivery|deliveries|received|message delivered)$/,
  'Message Opened':
    /^(open|opens|opened|unique opened|unique open|first opening|first open|message opened|viewed|proxy open|loaded by proxy)$/,
  'Message Clicked': /^(click|clicks|clicked|unique click|unique clicked|message clicked|link clicked|clicked link|url clicked)$/,
  'Message Bounced':
    /^(bounce|bounces|bounced|message bounced|hard bounce|hard bounces|hard bounced|soft bounce|soft bounces|soft bounced|hardbounces|softbounces|hardbounce|softbounce|failed|failed to deliver|undelivered|invalid|blocked|deferred)$/,
  'Message Complained':
    /^(complaint|complaints|complained|spam|spams|spam report|spam reports|spamreport|spam complaint|marked as spam|abuse|abuse report|message complained)$/,
  'Message Skipped': /^(skipped|dropped|drop|suppressed|message skipped)$/,
  Unsubscribed:
    /^(unsubscribe|unsubscribes|unsubscribed|unsub|list unsubscribe|unsubscribed from list|unsubscribed from marketing|group unsubscribe|opted out|opt out|unsubscription)$/,
};

export type ReadResult = { name: MessageResult; channel: Channel | null; bounce: 'hard' | 'soft' | null };

/** "Opened Email", "hard_bounce", "Clicked SMS": which result it is; null: not the result of a message. */
export const messageResultOf = (text: string): ReadResult | null => {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();
  const channel: Channel | null = /\b(sms|mms)\b/.test(plain)
    ? 'sms'
    : /\bpush\b/.test(plain)
      ? 'push'
      : /\be?mail\b/.test(plain)
        ? 'email'
        : null;
  const bare = plain
    .replace(/\b(e mail|email|mail|sms|mms|push|notification)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  for (const name of messageResults) {
    if (!words[name].test(bare)) continue;
    const bounce =
      name !== 'Message Bounced' ? null : /soft|deferred/.test(bare) ? 'soft' : /hard|invalid/.test(bare) ? 'hard' : null;
    return { name, channel, bounce };
  }
  return null;
};

/** The kind of bounce from a column of its own: "Permanent", "hard", "General", "5.1.1", "mailbox full". null: unclear. */
export const bounceOf = (text: string): 'hard' | 'soft' | null => {
  const word = text.toLowerCase();
  if (/hard|permanent|invalid|unknown user|does not exist|no such user|\b5[.\d]*1[.]1\b|^5\.1\./.test(word)) return 'hard';
  if (/soft|transient|temporar|full|deferred|^4\.|undetermined|throttl|block/.test(word)) return 'soft';
  return null;
};
