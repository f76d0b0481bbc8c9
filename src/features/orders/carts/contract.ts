import { z } from 'zod';
import { asOf, customerId, day, defineContract, instant, listOf, money, page, uuid } from '../../../platform/contract.ts';

export const cartState = z.enum(['open', 'checkout', 'abandoned', 'converted', 'recovered']);

const line = z.object({
  product_id: z.string().nullable(),
  variant_id: z.string().nullable(),
  sku: z.string().nullable(),
  name: z.string().nullable(),
  quantity: z.number(),
  /** Per unit, decimal text in the cart's currency; null where it is not known or the role does not show money. */
  unit_price: z.string().nullable(),
  /** The same, rounded to the currency's smallest unit. */
  price: money.nullable(),
  image_url: z.string().nullable(),
  url: z.string().nullable(),
});

export const cartRow = z.object({
  id: uuid,
  shop_id: uuid,
  shop: z.string(),
  customer: z.object({ id: customerId, name: z.string().nullable() }).nullable(),
  state: cartState,
  items: z.number(),
  /** Null for a role without the money fields, and where a price is not known. */
  value: money.nullable(),
  reached_checkout: z.boolean(),
  email_known: z.boolean(),
  started_at: instant,
  last_activity_at: instant,
  abandoned_at: instant.nullable(),
  closed_at: instant.nullable(),
  order: z.object({ id: uuid, number: z.string() }).nullable(),
  lines: z.array(line),
});
export type CartRowAnswer = z.infer<typeof cartRow>;

export const cartAnswer = cartRow.extend({
  coupon: z.string().nullable(),
  /** Leads the shopper back to the cart. */
  url: z.string().nullable(),
  checkout_at: instant.nullable(),
  source: z.string(),
});

const filters = {
  state: cartState.optional(),
  /** Carts that nobody bought: open, being paid, or abandoned. */
  unbought: z.enum(['true', 'false']).optional(),
  shop: uuid.optional(),
  customer: customerId.optional(),
  known: z.enum(['true', 'false']).optional(),
  /** Days of the last activity, in the organisation's zone. */
  from: day.optional(),
  to: day.optional(),
  sort: z.enum(['-activity', 'activity', '-value', 'value']).default('-activity'),
};

export const conversionSteps = ['visits', 'views', 'carts', 'checkouts', 'orders'] as const;
const range = { from: day.optional(), to: day.optional(), shop: uuid.optional(), ...asOf };

const idleRules = z.object({
  idle_minutes: z.number().int(),
  /** False for a role limited to some shops. */
  may_change_all: z.boolean(),
  shops: z.array(z.object({ id: uuid, name: z.string(), idle_minutes: z.number().int().nullable() })),
});

export const cartContract = defineContract({
  listCarts: {
    method: 'GET',
    path: '/api/carts',
    summary: 'Carts and checkouts, the last active first',
    needs: 'orders:read',
    query: z.object({ ...page, ...filters, count: z.enum(['true', 'false']).optional() }),
    answer: listOf(cartRow),
    errors: ['refused'],
  },
  exportCarts: {
    method: 'GET',
    path: '/api/carts.csv',
    summary: 'The same list as a spreadsheet',
    needs: 'customers:export',
    query: z.object(filters),
    answer: 'text/csv; charset=utf-8',
  },
  cartFigures: {
    method: 'GET',
    path: '/api/carts/figures',
    summary: 'How many carts of a range ended how',
    needs: 'orders:read',
    query: z.object(range),
    answer: z.object({
      from: day,
      to: day,
      open: z.number().int(),
      checkout: z.number().int(),
      abandoned: z.number().int(),
      recovered: z.number().int(),
      converted: z.number().int(),
      /** abandoned / (abandoned + converted + recovered), 0..100; null without any. */
      abandonment_rate: z.number().nullable(),
      /** recovered / (abandoned + recovered), 0..100; null without any. */
      recovery_rate: z.number().nullable(),
      abandoned_value: money.nullable(),
      recovered_value: money.nullable(),
    }),
  },
  showConversion: {
    method: 'GET',
    path: '/api/carts/conversion',
    summary: 'How many people looked, filled a cart, began to pay and ordered',
    needs: 'orders:read',
    query: z.object(range),
    answer: z.object({
      from: day,
      to: day,
      steps: z.array(
        z.object({
          step: z.enum(conversionSteps),
          people: z.number().int(),
          /** Of the people of the step before, who also did this: 0..100; null where there were none. */
          of_previous: z.number().nullable(),
          /** Of all visitors, who also did this: 0..100. */
          of_visits: z.number().nullable(),
        }),
      ),
    }),
    errors: ['refused'],
  },
  listConversionPeople: {
    method: 'GET',
    path: '/api/carts/conversion/people',
    summary: 'The people behind one figure of the conversion',
    needs: 'orders:read',
    query: z.object({
      ...page,
      ...range,
      step: z.enum(conversionSteps),
      /** Only those who did not go on to the next step. */
      stopped: z.enum(['true', 'false']).optional(),
    }),
    answer: listOf(z.object({ customer: z.object({ id: customerId, name: z.string().nullable() }), last_at: instant })),
    errors: ['refused'],
  },
  showIdleRules: {
    method: 'GET',
    path: '/api/carts/rules',
    summary: 'After how many minutes of silence a cart counts as abandoned',
    needs: 'orders:read',
    answer: idleRules,
  },
  setIdleRule: {
    method: 'PUT',
    path: '/api/carts/rules',
    summary: 'Change that time, for all shops or for one; null lets a shop follow the rest again',
    needs: 'orders:write',
    body: z
      .object({
        shop_id: uuid.nullable().default(null),
        idle_minutes: z
          .number()
          .int('Whole minutes, please.')
          .min(5, 'At least 5 minutes: people do look around.')
          .max(10_080, 'At most a week (10,080 minutes).')
          .nullable(),
      })
      .refine(body => body.shop_id !== null || body.idle_minutes !== null, {
        path: ['idle_minutes'],
        message: 'Say how many minutes. Only a single shop can go without its own rule.',
      }),
    answer: idleRules,
    errors: ['refused', 'not_found'],
  },
  showCart: {
    method: 'GET',
    path: '/api/carts/:id',
    summary: 'One cart with what is in it',
    needs: 'orders:read',
    params: z.object({ id: uuid }),
    answer: cartAnswer,
    errors: ['not_found'],
  },
});
