import { z } from 'zod';
import { defineContract, instant, jobAnswer, listOf, page, uuid } from '../../../platform/contract.ts';
import { mendRule } from './mend-rules.ts';

const state = z.enum(['open', 'replaying', 'replayed', 'discarded']);

export const rejectedEvent = z.object({
  id: uuid,
  received_at: instant,
  shop_id: uuid.nullable(),
  write_key_id: uuid.nullable(),
  write_key: z.string().nullable(),
  reason: z.string(),
  reason_values: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The reason in plain English. */
  detail: z.string(),
  type: z.string().nullable(),
  name: z.string().nullable(),
  user_id: z.string().nullable(),
  anonymous_id: z.string().nullable(),
  /** open: waits for somebody. replaying: sent again, outcome not known yet. */
  state,
  /** Of the last time it was sent again. rejected: it waits once more, with a new reason. */
  outcome: z.enum(['processed', 'duplicate', 'rejected']).nullable(),
  attempts: z.number().int(),
  state_by: z.string().nullable(),
  state_at: instant.nullable(),
  discard_reason: z.string().nullable(),
  /** Something is kept that could be sent again. */
  kept: z.boolean(),
  /** As it was sent, card numbers masked; absent for those who may not see contact data and behaviour. */
  body: z.string().nullable().optional(),
  /** As somebody mended it. */
  mended_body: z.string().nullable().optional(),
});
export type RejectedEventAnswer = z.infer<typeof rejectedEvent>;

const which = {
  reason: z.string().max(100).optional(),
  key: uuid.optional(),
  name: z.string().max(255).optional(),
  shop: uuid.optional(),
};
const rules = z.array(mendRule).max(10, 'At most ten rules at once.').default([]);
const discardReason = z.string().trim().min(1, 'Say why, for whoever looks later.').max(200);
const one = { params: z.object({ id: uuid }), answer: rejectedEvent, errors: ['not_found', 'conflict', 'refused'] } as const;

export const rejectedContract = defineContract({
  listRejected: {
    method: 'GET',
    path: '/api/ingest/rejected',
    summary: 'Events that were refused after they were accepted, newest first, with the reason',
    needs: 'tracking:read',
    query: z.object({ ...page, ...which, state: state.optional() }),
    answer: listOf(rejectedEvent),
  },
  groupRejected: {
    method: 'GET',
    path: '/api/ingest/rejected/groups',
    summary: 'What waits, by reason and sender, the most frequent first',
    needs: 'tracking:read',
    answer: z.object({
      data: z.array(
        z.object({
          reason: z.string(),
          reason_values: z.record(z.string(), z.union([z.string(), z.number()])),
          detail: z.string(),
          write_key_id: uuid.nullable(),
          write_key: z.string().nullable(),
          count: z.number().int(),
          /** Of these, how many hold something that could be sent again. */
          kept: z.number().int(),
          first_at: instant,
          last_at: instant,
          /** The most frequent event names. */
          names: z.array(z.object({ name: z.string().nullable(), count: z.number().int() })),
        }),
      ),
    }),
  },
  exportRejected: {
    method: 'GET',
    path: '/api/ingest/rejected.csv',
    summary: 'The same list as a spreadsheet',
    needs: 'tracking:manage',
    query: z.object({ ...which, state: state.optional() }),
    answer: 'text/csv; charset=utf-8',
  },
  previewMend: {
    method: 'POST',
    path: '/api/ingest/rejected/preview',
    summary: 'What rules would do to everything of one kind',
    needs: 'tracking:manage',
    body: z.object({ filter: z.object(which), rules }),
    asks: true,
    answer: z.object({
      total: z.number().int(),
      /** Looked at for this preview, the oldest first. */
      looked: z.number().int(),
      mended: z.number().int(),
      still_bad: z.array(z.object({ reason: z.string(), count: z.number().int(), detail: z.string() })),
      examples: z.array(z.object({ id: uuid, before: z.string(), after: z.string(), fits: z.boolean() })),
    }),
    errors: ['forbidden'],
  },
  mendMany: {
    method: 'POST',
    path: '/api/ingest/rejected/mend',
    summary: 'Mend and send again, or discard, everything of one kind, in the background',
    needs: 'tracking:manage',
    body: z.object({ filter: z.object(which), rules, discard: discardReason.nullable().default(null) }),
    answer: jobAnswer,
    status: 202,
    errors: ['forbidden'],
  },
  showRejected: {
    method: 'GET',
    path: '/api/ingest/rejected/:id',
    summary: 'One rejected event',
    needs: 'tracking:read',
    ...one,
  },
  replayRejected: {
    method: 'POST',
    path: '/api/ingest/rejected/:id/replay',
    summary: 'Send it again, as it is or mended; it counts once',
    needs: 'tracking:manage',
    body: z.object({ body: z.string().max(64_000, 'An event may be 32 kB.').optional() }),
    ...one,
  },
  discardRejected: {
    method: 'POST',
    path: '/api/ingest/rejected/:id/discard',
    summary: 'Set it aside, with a reason',
    needs: 'tracking:manage',
    body: z.object({ reason: discardReason }),
    ...one,
  },
  reopenRejected: {
    method: 'POST',
    path: '/api/ingest/rejected/:id/reopen',
    summary: 'Take it back from those set aside',
    needs: 'tracking:manage',
    body: z.object({}),
    ...one,
  },
});
