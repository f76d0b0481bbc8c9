import { z } from 'zod';
import { asOf, customerId, day, defineContract, instant, jobAnswer, money, page, uuid } from '../../platform/contract.ts';

const reason = z.object({
  /** Text key: "predictions.reason.late.more" (than typical). */
  code: z.string(),
  signal: z.string(),
  effect: z.enum(['raises', 'lowers']),
  /** Percentage points by which the lapse would change if this one signal were the shop's median. */
  points: z.number(),
  values: z.record(z.string(), z.number()),
});

export const score = z.object({
  customer: z.object({
    id: customerId,
    name: z.string().nullable(),
    outside_id: z.string().nullable(),
    country: z.string().nullable(),
  }),
  as_of: day,
  /** Lapse = buys nothing in the next `horizon_days`, 0..1; null = not enough data, or hidden from this role. */
  horizon_days: z.number(),
  lapse: z.number().nullable(),
  reasons: z.array(reason),
  /** The same for twice the own usual gap: now, and on the day they were due; null below four purchase days. */
  rhythm: z
    .object({ horizon_days: z.number(), lapse_now: z.number(), lapse_when_due: z.number(), reasons: z.array(reason) })
    .nullable(),
  /** Expected in the next 12 months. */
  expected_purchase_days: z.number().nullable(),
  expected_sales: money.nullable(),
  /** expected_sales x (rhythm.lapse_now - rhythm.lapse_when_due), never below 0. */
  value_at_risk: money.nullable(),
  slipping: z.boolean().nullable(),
  purchase_days: z.number(),
  usual_gap_days: z.number().nullable(),
  long_gap_days: z.number().nullable(),
  days_since: z.number(),
  first_day: day,
  last_day: day,
  sales: money.nullable(),
});

const bin = z.object({ from: z.number(), to: z.number(), people: z.number(), predicted: z.number(), happened: z.number() });

export const modelAnswer = z.object({
  name: z.enum(['lapse', 'rhythm', 'purchases', 'spend']),
  as_of: day,
  run_id: uuid,
  finished_at: instant,
  took_ms: z.number(),
  people: z.number(),
  sampled: z.number(),
  /** What gives the score: "regression", "recency-rule", "own-gap-rule", "mbg-nbd", "none"; or the purchase model's name. */
  kind: z.string(),
  verdict: z.enum(['proven', 'rule_is_better', 'unproven', 'too_few']).nullable(),
  horizon_days: z.number().nullable(),
  record: z
    .object({
      horizon_days: z.number(),
      origins: z.array(day),
      people: z.number(),
      lapsed: z.number(),
      contenders: z.array(
        z.object({
          kind: z.string(),
          brier: z.number(),
          auc: z.number().nullable(),
          top_decile_lift: z.number().nullable(),
          calibration: z.array(bin),
        }),
      ),
      purchase_days: z.object({ predicted: z.number(), actual: z.number() }),
    })
    .nullable(),
  fit: z
    .object({
      parameters: z.record(z.string(), z.number()),
      log_likelihood: z.number(),
      converged: z.boolean(),
      boundary: z.string().nullable(),
    })
    .nullable(),
});

export const contract = defineContract({
  listScores: {
    method: 'GET',
    path: '/api/scores',
    summary: 'People ranked by what is at risk, as of a day',
    needs: 'predictions:read',
    query: z.object({
      ...page,
      ...asOf,
      slipping: z.enum(['true', 'false']).optional(),
      lapse_at_least: z.coerce.number().min(0).max(1).optional(),
      sort: z.enum(['value_at_risk', 'lapse', 'expected_sales', 'days_since']).optional(),
      count: z.enum(['true', 'false']).optional(),
    }),
    answer: z.object({
      data: z.array(score),
      next_cursor: z.string().nullable(),
      total: z.number().int().optional(),
      /** The day the scores stand on; null = nothing was scored yet. */
      as_of: day.nullable(),
    }),
    errors: ['refused', 'malformed'],
  },
  showCustomerScores: {
    method: 'GET',
    path: '/api/customers/:id/scores',
    summary: 'What is foretold of one customer, with reasons',
    needs: 'predictions:read',
    params: z.object({ id: customerId }),
    query: z.object(asOf),
    answer: z.object({
      score: score.nullable(),
      /** Why there is none. */
      absent: z.enum(['not_shopper', 'no_purchase', 'not_scored_yet']).nullable(),
      as_of: day.nullable(),
      /** How far the lapse score is to be believed. */
      verdict: z.enum(['proven', 'rule_is_better', 'unproven', 'too_few']).nullable(),
    }),
    errors: ['not_found', 'refused'],
  },
  showModel: {
    method: 'GET',
    path: '/api/predictions/models/:name',
    summary: "A model and its track record on this shop's own past",
    needs: 'predictions:read',
    params: z.object({ name: z.enum(['lapse', 'rhythm', 'purchases', 'spend']) }),
    query: z.object(asOf),
    answer: z.object({ model: modelAnswer.nullable() }),
    errors: ['refused'],
  },
  train: {
    method: 'POST',
    path: '/api/predictions/train',
    summary: 'Fit the models again and score everybody',
    needs: 'predictions:train',
    body: z.object({ as_of: day.optional() }),
    answer: jobAnswer,
    status: 202,
    errors: ['refused'],
  },
});
