import { z } from 'zod';
import { customerId, defineContract, instant, uuid } from '../../platform/contract.ts';

const channel = z.enum(['email', 'sms', 'push', 'phone', 'post', 'in_app', 'web']);
const state = z.enum(['subscribed', 'unsubscribed']);
const word = z
  .string()
  .trim()
  .max(60)
  .regex(/^[\w .-]*$/, 'Use letters, digits, spaces, dots and dashes only.');
const reason = z.string().trim().min(3, 'Say in a few words why.').max(500);

const consents = z.object({
  current: z.array(
    z.object({
      channel,
      purpose: z.string(),
      topic: z.string(),
      brand: z.string(),
      state,
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
      state,
      at: instant,
      recorded_at: instant,
      source: z.string(),
      reason: z.string().nullable(),
      text_version: z.string().nullable(),
      by_whom: z.string(),
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
});
export type Consents = z.infer<typeof consents>;

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
});
