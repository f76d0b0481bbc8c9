import { z } from 'zod';
import { defineContract, instant, uuid } from '../contract.ts';

export const jobShape = z.object({
  id: uuid,
  name: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  done: z.number(),
  total: z.number().nullable(),
  note: z.string().nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  created_at: instant,
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
  /** Estimate from the rate so far; null while unknown. */
  seconds_left: z.number().nullable(),
});

export const contract = defineContract({
  showJob: {
    method: 'GET',
    path: '/api/jobs/:id',
    summary: 'State and progress of background work',
    needs: 'signed-in',
    params: z.object({ id: uuid }),
    answer: jobShape,
    errors: ['not_found'],
  },
  listJobs: {
    method: 'GET',
    path: '/api/jobs',
    summary: 'Newest background work',
    needs: 'system:read',
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
    answer: z.object({ data: z.array(jobShape) }),
  },
  cancelJob: {
    method: 'DELETE',
    path: '/api/jobs/:id',
    summary: 'Stop background work',
    needs: 'signed-in',
    params: z.object({ id: uuid }),
    errors: ['not_found', 'forbidden'],
  },
  status: {
    method: 'GET',
    path: '/api/status',
    summary: 'What runs, what waits, what the system does not know',
    needs: 'system:read',
    answer: z.object({
      version: z.string(),
      node: z.string(),
      now: instant,
      uptime_seconds: z.number(),
      memory_mb: z.number(),
      postgres: z.object({
        ok: z.boolean(),
        version: z.string().nullable(),
        size_mb: z.number().nullable(),
        embedded: z.boolean(),
      }),
      clickhouse: z.object({
        ok: z.boolean(),
        version: z.string().nullable(),
        size_mb: z.number().nullable(),
        embedded: z.boolean(),
      }),
      queue: z.object({
        queued: z.number(),
        running: z.number(),
        failed: z.number(),
        announcements: z.number(),
        dead: z.number(),
      }),
      figures: z.array(
        z.object({
          code: z.string(),
          label: z.string(),
          value: z.number(),
          unit: z.string().nullable(),
          state: z.enum(['good', 'warning', 'bad']),
        }),
      ),
      sending_held: z.boolean(),
    }),
  },
});
