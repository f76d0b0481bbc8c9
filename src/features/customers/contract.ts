import { z } from 'zod';
import { asOf, customerId, day, defineContract, instant, jobAnswer, listOf, page, uuid } from '../../platform/contract.ts';

const factValue = z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]);
const factType = z.enum(['number', 'money', 'percent', 'days', 'text', 'choice', 'boolean', 'date', 'set']);
const notShopper = z.enum(['wholesale', 'staff', 'test']);
const identifierKind = z.enum(['user_id', 'shop_customer_id', 'email', 'anonymous_id', 'push_endpoint', 'phone']);
const oneId = z.object({ id: customerId });
const values = z.record(z.string(), z.union([z.string(), z.number()]));
/** How sure it is that two customers are one. */
const pairClass = z.enum(['certain', 'likely', 'possible']);
const tag = z
  .string()
  .trim()
  .min(1, 'A tag needs at least one letter.')
  .max(60, 'Keep a tag under 60 letters.')
  .regex(/^[^,;\n\r\u0000]*$/, 'A tag cannot hold commas, semicolons or line breaks.');
/** ?filter=country:GB&filter=tag:vip — the same name twice means either. */
const severalTexts = z
  .union([z.string().max(300), z.array(z.string().max(300)).max(30)])
  .default([])
  .transform(value => (Array.isArray(value) ? value : [value]));
/** Fields a role may not see are left out as null; `hidden` says which groups. */
const row = z.object({
  id: customerId,
  name: z.string().nullable(),
  /** What the shop calls them, where nobody said a name: its customer id, else a user id. */
  outside_id: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  country: z.string().nullable(),
  city: z.string().nullable(),
  known: z.boolean(),
  not_shopper: notShopper.nullable(),
  known_since: instant.nullable(),
  last_seen_at: instant.nullable(),
  tags: z.array(z.string()),
  /** What the search found them by, when it is not on the row (an order number). */
  matched: z.string().nullable(),
  facts: z.record(z.string(), factValue),
});
export type CustomerRow = z.infer<typeof row>;

const listQuery = {
  query: z.string().max(200).default(''),
  sort: z.string().max(100).default(''),
  filter: severalTexts,
  /** Facts to show, by code. */
  columns: severalTexts,
  /** Also visitors who never said who they are. */
  anonymous: z.enum(['0', '1']).default('0'),
  /** Also customers who are marked as not shoppers. */
  not_shoppers: z.enum(['0', '1']).default('0'),
  ...asOf,
};

const profile = z.object({
  name: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  language: z.string().nullable(),
  birthday: day.nullable(),
  zone: z.string().nullable(),
  country: z.string().nullable(),
  region: z.string().nullable(),
  city: z.string().nullable(),
  postal_code: z.string().nullable(),
});
const timelineEntry = z.object({
  id: z.string(),
  kind: z.string(),
  at: instant,
  title: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  body: z.string().nullable(),
  details: z.array(z.object({ label: z.string(), value: z.string() })),
  amount_minor: z.number().nullable(),
  currency: z.string().nullable(),
  link: z.string().nullable(),
  historical: z.boolean(),
});
export type TimelineAnswer = z.infer<typeof timelineEntry>;
const openIssue = z.object({
  kind: z.string(),
  since: instant,
  title: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  link: z.string().nullable(),
});
const detail = profile.extend({
  id: customerId,
  version: z.number().int(),
  known: z.boolean(),
  not_shopper: notShopper.nullable(),
  known_since: instant.nullable(),
  first_seen_at: instant,
  last_seen_at: instant.nullable(),
  outside_id: z.string().nullable(),
  /** How many people were merged into this one. */
  parts: z.number().int(),
  tags: z.array(z.string()),
  identifiers: z.array(
    z.object({
      kind: identifierKind,
      source: z.string(),
      value: z.string(),
      trust: z.enum(['secret', 'browser']),
      shared: z.boolean(),
      since: instant,
    }),
  ),
  attributes: z.array(
    z.object({
      code: z.string(),
      type: z.string(),
      value: factValue.nullable(),
      source: z.string(),
      at: instant,
      pinned: z.boolean(),
    }),
  ),
  addresses: z.array(
    z.object({
      id: uuid,
      kind: z.string(),
      recipient: z.string().nullable(),
      line1: z.string().nullable(),
      line2: z.string().nullable(),
      postal_code: z.string().nullable(),
      city: z.string().nullable(),
      region: z.string().nullable(),
      country: z.string().nullable(),
      phone: z.string().nullable(),
    }),
  ),
  quality_issues: z.array(
    z.object({
      id: uuid,
      kind: z.string(),
      code: z.string(),
      value: z.string(),
      expected: z.string(),
      source: z.string(),
      at: instant,
    }),
  ),
  open_issues: z.array(openIssue),
  /** Field groups of this record that the reader's role does not include. */
  hidden: z.array(z.string()),
});
export type CustomerDetail = z.infer<typeof detail>;

const text = (most: number) => z.string().trim().max(most).nullable().optional();
const editable = {
  name: text(300),
  first_name: text(150),
  last_name: text(150),
  email: text(254),
  phone: text(50),
  language: text(35),
  birthday: day.nullable().optional(),
  zone: text(60),
  country: text(100),
  region: text(150),
  city: text(150),
  postal_code: text(30),
};
const mergeEntry = z.object({
  id: uuid,
  winner_id: customerId,
  loser_id: customerId,
  loser_name: z.string().nullable(),
  at: instant,
  by_whom: z.string(),
  reason: z.enum(['staff', 'identifier', 'login']),
  evidence: z.array(z.string()),
  undone_at: instant.nullable(),
  undone_by: z.string().nullable(),
});
/** visitor_days 0: for good. */
const customerSettings = z.object({ own_domains: z.array(z.string()), visitor_days: z.number().int() });
const receipt = z.object({
  id: uuid,
  at: instant,
  by_whom: z.string(),
  reason: z.string(),
  blocked: z.boolean(),
  backups_until: instant,
  counts: z.array(z.object({ label: z.string(), rows: z.number().int() })),
});
export type Receipt = z.infer<typeof receipt>;

export const contract = defineContract({
  listCustomers: {
    method: 'GET',
    path: '/api/customers',
    summary: 'Customers: searched, filtered, sorted, with any facts as columns',
    needs: 'customers:read',
    query: z.object({ ...listQuery, ...page, total: z.enum(['0', '1']).default('0') }),
    answer: listOf(row),
    errors: ['forbidden', 'malformed', 'unavailable'],
  },
  exportCustomers: {
    method: 'GET',
    path: '/api/customers.csv',
    summary: 'The same list as a spreadsheet (formula-safe cells), up to 100,000 rows',
    needs: 'customers:export',
    query: z.object(listQuery),
    answer: 'text/csv; charset=utf-8',
    errors: ['forbidden', 'malformed', 'unavailable'],
  },
  listFacts: {
    method: 'GET',
    path: '/api/facts',
    summary: 'Everything that can be known about a customer: columns, sorts and filters for this reader',
    needs: 'customers:read',
    answer: z.object({
      facts: z.array(
        z.object({
          code: z.string(),
          label: z.string(),
          label_text: z.string().nullable(),
          type: factType,
          unit: z.string().nullable(),
          choices: z.array(z.string()).nullable(),
          choice_labels: z.string().nullable(),
          group: z.string().nullable(),
          as_of: z.enum(['exact', 'current']),
        }),
      ),
      filters: z.array(
        z.object({
          name: z.string(),
          label: z.string(),
          kind: z.enum(['choice', 'boolean', 'text']),
          choices: z.array(z.string()),
          choice_labels: z.string().nullable(),
        }),
      ),
      timeline_kinds: z.array(z.object({ kind: z.string(), label: z.string() })),
      tags: z.array(z.string()),
    }),
  },
  createCustomer: {
    method: 'POST',
    path: '/api/customers',
    summary: 'Adds a customer by hand; refused when the e-mail or phone already belongs to somebody',
    needs: 'customers:write',
    body: z.object({
      ...editable,
      tags: z.array(tag).max(50).optional(),
      attributes: z.record(z.string().max(100), factValue).optional(),
    }),
    answer: detail,
    status: 201,
    errors: ['conflict', 'refused'],
  },
  showCustomer: {
    method: 'GET',
    path: '/api/customers/:id',
    summary: 'One customer; the id of a merged part leads to the customer it is part of now',
    needs: 'customers:read',
    params: oneId,
    answer: detail,
    errors: ['not_found'],
  },
  changeCustomer: {
    method: 'PATCH',
    path: '/api/customers/:id',
    summary: 'Staff edits; they pin the value against every other source until cleared with null',
    needs: 'customers:write',
    params: oneId,
    body: z.object({
      version: z.number().int(),
      ...editable,
      attributes: z.record(z.string().max(100), factValue.nullable()).optional(),
      not_shopper: notShopper.nullable().optional(),
    }),
    answer: detail,
    errors: ['not_found', 'conflict', 'refused'],
  },
  showFacts: {
    method: 'GET',
    path: '/api/customers/:id/facts',
    summary: 'Every fact about one customer that the reader may see',
    needs: 'customers:read',
    params: oneId,
    query: z.object(asOf),
    answer: z.object({ facts: z.record(z.string(), factValue), current_only: z.array(z.string()) }),
    errors: ['not_found'],
  },
  showTimeline: {
    method: 'GET',
    path: '/api/customers/:id/timeline',
    summary: 'Everything that happened with one customer, newest first',
    needs: 'customers:read',
    params: oneId,
    query: z.object({ kinds: severalTexts, before: z.string().max(300).optional(), cursor: page.cursor, limit: page.limit }),
    answer: listOf(timelineEntry),
    errors: ['not_found', 'malformed'],
  },
  changeTags: {
    method: 'POST',
    path: '/api/customers/:id/tags',
    summary: 'Adds and removes tags',
    needs: 'customers:write',
    params: oneId,
    body: z.object({ add: z.array(tag).max(50).default([]), remove: z.array(z.string().max(60)).max(50).default([]) }),
    answer: z.object({ tags: z.array(z.string()) }),
    errors: ['not_found'],
  },
  addNote: {
    method: 'POST',
    path: '/api/customers/:id/notes',
    summary: 'Adds a note, signed with its author',
    needs: 'customers:write',
    params: oneId,
    body: z.object({ text: z.string().trim().min(1, 'Write something first.').max(10_000, 'Keep a note under 10,000 letters.') }),
    status: 201,
    answer: z.object({ id: uuid }),
    errors: ['not_found', 'forbidden'],
  },
  resolveQualityIssue: {
    method: 'POST',
    path: '/api/quality-issues/:id/resolve',
    summary: 'Marks a value that did not fit as looked at',
    needs: 'customers:write',
    params: z.object({ id: uuid }),
    errors: ['not_found'],
  },
  listMerges: {
    method: 'GET',
    path: '/api/customers/:id/merges',
    summary: 'Who was merged into this customer, and who may be the same person',
    needs: 'customers:read',
    params: oneId,
    answer: z.object({
      merges: z.array(mergeEntry),
      suggestions: z.array(
        z.object({
          id: customerId,
          name: z.string().nullable(),
          email: z.string().nullable(),
          reason: z.string(),
          /** Codes of score-pair.ts; empty where only `reason` is known. */
          reasons: z.array(z.string()),
          class: pairClass,
          evidence: z.string().nullable(),
          at: instant,
        }),
      ),
    }),
    errors: ['not_found'],
  },
  previewMerge: {
    method: 'GET',
    path: '/api/customers/:id/merge-preview',
    summary: 'What a merge would change, before it is done',
    needs: 'customers:merge',
    params: oneId,
    query: z.object({ loser: customerId }),
    answer: z.object({
      winner: row,
      loser: row,
      profile: z.array(
        z.object({
          field: z.string(),
          /** An attribute that the shop made up; its name is the field. */
          own: z.boolean(),
          winner: z.string().nullable(),
          loser: z.string().nullable(),
          after: z.string().nullable(),
          from: z.enum(['winner', 'loser']),
          why: z.enum(['only', 'pinned', 'stays_pinned', 'said_by_person', 'trusted', 'newest']),
          at: instant.nullable(),
        }),
      ),
      facts: z.array(
        z.object({
          code: z.string(),
          label: z.string(),
          type: factType,
          choice_labels: z.string().nullable(),
          merged: z.enum(['sum', 'stricter']),
          winner: factValue.nullable(),
          loser: factValue.nullable(),
          after: factValue.nullable(),
        }),
      ),
      /** Everything kept about people, by table: rows of the one who stays, and of the one who joins (`rows`). */
      tables: z.array(z.object({ label: z.string(), winner: z.number().int(), rows: z.number().int() })),
      identifiers: z.array(
        z.object({ kind: z.string(), value: z.string(), shared: z.boolean(), of: z.enum(['winner', 'loser']) }),
      ),
      conflicts: z.array(
        z.object({ kind: z.enum(['two_ids', 'kept_apart', 'other_birthday']), values: z.record(z.string(), z.string()) }),
      ),
      effects: z.array(z.object({ title: z.string(), values, tone: z.enum(['good', 'neutral', 'warn']) })),
      tags: z.array(z.string()),
    }),
    errors: ['not_found', 'refused', 'unavailable'],
  },
  mergeCustomers: {
    method: 'POST',
    path: '/api/customers/merge',
    summary: 'Joins the loser into the winner; can be undone at any time',
    needs: 'customers:merge',
    body: z.object({ winner: customerId, loser: customerId }),
    answer: z.object({ merge_id: uuid }),
    errors: ['not_found', 'refused'],
  },
  undoMerge: {
    method: 'POST',
    path: '/api/merges/:id/undo',
    summary: 'Takes a merge back; the two are kept apart from then on',
    needs: 'customers:merge',
    params: z.object({ id: uuid }),
    answer: z.object({ winner: customerId, loser: customerId }),
    errors: ['not_found', 'refused'],
  },
  listSuggestions: {
    method: 'GET',
    path: '/api/merge-suggestions',
    summary: 'Pairs of customers who may be one person, the surest first, with the reasons',
    needs: 'customers:merge',
    query: z.object({ ...page, class: pairClass.optional() }),
    answer: listOf(
      z.object({ winner: row, loser: row, class: pairClass, score: z.number(), reasons: z.array(z.string()), at: instant }),
    ),
    errors: ['malformed'],
  },
  countSuggestions: {
    method: 'GET',
    path: '/api/merge-suggestions/count',
    summary: 'How many pairs wait, by how sure they are',
    needs: 'customers:merge',
    answer: z.object({
      certain: z.number().int(),
      likely: z.number().int(),
      possible: z.number().int(),
      /** When everybody was last looked at. */
      looked_at: instant.nullable(),
      /** The last merges that were done in one go and can be undone in one go. */
      last_batch: z.object({ id: uuid, merges: z.number().int(), at: instant }).nullable(),
    }),
  },
  findDuplicates: {
    method: 'POST',
    path: '/api/merge-suggestions/find',
    summary: 'Look at everybody now instead of tonight',
    needs: 'customers:merge',
    body: z.object({}),
    answer: jobAnswer,
    status: 202,
  },
  acceptCertain: {
    method: 'POST',
    path: '/api/merge-suggestions/accept-certain',
    summary: 'Merge every pair that is certain; one undo takes all of them back',
    needs: 'customers:merge',
    body: z.object({}),
    answer: jobAnswer,
    status: 202,
  },
  undoBatch: {
    method: 'POST',
    path: '/api/merge-batches/:id/undo',
    summary: 'Take all merges of one go back',
    needs: 'customers:merge',
    params: z.object({ id: uuid }),
    body: z.object({}),
    answer: jobAnswer,
    status: 202,
    errors: ['not_found'],
  },
  keepApart: {
    method: 'POST',
    path: '/api/customers/:id/keep-apart',
    summary: 'Dismisses a possible duplicate for good',
    needs: 'customers:merge',
    params: oneId,
    body: z.object({ other: customerId }),
    errors: ['not_found', 'refused'],
  },
  exportCustomer: {
    method: 'POST',
    path: '/api/customers/:id/export',
    summary: 'Everything that is kept about one person, as JSON',
    needs: 'customers:export',
    params: oneId,
    answer: 'application/json; charset=utf-8',
    errors: ['not_found'],
  },
  exportCustomerReadable: {
    method: 'POST',
    path: '/api/customers/:id/export-readable',
    summary: 'Everything that is kept about one person, as a page to read and print',
    needs: 'customers:export',
    params: oneId,
    answer: 'text/html; charset=utf-8',
    errors: ['not_found'],
  },
  eraseCustomer: {
    method: 'POST',
    path: '/api/customers/:id/erase',
    summary: 'Erases one person everywhere and for good; type the customer id to confirm',
    needs: 'customers:erase',
    params: oneId,
    body: z.object({
      confirm: z.string().max(20),
      reason: z.string().trim().min(3, 'Say in a few words why.').max(200),
      block: z.boolean().default(true),
    }),
    answer: receipt,
    errors: ['not_found', 'refused'],
  },
  showReceipt: {
    method: 'GET',
    path: '/api/erasures/:id',
    summary: 'The receipt of an erasure; holds nothing about the person',
    needs: 'customers:erase',
    params: z.object({ id: uuid }),
    answer: receipt,
    errors: ['not_found'],
  },
  showSettings: {
    method: 'GET',
    path: '/api/customer-settings',
    summary: 'Which e-mail domains are the own ones, and how long visitors without a name are kept',
    needs: 'customers:read',
    answer: customerSettings,
  },
  changeSettings: {
    method: 'PATCH',
    path: '/api/customer-settings',
    summary: 'Changes them; holds from now on',
    needs: 'shops:write',
    body: z.strictObject({
      own_domains: z.array(z.string().trim().min(1).max(253)).max(100, 'At most 100 domains.').optional(),
      visitor_days: z.number().int().min(0, '0 keeps visitors for good.').max(3_650, 'At most ten years.').optional(),
    }),
    answer: customerSettings,
    errors: ['refused'],
  },
  releaseBlocked: {
    method: 'POST',
    path: '/api/customers/release-blocked',
    summary: 'Lets a person who was erased come back, by typing one of their identifiers',
    needs: 'customers:erase',
    body: z.object({ kind: identifierKind, source: z.string().max(200).default(''), value: z.string().trim().min(1).max(500) }),
    answer: z.object({ released: z.number().int() }),
    errors: ['not_found', 'malformed'],
  },
});
