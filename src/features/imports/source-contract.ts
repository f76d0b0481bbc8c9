/** Doors of scheduled sources; a part of contract.ts. */
import { z } from 'zod';
import { defineContract, instant, jobAnswer, uuid } from '../../platform/contract.ts';

const sourceBody = z.object({
  name: z.string().trim().min(1, 'Give it a name.').max(80),
  place: z.enum(['url', 'folder']),
  /** A web address, or a folder below the inbox ("erp/nightly"; empty: the inbox itself). */
  address: z.string().trim().max(2_000),
  /** Files of a folder: "*.csv". */
  pattern: z.string().trim().min(1).max(100).default('*'),
  auth: z.enum(['none', 'basic', 'bearer']).default('none'),
  user_name: z.string().trim().max(200).optional(),
  /** Password or token; never given back. Left out: the stored one stays. */
  secret: z.string().min(1).max(2_000).optional(),
  shop_id: uuid,
  /** null: found from the file each time. */
  kind: z.string().max(60).nullable().default(null),
  mapping_id: uuid.nullable().default(null),
  every: z.enum(['hour', 'day', 'week', 'month']),
  at_time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write the time as 05:30.')
    .default('05:00'),
  /** 1 = Monday ... 7 = Sunday. */
  weekday: z.number().int().min(1).max(7).default(1),
  month_day: z.number().int().min(1).max(28).default(1),
  only_when_changed: z.boolean().default(true),
});
export type SourceInput = z.output<typeof sourceBody>;

export const sourceAnswer = z.object({
  id: uuid,
  name: z.string(),
  place: z.enum(['url', 'folder']),
  address: z.string(),
  pattern: z.string(),
  auth: z.enum(['none', 'basic', 'bearer']),
  user_name: z.string().nullable(),
  secret_last4: z.string().nullable(),
  secret_set_at: instant.nullable(),
  shop_id: uuid,
  kind: z.string().nullable(),
  mapping_id: uuid.nullable(),
  mapping_name: z.string().nullable(),
  every: z.enum(['hour', 'day', 'week', 'month']),
  at_time: z.string(),
  weekday: z.number(),
  month_day: z.number(),
  only_when_changed: z.boolean(),
  paused_at: instant.nullable(),
  next_due_at: instant.nullable(),
  /** Visits that failed in a row. */
  failures: z.number(),
  last_run: z
    .object({
      started_at: instant,
      outcome: z.enum(['imported', 'waiting', 'unchanged', 'failed']).nullable(),
      detail: z.string().nullable(),
      import_id: uuid.nullable(),
    })
    .nullable(),
  created_by: z.string(),
  created_at: instant,
  version: z.number(),
});
export type SourceAnswer = z.infer<typeof sourceAnswer>;

export const sourceRun = z.object({
  id: uuid,
  started_at: instant,
  finished_at: instant.nullable(),
  by_hand: z.boolean(),
  outcome: z.enum(['imported', 'waiting', 'unchanged', 'failed']).nullable(),
  detail: z.string().nullable(),
  file_name: z.string().nullable(),
  import_id: uuid.nullable(),
  import_state: z.string().nullable(),
  rows_read: z.number().nullable(),
  rows_kept: z.number().nullable(),
});
export type SourceRun = z.infer<typeof sourceRun>;

const params = z.object({ id: uuid });

export const sourceRoutes = defineContract({
  listSources: {
    method: 'GET',
    path: '/api/imports/sources',
    summary: 'Places that files are fetched from by a schedule',
    needs: 'imports:read',
    answer: z.object({ data: z.array(sourceAnswer), inbox: z.string() }),
  },
  getSource: {
    method: 'GET',
    path: '/api/imports/sources/:id',
    summary: 'One source with its newest 50 visits',
    needs: 'imports:read',
    params,
    answer: sourceAnswer.extend({ runs: z.array(sourceRun) }),
    errors: ['not_found'],
  },
  createSource: {
    method: 'POST',
    path: '/api/imports/sources',
    summary: 'Fetch a file by a schedule, from a web address or a folder below the inbox',
    needs: 'imports:write',
    body: sourceBody,
    answer: sourceAnswer,
    status: 201,
    errors: ['refused', 'not_found'],
  },
  changeSource: {
    method: 'PATCH',
    path: '/api/imports/sources/:id',
    summary: 'Change a source; a secret that is left out stays',
    needs: 'imports:write',
    params,
    body: sourceBody.extend({ version: z.number().int() }),
    answer: sourceAnswer,
    errors: ['refused', 'not_found', 'conflict'],
  },
  runSource: {
    method: 'POST',
    path: '/api/imports/sources/:id/run',
    summary: 'Fetch now',
    needs: 'imports:write',
    params,
    answer: jobAnswer,
    status: 202,
    errors: ['not_found'],
  },
  pauseSource: {
    method: 'POST',
    path: '/api/imports/sources/:id/pause',
    summary: 'Fetch nothing until it is resumed',
    needs: 'imports:write',
    params,
    answer: sourceAnswer,
    errors: ['not_found'],
  },
  resumeSource: {
    method: 'POST',
    path: '/api/imports/sources/:id/resume',
    summary: 'Fetch by the schedule again',
    needs: 'imports:write',
    params,
    answer: sourceAnswer,
    errors: ['not_found'],
  },
  deleteSource: {
    method: 'DELETE',
    path: '/api/imports/sources/:id',
    summary: 'Fetch from there no more; what came in stays, the secret goes',
    needs: 'imports:write',
    params,
    errors: ['not_found'],
  },
  restoreSource: {
    method: 'POST',
    path: '/api/imports/sources/:id/restore',
    summary: 'Bring a deleted source back, paused and without its secret',
    needs: 'imports:write',
    params,
    answer: sourceAnswer,
    errors: ['not_found'],
  },
});
