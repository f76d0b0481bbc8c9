import { z } from 'zod';
import { defineContract, jobAnswer, uuid } from '../../platform/contract.ts';

export const demoState = z.object({
  state: z.enum(['none', 'loading', 'loaded', 'removing']),
  /** The work that is going on. */
  job_id: uuid.nullable(),
  shop_id: uuid.nullable(),
  customers: z.number().int(),
  orders: z.number().int(),
});
export type DemoState = z.infer<typeof demoState>;

export const contract = defineContract({
  showDemo: { method: 'GET', path: '/api/demo', summary: 'Whether the demo shop is here', needs: 'signed-in', answer: demoState },
  loadDemo: {
    method: 'POST',
    path: '/api/demo',
    summary: 'Bring the demo shop in',
    needs: 'demo:manage',
    answer: jobAnswer,
    status: 202,
    errors: ['conflict'],
  },
  removeDemo: {
    method: 'DELETE',
    path: '/api/demo',
    summary: 'Take the demo shop and everything of it away',
    needs: 'demo:manage',
    answer: jobAnswer,
    status: 202,
    errors: ['not_found', 'conflict'],
  },
});
