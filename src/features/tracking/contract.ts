import { z } from 'zod';
import { defineContract, instant, uuid } from '../../platform/contract.ts';
import { dictionaryContract } from './dictionary/contract.ts';
import { rejectedContract } from './rejected/contract.ts';

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

const sender = z.object({
  /** As the sender calls itself: "regulars.js", "analytics.js"... */
  library: z.string(),
  version: z.string(),
  /** Host of the pages, where the sender says it. */
  site: z.string(),
  first_at: instant,
  last_at: instant,
  events: z.number().int(),
});

const snippetSettings = z.object({
  /** ask: nothing is stored or sent before a yes. allow: everything until a no. */
  consent: z.enum(['ask', 'allow']),
  /** Events before the answer of a shop that asks: forgotten, or kept in the page's memory until it comes. */
  before_answer: z.enum(['drop', 'hold']),
  /** Changes of the address without a new page count as pages. */
  spa: z.boolean(),
  /** "Page Left" with the seconds that a page was looked at. */
  time_on_page: z.boolean(),
});

export const snippet = snippetSettings.extend({
  shop_id: uuid,
  version: z.number().int(),
  /** A page asked for these settings: the snippet stands there, whether or not anybody has agreed. */
  sight: z.object({ first_at: instant, last_at: instant, origin: z.string().nullable() }).nullable(),
  first_event_at: instant.nullable(),
  last_event_at: instant.nullable(),
  events: z.number().int(),
  /** Events whose visitor's browser sends Global Privacy Control. */
  gpc_events: z.number().int(),
  gpc_last_at: instant.nullable(),
  /** Events that devices dropped because they could not send for too long. */
  lost: z.number().int(),
  senders: z.array(sender.extend({ gpc_events: z.number().int(), gpc_last_at: instant.nullable(), lost: z.number().int() })),
});
export type SnippetAnswer = z.infer<typeof snippet>;

const signingSecret = z.object({
  id: uuid,
  shop_id: uuid,
  last4: z.string(),
  created_at: instant,
  created_by: z.string(),
  /** null: the present one. */
  ends_at: instant.nullable(),
});
export const signing = z.object({
  secrets: z.array(signingSecret),
  /** Of the last 30 days: how many signatures held, and why the others did not. */
  outcomes: z.array(
    z.object({
      outcome: z.enum(['good', 'wrong', 'expired', 'other_shop', 'unreadable', 'no_secret', 'no_user']),
      count: z.number().int(),
      last_at: instant,
    }),
  ),
});

export const ingestStatus = z.object({
  /** Calls acknowledged since the beginning = processed + rejected + duplicate + pending. */
  accepted: z.number().int(),
  pending: z.number().int(),
  processed: z.number().int(),
  rejected: z.number().int(),
  duplicate: z.number().int(),
  /** Of those rejected, how many wait for somebody; of the last two hours, the share rejected in percent, the usual share, and whether that is a jump. */
  rejected_open: z.number().int(),
  rejections: z.object({ share: z.number(), usual_share: z.number(), jumped: z.boolean() }),
  /** In the log, not yet in ClickHouse. */
  copying: z.number().int(),
  /** Age of the oldest acknowledged call that is not yet visible everywhere; 0 when all are. */
  lag_seconds: z.number(),
  /** What has sent with which key, the latest first. */
  senders: z.array(sender.extend({ write_key_id: uuid, write_key: z.string() })),
  hours: z.array(
    z.object({ hour: instant, processed: z.number().int(), rejected: z.number().int(), duplicate: z.number().int() }),
  ),
});
export type IngestStatusAnswer = z.infer<typeof ingestStatus>;

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
  ...rejectedContract,
  ...dictionaryContract,
  identify: door('/v1/identify', 'Say who somebody is (Segment HTTP API)', call),
  track: door('/v1/track', 'Say what somebody did (Segment HTTP API)', call),
  page: door('/v1/page', 'A page was viewed (Segment HTTP API)', call),
  screen: door('/v1/screen', 'A screen of an app was viewed (Segment HTTP API)', call),
  group: door('/v1/group', 'Somebody belongs to a group (Segment HTTP API)', call),
  alias: door('/v1/alias', 'Two ids are one person (Segment HTTP API)', call),
  batch: door('/v1/batch', 'Many calls at once, up to 500 kB (Segment HTTP API)', batch),
  import: door('/v1/import', 'As batch, for the past: sets nothing off', batch),
  snippetFile: {
    method: 'GET',
    path: '/regulars.js',
    summary: 'The snippet for shops\u2019 pages',
    needs: 'public',
    raw: true,
    answer: 'text/javascript',
    errors: ['unavailable'],
  },
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
  showSnippet: {
    method: 'GET',
    path: '/api/write-keys/:id/snippet',
    summary: 'What the snippet of a browser key asks for, and what has been seen of its site',
    needs: 'tracking:read',
    params: z.object({ id: uuid }),
    answer: snippet,
    errors: ['not_found'],
  },
  changeSnippet: {
    method: 'PATCH',
    path: '/api/write-keys/:id/snippet',
    summary: 'Change what the snippet asks for; pages follow within a minute',
    needs: 'tracking:manage',
    params: z.object({ id: uuid }),
    body: snippetSettings.partial().extend({ version: z.number().int() }),
    answer: snippet,
    errors: ['not_found', 'conflict'],
  },
  showSigning: {
    method: 'GET',
    path: '/api/shops/:id/signing',
    summary: 'Secrets that a shop signs its logged-in shoppers with (never the secret itself), and how its signatures fared',
    needs: 'tracking:read',
    params: z.object({ id: uuid }),
    answer: signing,
    errors: ['not_found'],
  },
  makeSigningSecret: {
    method: 'POST',
    path: '/api/shops/:id/signing',
    summary: 'Make a signing secret, shown this once; the one before it counts for some days more',
    needs: 'tracking:manage',
    params: z.object({ id: uuid }),
    body: z.object({ keep_old_days: z.number().int().min(0).max(30).default(7) }),
    answer: signingSecret.extend({ secret: z.string() }),
    status: 201,
    errors: ['refused'],
  },
  endSigningSecret: {
    method: 'DELETE',
    path: '/api/signing-secrets/:id',
    summary: 'Let a signing secret count no longer, at once',
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
});
