/** Import kind: Brevo's export of contacts: semicolons, days first, lists by number, blocklisted people flagged. */
import type { Channel } from '../../consent/index.ts';
import type { ImportField } from '../kind.ts';
import { customerFields } from './customer-fields.ts';
import { customersKind } from './customers.ts';
import { type Answers, type AnswersOf, yesOrNo } from './read-customers.ts';

const renamed: Record<string, readonly string[]> = {
  first_name: ['firstname', 'first name', 'prenom', 'vorname', 'nombre', 'nome'],
  last_name: ['lastname', 'last name', 'nom', 'nachname', 'apellidos', 'cognome'],
  phone: ['sms', 'whatsapp', 'landline number', 'phone', 'mobile'],
  since: ['added time', 'created at', 'date added'],
  tags: ['list ids', 'lists', 'list names', 'tags'],
  consent_at: ['double opt in date', 'optin time', 'opt in date', 'consent at'],
};
const own: readonly ImportField[] = [
  {
    code: 'email_blocked',
    label: 'imports.brevo.email_blocked',
    type: 'text',
    names: ['blocklisted', 'email blocklisted', 'email blacklist', 'email blacklisted', 'blacklisted', 'blacklist email'],
  },
  {
    code: 'sms_blocked',
    label: 'imports.brevo.sms_blocked',
    type: 'text',
    names: ['sms blocklisted', 'sms blacklist', 'sms blacklisted', 'blacklist sms'],
  },
  { code: 'subscribed', label: 'imports.brevo.subscribed', type: 'text', names: ['subscribed', 'subscription status'] },
];
const fields: readonly ImportField[] = [
  ...customerFields
    .filter(field => !['customer_id', 'email_consent', 'sms_consent'].includes(field.code))
    .map(field => (renamed[field.code] ? { ...field, names: renamed[field.code] } : field)),
  ...own,
];

/** A cell is a yes or no, or names the channels: "email_marketing,sms_marketing". null: neither. */
const channelsIn = (text: string, channel: 'email' | 'sms'): Channel[] | null => {
  if (text === '' || text === '[]') return [];
  const answer = yesOrNo(text);
  if (answer !== null) return answer === 'yes' ? [channel] : [];
  const named = (['email', 'sms'] as const).filter(one => text.toLowerCase().includes(`${one}_marketing`));
  return named.length > 0 ? named : null;
};

const answers: AnswersOf = (run, cells) => {
  const agreedAt = cells.time('consent_at');
  const read = {
    email_blocked: cells.text('email_blocked'),
    sms_blocked: cells.text('sms_blocked'),
    subscribed: cells.text('subscribed'),
  };
  const bad = (field: string, value: string) => ({ code: 'not_a_state', field, values: { value: value.slice(0, 80) } });
  return row => {
    const agreed = agreedAt(row);
    if (agreed === null)
      return { code: 'not_a_time', field: 'consent_at', values: { value: cells.text('consent_at')(row).slice(0, 80) } };
    const blocked = new Set<Channel>();
    for (const channel of ['email', 'sms'] as const) {
      const field = `${channel}_blocked` as const;
      const named = channelsIn(read[field](row), channel);
      if (named === null) return bad(field, read[field](row));
      for (const one of named) blocked.add(one);
    }
    const open = channelsIn(read.subscribed(row), 'email');
    if (open === null) return bad('subscribed', read.subscribed(row));
    const said: Answers = { consents: [], suppressions: [] };
    for (const channel of blocked) {
      said.consents.push({ channel, state: 'unsubscribed', at: null, reason: 'Blocklisted in Brevo' });
      // Brevo does not say whether they left or bounced: both must hold.
      said.suppressions.push({ channel, class: 'imported', at: null, reason: 'Blocklisted in Brevo' });
    }
    const stands = cells.has('subscribed') ? open : run.options.not_blocked === 'subscribed' ? (['email'] as const) : [];
    for (const channel of stands)
      if (!blocked.has(channel)) said.consents.push({ channel, state: 'subscribed', at: agreed ?? null });
    return said;
  };
};

export const brevoContacts = customersKind({
  code: 'brevo_contacts',
  label: 'imports.kind.brevo_contacts',
  about: 'imports.kind.brevo_contacts.about',
  signatures: [
    ['email', 'added time', 'modified time'],
    ['contact id', 'email', 'added time'],
    ['email', 'blocklisted'],
    ['email', 'list ids'],
    ['email', 'email blacklisted'],
    ['email', 'email blacklist'],
  ],
  fields,
  rest: { field: 'attribute', except: ['contact id', 'modified time', 'ext id'] },
  options: [
    {
      code: 'not_blocked',
      label: 'imports.brevo.not_blocked',
      hint: 'imports.brevo.not_blocked.hint',
      type: 'choice',
      default: null,
      choices: [
        { value: 'subscribed', label: 'imports.option.means_subscribed' },
        { value: 'ignore', label: 'imports.option.means_nothing' },
      ],
    },
  ],
  guessOptions: ({ headers }) => (headers.includes('subscribed') ? { not_blocked: 'ignore' } : { not_blocked: null }),
  answers,
});
