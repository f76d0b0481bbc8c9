/**
 * { "consent": "email" }: marketing on this channel is allowed now; "state" asks for "unsubscribed" or "suppressed" instead; "topic" for one
 * topic only. Reads the fact of the channel (consent.email) or of the topic on it (consent.email.newsletter), so it needs no SQL or closure of
 * its own.
 */
import { z } from 'zod';
import { defineCondition } from '../condition.ts';
import type { Condition } from '../definition.ts';
import type { Vocabulary } from '../vocabulary.ts';
import { factCondition } from './fact.ts';

const states = ['subscribed', 'unsubscribed', 'suppressed'] as const;
export type ConsentCondition = { consent: string; topic?: string; state?: (typeof states)[number] };

const factCode = (condition: ConsentCondition): string =>
  `consent.${condition.consent}${condition.topic ? `.${condition.topic}` : ''}`;
const long = (condition: ConsentCondition): Condition => ({ fact: factCode(condition), is: condition.state ?? 'subscribed' });
const channelsOf = (vocabulary: Vocabulary): string[] =>
  [...vocabulary.facts.values()]
    .filter(fact => fact.type === 'choice' && /^consent\.\w+$/.test(fact.code))
    .map(fact => fact.code.slice(8));
const topicsOf = (vocabulary: Vocabulary, channel: string): string[] => {
  const prefix = `consent.${channel}.`;
  return [...vocabulary.facts.keys()].filter(code => code.startsWith(prefix)).map(code => code.slice(prefix.length));
};

export const consentCondition = defineCondition<ConsentCondition>({
  key: 'consent',
  label: 'segments.condition.consent.label',
  hint: 'segments.condition.consent.hint',
  arguments: [
    { name: 'consent', type: 'choice', label: 'segments.argument.channel', required: true, choices: ['email', 'sms'] },
    { name: 'topic', type: 'text', label: 'segments.argument.topic', required: false },
    { name: 'state', type: 'choice', label: 'segments.argument.state', required: false, choices: states },
  ],
  schema: vocabulary =>
    z
      .strictObject({
        consent: z
          .string()
          .refine(channel => channelsOf(vocabulary).includes(channel), `Choose a channel: ${channelsOf(vocabulary).join(', ')}.`),
        topic: z.string().optional(),
        state: z.enum(states).optional(),
      })
      .refine(one => one.topic === undefined || topicsOf(vocabulary, one.consent).includes(one.topic), {
        path: ['topic'],
        error: 'There is no such topic on this channel. See Settings, Topics and purposes.',
      }),
  groups: (condition, vocabulary) => factCondition.groups(long(condition), vocabulary),
  needs: (condition, vocabulary) => factCondition.needs(long(condition), vocabulary),
  changedBy: (condition, vocabulary) => factCondition.changedBy(long(condition), vocabulary),
  currentOnly: (condition, vocabulary) => factCondition.currentOnly?.(long(condition), vocabulary) ?? [],
  sql: (condition, scope) => factCondition.sql(long(condition), scope),
  closure: (condition, moment, vocabulary) => factCondition.closure(long(condition), moment, vocabulary),
  sentence: condition => ({
    key: `segments.sentence.consent_${condition.topic ? 'topic_' : ''}${condition.state ?? 'subscribed'}`,
    values: { channel: { text: `segments.channel.${condition.consent}` }, ...(condition.topic && { topic: condition.topic }) },
  }),
});
