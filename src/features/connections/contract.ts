import { z } from 'zod';
import { customerId, day, defineContract, instant, jobAnswer, listOf, money, page, uuid } from '../../platform/contract.ts';

const kind = z.object({
  kind: z.string(),
  label: z.string(),
  /** Texts `connections.<kind>.step.1` ... */
  steps: z.number().int(),
  guide: z.string(),
  fields: z.array(
    z.object({ code: z.string(), kind: z.enum(['text', 'secret']), required: z.boolean(), placeholder: z.string().nullable() }),
  ),
  resources: z.array(z.string()),
  webhooks: z.boolean(),
  write_back: z.boolean(),
});

const state = z.enum(['active', 'paused', 'broken']);
const trouble = z.object({ code: z.string(), detail: z.string(), at: instant });
const walk = z.object({
  id: uuid,
  kind: z.enum(['backfill', 'sweep', 'full_sweep']),
  job_id: uuid.nullable(),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  done: z.number().int(),
  total: z.number().int().nullable(),
  changed: z.number().int(),
  gone: z.number().int(),
  started_at: instant,
  finished_at: instant.nullable(),
});

const row = z.object({
  id: uuid,
  kind: z.string(),
  label: z.string(),
  name: z.string(),
  shop: z.object({ id: uuid, name: z.string() }),
  /** Where it is: the shop's address. */
  address: z.string(),
  state,
  last_success_at: instant.nullable(),
  /** Seconds since everything was read last; null = not yet. */
  lag_seconds: z.number().int().nullable(),
  trouble: trouble.nullable(),
  failures: z.number().int(),
  records: z.number().int(),
  failed_deliveries: z.number().int(),
  /** Days of the last week on which figures differ. */
  differing_days: z.number().int(),
  /** A backfill under way. */
  walk: walk.nullable(),
});

const whole = row.extend({
  version: z.number().int(),
  created_at: instant,
  created_by: z.string(),
  paused_at: instant.nullable(),
  paused_by: z.string().nullable(),
  settings: z.record(z.string(), z.string()),
  secrets: z.array(z.object({ code: z.string(), last4: z.string(), set_at: instant })),
  writes_back: z.boolean(),
  webhooks: z.object({
    /** Null: no address that the outside can reach (PUBLIC_URL), so records come by polling only. */
    address: z.string().nullable(),
    checked_at: instant.nullable(),
    in_place: z.number().int().nullable(),
    wanted: z.boolean(),
  }),
  resources: z.array(
    z.object({
      code: z.string(),
      records: z.number().int(),
      gone: z.number().int(),
      polled_at: instant.nullable(),
      next_at: instant,
      lag_seconds: z.number().int().nullable(),
      failures: z.number().int(),
    }),
  ),
  walks: z.array(walk),
  deliveries: z.object({
    waiting: z.number().int(),
    failed: z.number().int(),
    done: z.number().int(),
    ignored: z.number().int(),
    repeats: z.number().int(),
  }),
  refused: z.array(z.object({ reason: z.string(), count: z.number().int(), last_at: instant })),
  write_backs: z.object({
    waiting: z.number().int(),
    done: z.number().int(),
    skipped: z.number().int(),
    failed: z.number().int(),
  }),
  comparison: z.array(
    z.object({
      day,
      their_orders: z.number().int(),
      our_orders: z.number().int(),
      /** Null for a role without the money fields. */
      their_gross: money.nullable(),
      our_gross: money.nullable(),
      their_net: money.nullable(),
      our_net: money.nullable(),
      differing: z.array(
        z.object({
          number: z.string(),
          order_id: uuid.nullable(),
          what: z.enum(['missing', 'not_theirs', 'counts', 'gross', 'net']),
          theirs: money.nullable(),
          ours: money.nullable(),
        }),
      ),
      compared_at: instant,
    }),
  ),
});

const delivery = z.object({
  id: uuid,
  topic: z.string(),
  state: z.enum(['waiting', 'done', 'ignored', 'failed']),
  attempts: z.number().int(),
  error: z.string().nullable(),
  at: instant.nullable(),
  received_at: instant,
  worked_at: instant.nullable(),
  bytes: z.number().int(),
  repeats: z.number().int(),
  customer_id: customerId.nullable(),
  /** The content is still kept, so that it can be replayed. */
  kept: z.boolean(),
});

const id = z.object({ id: uuid });
const fields = z.record(z.string().max(60), z.string().max(500));
const name = z.string().trim().min(1, 'Enter a name.').max(100);

export const contract = defineContract({
  listKinds: {
    method: 'GET',
    path: '/api/connection-kinds',
    summary: 'The outside systems that can be connected, and what their forms ask for',
    needs: 'connections:read',
    answer: z.object({ data: z.array(kind) }),
  },
  listConnections: {
    method: 'GET',
    path: '/api/connections',
    summary: 'The connections and how they are doing',
    needs: 'connections:read',
    answer: z.object({ data: z.array(row) }),
  },
  showConnection: {
    method: 'GET',
    path: '/api/connections/:id',
    summary: 'One connection: health, what it brought, deliveries, refusals, comparison',
    needs: 'connections:read',
    params: id,
    answer: whole,
    errors: ['not_found'],
  },
  createConnection: {
    method: 'POST',
    path: '/api/connections',
    summary: 'Connect an outside system: the credentials are tried first, then everything it has is brought in',
    needs: 'connections:write',
    body: z.object({
      kind: z.string().max(40),
      name: name.optional(),
      /** The shop its orders belong to; without one a new shop is made with its name, currency and zone. */
      shop_id: uuid.optional(),
      fields,
    }),
    answer: z.object({ id: uuid, job_id: uuid, missing: z.array(z.string()) }),
    status: 201,
    errors: ['refused', 'conflict', 'not_found'],
  },
  changeConnection: {
    method: 'PATCH',
    path: '/api/connections/:id',
    summary: 'Rename, change settings or replace secrets; a replaced secret goes on proving deliveries for 48 hours',
    needs: 'connections:write',
    params: id,
    body: z.object({
      version: z.number().int(),
      name: name.optional(),
      fields: fields.optional(),
      writes_back: z.boolean().optional(),
    }),
    answer: whole,
    errors: ['refused', 'conflict', 'not_found'],
  },
  removeConnection: {
    method: 'DELETE',
    path: '/api/connections/:id',
    summary: 'Disconnect: credentials, deliveries and what was remembered of the other side go; customers and orders stay',
    needs: 'connections:write',
    params: id,
    errors: ['not_found'],
  },
  testConnection: {
    method: 'POST',
    path: '/api/connections/:id/test',
    summary: 'Ask the outside system whether it answers and what is missing',
    needs: 'connections:write',
    params: id,
    answer: z.object({
      ok: z.boolean(),
      name: z.string().nullable(),
      missing: z.array(z.string()),
      trouble: z.object({ code: z.string(), detail: z.string() }).nullable(),
    }),
    asks: true,
    errors: ['not_found'],
  },
  backfillConnection: {
    method: 'POST',
    path: '/api/connections/:id/backfill',
    summary: 'Read everything again, in the background; all of it is historical',
    needs: 'connections:write',
    params: id,
    answer: jobAnswer,
    status: 202,
    errors: ['not_found', 'refused'],
  },
  pollConnection: {
    method: 'POST',
    path: '/api/connections/:id/poll',
    summary: 'Look for changes now instead of at the next turn',
    needs: 'connections:write',
    params: id,
    errors: ['not_found'],
  },
  pauseConnection: {
    method: 'POST',
    path: '/api/connections/:id/pause',
    summary: 'Stop reading and answer webhooks with "later"',
    needs: 'connections:write',
    params: id,
    errors: ['not_found'],
  },
  resumeConnection: {
    method: 'POST',
    path: '/api/connections/:id/resume',
    summary: 'Go on; what was missed is read',
    needs: 'connections:write',
    params: id,
    errors: ['not_found'],
  },
  compareConnection: {
    method: 'POST',
    path: '/api/connections/:id/compare',
    summary: 'Compare the last seven days with the outside system now',
    needs: 'connections:write',
    params: id,
    answer: jobAnswer,
    status: 202,
    errors: ['not_found'],
  },
  listDeliveries: {
    method: 'GET',
    path: '/api/connections/:id/deliveries',
    summary: 'What came through the webhook door, newest first',
    needs: 'connections:read',
    params: id,
    query: z.object({
      ...page,
      state: z.enum(['waiting', 'done', 'ignored', 'failed']).optional(),
      topic: z.string().max(100).optional(),
    }),
    answer: listOf(delivery),
    errors: ['not_found'],
  },
  showDelivery: {
    method: 'GET',
    path: '/api/deliveries/:id/raw',
    summary: 'One delivery as it came, headers and body',
    needs: 'connections:raw',
    params: id,
    answer: delivery.extend({ headers: z.record(z.string(), z.string()), body: z.string().nullable(), sha256: z.string() }),
    errors: ['not_found', 'forbidden'],
  },
  replayDelivery: {
    method: 'POST',
    path: '/api/deliveries/:id/replay',
    summary: 'Work one delivery again; doing it twice is doing it once',
    needs: 'connections:write',
    params: id,
    errors: ['not_found', 'refused'],
  },
  replayFailed: {
    method: 'POST',
    path: '/api/connections/:id/replay-failed',
    summary: 'Work all failed deliveries and failed changes again',
    needs: 'connections:write',
    params: id,
    answer: z.object({ deliveries: z.number().int(), write_backs: z.number().int() }),
    errors: ['not_found'],
  },
  listWriteBacks: {
    method: 'GET',
    path: '/api/connections/:id/write-backs',
    summary: 'What was changed here and flowed to the outside system, with its outcome',
    needs: 'connections:read',
    params: id,
    query: z.object({ ...page, state: z.enum(['waiting', 'done', 'skipped', 'failed']).optional() }),
    answer: listOf(
      z.object({
        id: uuid,
        customer: z.object({ id: customerId, name: z.string().nullable() }),
        what: z.enum(['consent', 'tags']),
        channel: z.string().nullable(),
        consent: z.string().nullable(),
        add: z.array(z.string()),
        remove: z.array(z.string()),
        state: z.enum(['waiting', 'done', 'skipped', 'failed']),
        outcome: z.string().nullable(),
        attempts: z.number().int(),
        at: instant,
        worked_at: instant.nullable(),
      }),
    ),
    errors: ['not_found'],
  },
  connectionAlerts: {
    method: 'GET',
    path: '/api/connection-alerts',
    summary: 'Connections that stopped, disagree or hold failed deliveries: for Today',
    needs: 'connections:read',
    answer: z.object({
      data: z.array(
        z.object({
          id: uuid,
          name: z.string(),
          what: z.enum(['broken', 'differs', 'failed_deliveries']),
          detail: z.string().nullable(),
          since: instant.nullable(),
          count: z.number().int(),
        }),
      ),
    }),
  },
});
