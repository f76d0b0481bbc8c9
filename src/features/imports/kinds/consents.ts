/** Import kinds: who said yes or no to what, and addresses that must not be used; one row per statement. */
import type { SuppressionClass } from '../../consent/index.ts';
import type { ImportField } from '../kind.ts';
import { fieldsNamed } from './customer-fields.ts';
import { customersKind } from './customers.ts';
import { type AnswersOf, channelOf, yesOrNo } from './read-customers.ts';

const who = fieldsNamed('email', 'phone', 'customer_id');
const channel: ImportField = {
  code: 'channel',
  label: 'imports.field.channel',
  hint: 'imports.field.channel.hint',
  type: 'text',
  looks: ['text'],
  names: ['channel', 'medium', 'consent channel', 'kanal', 'canal', 'canale', 'kanaal'],
};
const reason: ImportField = {
  code: 'reason',
  label: 'imports.field.reason',
  type: 'text',
  looks: ['text'],
  names: ['reason', 'consent source', 'source', 'grund', 'raison', 'motivo'],
};

const consentAnswers: AnswersOf = (_run, cells) => {
  const read = { state: cells.text('consent_state'), channel: cells.text('channel'), reason: cells.text('reason') };
  const time = cells.time('consent_at');
  return row => {
    const at = time(row);
    if (at === null)
      return { code: 'not_a_time', field: 'consent_at', values: { value: cells.text('consent_at')(row).slice(0, 80) } };
    const said = yesOrNo(read.state(row));
    if (said === null) return { code: 'not_yes_or_no', field: 'consent_state', values: { value: read.state(row).slice(0, 80) } };
    const on = read.channel(row) === '' ? 'email' : channelOf(read.channel(row));
    if (on === null) return { code: 'not_a_channel', field: 'channel', values: { value: read.channel(row).slice(0, 80) } };
    const state = said === 'yes' ? 'subscribed' : 'unsubscribed';
    return { consents: [{ channel: on, state, at: at ?? null, reason: read.reason(row) || undefined }], suppressions: [] };
  };
};

export const consentList = customersKind({
  code: 'consents',
  label: 'imports.kind.consents',
  about: 'imports.kind.consents.about',
  fields: [
    ...who,
    {
      code: 'consent_state',
      label: 'imports.field.consent_state',
      hint: 'imports.field.consent_state.hint',
      type: 'yes_no',
      required: true,
      looks: ['yes_no', 'text'],
      names: [
        'consent',
        'consent state',
        'consent status',
        'subscription status',
        'opt in status',
        'optin status',
        'einwilligung',
        'consentement',
      ],
    },
    channel,
    {
      code: 'consent_at',
      label: 'imports.field.consent_at',
      type: 'time',
      names: [
        'consent at',
        'consent date',
        'consent time',
        'consented at',
        'opt in time',
        'timestamp',
        'date',
        'datum',
        'fecha',
        'data',
        'updated at',
      ],
    },
    reason,
  ],
  answers: consentAnswers,
});

/** "Hard bounce", "spam report", "unsubscribed"...: which kind of closed address; null: not said. */
const classOf = (text: string): SuppressionClass | null => {
  const word = text
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();
  if (word === '') return null;
  if (/soft/.test(word)) return 'soft_bounce';
  if (/bounce|invalid|undeliver|cleaned/.test(word)) return 'hard_bounce';
  if (/complain|spam|abuse/.test(word)) return 'complaint';
  if (/legal|objection|gdpr|dsgvo/.test(word)) return 'legal';
  if (/manual/.test(word)) return 'manual';
  return 'imported';
};

const suppressionAnswers: AnswersOf = (run, cells) => {
  const read = { reason: cells.text('suppression_reason'), channel: cells.text('channel') };
  const time = cells.time('suppressed_at');
  return row => {
    const at = time(row);
    if (at === null)
      return { code: 'not_a_time', field: 'suppressed_at', values: { value: cells.text('suppressed_at')(row).slice(0, 80) } };
    const on = read.channel(row) === '' ? 'email' : channelOf(read.channel(row));
    if (on === null) return { code: 'not_a_channel', field: 'channel', values: { value: read.channel(row).slice(0, 80) } };
    const suppressed = classOf(read.reason(row)) ?? (run.options.unnamed_reason as SuppressionClass);
    return { consents: [], suppressions: [{ channel: on, class: suppressed, at: at ?? null, reason: read.reason(row) }] };
  };
};

export const suppressionList = customersKind({
  code: 'suppressions',
  label: 'imports.kind.suppressions',
  about: 'imports.kind.suppressions.about',
  fields: [
    ...who,
    {
      code: 'suppression_reason',
      label: 'imports.field.suppression_reason',
      hint: 'imports.field.suppression_reason.hint',
      type: 'text',
      looks: ['text'],
      names: ['suppression reason', 'bounce type', 'suppression type', 'suppression', 'bounce reason', 'reason', 'grund', 'type'],
    },
    channel,
    {
      code: 'suppressed_at',
      label: 'imports.field.suppressed_at',
      type: 'time',
      names: [
        'suppressed at',
        'suppressed on',
        'bounced at',
        'blocked at',
        'created',
        'created at',
        'timestamp',
        'date',
        'datum',
      ],
    },
  ],
  options: [
    {
      code: 'unnamed_reason',
      label: 'imports.option.unnamed_reason',
      hint: 'imports.option.unnamed_reason.hint',
      type: 'choice',
      default: 'imported',
      choices: (['imported', 'hard_bounce', 'complaint', 'manual', 'legal'] satisfies SuppressionClass[]).map(value => ({
        value,
        label: `imports.suppression.${value}`,
      })),
    },
  ],
  answers: suppressionAnswers,
});
