import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { bindRoutes } from '../../platform/http.ts';
import { checkImport } from './check-import.ts';
import { contract } from './contract.ts';
import { createImports, type Upload } from './create-import.ts';
import { editImport } from './edit-import.ts';
import { type Credentials, fetchFile } from './fetch-file.ts';
import {
  changeSource,
  createSource,
  deleteSource,
  listSources,
  pauseSource,
  restoreSource,
  resumeSource,
  runSource,
  showRuns,
  showSource,
} from './manage-sources.ts';
import { reportOf } from './report-rows.ts';
import { cancelImport, startImport } from './run-import.ts';
import { deleteMapping, listMappings, renameMapping, restoreMapping, saveMapping } from './saved-mappings.ts';
import { listImports, presentImport, presentImports, showImport, showKinds } from './show-imports.ts';
import { undoImport } from './undo-import.ts';

const noFile = () =>
  new Refusal(
    'malformed',
    'imports.no_file',
    'The form holds no file. Send it as multipart/form-data in a field called "file", or its address in a field called "url".',
  );

/** The first file of the form and the fields that stand before it; or, without a file, the address to fetch one from. */
const uploadOf = async (context: Context, request: FastifyRequest): Promise<Upload> => {
  const fields = new Map<string, string>();
  let file: MultipartFile | null = null;
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      file = part;
      break;
    }
    if (String(part.value).trim() !== '') fields.set(part.fieldname, String(part.value).trim());
  }
  const about = { kind: fields.get('kind'), shopId: fields.get('shop_id'), mappingId: uuidIn(fields, 'mapping_id') };
  if (file) return { ...about, content: file.file, fileName: file.filename };
  const url = fields.get('url');
  if (!url) throw noFile();
  const fetched = await fetchFile(context, url, credentialsIn(fields));
  if (!fetched.changed) throw noFile();
  return { ...about, content: fetched.content, fileName: fetched.fileName };
};

const uuidIn = (fields: ReadonlyMap<string, string>, name: string): string | undefined => {
  const value = fields.get(name);
  if (value !== undefined && !/^[0-9a-f-]{36}$/i.test(value))
    throw new Refusal('malformed', 'imports.bad_field', `The field "${name}" is not an id of this system.`);
  return value;
};

const credentialsIn = (fields: ReadonlyMap<string, string>): Credentials => {
  const token = fields.get('token');
  if (token) return { auth: 'bearer', secret: token };
  const user = fields.get('user');
  return user ? { auth: 'basic', user, secret: fields.get('password') ?? '' } : { auth: 'none' };
};

export const routes = bindRoutes(contract, {
  listMappings: async context => ({ data: (await listMappings(context)) as never }),
  saveMapping: (context, { body }) => saveMapping(context, { importId: body.import_id, name: body.name }) as never,
  renameMapping: (context, { params, body }) => renameMapping(context, { id: params.id, ...body }) as never,
  deleteMapping: (context, { params }) => deleteMapping(context, params.id),
  restoreMapping: (context, { params }) => restoreMapping(context, params.id) as never,
  listSources: context => listSources(context),
  getSource: async (context, { params }) =>
    ({ ...((await showSource(context, params.id)) as object), runs: await showRuns(context, params.id) }) as never,
  createSource: (context, { body }) => createSource(context, body),
  changeSource: (context, { params, body }) => changeSource(context, params.id, body),
  runSource: async (context, { params }) => ({ job_id: await runSource(context, params.id) }),
  pauseSource: (context, { params }) => pauseSource(context, params.id),
  resumeSource: (context, { params }) => resumeSource(context, params.id),
  deleteSource: (context, { params }) => deleteSource(context, params.id),
  restoreSource: (context, { params }) => restoreSource(context, params.id),
  listKinds: context => showKinds(context),
  createImport: async (context, { request }) =>
    (await presentImports(context, await createImports(context, await uploadOf(context, request)))) as never,
  listImports: (context, { query }) => listImports(context, query),
  getImport: (context, { params }) => showImport(context, params.id),
  editImport: async (context, { params, body }) => presentImport(context, await editImport(context, params.id, body)),
  checkImport: async (context, { params }) => ({ job_id: await checkImport(context, params.id) }),
  startImport: async (context, { params }) => ({ job_id: await startImport(context, params.id) }),
  cancelImport: async (context, { params }) => presentImport(context, await cancelImport(context, params.id)),
  undoImport: async (context, { params }) => ({ job_id: await undoImport(context, params.id) }),
  downloadErrors: (context, { params, query }) => reportOf(context, params.id, query.outcome),
});
