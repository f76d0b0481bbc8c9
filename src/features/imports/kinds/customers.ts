/** Import kind: one row per customer, from any list; and Shopify's customer export, which is the same with its own headers. */
import { defineImportKind, type ImportKind, type ImportOption } from '../kind.ts';
import { en } from '../texts/en.ts';
import { customerFields } from './customer-fields.ts';
import { type AnswersOf, type CustomerRecord, readCustomers, yesNoAnswers } from './read-customers.ts';
import { previewCustomers, undoCustomers, writeCustomers } from './write-customers.ts';

/** What yes and no mean in the columns of consent; null: the person who brings the file must say. */
const meanings = (channel: 'email' | 'sms', defaults: { yes: string | null; no: string | null }): ImportOption[] => [
  {
    code: `${channel}_yes`,
    label: `imports.option.${channel}_yes`,
    hint: 'imports.option.yes.hint',
    type: 'choice',
    whenField: `${channel}_consent`,
    default: defaults.yes,
    choices: [
      { value: 'subscribed', label: 'imports.option.means_subscribed' },
      { value: 'ignore', label: 'imports.option.means_nothing' },
    ],
  },
  {
    code: `${channel}_no`,
    label: `imports.option.${channel}_no`,
    hint: 'imports.option.no.hint',
    type: 'choice',
    whenField: `${channel}_consent`,
    default: defaults.no,
    choices: [
      { value: 'unsubscribed', label: 'imports.option.means_unsubscribed' },
      { value: 'ignore', label: 'imports.option.means_nothing' },
    ],
  },
];

type Own = Pick<ImportKind, 'code' | 'label' | 'about'> &
  Partial<Pick<ImportKind, 'fields' | 'options' | 'signature' | 'signatures' | 'rest' | 'guessOptions'>> & {
    answers?: AnswersOf;
  };

/** A kind whose rows are people: what differs between formats is headers and how they say what people allowed. */
export const customersKind = ({ answers = yesNoAnswers, ...own }: Own): ImportKind<CustomerRecord> => {
  const fields = own.fields ?? customerFields;
  return defineImportKind<CustomerRecord>({
    options: [],
    ...own,
    texts: en,
    fields,
    money: false,
    needs: 'imports:write',
    reader: readCustomers(fields, answers),
    write: writeCustomers,
    undo: undoCustomers,
    previewer: previewCustomers,
  });
};

export const plainCustomers = customersKind({
  code: 'customers',
  label: 'imports.kind.customers',
  about: 'imports.kind.customers.about',
  options: [...meanings('email', { yes: null, no: null }), ...meanings('sms', { yes: null, no: null })],
});

// Shopify writes "no" both for those who left and for those who were never asked: neither may be written to.
const shopifyMeans = { yes: 'subscribed', no: 'unsubscribed' };
export const shopifyCustomers = customersKind({
  code: 'shopify_customers',
  label: 'imports.kind.shopify_customers',
  about: 'imports.kind.shopify_customers.about',
  signature: ['first name', 'last name', 'email', 'total spent', 'total orders', 'tags'],
  options: [...meanings('email', shopifyMeans), ...meanings('sms', shopifyMeans)],
});
