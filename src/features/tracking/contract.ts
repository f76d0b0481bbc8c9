import { z } from 'zod';
import { defineContract, instant, listOf, page, uuid } from '../../platform/contract.ts';

export const writeKey = z.object({
  id: uuid,
  shop_id: uuid,
  kind: z.enum(['browser', 'secret']),
  name: z.string(),
  /** The whole browser key, which is public; the end of a secret one. */
  shown: z.string(),
  created_at: instant,
  created_by: z.string(),
  last_used_at: instant.nullable(),
  revoked_at: instant.nullable(),
});
export type WriteKeyAnswer = z.infer<typeof writeKey>;

export const rejectedEvent = z.object({
  id: uuid,
  received_at: instant,
  shop_id: uuid.nullable(),
  write_key: z.string().nullable(),
  reason: z.string(),
  reason_values: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The reason in plain English. */
  detail: z.string(),
  type: z.string().nullable(),
  name: z.string().nullable(),
  user_id: z.string().nullable(),
  anonymous_id: z.string().nullable(),
  /** As it was sent, card numbers masked; absent for those who may not see contact data and behaviour. */
  body: z.string().nullable().optional(),
});
export type RejectedEventAnswer = z.infer<typeof rejectedEvent>;

export const ingestStatus = z.object({
  /** Calls acknowledged since the beginning = processed + rejected + duplicate + pending. */
  accepted: z.number().int(),
  pending: z.number().int(),
  processed: z.number().int(),
  rejected: z.number().int(),
  duplicate: z.number().int(),
  /** In the log, not yet in ClickHouse. */
  copying: z.number().int(),
  /** Age of the oldest acknowledged call that is not yet visible everywhere; 0 when all are. */
  lag_seconds: z.number(),
  hours: z.array(
    z.object({ hour: instant, processed: z.number().int(), rejected: z.number().int(), duplicate: z.number().int() }),
  ),
});
export type IngestStatusAnswer = z.infer<typeof ingestStatus>;

export const dictionaryEntry = z.object({
  name: z.string(),
  count: z.number().int(),
  first_at: instant,
  last_at: instant,
  sources: z.array(z.string()),
  properties: z.array(
    z.object({
      path: z.string(),
      type: z.enum(['text', 'number', 'boolean', 'date', 'list', 'mixed']),
      count: z.number().int(),
      samples: z.array(z.string()),
    }),
  ),
});
export type DictionaryEntryAnswer = z.infer<typeof dictionaryEntry>;

const call = z.looseObject({
  type: z.enum(['identify', 'track', 'page', 'screen', 'group', 'alias']).optional(),
  messageId: z.string().optional(),
  userId: z.string().optional(),
  anonymousId: z.string().optional(),
  event: z.string().optional(),
  properties: z.looseObject({}).optional(),
  traits: z.looseObject({}).optional(),
  context: z.looseObject({}).optional(),
  timestamp: z.string().optional(),
  sentAt: z.string().optional(),
  writeKey: z.string().optional(),
});
const stored = z.object({ success: z.literal(true) });
const door = <const P extends string, B extends z.ZodType>(path: P, summary: string, body: B) =>
  ({
    method: 'POST',
    path,
    summary,
    needs: 'write-key',
    raw: true,
    body,
    answer: stored,
    errors: ['too_large', 'too_many', 'unavailable'],
  }) as const;
const batch = z.looseObject({ batch: z.array(call), sentAt: z.string().optional(), writeKey: z.string().optional() });

export const contract = defineContract({
  identify: door('/v1/identify', 'Say who somebody is (Segment HTTP API)', call),
  track: door('/v1/track', 'Say what somebody did (Segment HTTP API)', call),
  page: door('/v1/page', 'A page was viewed (Segment HTTP API)', call),
  screen: door('/v1/screen', 'A screen of an app was viewed (Segment HTTP API)', call),
  group: door('/v1/group', 'Somebody belongs to a group (Segment HTTP API)', call),
  alias: door('/v1/alias', 'Two ids are one person (Segment HTTP API)', call),
  batch: door('/v1/batch', 'Many calls at once, up to 500 kB (Segment HTTP API)', batch),
  import: door('/v1/import', 'As batch, for the past: sets nothing off', batch),
  librarySettings: {
    method: 'GET',
    path: '/v1/projects/:key/settings',
    summary: "What Segment's browser library asks for before it sends",
    needs: 'write-key',
    raw: true,
    params: z.object({ key: z.string() }),
    answer: z.looseObject({}),
  },
  listWriteKeys: {
    method: 'GET',
    path: '/api/write-keys',
    summary: 'Write keys, those in use first',
    needs: 'tracking:read',
    answer: z.object({ data: z.array(writeKey) }),
  },
  createWriteKey: {
    method: 'POST',
    path: '/api/write-keys',
    summary: 'Make a write key; a secret one is shown this once',
    needs: 'tracking:manage',
    body: z.object({
      shop_id: uuid,
      kind: z.enum(['browser', 'secret']),
      name: z.string().trim().min(1, 'Give it a name.').max(100),
    }),
    answer: writeKey.extend({ key: z.string() }),
    status: 201,
    errors: ['refused'],
  },
  revokeWriteKey: {
    method: 'DELETE',
    path: '/api/write-keys/:id',
    summary: 'Let nobody in with this key any more',
    needs: 'tracking:manage',
    params: z.object({ id: uuid }),
    errors: ['not_found'],
  },
  ingestStatus: {
    method: 'GET',
    path: '/api/ingest/status',
    summary: 'What became of the events that were sent',
    needs: 'tracking:read',
    answer: ingestStatus,
  },
  listRejected: {
    method: 'GET',
    path: '/api/ingest/rejected',
    summary: 'Events that were refused after they were accepted, newest first, with the reason',
    needs: 'tracking:read',
    query: z.object({ ...page, reason: z.string().max(100).optional() }),
    answer: listOf(rejectedEvent),
  },
  readDictionary: {
    method: 'GET',
    path: '/api/events/dictionary',
    summary: 'Event names seen, with their properties, types and frequent values',
    needs: 'tracking:read',
    query: z.object({ ...page, query: z.string().max(200).optional() }),
    answer: listOf(dictionaryEntry),
  },
});
