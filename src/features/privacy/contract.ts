import { z } from 'zod';
import { customerId, day, defineContract, instant, listOf, page, uuid } from '../../platform/contract.ts';

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
});
