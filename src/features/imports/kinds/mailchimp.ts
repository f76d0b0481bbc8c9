/**
 * Import kind: Mailchimp's audience export. Its archive holds a file each for subscribed, unsubscribed, cleaned (bounced) and
 * non-subscribed people; a column of its own gives the unsubscribed and the cleaned away, the file's name the others.
 */
import type { ImportField } from '../kind.ts';
import { customerFields } from './customer-fields.ts';
import { customersKind } from './customers.ts';
import type { Answers, AnswersOf } from './read-customers.ts';

const own: readonly ImportField[] = [
  {
    code: 'member_rating',
    label: 'imports.mailchimp.member_rating',
    type: 'number',
    names: ['member rating'],
    attribute: 'mailchimp_rating',
  },
  // Mailchimp's birthdays have no year ("10/24").
  {
    code: 'birthday_no_year',
    label: 'imports.mailchimp.birthday',
    type: 'text',
    names: ['birthday'],
    attribute: 'birthday_month_day',
  },
  { code: 'note', label: 'imports.mailchimp.note', type: 'text', names: ['notes'], attribute: 'mailchimp_note' },
  { code: 'unsubscribed_at', label: 'imports.mailchimp.unsubscribed_at', type: 'time', names: ['unsub time'] },
  { code: 'unsubscribe_reason', label: 'imports.mailchimp.reason', type: 'text', names: ['unsub reason'] },
  { code: 'cleaned_at', label: 'imports.mailchimp.cleaned_at', type: 'time', names: ['clean time'] },
];

const fields: readonly ImportField[] = [
  ...customerFields
    .filter(field => !['birthday', 'email_consent', 'sms_consent', 'since', 'customer_id'].includes(field.code))
    .map(field => {
      if (field.code === 'country') return { ...field, names: [...field.names, 'cc'] };
      if (field.code === 'consent_at') return { ...field, names: ['confirm time', 'optin time', ...field.names] };
      return field;
    }),
  ...own,
];

/** What a row of each file says. */
const answers: AnswersOf = (run, cells) => {
  const agreedAt = cells.time('consent_at');
  const leftAt = cells.time('unsubscribed_at');
  const cleanedAt = cells.time('cleaned_at');
  const why = cells.text('unsubscribe_reason');
  return row => {
    const left = leftAt(row);
    const cleaned = cleanedAt(row);
    const agreed = agreedAt(row);
    const bad = left === null ? 'unsubscribed_at' : cleaned === null ? 'cleaned_at' : agreed === null ? 'consent_at' : null;
    if (bad) return { code: 'not_a_time', field: bad, values: { value: cells.text(bad)(row).slice(0, 80) } };
    const said: Answers = { consents: [], suppressions: [] };
    if (left) said.consents.push({ channel: 'email', state: 'unsubscribed', at: left, reason: why(row) || undefined });
    else if (cleaned)
      said.suppressions.push({ channel: 'email', class: 'hard_bounce', at: cleaned, reason: 'Cleaned by Mailchimp' });
    else if (run.options.people === 'subscribed')
      said.consents.push({ channel: 'email', state: 'subscribed', at: agreed ?? null });
    else if (run.options.people === 'cleaned')
      said.suppressions.push({ channel: 'email', class: 'hard_bounce', at: null, reason: 'Cleaned by Mailchimp' });
    else if (run.options.people === 'unsubscribed') said.consents.push({ channel: 'email', state: 'unsubscribed', at: null });
    return said;
  };
};

export const mailchimpAudience = customersKind({
  code: 'mailchimp_audience',
  label: 'imports.kind.mailchimp_audience',
  about: 'imports.kind.mailchimp_audience.about',
  signatures: [
    ['email address', 'member rating', 'optin time'],
    ['member rating', 'leid', 'euid'],
    ['email address', 'unsub time', 'leid'],
    ['email address', 'clean time', 'leid'],
  ],
  fields,
  rest: {
    field: 'attribute',
    except: [
      'optin time',
      'confirm time',
      'optin ip',
      'confirm ip',
      'latitude',
      'longitude',
      'gmtoff',
      'dstoff',
      'timezone',
      'last changed',
      'leid',
      'euid',
      'unsub campaign title',
      'unsub campaign id',
      'unsub reason other',
      'clean campaign title',
      'clean campaign id',
    ],
  },
  options: [
    {
      code: 'people',
      label: 'imports.mailchimp.people',
      hint: 'imports.mailchimp.people.hint',
      type: 'choice',
      default: null,
      choices: [
        { value: 'subscribed', label: 'imports.mailchimp.people.subscribed' },
        { value: 'unsubscribed', label: 'imports.mailchimp.people.unsubscribed' },
        { value: 'cleaned', label: 'imports.mailchimp.people.cleaned' },
        { value: 'never', label: 'imports.mailchimp.people.never' },
      ],
    },
  ],
  guessOptions: ({ fileName, headers }) => {
    if (headers.includes('unsub time')) return { people: 'unsubscribed' };
    if (headers.includes('clean time')) return { people: 'cleaned' };
    const name = fileName.toLowerCase();
    if (/(^|[^a-z])(nonsubscribed|non[-_ ]subscribed|transactional)/.test(name)) return { people: 'never' };
    if (/(^|[^a-z])unsubscribed/.test(name)) return { people: 'unsubscribed' };
    if (/(^|[^a-z])subscribed/.test(name)) return { people: 'subscribed' };
    return { people: null };
  },
  answers,
});
