import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../platform/errors.ts';
import { bindRoutes } from '../../platform/http.ts';
import { checkImport } from './check-import.ts';
import { contract } from './contract.ts';
import { createImport, editImport, type Upload } from './manage-imports.ts';
import { reportOf } from './report-rows.ts';
import { cancelImport, startImport } from './run-import.ts';
import { listImports, presentImport, showImport, showKinds } from './show-imports.ts';
import { undoImport } from './undo-import.ts';

/** The first file of the form and the fields that stand before it. */
const uploadOf = async (request: FastifyRequest): Promise<Upload> => {
  const part = (await request.file()) as MultipartFile | undefined;
  if (!part)
    throw new Refusal(
      'malformed',
      'imports.no_file',
      'The form holds no file. Send it as multipart/form-data in a field called "file".',
    );
  const field = (name: string): string | undefined => {
    const one = part.fields[name];
    const value = one && !Array.isArray(one) && one.type === 'field' ? String(one.value).trim() : '';
    return value === '' ? undefined : value;
  };
  return { content: part.file, fileName: part.filename, kind: field('kind'), shopId: field('shop_id') };
};

export const routes = bindRoutes(contract, {
  listKinds: context => showKinds(context),
  createImport: async (context, { request }) => presentImport(context, await createImport(context, await uploadOf(request))),
  listImports: (context, { query }) => listImports(context, query),
  getImport: (context, { params }) => showImport(context, params.id),
  editImport: async (context, { params, body }) => presentImport(context, await editImport(context, params.id, body)),
  checkImport: async (context, { params }) => ({ job_id: await checkImport(context, params.id) }),
  startImport: async (context, { params }) => ({ job_id: await startImport(context, params.id) }),
  cancelImport: async (context, { params }) => presentImport(context, await cancelImport(context, params.id)),
  undoImport: async (context, { params }) => ({ job_id: await undoImport(context, params.id) }),
  downloadErrors: (context, { params, query }) => reportOf(context, params.id, query.outcome),
});
