/** Import kind: Klaviyo's export of profiles from a list or segment. Consent and suppressions stand in columns of their own. */
import type { SuppressionClass } from '../../consent/index.ts';
import type { ImportField } from '../kind.ts';
import { customerFields } from './customer-fields.ts';
import { customersKind } from './customers.ts';
import { type Answers, type AnswersOf, tagsIn } from './read-customers.ts';

const renamed: Record<string, readonly string[]> = {
  email_consent: ['email marketing consent', 'email consent', 'accepts marketing'],
  sms_consent: ['sms marketing consent', 'sms consent'],
  consent_at: ['email marketing consent timestamp', 'consent timestamp'],
  postal_code: ['zip code', 'zip', 'postal code'],
  region: ['state region', 'region', 'state'],
  since: ['profile created on', 'created', 'first active', 'date added'],
};
const own: readonly ImportField[] = [
  { code: 'sms_consent_at', label: 'imports.klaviyo.sms_consent_at', type: 'time', names: ['sms marketing consent timestamp'] },
  {
    code: 'suppressions',
    label: 'imports.klaviyo.suppressions',
    type: 'text',
    names: ['email suppressions', 'email suppression', 'suppressed', 'suppression reason'],
  },
  { code: 'klaviyo_id', label: 'imports.klaviyo.id', type: 'text', names: ['klaviyo id'], attribute: 'klaviyo_id' },
  {
    code: 'organisation',
    label: 'imports.klaviyo.organisation',
    type: 'text',
    names: ['organization'],
    attribute: 'organisation',
  },
];
const fields: readonly ImportField[] = [
  ...customerFields
    .filter(field => field.code !== 'customer_id')
    .map(field => (renamed[field.code] ? { ...field, names: renamed[field.code] } : field)),
  ...own,
];

/** SUBSCRIBED, UNSUBSCRIBED, NEVER_SUBSCRIBED; anything else is not for guessing. */
const stateOf = (text: string): 'subscribed' | 'unsubscribed' | 'never' | null => {
  const word = text
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();
  if (/^(subscribed|true|yes)$/.test(word)) return 'subscribed';
  if (/^(unsubscribed|false)$/.test(word)) return 'unsubscribed';
  if (/^(never subscribed|no|none|)$/.test(word)) return 'never';
  return null;
};

/** An unsubscribe is a consent taken back; the rest closes the address. */
const classOf = (word: string): SuppressionClass | 'unsubscribed' => {
  const text = word.toLowerCase().replace(/[^a-z]+/g, ' ');
  if (/bounce|invalid/.test(text)) return 'hard_bounce';
  if (/spam|complain/.test(text)) return 'complaint';
  if (/unsubscri/.test(text)) return 'unsubscribed';
  return 'imported';
};

const answers: AnswersOf = (_run, cells) => {
  const times = { email: cells.time('consent_at'), sms: cells.time('sms_consent_at') };
  const states = { email: cells.text('email_consent'), sms: cells.text('sms_consent') };
  const suppressed = cells.text('suppressions');
  return row => {
    const said: Answers = { consents: [], suppressions: [] };
    for (const channel of ['email', 'sms'] as const) {
      const at = times[channel](row);
      const field = channel === 'email' ? 'consent_at' : 'sms_consent_at';
      if (at === null) return { code: 'not_a_time', field, values: { value: cells.text(field)(row).slice(0, 80) } };
      const state = stateOf(states[channel](row));
      if (state === null)
        return { code: 'not_a_state', field: `${channel}_consent`, values: { value: states[channel](row).slice(0, 80) } };
      if (state !== 'never') said.consents.push({ channel, state, at: at ?? null });
    }
    for (const word of tagsIn(
      suppressed(row)
        .replace(/^\[|\]$/g, '')
        .replaceAll("'", ''),
    )) {
      if (/^(false|no|0|none)$/i.test(word)) continue;
      const one = classOf(word);
      if (one === 'unsubscribed') said.consents.push({ channel: 'email', state: 'unsubscribed', at: null, reason: word });
      else said.suppressions.push({ channel: 'email', class: one, at: null, reason: `Klaviyo: ${word}` });
    }
    return said;
  };
};

export const klaviyoProfiles = customersKind({
  code: 'klaviyo_profiles',
  label: 'imports.kind.klaviyo_profiles',
  about: 'imports.kind.klaviyo_profiles.about',
  signatures: [
    ['email', 'klaviyo id'],
    ['email', 'email marketing consent', 'email marketing consent timestamp'],
    ['email', 'email suppressions'],
  ],
  fields,
  rest: {
    field: 'attribute',
    except: ['latitude', 'longitude', 'ip address', 'timezone', 'last active', 'last open', 'last click'],
  },
  answers,
});
