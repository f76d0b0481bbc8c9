import { z } from 'zod';
import { defineContract, instant, listOf, page, uuid } from '../../platform/contract.ts';

/** A decimal as text, e.g. "2.55"; unit prices below a cent exist. */
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

export const productRow = z.object({
  id: uuid,
  product_id: uuid,
  sku: z.string(),
  name: z.string().nullable(),
  category: z.string().nullable(),
  /** Newest price seen, per unit. */
  price: decimal.nullable(),
  currency: z.string().nullable(),
  /** What a unit costs the shop; null: not known. */
  cost: decimal.nullable(),
  cost_currency: z.string().nullable(),
  /** (price - cost) / price; null: not known. */
  margin_share: z.number().nullable(),
  variant_name: z.string().nullable(),
  pack_size: decimal.nullable(),
  stock: decimal.nullable(),
  barcode: z.string().nullable(),
  /** null: never sold yet, known from a list of products. */
  first_sold_at: instant.nullable(),
  last_sold_at: instant.nullable(),
  /** From features that know sales; absent where none is. */
  figures: z.record(z.string(), z.number()).optional(),
});
export type ProductRow = z.infer<typeof productRow>;

export const contract = defineContract({
  listProducts: {
    method: 'GET',
    path: '/api/products',
    summary: 'What the shop sells: search by name, SKU or category',
    needs: 'products:read',
    query: z.object({
      ...page,
      query: z.string().max(200).optional(),
      category: z.string().max(200).optional(),
      sort: z.enum(['name', 'sku', 'last_sold']).default('name'),
    }),
    answer: listOf(productRow),
  },
  getProduct: {
    method: 'GET',
    path: '/api/products/:id',
    summary: 'One product with its variants and price history',
    needs: 'products:read',
    params: z.object({ id: uuid }),
    answer: z.object({
      id: uuid,
      name: z.string().nullable(),
      category: z.string().nullable(),
      variants: z.array(productRow),
      prices: z.array(
        z.object({ sku: z.string(), price: decimal, currency: z.string(), first_seen_at: instant, last_seen_at: instant }),
      ),
    }),
    errors: ['not_found'],
  },
});
