import { z } from 'zod';
import { customerId, day, defineContract, instant, jobAnswer, listOf, page, uuid } from '../../platform/contract.ts';

/** GDPR: access (art. 15), portability (20), erasure (17), objection (21), change = rectification (16). */
export const requestKinds = ['access', 'portability', 'erasure', 'objection', 'change'] as const;
export const identityWays = ['mailbox', 'connection', 'staff'] as const;

const kind = z.enum(requestKinds);
const words = (most = 2000) => z.string().trim().min(3, 'Say in a few words.').max(most);
const version = z.number().int();
const oneId = { params: z.object({ id: uuid }) } as const;

const request = z.object({
  id: uuid,
  kind,
  customer: z.object({ id: customerId, name: z.string().nullable() }).nullable(),
  subject: z.string().nullable(),
  note: z.string().nullable(),
  source: z.string(),
  received_at: instant,
  due_on: day,
  overdue: z.boolean(),
  extended_at: instant.nullable(),
  identity: z.enum(identityWays).nullable(),
  identity_note: z.string().nullable(),
  state: z.enum(['open', 'done', 'refused']),
  closed_at: instant.nullable(),
  closed_by: z.string().nullable(),
  outcome: z.string().nullable(),
  erasure_id: uuid.nullable(),
  blanked_at: instant.nullable(),
  /** What can be done about it now. */
  deeds: z.array(z.enum(['download', 'erase', 'object', 'done'])),
  version,
});
const stepCode = z.enum([
  'received',
  'asked_again',
  'identity',
  'note',
  'extended',
  'downloaded',
  'erased',
  'objected',
  'refused',
  'done',
  'reopened',
]);
const step = z.object({ id: uuid, code: stepCode, note: z.string().nullable(), at: instant, by_whom: z.string() });
const detail = request.extend({ held: z.string().nullable(), steps: z.array(step) });
const answered = { answer: detail, errors: ['not_found', 'conflict', 'refused'] } as const;

const hold = z.object({
  id: uuid,
  reason: z.string(),
  at: instant,
  by_whom: z.string(),
  released_at: instant.nullable(),
  released_by: z.string().nullable(),
  released_reason: z.string().nullable(),
});

const recordCode = z.object({ code: z.string().max(80) });
const recordText = z.string().trim().max(2000);
const recordFields = z.object({
  name: recordText.optional(),
  address: recordText.optional(),
  contact: recordText.optional(),
  representative: recordText.optional(),
  protection_officer: recordText.optional(),
  security: recordText.optional(),
  title: recordText.optional(),
  purpose: recordText.optional(),
  legal_basis: recordText.optional(),
  subjects: recordText.optional(),
  recipients: recordText.optional(),
  transfers: recordText.optional(),
  note: recordText.optional(),
});
const written = {
  fields: z.record(z.string(), z.string()),
  version: z.number().int(),
  changed_at: instant.nullable(),
  changed_by: z.string().nullable(),
};
const activity = z.object({
  code: z.string(),
  /** Added by hand, not read from the installation. */
  own: z.boolean(),
  data: z.array(
    z.object({
      table: z.string(),
      label: z.string(),
      /** As PostgreSQL estimates it. */
      rows: z.number().int(),
      erased: z.enum(['deleted', 'own_rule']),
    }),
  ),
  retention: z.array(z.object({ label: z.string(), days: z.number().int().nullable(), on: z.boolean() })),
  ...written,
});
const records = z.object({
  organisation: z.string(),
  made_at: instant,
  controller: z.object(written),
  activities: z.array(activity),
  own: z.array(activity),
  purposes: z.array(
    z.object({
      code: z.string(),
      basis: z.enum(['consent', 'opt_out', 'contract']),
      name: z.string().nullable(),
      description: z.string().nullable(),
    }),
  ),
  recipients: z.array(z.object({ name: z.string(), what: z.string(), country: z.string().nullable() })),
  access: z.array(z.object({ role: z.string(), built_in: z.boolean(), fields: z.array(z.string()), people: z.number().int() })),
  exports: z.object({ days: z.number().int(), count: z.number().int(), people: z.number().int() }),
});

const ruleCode = z.object({ code: z.string().max(80) });
const run = z.object({
  id: uuid,
  state: z.enum(['running', 'done']),
  days: z.number().int(),
  cutoff: instant,
  started_at: instant,
  started_by: z.string(),
  finished_at: instant.nullable(),
  rows: z.number().int(),
  /** null while it runs. */
  people: z.number().int().nullable(),
});
const rule = z.object({
  code: z.string(),
  label: z.string(),
  about: z.string(),
  on: z.boolean(),
  days: z.number().int(),
  usual_days: z.number().int(),
  least_days: z.number().int(),
  most_days: z.number().int(),
  version,
  last: run.nullable(),
});

export const contract = defineContract({
  listRequests: {
    method: 'GET',
    path: '/api/privacy/requests',
    summary: 'What people asked about their data: open ones by the day they are due',
    needs: 'privacy:read',
    query: z.object({
      state: z.enum(['open', 'closed', 'all']).default('open'),
      kind: kind.optional(),
      customer: customerId.optional(),
      ...page,
    }),
    answer: listOf(request).extend({ open: z.number().int(), overdue: z.number().int() }),
  },
  openRequest: {
    method: 'POST',
    path: '/api/privacy/requests',
    summary: 'Note down what somebody asked for',
    needs: 'privacy:write',
    body: z.object({
      kind,
      customer: customerId.nullable().default(null),
      subject: z.string().trim().max(300).nullable().default(null),
      note: z.string().trim().max(2000).nullable().default(null),
      received_at: instant.optional(),
    }),
    status: 201,
    answer: detail,
    errors: ['not_found', 'refused'],
  },
  showRequest: {
    method: 'GET',
    path: '/api/privacy/requests/:id',
    summary: 'One request with its steps',
    needs: 'privacy:read',
    ...oneId,
    answer: detail,
    errors: ['not_found'],
  },
  confirmIdentity: {
    method: 'POST',
    path: '/api/privacy/requests/:id/identity',
    summary: 'Note down how it is known that it is really them',
    needs: 'privacy:write',
    ...oneId,
    body: z.object({ version, how: z.enum(identityWays).default('staff'), note: words(500) }),
    ...answered,
  },
  addNote: {
    method: 'POST',
    path: '/api/privacy/requests/:id/notes',
    summary: 'Note down a step',
    needs: 'privacy:write',
    ...oneId,
    body: z.object({ version, note: words() }),
    ...answered,
  },
  extendRequest: {
    method: 'POST',
    path: '/api/privacy/requests/:id/extend',
    summary: 'Two more months, once; the person must have been told why',
    needs: 'privacy:write',
    ...oneId,
    body: z.object({ version, reason: words() }),
    ...answered,
  },
  refuseRequest: {
    method: 'POST',
    path: '/api/privacy/requests/:id/refuse',
    summary: 'Close a request without doing what was asked, with the reason given to the person',
    needs: 'privacy:write',
    ...oneId,
    body: z.object({ version, reason: words() }),
    ...answered,
  },
  finishRequest: {
    method: 'POST',
    path: '/api/privacy/requests/:id/done',
    summary: 'Close a request and say what was done',
    needs: 'privacy:write',
    ...oneId,
    body: z.object({ version, outcome: words() }),
    ...answered,
  },
  reopenRequest: {
    method: 'POST',
    path: '/api/privacy/requests/:id/reopen',
    summary: 'A closed request is not done after all',
    needs: 'privacy:write',
    ...oneId,
    body: z.object({ version, reason: words() }),
    ...answered,
  },
  carryOutObjection: {
    method: 'POST',
    path: '/api/privacy/requests/:id/object',
    summary: 'Stop everything that needs no contract, and close the request',
    needs: 'privacy:write',
    ...oneId,
    body: z.object({ version }),
    ...answered,
  },
  carryOutErasure: {
    method: 'POST',
    path: '/api/privacy/requests/:id/erase',
    summary: 'Erase the person for good and close the request; type the customer id to confirm',
    needs: 'customers:erase',
    ...oneId,
    body: z.object({ version, confirm: z.string().max(20), block: z.boolean().default(true) }),
    ...answered,
  },
  downloadJson: {
    method: 'POST',
    path: '/api/privacy/requests/:id/download',
    summary: 'Everything that is kept about the person, as JSON to hand over',
    needs: 'customers:export',
    ...oneId,
    answer: 'application/json; charset=utf-8',
    errors: ['not_found', 'refused'],
  },
  downloadReadable: {
    method: 'POST',
    path: '/api/privacy/requests/:id/download-readable',
    summary: 'Everything that is kept about the person, as a page to read and print',
    needs: 'customers:export',
    ...oneId,
    answer: 'text/html; charset=utf-8',
    errors: ['not_found', 'refused'],
  },
  showReceipt: {
    method: 'GET',
    path: '/api/privacy/requests/:id/receipt',
    summary: 'What was asked and what was done, with times; no personal words',
    needs: 'privacy:read',
    ...oneId,
    answer: z.object({
      id: uuid,
      kind,
      received_at: instant,
      due_on: day,
      identity: z.enum(identityWays).nullable(),
      state: z.enum(['open', 'done', 'refused']),
      closed_at: instant.nullable(),
      /** Closed no later than the day it was due; null while open. */
      in_time: z.boolean().nullable(),
      steps: z.array(z.object({ code: stepCode, at: instant, by_whom: z.string() })),
      erasure: z
        .object({
          id: uuid,
          at: instant,
          blocked: z.boolean(),
          backups_until: instant,
          counts: z.array(z.object({ label: z.string(), rows: z.number().int() })),
        })
        .nullable(),
    }),
    errors: ['not_found'],
  },
  listHolds: {
    method: 'GET',
    path: '/api/customers/:id/holds',
    summary: 'Legal holds on one customer',
    needs: 'customers:read',
    params: z.object({ id: customerId }),
    answer: z.object({ data: z.array(hold) }),
    errors: ['not_found'],
  },
  hold: {
    method: 'POST',
    path: '/api/customers/:id/hold',
    summary: 'Nothing of this person is erased until the hold is released',
    needs: 'privacy:write',
    params: z.object({ id: customerId }),
    body: z.object({ reason: words(500) }),
    answer: z.object({ data: z.array(hold) }),
    errors: ['not_found', 'refused'],
  },
  releaseHold: {
    method: 'POST',
    path: '/api/customers/:id/release-hold',
    summary: 'Release a legal hold',
    needs: 'privacy:write',
    params: z.object({ id: customerId }),
    body: z.object({ reason: words(500) }),
    answer: z.object({ data: z.array(hold) }),
    errors: ['not_found', 'refused'],
  },
  listRules: {
    method: 'GET',
    path: '/api/privacy/retention',
    summary: 'Retention rules with their last run, and what is kept for a fixed time',
    needs: 'privacy:read',
    answer: z.object({
      rules: z.array(rule),
      kept: z.array(
        z.object({
          code: z.string(),
          label: z.string(),
          about: z.string(),
          days: z.number().int().nullable(),
          link: z.string().nullable(),
        }),
      ),
      next_run_at: instant.nullable(),
    }),
  },
  previewRule: {
    method: 'POST',
    path: '/api/privacy/retention/:code/preview',
    summary: 'What a run would take away now; changes nothing',
    needs: 'privacy:read',
    asks: true,
    params: ruleCode,
    body: z.object({ days: z.number().int().min(1).max(36_500).optional() }),
    answer: z.object({
      rows: z.number().int(),
      people: z.number().int(),
      oldest: instant.nullable(),
      cutoff: instant,
      held: z.number().int(),
    }),
    errors: ['not_found'],
  },
  changeRule: {
    method: 'PATCH',
    path: '/api/privacy/retention/:code',
    summary: 'Switch a rule on or off, or set its days',
    needs: 'privacy:manage',
    params: ruleCode,
    body: z.object({ version, on: z.boolean(), days: z.number().int().min(1).max(36_500) }),
    answer: rule,
    errors: ['not_found', 'conflict', 'refused'],
  },
  runRule: {
    method: 'POST',
    path: '/api/privacy/retention/:code/run',
    summary: 'Run a rule now instead of tonight',
    needs: 'privacy:manage',
    params: ruleCode,
    body: z.object({}),
    status: 202,
    answer: jobAnswer,
    errors: ['not_found', 'refused'],
  },
  listRuns: {
    method: 'GET',
    path: '/api/privacy/retention/:code/runs',
    summary: 'Receipts of the last runs of a rule',
    needs: 'privacy:read',
    params: ruleCode,
    answer: z.object({ data: z.array(run) }),
    errors: ['not_found'],
  },
  listNoticed: {
    method: 'GET',
    path: '/api/privacy/retention-notices',
    summary: 'Customers who will be erased because nothing was heard of them, soonest first',
    needs: 'privacy:read',
    answer: z.object({
      total: z.number().int(),
      data: z.array(z.object({ customer: z.object({ id: customerId, name: z.string().nullable() }), due_at: instant })),
    }),
  },
  showRecords: {
    method: 'GET',
    path: '/api/privacy/records',
    summary: 'Records of processing (GDPR art. 30): what this installation does with data about people',
    needs: 'privacy:read',
    answer: records,
  },
  exportRecords: {
    method: 'GET',
    path: '/api/privacy/records.csv',
    summary: 'The records of processing as a spreadsheet',
    needs: 'privacy:read',
    answer: 'text/csv; charset=utf-8',
  },
  changeRecord: {
    method: 'PATCH',
    path: '/api/privacy/records/:code',
    summary: 'Write what only people know: controller, legal basis, recipients, transfers',
    needs: 'privacy:manage',
    params: recordCode,
    body: z.object({ version, fields: recordFields }),
    answer: records,
    errors: ['not_found', 'conflict'],
  },
  addRecord: {
    method: 'POST',
    path: '/api/privacy/records',
    summary: 'Add an activity that happens outside of this installation',
    needs: 'privacy:manage',
    body: z.object({ fields: recordFields }),
    status: 201,
    answer: records,
  },
  removeRecord: {
    method: 'DELETE',
    path: '/api/privacy/records/:code',
    summary: 'Remove an activity that was added by hand',
    needs: 'privacy:manage',
    params: recordCode,
    errors: ['not_found'],
  },
});
