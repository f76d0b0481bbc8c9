/**
 * The route table's building stones. A feature's `contract.ts` is a record of named routes; server, OpenAPI,
 * permission matrix and browser client all read that one value. Knows no Node and no browser.
 */
import { z } from 'zod';
import type { RefusalKind } from './errors.ts';

/** Parts of a record that a role may or may not see or filter by (decisions 16). */
export const fieldGroups = ['contact', 'address', 'money', 'payment', 'conversation', 'behaviour', 'notes', 'secrets'] as const;
export type FieldGroup = (typeof fieldGroups)[number];

/** "public": no login. "signed-in": any staff or key. "write-key": ingest. Otherwise a record verb such as "customers:read". */
export type Needs = 'public' | 'signed-in' | 'write-key' | `${string}:${string}`;

export type Route = {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Express style: /api/customers/:id */
  path: string;
  summary: string;
  needs: Needs;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** JSON answer; or the content type of a file answer ("text/csv"); or undefined for 204. */
  answer?: z.ZodType | string;
  /** Default 200 (204 without answer). */
  status?: 200 | 201 | 202 | 204;
  /** The kinds of refusal a caller must expect beyond malformed / unauthenticated / forbidden. */
  errors?: readonly RefusalKind[];
  /** Body is a multipart upload, streamed to the handler. */
  upload?: true;
  /** Answered by the feature's `doors` in their own way (ingest, webhooks); here for the API description and the permission matrix. */
  raw?: true;
  /** Largest body accepted, in bytes (default 1 MiB). */
  bodyLimit?: number;
  /** A POST that only asks (a preview): repeating it has no effect, so its answer is not kept for an Idempotency-Key. */
  asks?: true;
  /** A POST that may fail for a wrong code or password: not one transaction with its Idempotency-Key, or the count of tries would be undone too. */
  tries?: true;
  /** Answers also while the login waits for a second factor to be set up. */
  whileHeld?: true;
  /** Changes nothing but the view itself: answers also while somebody views the product as another person or role. */
  whileViewing?: true;
};

export type Contract = Record<string, Route>;

/** Keeps the literal types of a route table. */
export const defineContract = <const C extends Contract>(contract: C): C => contract;

// ---- shapes used by every feature -------------------------------------------------------------------------------

export const customerId = z.string().regex(/^\d{1,10}$/, 'A customer id is a whole number written as text.');
export const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, 'This is not an id of this system.');
export const instant = z.iso.datetime({ offset: true });
export const day = z.iso.date();
export const money = z.object({ amount_minor: z.number().int(), currency: z.string().length(3) });
export type Money = z.infer<typeof money>;

/** Query of every list: ?limit= (1..200, default 50) and ?cursor=. */
export const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
};
/** ?as_of=YYYY-MM-DD, for reads that make sense in the past (decisions 14). */
export const asOf = { as_of: day.optional() };

export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable(), total: z.number().int().optional() });

/** Answer of everything that goes on in the background. */
export const jobAnswer = z.object({ job_id: uuid });

// ---- types the browser client infers from a contract -------------------------------------------------------------

type In<T> = T extends z.ZodType ? z.input<T> : undefined;
type Out<T> = T extends z.ZodType ? z.output<T> : T extends string ? Blob : undefined;
export type RouteKey<R extends Route> = `${R['method']} ${R['path']}`;
/** { "GET /api/customers/:id": { params, query, body, answer } } for a whole contract. */
export type Client<C extends Contract> = {
  [K in keyof C as RouteKey<C[K]>]: {
    params: In<C[K]['params']>;
    query: In<C[K]['query']>;
    body: In<C[K]['body']>;
    answer: Out<C[K]['answer']>;
  };
};
