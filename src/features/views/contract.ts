import { z } from 'zod';
import { defineContract, instant, uuid } from '../../platform/contract.ts';

/** Address of the list inside the admin app, without its query: "/customers". */
const page = z
  .string()
  .max(100)
  .regex(/^\/(?!\/)[a-z0-9/-]*$/, 'Name a page of the admin app, such as /customers.');
/** What follows the page in the address; '' = the list as it is. */
const query = z
  .string()
  .max(4_000)
  .regex(/^(\?[^\s#]*)?$/, 'Give the query as it stands in the address, beginning with "?".');
const name = z.string().trim().min(1, 'Give the view a name.').max(60);
const hidden = z.array(z.string().max(100)).max(100);

export const view = z.object({
  id: uuid,
  name: z.string(),
  page: z.string(),
  query: z.string(),
  /** Columns that are not shown; null = as the reader has them. */
  hidden: z.array(z.string()).nullable(),
  shared: z.boolean(),
  made_by: z.string(),
  /** The reader may rename, share or delete it. */
  may_change: z.boolean(),
  made_at: instant,
});

export const contract = defineContract({
  listViews: {
    method: 'GET',
    path: '/api/views',
    summary: 'Saved views of a list: your own and the shared ones, by name',
    needs: 'signed-in',
    query: z.object({ page: page.optional() }),
    answer: z.object({ data: z.array(view) }),
  },
  makeView: {
    method: 'POST',
    path: '/api/views',
    summary: 'Save a list as it is now under a name',
    needs: 'signed-in',
    body: z.object({ name, page, query, hidden: hidden.nullable().default(null), shared: z.boolean().default(false) }),
    answer: view,
    status: 201,
    errors: ['forbidden', 'conflict', 'refused'],
  },
  changeView: {
    method: 'PATCH',
    path: '/api/views/:id',
    summary: 'Rename a view, share it, or save the list as it is now in its place',
    needs: 'signed-in',
    params: z.object({ id: uuid }),
    body: z.object({
      name: name.optional(),
      query: query.optional(),
      hidden: hidden.nullable().optional(),
      shared: z.boolean().optional(),
    }),
    answer: view,
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  deleteView: {
    method: 'DELETE',
    path: '/api/views/:id',
    summary: 'Delete a saved view; the list itself stays',
    needs: 'signed-in',
    params: z.object({ id: uuid }),
    errors: ['forbidden', 'not_found'],
  },
});
