import { z } from 'zod';
import { customerId, defineContract, instant, uuid } from '../../platform/contract.ts';

const channel = z.enum(['email', 'sms', 'push', 'phone', 'post', 'in_app', 'web']);
const state = z.enum(['subscribed', 'unsubscribed']);
const heldState = z.enum(['subscribed', 'unsubscribed', 'pending']);
const word = z
  .string()
  .trim()
  .max(60)
  .regex(/^[\w .-]*$/, 'Use letters, digits, spaces, dots and dashes only.');
const reason = z.string().trim().min(3, 'Say in a few words why.').max(500);

const topicWords = z.object({
  name: z.string().trim().min(1, 'Give it a name.').max(80),
  description: z.string().trim().max(300).default(''),
  frequency: z.string().trim().max(80).default(''),
});
const languageCode = z.string().regex(/^[a-z]{2}$/, 'Use a language code of two letters, such as en.');
const texts = z
  .record(languageCode, topicWords)
  .refine(value => Object.keys(value).length > 0, 'Give it a name in at least one language.');
const code = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'Use small letters, digits, dashes and underscores.');
const version = z.number().int();

const topic = z.object({
  id: uuid,
  purpose: z.string(),
  code: z.string(),
  texts: z.record(z.string(), z.object({ name: z.string(), description: z.string(), frequency: z.string() })),
  channels: z.array(channel),
  double_opt_in: z.boolean(),
  archived: z.boolean(),
  /** People who would get it now, by channel. */
  allowed: z.record(z.string(), z.number().int()),
  version,
});
const purpose = z.object({
  code: z.string(),
  basis: z.enum(['consent', 'opt_out', 'contract']),
  name: z.string().nullable(),
  description: z.string().nullable(),
  double_opt_in: z.boolean(),
  archived: z.boolean(),
  version,
});
export type TopicAnswer = z.infer<typeof topic>;

const pageTexts = z.record(
  languageCode,
  z.object({
    title: z.string().trim().max(120).optional(),
    intro: z.string().trim().max(600).optional(),
    contact: z.string().trim().max(600).optional(),
  }),
);
const colour = z.string().regex(/^#[0-9a-f]{6}$/, 'Write a colour as #1f5fbf.');
const pageSettings = z.object({
  brand_id: uuid,
  brand: z.string(),
  colour,
  texts: z.record(
    z.string(),
    z.object({ title: z.string().optional(), intro: z.string().optional(), contact: z.string().optional() }),
  ),
  languages: z.array(z.object({ code: z.string(), name: z.string() })),
  version,
  /** Versions of the words, newest first. */
  wordings: z.array(
    z.object({ version: z.string(), language: z.string(), made_at: instant, made_by: z.string(), used: z.number().int() }),
  ),
  address: z.string(),
});
const brandQuery = z.object({ brand: uuid.optional() });
const question = z.object({
  customer: customerId,
  channel,
  topic: z.string().max(60).default(''),
  purpose: z.string().max(60).default('marketing'),
  brand: uuid.nullable().default(null),
  at: instant.optional(),
});

const consents = z.object({
  current: z.array(
    z.object({
      channel,
      purpose: z.string(),
      topic: z.string(),
      brand: z.string(),
      state: heldState,
      since: instant,
      source: z.string(),
      reason: z.string().nullable(),
      text_version: z.string().nullable(),
      by_whom: z.string(),
    }),
  ),
  history: z.array(
    z.object({
      id: uuid,
      channel,
      purpose: z.string(),
      topic: z.string(),
      brand_id: uuid.nullable(),
      state: heldState,
      at: instant,
      recorded_at: instant,
      source: z.string(),
      reason: z.string().nullable(),
      text_version: z.string().nullable(),
      by_whom: z.string(),
      /** The words that were shown, where the text version is one of ours. */
      shown: z.string().nullable(),
      language: z.string().nullable(),
      proof: z.record(z.string(), z.string()),
    }),
  ),
  suppressions: z.array(
    z.object({
      id: uuid,
      channel,
      class: z.enum(['hard_bounce', 'soft_bounce', 'complaint', 'manual', 'legal', 'imported']),
      reason: z.string().nullable(),
      at: instant,
      by_whom: z.string(),
      source: z.string(),
      released_at: instant.nullable(),
      released_by: z.string().nullable(),
      released_reason: z.string().nullable(),
    }),
  ),
  pauses: z.array(
    z.object({
      id: uuid,
      kind: z.enum(['pause', 'less_often']),
      until: instant.nullable(),
      gap_days: z.number().int().nullable(),
      at: instant,
      source: z.string(),
      by_whom: z.string(),
    }),
  ),
  /** Names of topics by code. */
  topics: z.record(z.string(), z.string()),
  /** Sign-ups whose link has not been pressed yet. */
  waiting: z.array(z.object({ channel, purpose: z.string(), topic: z.string() })),
  /** What they said when they left, if anything. */
  left: z.object({ reason: z.string(), reason_words: z.string().nullable(), at: instant }).nullable(),
});
export type Consents = z.infer<typeof consents>;

const publicPage = { needs: 'public', raw: true } as const;
const byToken = z.object({ token: z.string().max(64) });

export const contract = defineContract({
  listConsents: {
    method: 'GET',
    path: '/api/customers/:id/consents',
    summary: 'What somebody allows now on each channel, how it came about, and suppressions',
    needs: 'customers:read',
    params: z.object({ id: customerId }),
    answer: consents,
    errors: ['not_found'],
  },
  changeConsent: {
    method: 'POST',
    path: '/api/customers/:id/consents',
    summary: 'Staff change a consent and say why',
    needs: 'consents:write',
    params: z.object({ id: customerId }),
    body: z.object({
      channel,
      state,
      purpose: word.default('marketing'),
      topic: word.default(''),
      brand_id: uuid.nullable().default(null),
      reason,
    }),
    answer: consents,
    errors: ['not_found'],
  },
  suppress: {
    method: 'POST',
    path: '/api/customers/:id/suppressions',
    summary: 'Close a channel for one person, whatever they allowed',
    needs: 'consents:write',
    params: z.object({ id: customerId }),
    body: z.object({ channel, reason }),
    answer: consents,
    errors: ['not_found'],
  },
  release: {
    method: 'POST',
    path: '/api/suppressions/:id/release',
    summary: 'Open a channel again; not for complaints and legal objections',
    needs: 'consents:write',
    params: z.object({ id: uuid }),
    body: z.object({ reason }),
    errors: ['not_found', 'refused'],
  },
  makeLink: {
    method: 'POST',
    path: '/api/customers/:id/preference-link',
    summary: 'The link to this person’s own preference page, to send to them',
    needs: 'consents:write',
    params: z.object({ id: customerId }),
    body: z.object({ brand_id: uuid.nullable().default(null) }),
    answer: z.object({ url: z.string(), unsubscribe_url: z.string(), expires_at: instant }),
    errors: ['not_found'],
  },
  revokeLinks: {
    method: 'POST',
    path: '/api/customers/:id/preference-link/revoke',
    summary: 'Switch off every link to this person’s preference page, e.g. when a mail was passed on',
    needs: 'consents:write',
    params: z.object({ id: customerId }),
    body: z.object({}),
    answer: z.object({ revoked: z.number().int() }),
    errors: ['not_found'],
  },
  listConfirmations: {
    method: 'POST',
    path: '/api/customers/:id/confirmation-links',
    summary: 'Links that confirm this person’s sign-ups, to send to their own mailbox only',
    needs: 'consents:write',
    params: z.object({ id: customerId }),
    body: z.object({}),
    asks: true,
    answer: z.object({ data: z.array(z.object({ channel, purpose: z.string(), topic: z.string(), url: z.string() })) }),
    errors: ['not_found'],
  },
  mayWrite: {
    method: 'POST',
    path: '/api/consent/may-write',
    summary: 'May these people be written to now? Up to 1,000 questions at once',
    needs: 'customers:read',
    asks: true,
    body: z.object({ questions: z.array(question).min(1).max(1000) }),
    answer: z.object({
      answers: z.array(
        z.object({
          may: z.boolean(),
          reason: z
            .enum(['nobody', 'suppressed', 'paused', 'unsubscribed', 'topic_unsubscribed', 'pending', 'never_asked'])
            .nullable(),
          least_gap_days: z.number().int().nullable(),
        }),
      ),
    }),
  },
  listPurposes: {
    method: 'GET',
    path: '/api/consent/purposes',
    summary: 'What a consent can be for',
    needs: 'customers:read',
    answer: z.object({ data: z.array(purpose) }),
  },
  createPurpose: {
    method: 'POST',
    path: '/api/consent/purposes',
    summary: 'Make a purpose of your own',
    needs: 'consents:manage',
    body: z.object({
      code: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'Use small letters, digits and underscores.'),
      basis: z.enum(['consent', 'opt_out']),
      name: z.string().trim().min(1, 'Give it a name.').max(80),
      description: z.string().trim().max(300).default(''),
    }),
    status: 201,
    answer: z.object({ data: z.array(purpose) }),
    errors: ['conflict'],
  },
  changePurpose: {
    method: 'PATCH',
    path: '/api/consent/purposes/:code',
    summary: 'Rename or archive a purpose, or ask for confirmation of sign-ups to all its topics',
    needs: 'consents:manage',
    params: z.object({ code: z.string().max(60) }),
    body: z.object({
      version,
      name: z.string().trim().min(1).max(80).optional(),
      description: z.string().trim().max(300).optional(),
      double_opt_in: z.boolean().optional(),
      archived: z.boolean().optional(),
    }),
    answer: z.object({ data: z.array(purpose) }),
    errors: ['not_found', 'conflict', 'refused'],
  },
  listTopics: {
    method: 'GET',
    path: '/api/consent/topics',
    summary: 'What people can choose to hear about, in order',
    needs: 'customers:read',
    query: brandQuery.extend({ archived: z.enum(['0', '1']).default('0') }),
    answer: z.object({ data: z.array(topic) }),
    errors: ['not_found'],
  },
  createTopic: {
    method: 'POST',
    path: '/api/consent/topics',
    summary: 'Make a topic',
    needs: 'consents:manage',
    body: z.object({
      brand_id: uuid.nullable().default(null),
      purpose: z.string().max(60).default('marketing'),
      code,
      texts,
      channels: z.array(channel).min(1, 'Choose at least one channel.').max(7),
      double_opt_in: z.boolean().default(false),
    }),
    status: 201,
    answer: topic,
    errors: ['not_found', 'conflict', 'refused'],
  },
  addUsualTopics: {
    method: 'POST',
    path: '/api/consent/topics/usual',
    summary: 'Add the five topics most shops have; those that are there stay as they are',
    needs: 'consents:manage',
    body: z.object({ brand_id: uuid.nullable().default(null) }),
    answer: z.object({ data: z.array(topic) }),
    errors: ['not_found'],
  },
  orderTopics: {
    method: 'POST',
    path: '/api/consent/topics/order',
    summary: 'Put the topics into another order',
    needs: 'consents:manage',
    body: z.object({ brand_id: uuid.nullable().default(null), ids: z.array(uuid).min(1).max(200) }),
    answer: z.object({ data: z.array(topic) }),
    errors: ['not_found'],
  },
  changeTopic: {
    method: 'PATCH',
    path: '/api/consent/topics/:id',
    summary: 'Change a topic’s words and channels, archive it or bring it back',
    needs: 'consents:manage',
    params: z.object({ id: uuid }),
    body: z.object({
      version,
      texts: texts.optional(),
      channels: z.array(channel).min(1, 'Choose at least one channel.').max(7).optional(),
      double_opt_in: z.boolean().optional(),
      archived: z.boolean().optional(),
    }),
    answer: topic,
    errors: ['not_found', 'conflict'],
  },
  showPage: {
    method: 'GET',
    path: '/api/consent/page',
    summary: 'How the preference page looks and speaks',
    needs: 'customers:read',
    query: brandQuery,
    answer: pageSettings,
    errors: ['not_found'],
  },
  changePage: {
    method: 'PUT',
    path: '/api/consent/page',
    summary: 'Change the look and the words of the preference page; the words shown before are kept',
    needs: 'consents:manage',
    query: brandQuery,
    body: z.object({ version, colour, texts: pageTexts }),
    answer: pageSettings,
    errors: ['not_found', 'conflict'],
  },
  previewPage: {
    method: 'POST',
    path: '/api/consent/page/preview',
    summary: 'The preference page as it would look, as HTML',
    needs: 'customers:read',
    asks: true,
    query: brandQuery,
    body: z.object({ language: languageCode.default('en'), colour: colour.optional(), texts: pageTexts.optional() }),
    answer: z.object({ html: z.string() }),
    errors: ['not_found'],
  },
  showWording: {
    method: 'GET',
    path: '/api/consent/wordings/:version',
    summary: 'The words of one version, as they were shown',
    needs: 'customers:read',
    params: z.object({ version: z.string().max(100) }),
    answer: z.object({
      version: z.string(),
      kind: z.enum(['page', 'form']),
      language: z.string(),
      made_at: instant,
      made_by: z.string(),
      lines: z.array(z.string()),
    }),
    errors: ['not_found'],
  },
  keepWording: {
    method: 'POST',
    path: '/api/consent/wordings',
    summary:
      'Keep the words of a form of your own, so that consents can name them by version; the same version cannot get other words',
    needs: 'consents:manage',
    body: z.object({
      version: z.string().regex(/^[\w.-]{1,80}$/, 'Use letters, digits, dots and dashes.'),
      language: languageCode,
      text: z.string().trim().min(3).max(5000),
    }),
    status: 201,
    answer: z.object({ version: z.string() }),
    errors: ['conflict'],
  },
  listLeavers: {
    method: 'GET',
    path: '/api/consent/leaving',
    summary: 'Why people unsubscribed, as far as they said, in the last 365 days',
    needs: 'customers:read',
    answer: z.object({
      reasons: z.array(z.object({ reason: z.string(), people: z.number().int() })),
      changes: z.number().int(),
      words: z.array(z.object({ reason: z.string(), words: z.string(), at: instant, customer_id: customerId })),
    }),
  },
  showEntry: { method: 'GET', path: '/p', summary: 'A page to ask for a link to one’s preferences', ...publicPage },
  askForLink: {
    method: 'POST',
    path: '/p',
    summary: 'Ask for a link; the answer is the same whether the address is known or not (form)',
    ...publicPage,
  },
  showPreferences: {
    method: 'GET',
    path: '/p/:token',
    summary: 'A person’s own preference page; changes nothing',
    params: byToken,
    ...publicPage,
  },
  changePreferences: {
    method: 'POST',
    path: '/p/:token',
    summary: 'What the page’s buttons do (form)',
    params: byToken,
    ...publicPage,
  },
  showConfirm: {
    method: 'GET',
    path: '/p/confirm/:token',
    summary: 'Double opt-in: shows what would be confirmed',
    params: byToken,
    ...publicPage,
  },
  confirm: {
    method: 'POST',
    path: '/p/confirm/:token',
    summary: 'Double opt-in: confirms (form)',
    params: byToken,
    ...publicPage,
  },
  showUnsubscribe: {
    method: 'GET',
    path: '/u/:token',
    summary: 'A page with an unsubscribe button; changes nothing',
    params: byToken,
    ...publicPage,
  },
  unsubscribe: {
    method: 'POST',
    path: '/u/:token',
    summary: 'Unsubscribe: List-Unsubscribe=One-Click (RFC 8058), or the page’s button (form)',
    params: byToken,
    ...publicPage,
  },
});
