import { z } from 'zod';
import { customerId, day, defineContract, instant, jobAnswer, listOf, page, uuid } from '../../platform/contract.ts';

const code = z.string().regex(/^[a-z_]{3,60}$/, 'A rule is named in small letters.');
const oneRule = z.object({ code });
const subject = z.string().min(1).max(1_000);
const attribute = z.enum(['email', 'phone', 'country', 'birthday', 'name']);

const rule = z.object({
  code: z.string(),
  /** Prefix of its text keys. */
  texts: z.string(),
  area: z.enum(['people', 'consent', 'orders', 'products']),
  weight: z.number().int(),
  /** The attribute a fix sets; null: mended where the record is. */
  mends: attribute.nullable(),
  /** Null until it was counted. */
  wrong: z.number().int().nullable(),
  looked_at: z.number().int().nullable(),
  fixable: z.number().int(),
  /** Share of records that are right, 0..100; null where there is nothing to look at. */
  score: z.number().nullable(),
  ignored: z.number().int(),
  /** Whether this reader may see which records they are. */
  may_look: z.boolean(),
  trend: z.array(z.object({ day, wrong: z.number().int() })),
  counted_at: instant.nullable(),
});
const review = z.object({
  id: uuid,
  month: day,
  at: instant,
  reviewer: z.string().nullable(),
  summary: z.array(z.object({ code: z.string(), before: z.number().int().nullable(), now: z.number().int() })),
  score_before: z.number().nullable(),
  score: z.number().nullable(),
  done_at: instant.nullable(),
  done_by: z.string().nullable(),
});
const settings = z.object({ reviewer_id: uuid.nullable() });

export const contract = defineContract({
  showQuality: {
    method: 'GET',
    path: '/api/data-quality',
    summary: 'What is wrong with the data, by rule, worst first; with the way it went',
    needs: 'data-quality:read',
    answer: z.object({
      score: z.number().nullable(),
      counted_at: instant.nullable(),
      rules: z.array(rule),
      reviews: z.array(review),
      fixes: z.array(
        z.object({
          id: uuid,
          rule: z.string(),
          at: instant,
          by_whom: z.string(),
          undone_at: instant.nullable(),
          undone_by: z.string().nullable(),
          items: z.number().int(),
        }),
      ),
    }),
  },
  countQuality: {
    method: 'POST',
    path: '/api/data-quality/count',
    summary: 'Count everything now instead of tonight',
    needs: 'data-quality:read',
    body: z.object({}),
    answer: jobAnswer,
    status: 202,
  },
  listFindings: {
    method: 'GET',
    path: '/api/data-quality/rules/:code',
    summary: 'The records a rule finds, what they say and what they should say',
    needs: 'data-quality:read',
    params: oneRule,
    query: z.object({ ...page, cursor: z.string().max(1_000).optional(), state: z.enum(['open', 'ignored']).default('open') }),
    answer: listOf(
      z.object({
        subject: z.string(),
        customer_id: customerId.nullable(),
        label: z.string().nullable(),
        value: z.string(),
        /** '' = empty it; null = not known. */
        proposal: z.string().nullable(),
        link: z.string().nullable(),
      }),
    ),
    errors: ['not_found', 'forbidden'],
  },
  mendSome: {
    method: 'POST',
    path: '/api/data-quality/rules/:code/mend',
    summary: 'Put named records right, with the proposal or a value typed by hand',
    needs: 'data-quality:write',
    params: oneRule,
    body: z.strictObject({
      items: z
        .array(z.strictObject({ subject, value: z.string().trim().max(300).optional() }))
        .min(1)
        .max(200),
    }),
    answer: z.object({ fix_id: uuid, mended: z.number().int() }),
    errors: ['not_found', 'forbidden', 'refused'],
  },
  mendAll: {
    method: 'POST',
    path: '/api/data-quality/rules/:code/mend-all',
    summary: 'Put right everything that has a proposal',
    needs: 'data-quality:write',
    params: oneRule,
    body: z.object({}),
    answer: jobAnswer,
    status: 202,
    errors: ['not_found', 'forbidden', 'refused'],
  },
  undoFix: {
    method: 'POST',
    path: '/api/data-quality/fixes/:id/undo',
    summary: 'Take one fix back: what was there before counts again',
    needs: 'data-quality:write',
    params: z.object({ id: uuid }),
    body: z.object({}),
    errors: ['not_found', 'refused', 'forbidden'],
  },
  leaveAlone: {
    method: 'POST',
    path: '/api/data-quality/rules/:code/ignore',
    summary: 'Leave records alone for good',
    needs: 'data-quality:write',
    params: oneRule,
    body: z.strictObject({ subjects: z.array(subject).min(1).max(500) }),
    errors: ['not_found', 'forbidden'],
  },
  lookAgain: {
    method: 'POST',
    path: '/api/data-quality/rules/:code/look-again',
    summary: 'Take that back: they count as wrong again',
    needs: 'data-quality:write',
    params: oneRule,
    body: z.strictObject({ subjects: z.array(subject).min(1).max(500) }),
    errors: ['not_found', 'forbidden'],
  },
  startReview: {
    method: 'POST',
    path: '/api/data-quality/reviews',
    summary: "This month's review now instead of on the first; one a month",
    needs: 'data-quality:write',
    body: z.object({}),
    answer: z.object({ id: uuid, fresh: z.boolean() }),
  },
  finishReview: {
    method: 'POST',
    path: '/api/data-quality/reviews/:id/done',
    summary: 'The review is done',
    needs: 'data-quality:write',
    params: z.object({ id: uuid }),
    body: z.object({}),
    errors: ['not_found'],
  },
  showQualitySettings: {
    method: 'GET',
    path: '/api/data-quality/settings',
    summary: 'Who does the monthly review',
    needs: 'data-quality:read',
    answer: settings,
  },
  changeQualitySettings: {
    method: 'PATCH',
    path: '/api/data-quality/settings',
    summary: 'Name who does the monthly review; null: nobody in particular',
    needs: 'data-quality:write',
    body: z.strictObject({ reviewer_id: uuid.nullable() }),
    answer: settings,
    errors: ['refused'],
  },
});
