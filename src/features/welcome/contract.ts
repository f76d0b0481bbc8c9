import { z } from 'zod';
import { customerId, day, defineContract, instant, uuid } from '../../platform/contract.ts';

const secondQuestion = z.enum(['birthday', 'category_interest', 'heard_from', 'preferred_channel']);
const why = z.record(z.string().regex(/^[a-z]{2}$/), z.string().trim().max(400, 'Keep it under 400 letters.'));
const form = z.object({
  id: uuid,
  active: z.boolean(),
  open_to_all: z.boolean(),
  second_question: secondQuestion.nullable(),
  why: z.record(z.string(), z.string()),
  sites: z.array(z.string()),
  version: z.number().int(),
  /** Where the open form is, and what to put into a page of the shop. */
  url: z.string(),
  embed: z.string(),
  languages: z.array(z.string()),
  /** For the question which category somebody likes; empty: it cannot be asked yet. */
  categories: z.array(z.string()),
});

export const contract = defineContract({
  showForm: {
    method: 'GET',
    path: '/api/welcome-form',
    summary: 'The welcome form: what it asks, where it is',
    needs: 'welcome:read',
    answer: form,
  },
  changeForm: {
    method: 'PATCH',
    path: '/api/welcome-form',
    summary: 'Change the welcome form, switch it on or off',
    needs: 'welcome:write',
    body: z.strictObject({
      version: z.number().int(),
      active: z.boolean().optional(),
      open_to_all: z.boolean().optional(),
      second_question: secondQuestion.nullable().optional(),
      why: why.optional(),
      sites: z.array(z.string().trim().min(1).max(200)).max(20, 'At most 20 addresses.').optional(),
    }),
    answer: form,
    errors: ['conflict', 'refused'],
  },
  showResults: {
    method: 'GET',
    path: '/api/welcome-form/results',
    summary: 'How many answered, and what matters to them',
    needs: 'welcome:read',
    answer: z.object({
      answers: z.number().int(),
      people: z.number().int(),
      /** Answers that came without a link of the person's own. */
      open: z.number().int(),
      links_made: z.number().int(),
      links_answered: z.number().int(),
      concerns: z.array(z.object({ code: z.string(), people: z.number().int() })),
      second: z.array(z.object({ question: z.string(), answer: z.string(), people: z.number().int() })),
      days: z.array(z.object({ day, answers: z.number().int() })),
    }),
  },
  makeLink: {
    method: 'POST',
    path: '/api/customers/:id/welcome-link',
    summary: "A link of one customer's own to the form; shown once, ends after 60 days",
    needs: 'welcome:write',
    params: z.object({ id: customerId }),
    body: z.object({}),
    answer: z.object({ url: z.string(), expires_at: instant }),
    status: 201,
    errors: ['not_found'],
  },
});
