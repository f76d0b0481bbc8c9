import { z } from 'zod';
import { customerId, defineContract, instant, listOf, page, uuid } from '../../platform/contract.ts';

/** What the customers list was asked for; everybody it shows is meant. */
const list = z.strictObject({
  query: z.string().max(200).default(''),
  filter: z.array(z.string().max(200)).max(50).default([]),
  anonymous: z.enum(['0', '1']).default('0'),
  not_shoppers: z.enum(['0', '1']).default('0'),
});

export const bulkChange = z.object({
  id: uuid,
  action: z.string(),
  /** Text key that tells what was done, with {{argument}}. */
  told: z.string(),
  argument: z.string(),
  state: z.enum(['running', 'done', 'undoing', 'undone']),
  /** Whom it is about, how many it has come to, how many were not as asked before. */
  customers: z.number().int(),
  worked: z.number().int(),
  changed: z.number().int(),
  by_whom: z.string(),
  at: instant,
  undone_by: z.string().nullable(),
  may_undo: z.boolean(),
});

export const contract = defineContract({
  listActions: {
    method: 'GET',
    path: '/api/bulk-actions',
    summary: 'What can be done to many customers at once, and what each action asks for',
    needs: 'customers:write',
    answer: z.object({
      data: z.array(
        z.object({
          code: z.string(),
          label: z.string(),
          most: z.number().int(),
          argument: z
            .object({
              kind: z.enum(['text', 'choice']),
              label: z.string(),
              most_letters: z.number().int().optional(),
              suggest: z.literal('tags').optional(),
              choices: z.array(z.string()).optional(),
              choice_labels: z.string().optional(),
            })
            .nullable(),
        }),
      ),
    }),
  },
  startChange: {
    method: 'POST',
    path: '/api/bulk-changes',
    summary: 'Change the ticked customers, or everybody a list shows; goes on in the background and can be undone',
    needs: 'customers:write',
    body: z
      .strictObject({
        action: z.string().max(60),
        argument: z.string().trim().max(200).default(''),
        customers: z.array(customerId).min(1).max(1_000).optional(),
        list: list.optional(),
      })
      .refine(body => (body.customers === undefined) !== (body.list === undefined), {
        path: ['customers'],
        message: 'Name the customers, or a list whose customers are meant: one of both.',
      }),
    answer: bulkChange,
    status: 202,
    errors: ['forbidden', 'malformed', 'refused'],
  },
  listChanges: {
    method: 'GET',
    path: '/api/bulk-changes',
    summary: 'Bulk changes, newest first',
    needs: 'customers:write',
    query: z.object(page),
    answer: listOf(bulkChange),
  },
  showChange: {
    method: 'GET',
    path: '/api/bulk-changes/:id',
    summary: 'One bulk change: how far it is',
    needs: 'customers:write',
    params: z.object({ id: uuid }),
    answer: bulkChange,
    errors: ['not_found'],
  },
  undoChange: {
    method: 'POST',
    path: '/api/bulk-changes/:id/undo',
    summary: 'Put back everybody it changed who has not been changed since',
    needs: 'customers:write',
    params: z.object({ id: uuid }),
    answer: bulkChange,
    status: 202,
    errors: ['forbidden', 'not_found', 'conflict'],
  },
});
