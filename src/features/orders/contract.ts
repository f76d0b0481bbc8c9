import { z } from 'zod';
import { customerId, day, defineContract, instant, jobAnswer, listOf, money, page, uuid } from '../../platform/contract.ts';
import { cartContract } from './carts/contract.ts';

export const orderRow = z.object({
  id: uuid,
  number: z.string(),
  shop_id: uuid,
  customer: z.object({ id: customerId, name: z.string().nullable() }).nullable(),
  placed_at: instant,
  state: z.enum(['placed', 'cancelled']),
  test: z.boolean(),
  /** Null for a role without the money fields. */
  total: money.nullable(),
  refunded: money.nullable(),
  items: z.number(),
  source: z.string(),
  country: z.string().nullable(),
});

export const orderAnswer = orderRow.extend({
  sales: money.nullable(),
  discount: money.nullable(),
  tax: money.nullable(),
  cancelled_at: instant.nullable(),
  recorded_at: instant,
  discount_codes: z.array(z.string()),
  lines: z.array(
    z.object({
      position: z.number(),
      kind: z.string(),
      sku: z.string().nullable(),
      name: z.string().nullable(),
      category: z.string().nullable(),
      quantity: z.string(),
      unit_price: z.string().nullable(),
      total: money.nullable(),
    }),
  ),
  refunds: z.array(
    z.object({
      at: instant,
      amount: money.nullable(),
      lines: z.array(z.object({ sku: z.string().nullable(), quantity: z.string(), amount: money.nullable() })),
    }),
  ),
});

const decimal = z.string().regex(/^-?\d{1,12}(\.\d{1,8})?$/, 'Write the number as text, for example "2.55".');

/** One order as another system sends it. Money as decimal text in the order's currency. */
export const orderInput = z.object({
  shop_id: uuid.optional(),
  number: z.string().min(1).max(100),
  outside_id: z.string().max(100).optional(),
  placed_at: instant,
  currency: z.string().regex(/^[A-Z]{3}$/, 'Write the currency as three capital letters, for example EUR.'),
  country: z.string().max(100).optional(),
  customer: z
    .object({
      id: customerId.optional(),
      shop_customer_id: z.string().max(100).optional(),
      email: z.string().max(320).optional(),
      phone: z.string().max(40).optional(),
      name: z.string().max(200).optional(),
    })
    .optional(),
  state: z.enum(['placed', 'cancelled']).default('placed'),
  cancelled_at: instant.optional(),
  test: z.boolean().default(false),
  total: decimal.optional(),
  tax: decimal.optional(),
  discount_codes: z.array(z.string().max(100)).max(20).default([]),
  updated_at: instant.optional(),
  lines: z
    .array(
      z.object({
        outside_id: z.string().max(100).optional(),
        kind: z.enum(['product', 'shipping', 'fee', 'discount', 'gift_card', 'tip']).default('product'),
        sku: z.string().max(100).optional(),
        name: z.string().max(500).optional(),
        category: z.string().max(200).optional(),
        quantity: decimal,
        unit_price: decimal,
        discount: decimal.default('0'),
        total: decimal.optional(),
      }),
    )
    .max(1000),
  refunds: z
    .array(
      z.object({
        outside_id: z.string().max(100).optional(),
        at: instant,
        amount: decimal,
        lines: z
          .array(z.object({ sku: z.string().max(100).optional(), quantity: decimal, amount: decimal }))
          .max(1000)
          .default([]),
      }),
    )
    .max(100)
    .default([]),
});

const rate = z.object({
  currency: z.string().regex(/^[A-Z]{3}$/, 'Write the currency as three capital letters, for example USD.'),
  from_day: day,
  rate: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,8})?$/, 'Write the rate as text, for example "0.85".')
    .refine(text => Number(text) > 0, 'A rate is more than 0.'),
});

export const contract = defineContract({
  ...cartContract,
  listOrders: {
    method: 'GET',
    path: '/api/orders',
    summary: 'Orders, newest first',
    needs: 'orders:read',
    query: z.object({
      ...page,
      query: z.string().max(200).optional(),
      customer: customerId.optional(),
      state: z.enum(['placed', 'cancelled']).optional(),
      without_customer: z.enum(['true', 'false']).optional(),
      from: day.optional(),
      to: day.optional(),
      sort: z.enum(['-placed', 'placed', '-total', 'total']).default('-placed'),
      count: z.enum(['true', 'false']).optional(),
    }),
    answer: listOf(orderRow),
    errors: ['refused'],
  },
  showOrder: {
    method: 'GET',
    path: '/api/orders/:id',
    summary: 'One order with lines and refunds',
    needs: 'orders:read',
    params: z.object({ id: uuid }),
    answer: orderAnswer,
    errors: ['not_found'],
  },
  createOrder: {
    method: 'POST',
    path: '/api/orders',
    summary: 'Record one order, or bring a known one up to date',
    needs: 'orders:write',
    body: orderInput,
    answer: z.object({ id: uuid, number: z.string(), outcome: z.enum(['created', 'changed', 'same', 'older']) }),
    errors: ['refused'],
  },
  listCustomerOrders: {
    method: 'GET',
    path: '/api/customers/:id/orders',
    summary: 'Orders of one customer',
    needs: 'orders:read',
    params: z.object({ id: customerId }),
    query: z.object(page),
    answer: listOf(orderRow),
    errors: ['not_found'],
  },
  listRates: {
    method: 'GET',
    path: '/api/orders/rates',
    summary: 'What other currencies are worth in the home currency',
    needs: 'orders:read',
    answer: z.object({ data: z.array(rate) }),
  },
  setRate: {
    method: 'PUT',
    path: '/api/orders/rates',
    summary: 'State what one unit of a currency is worth in the home currency from a day on',
    needs: 'orders:write',
    body: rate,
    answer: jobAnswer,
    status: 202,
    errors: ['refused'],
  },
  orderFigures: {
    method: 'GET',
    path: '/api/orders/figures',
    summary: 'How many orders there are, by whom and since when',
    needs: 'orders:read',
    answer: z.object({
      orders: z.number(),
      with_customer: z.number(),
      customers: z.number(),
      first_day: day.nullable(),
      last_day: day.nullable(),
      waiting_copy: z.number(),
      unconverted: z.number(),
      unmatched_refunds: z.number(),
    }),
  },
});
