import { z } from 'zod';
import { defineContract, instant, jobAnswer, listOf, page, uuid } from '../../platform/contract.ts';
import { mappingRoutes } from './mapping-contract.ts';
import { sourceRoutes } from './source-contract.ts';

/** How a file is to be read: detected, shown, editable. */
export const settingsShape = z.object({
  compression: z.enum(['none', 'gzip']),
  encoding: z.string().max(30),
  delimiter: z.string().length(1),
  quote: z.enum(['"', "'", '']),
  header: z.boolean(),
  /** Rows above the header that are not part of the table. */
  skip_rows: z.number().int().min(0).max(100),
  decimal: z.enum(['.', ',']),
  /** null: dates may be read both ways; must be answered. */
  date_order: z.enum(['ymd', 'dmy', 'mdy', 'epoch']).nullable(),
  /** Zone of times without one (IANA). */
  zone: z.string().max(60),
  /** For amounts without a currency column. null: not named. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'A currency is three capital letters, e.g. EUR.')
    .nullable(),
});
export type Settings = z.infer<typeof settingsShape>;

export const importId = z.object({ id: uuid });

const reason = z.object({
  code: z.string(),
  field: z.string().optional(),
  values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});
export type ReasonAnswer = z.infer<typeof reason>;

const counted = z.record(z.string(), z.number());
export const countsAnswer = z.object({
  read: z.number(),
  /** read = kept + all of merged + all of skipped. */
  kept: z.number(),
  /** Of the kept: said something new. The rest was known already. */
  added: z.number(),
  merged: counted,
  skipped: counted,
  noted: counted,
  made: counted,
});
export type CountsAnswer = z.infer<typeof countsAnswer>;

const column = z.object({
  index: z.number(),
  name: z.string(),
  type: z.string(),
  filled: z.number(),
  distinct: z.number(),
  negative: z.boolean(),
  /** Empty for those who may not see contact data. */
  samples: z.array(z.string()),
});
export const mappingShape = z
  .array(z.object({ column: z.number().int().min(0).max(2_000), field: z.string().max(60), name: z.string().max(80).optional() }))
  .max(2_000);
export const optionsShape = z.record(z.string().max(60), z.union([z.string().max(200), z.boolean(), z.null()]));

export const dryRunAnswer = z.object({
  counts: countsAnswer,
  from: instant.nullable(),
  until: instant.nullable(),
  /** Rows (or orders) by currency. */
  currencies: counted,
  warnings: z.array(reason),
  took_ms: z.number(),
});

export const importAnswer = z.object({
  id: uuid,
  shop_id: uuid,
  file_name: z.string(),
  bytes: z.number(),
  state: z.enum(['mapping', 'checking', 'running', 'done', 'cancelled', 'failed', 'undoing', 'undone']),
  kind: z.string(),
  settings: settingsShape,
  sure: z.record(z.string(), z.boolean()),
  dates_mixed: z.boolean(),
  columns: z.array(column),
  /** First rows as read; empty for those who may not see contact data. */
  rows: z.array(z.array(z.string())),
  mapping: mappingShape,
  options: optionsShape,
  /** The mapping and settings were taken over from an earlier import of the same columns. */
  same_as: uuid.nullable(),
  /** The saved mapping whose answers were taken over. */
  saved_mapping: z.object({ id: uuid, name: z.string() }).nullable(),
  /** The file was known by headers that only this kind's format has. */
  recognised: z.boolean(),
  /** The scheduled source it came from. */
  source_id: uuid.nullable(),
  /** Further imports that came in the same archive. */
  also: z.array(z.object({ id: uuid, file_name: z.string() })).optional(),
  /** What stands in the way of a start. */
  problems: z.array(reason),
  dry_run: dryRunAnswer.nullable(),
  counts: countsAnswer,
  progress: z.object({
    rows: z.number(),
    rows_total: z.number().nullable(),
    share: z.number(),
    rows_per_second: z.number(),
    seconds_left: z.number().nullable(),
  }),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  job_id: uuid.nullable(),
  report_rows: z.number(),
  file_kept: z.boolean(),
  created_by: z.string(),
  created_at: instant,
  finished_at: instant.nullable(),
  took_ms: z.number(),
  undone_at: instant.nullable(),
  version: z.number(),
});
export type ImportAnswer = z.infer<typeof importAnswer>;

const listedImport = importAnswer.pick({
  id: true,
  shop_id: true,
  file_name: true,
  bytes: true,
  state: true,
  kind: true,
  counts: true,
  progress: true,
  error: true,
  created_by: true,
  created_at: true,
  finished_at: true,
  undone_at: true,
});
export type ListedImport = z.infer<typeof listedImport>;

const field = z.object({
  code: z.string(),
  label: z.string(),
  hint: z.string().optional(),
  type: z.string(),
  required: z.union([z.boolean(), z.string()]).optional(),
  many: z.boolean().optional(),
});
const option = z.object({
  code: z.string(),
  label: z.string(),
  hint: z.string().optional(),
  type: z.enum(['yes_no', 'choice', 'text']),
  choices: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  default: z.union([z.string(), z.boolean(), z.null()]),
  whenField: z.string().optional(),
});
export const kindAnswer = z.object({
  code: z.string(),
  label: z.string(),
  about: z.string(),
  money: z.boolean(),
  /** One system's own export, known by its headers. */
  format: z.boolean(),
  fields: z.array(field),
  options: z.array(option),
});
export type KindAnswer = z.infer<typeof kindAnswer>;

export const contract = defineContract({
  ...mappingRoutes,
  ...sourceRoutes,
  listKinds: {
    method: 'GET',
    path: '/api/imports/kinds',
    summary: 'What can be imported: kinds with their fields and options (labels are text keys)',
    needs: 'imports:read',
    answer: z.object({
      data: z.array(kindAnswer),
      encodings: z.array(z.string()),
      currencies: z.array(z.string()),
      zones: z.array(z.string()),
    }),
  },
  createImport: {
    method: 'POST',
    path: '/api/imports',
    summary:
      'Bring a file: multipart with "file", or with "url" and optionally "user" and "password" or "token" instead; before it optionally "kind", "shop_id", "mapping_id". Answers what was found in it; of a zip archive the first table, the others under "also"',
    needs: 'imports:write',
    upload: true,
    bodyLimit: 8 * 2 ** 30,
    answer: importAnswer,
    status: 201,
    errors: ['refused', 'too_large', 'not_found', 'malformed'],
  },
  listImports: {
    method: 'GET',
    path: '/api/imports',
    summary: 'Imports, newest first',
    needs: 'imports:read',
    query: z.object(page),
    answer: listOf(listedImport),
  },
  getImport: {
    method: 'GET',
    path: '/api/imports/:id',
    summary: 'One import: what was found, mapping, dry run, progress and result',
    needs: 'imports:read',
    params: importId,
    answer: importAnswer,
    errors: ['not_found'],
  },
  editImport: {
    method: 'POST',
    path: '/api/imports/:id/mapping',
    summary: 'Change kind, settings, mapping or options before the start',
    needs: 'imports:write',
    params: importId,
    body: z.object({
      version: z.number().int(),
      kind: z.string().max(60).optional(),
      shop_id: uuid.optional(),
      mapping_id: uuid.optional(),
      settings: settingsShape.omit({ compression: true }).partial().optional(),
      mapping: mappingShape.optional(),
      options: optionsShape.optional(),
    }),
    answer: importAnswer,
    errors: ['not_found', 'conflict', 'refused'],
  },
  checkImport: {
    method: 'POST',
    path: '/api/imports/:id/dry-run',
    summary: 'Count what the import would do; writes nothing',
    needs: 'imports:write',
    params: importId,
    answer: jobAnswer,
    status: 202,
    errors: ['not_found', 'conflict', 'refused'],
  },
  startImport: {
    method: 'POST',
    path: '/api/imports/:id/start',
    summary: 'Start, or go on after a cancel or a fault, exactly where it was',
    needs: 'imports:write',
    params: importId,
    answer: jobAnswer,
    status: 202,
    errors: ['not_found', 'conflict', 'refused'],
  },
  cancelImport: {
    method: 'POST',
    path: '/api/imports/:id/cancel',
    summary: 'Stop after the portion being written; what is in stays until it is undone',
    needs: 'imports:write',
    params: importId,
    answer: importAnswer,
    errors: ['not_found', 'conflict'],
  },
  undoImport: {
    method: 'POST',
    path: '/api/imports/:id/undo',
    summary: 'Take back everything the import brought',
    needs: 'imports:write',
    params: importId,
    answer: jobAnswer,
    status: 202,
    errors: ['not_found', 'conflict'],
  },
  downloadErrors: {
    method: 'GET',
    path: '/api/imports/:id/errors.csv',
    summary:
      'Rows that were skipped, as they were, with the reason: mend them and bring the file again (?outcome=all adds merged and noted rows)',
    needs: 'imports:write',
    params: importId,
    query: z.object({ outcome: z.enum(['skipped', 'all']).default('skipped') }),
    answer: 'text/csv; charset=utf-8',
    errors: ['not_found', 'forbidden'],
  },
});
