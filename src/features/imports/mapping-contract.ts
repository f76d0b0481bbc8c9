/** Doors of saved mappings; a part of contract.ts. */
import { z } from 'zod';
import { defineContract, instant, uuid } from '../../platform/contract.ts';

const name = z.string().trim().min(1, 'Give it a name.').max(80);

export const mappingAnswer = z.object({
  id: uuid,
  name: z.string(),
  kind: z.string(),
  columns: z.array(z.object({ header: z.string(), field: z.string(), name: z.string().nullable() })),
  created_by: z.string(),
  created_at: instant,
  used_at: instant.nullable(),
  version: z.number(),
});
export type MappingAnswer = z.infer<typeof mappingAnswer>;

const params = z.object({ id: uuid });

export const mappingRoutes = defineContract({
  listMappings: {
    method: 'GET',
    path: '/api/imports/mappings',
    summary: 'Saved mappings, the one last used first; a file with the same headers is offered it by itself',
    needs: 'imports:read',
    answer: z.object({ data: z.array(mappingAnswer) }),
  },
  saveMapping: {
    method: 'POST',
    path: '/api/imports/mappings',
    summary: 'Keep the answers of an import under a name; a mapping of that name is replaced',
    needs: 'imports:write',
    body: z.object({ import_id: uuid, name }),
    answer: mappingAnswer,
    status: 201,
    errors: ['not_found', 'refused'],
  },
  renameMapping: {
    method: 'PATCH',
    path: '/api/imports/mappings/:id',
    summary: 'Give a saved mapping another name',
    needs: 'imports:write',
    params,
    body: z.object({ version: z.number().int(), name }),
    answer: mappingAnswer,
    errors: ['not_found', 'conflict'],
  },
  deleteMapping: {
    method: 'DELETE',
    path: '/api/imports/mappings/:id',
    summary: 'Offer a saved mapping no more',
    needs: 'imports:write',
    params,
    errors: ['not_found'],
  },
  restoreMapping: {
    method: 'POST',
    path: '/api/imports/mappings/:id/restore',
    summary: 'Bring a deleted mapping back',
    needs: 'imports:write',
    params,
    answer: mappingAnswer,
    errors: ['not_found', 'conflict'],
  },
});
