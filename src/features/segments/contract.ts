import { z } from 'zod';
import {
  asOf,
  customerId,
  day,
  defineContract,
  fieldGroups,
  instant,
  jobAnswer,
  listOf,
  page,
  uuid,
} from '../../platform/contract.ts';

const group = z.enum(fieldGroups);
/** Checked in full by parse-definition.ts, against the facts, segments and shops there are. */
const definition = z.unknown();
/** A sentence as code + values (phrase.ts); the admin writes it out in the reader's language. */
const phrase = z.record(z.string(), z.unknown());

/** What set a change off: something happened, time went by, the segment was defined anew. Null: from before this was kept. */
const cause = z.enum(['event', 'time', 'definition']).nullable();
/** The conditions that made the difference; null = not worked out (many at once), or not to be shown to this reader. */
const reasons = z.array(z.object({ turned: z.boolean(), phrase })).nullable();

const saved = z.object({
  id: uuid,
  name: z.string(),
  description: z.string(),
  folder: z.string(),
  version: z.number().int(),
  /** Null until it has been counted for the first time. */
  count: z.number().int().nullable(),
  /** Null for a reader who lacks one of the `hidden` field groups: name and count only. */
  definition: definition.nullable(),
  phrase: phrase.nullable(),
  sentence: z.string().nullable(),
  hidden: z.array(group),
  broken: z.string().nullable(),
  archived_at: instant.nullable(),
  deleted_at: instant.nullable(),
  created_by: z.string(),
  created_at: instant,
  updated_at: instant,
  refreshed_at: instant.nullable(),
});
export type SavedSegment = z.infer<typeof saved>;

const personRow = z.object({
  id: customerId,
  /** What the shop calls them. */
  outside_id: z.string().nullable(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  country: z.string().nullable(),
  entered_at: instant.nullable(),
  /** Values of the asked columns that are known and that the reader may see. */
  facts: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.array(z.string())])),
});
export type SegmentPerson = z.infer<typeof personRow>;

const previewAnswer = z.object({
  count: z.number().int(),
  total: z.number().int(),
  /** 0..1 */
  share: z.number(),
  sample: z.array(personRow),
  phrase,
  sentence: z.string(),
  took_ms: z.number(),
  /** Per condition, by its path in the definition: how many it matches alone, and how many there would be without it (null: too many conditions to try). */
  conditions: z.array(z.object({ path: z.string(), phrase, alone: z.number().int(), without: z.number().int().nullable() })),
  /** How many of them may be written to; null where nothing is known about the channel. */
  reachable: z.object({ email: z.number().int().nullable(), sms: z.number().int().nullable() }),
  /** Net sales of these customers so far, home currency; null for a reader without the money fields. */
  sales: z.object({ amount_minor: z.number().int(), currency: z.string() }).nullable(),
  as_of: day.nullable(),
  /** Facts of which only today's value is known; with as_of the answer uses it. */
  current_only: z.array(z.string()),
});
export type SegmentPreview = z.infer<typeof previewAnswer>;

const name = z.string().trim().min(1, 'Give the segment a name.').max(120, 'Keep the name under 120 letters.');
const folder = z.string().trim().max(60, 'Keep the folder under 60 letters.');
const description = z.string().trim().max(1_000, 'Keep the description under 1,000 letters.');
const one = z.object({ id: uuid });
const columns = z
  .string()
  .max(2_000)
  .transform(text =>
    text
      .split(',')
      .map(code => code.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.string().max(200)).max(40, 'At most 40 columns.'));

export const contract = defineContract({
  listSegments: {
    method: 'GET',
    path: '/api/segments',
    summary: 'Saved segments with their counts; with as_of the counts of that day',
    needs: 'segments:read',
    query: z.object({
      ...page,
      ...asOf,
      query: z.string().max(200).optional(),
      folder: folder.optional(),
      state: z.enum(['active', 'archived', 'deleted']).default('active'),
    }),
    answer: listOf(saved),
  },
  createSegment: {
    method: 'POST',
    path: '/api/segments',
    summary: 'Save a segment; it fills up in the background',
    needs: 'segments:write',
    body: z.strictObject({ name, description: description.default(''), folder: folder.default(''), definition }),
    answer: saved.extend({ job_id: uuid }),
    status: 201,
    errors: ['conflict', 'refused', 'forbidden'],
  },
  previewSegment: {
    method: 'POST',
    path: '/api/segments/preview',
    summary: 'Count a definition without saving it: people, share, five of them, what each condition does',
    needs: 'segments:read',
    asks: true,
    body: z.strictObject({ definition, as_of: day.nullish(), id: uuid.optional() }),
    answer: previewAnswer,
    errors: ['refused', 'forbidden', 'unavailable'],
  },
  listPresets: {
    method: 'GET',
    path: '/api/segments/presets',
    summary: 'Ready-made segments, each with the reason for it',
    needs: 'segments:read',
    answer: z.object({
      data: z.array(z.object({ code: z.string(), name: z.string(), why: z.string(), definition, available: z.boolean() })),
    }),
  },
  exportFile: {
    method: 'GET',
    path: '/api/segments/exports/:id/file',
    summary: 'The file of a finished export',
    needs: 'customers:export',
    params: one,
    answer: 'text/csv; charset=utf-8',
    errors: ['not_found'],
  },
  showSegment: {
    method: 'GET',
    path: '/api/segments/:id',
    summary: 'One segment',
    needs: 'segments:read',
    params: one,
    query: z.object(asOf),
    answer: saved.extend({ used_in: z.array(z.object({ kind: z.string(), id: z.string(), name: z.string() })) }),
    errors: ['not_found'],
  },
  changeSegment: {
    method: 'PATCH',
    path: '/api/segments/:id',
    summary: 'Rename, move, redefine, archive or take back from the archive',
    needs: 'segments:write',
    params: one,
    body: z.strictObject({
      version: z.number().int(),
      name: name.optional(),
      description: description.optional(),
      folder: folder.optional(),
      definition: definition.optional(),
      archived: z.boolean().optional(),
    }),
    answer: saved.extend({ job_id: uuid.nullable() }),
    errors: ['not_found', 'conflict', 'refused', 'forbidden'],
  },
  deleteSegment: {
    method: 'DELETE',
    path: '/api/segments/:id',
    summary: 'Delete a segment; it can be restored',
    needs: 'segments:write',
    params: one,
    errors: ['not_found', 'refused'],
  },
  restoreSegment: {
    method: 'POST',
    path: '/api/segments/:id/restore',
    summary: 'Bring a deleted segment back',
    needs: 'segments:write',
    params: one,
    answer: saved,
    errors: ['not_found', 'conflict', 'refused'],
  },
  duplicateSegment: {
    method: 'POST',
    path: '/api/segments/:id/duplicate',
    summary: 'A copy under another name',
    needs: 'segments:write',
    params: one,
    answer: saved,
    status: 201,
    errors: ['not_found', 'forbidden'],
  },
  refreshSegment: {
    method: 'POST',
    path: '/api/segments/:id/refresh',
    summary: 'Count the whole segment now',
    needs: 'segments:write',
    params: one,
    answer: jobAnswer,
    status: 202,
    errors: ['not_found'],
  },
  listMembers: {
    method: 'GET',
    path: '/api/segments/:id/members',
    summary: 'Who is in it; with as_of who was on that day',
    needs: 'customers:read',
    params: one,
    query: z.object({ ...page, ...asOf, sort: z.string().max(200).default(''), columns: columns.default([]) }),
    answer: listOf(personRow),
    errors: ['not_found', 'forbidden', 'refused', 'unavailable'],
  },
  showHistory: {
    method: 'GET',
    path: '/api/segments/:id/history',
    summary: 'Members, entries and exits by day',
    needs: 'segments:read',
    params: one,
    query: z.object({ from: day.optional(), to: day.optional() }),
    answer: z.object({
      data: z.array(z.object({ day, members: z.number().int(), entered: z.number().int(), exited: z.number().int() })),
    }),
    errors: ['not_found'],
  },
  listVersions: {
    method: 'GET',
    path: '/api/segments/:id/versions',
    summary: 'What the segment meant before',
    needs: 'segments:read',
    params: one,
    answer: z.object({
      data: z.array(
        z.object({
          version: z.number().int(),
          name: z.string(),
          /** Null: the name stayed. */
          renamed_from: z.string().nullable(),
          definition: definition.nullable(),
          sentence: z.string().nullable(),
          phrase: phrase.nullable(),
          /** What changed since the version before; null where it cannot be read or shown. */
          changes: z
            .array(
              z.object({
                kind: z.enum(['first', 'same', 'grouping', 'added', 'removed', 'changed']),
                /** The condition stands under BUT NOT. */
                turned: z.boolean().optional(),
                phrase: phrase.optional(),
                from: phrase.optional(),
              }),
            )
            .nullable(),
          changed_by: z.string(),
          changed_at: instant,
        }),
      ),
    }),
    errors: ['not_found'],
  },
  restoreVersion: {
    method: 'POST',
    path: '/api/segments/:id/versions/:version/restore',
    summary: 'Make an earlier definition the one of now, as a new version',
    needs: 'segments:write',
    params: z.object({ id: uuid, version: z.coerce.number().int().min(1).max(1_000_000) }),
    body: z.strictObject({ version: z.number().int() }),
    answer: saved.extend({ job_id: uuid.nullable() }),
    errors: ['not_found', 'conflict', 'refused', 'forbidden'],
  },
  exportHistory: {
    method: 'GET',
    path: '/api/segments/:id/history.csv',
    summary: 'Members, entries and exits by day, as a spreadsheet',
    needs: 'segments:read',
    params: one,
    query: z.object({ from: day.optional(), to: day.optional() }),
    answer: 'text/csv; charset=utf-8',
    errors: ['not_found'],
  },
  countPast: {
    method: 'GET',
    path: '/api/segments/:id/past',
    summary: 'What the definition of now would have counted at the ends of past months',
    needs: 'segments:read',
    params: one,
    query: z.object({ months: z.coerce.number().int().min(1).max(24).default(12) }),
    answer: z.object({ data: z.array(z.object({ day, members: z.number().int() })), current_only: z.array(z.string()) }),
    errors: ['not_found', 'forbidden', 'refused', 'unavailable'],
  },
  listMoves: {
    method: 'GET',
    path: '/api/segments/:id/moves',
    summary: 'Who entered or left on a day, when and which conditions made the difference',
    needs: 'customers:read',
    params: one,
    query: z.object({ ...page, day, direction: z.enum(['entered', 'left']).default('entered') }),
    answer: listOf(
      z.object({
        id: customerId,
        name: z.string().nullable(),
        at: instant,
        /** Entered: when they left again. Left: since when they had been in. */
        until: instant.nullable(),
        cause,
        reasons,
      }),
    ),
    errors: ['not_found', 'forbidden', 'refused', 'malformed'],
  },
  exportMoves: {
    method: 'GET',
    path: '/api/segments/:id/moves.csv',
    summary: 'The same as a spreadsheet',
    needs: 'customers:export',
    params: one,
    query: z.object({ day, direction: z.enum(['entered', 'left']).default('entered') }),
    answer: 'text/csv; charset=utf-8',
    errors: ['not_found', 'forbidden', 'refused'],
  },
  historyOfCustomer: {
    method: 'GET',
    path: '/api/customers/:id/segment-history',
    summary: 'The segments one customer is in and was in: since when, until when, and why',
    needs: 'customers:read',
    params: z.object({ id: customerId }),
    query: z.object(asOf),
    answer: z.object({
      data: z.array(
        z.object({
          segment_id: uuid,
          name: z.string(),
          entered_at: instant,
          entered_cause: cause,
          entered_reasons: reasons,
          left_at: instant.nullable(),
          left_cause: cause,
          left_reasons: reasons,
        }),
      ),
    }),
    errors: ['not_found'],
  },
  explainCustomer: {
    method: 'GET',
    path: '/api/segments/:id/explain/:customer',
    summary: 'Which conditions hold for one customer, and which fail',
    needs: 'customers:read',
    params: z.object({ id: uuid, customer: customerId }),
    query: z.object(asOf),
    answer: z.object({
      member: z.boolean(),
      counts: z.boolean(),
      conditions: z.array(z.object({ path: z.string(), phrase, sentence: z.string(), holds: z.boolean() })),
    }),
    errors: ['not_found', 'forbidden', 'refused'],
  },
  segmentsOfCustomer: {
    method: 'GET',
    path: '/api/customers/:id/segments',
    summary: 'The segments one customer is in',
    needs: 'customers:read',
    params: z.object({ id: customerId }),
    answer: z.object({ data: z.array(z.object({ id: uuid, name: z.string(), entered_at: instant })) }),
  },
  exportSegment: {
    method: 'POST',
    path: '/api/segments/:id/exports',
    summary: 'Write the members to a CSV file, with the columns the reader may see',
    needs: 'customers:export',
    params: one,
    body: z.strictObject({ as_of: day.nullish(), columns: z.array(z.string().max(200)).max(40).optional() }),
    answer: jobAnswer,
    status: 202,
    errors: ['not_found', 'forbidden', 'refused'],
  },
  vocabulary: {
    method: 'GET',
    path: '/api/vocabulary',
    summary: 'Every fact, operator and kind of condition: what forms are drawn from',
    needs: 'signed-in',
    answer: z.object({
      conditions: z.array(
        z.object({
          key: z.string(),
          label: z.string(),
          hint: z.string(),
          arguments: z.array(
            z.object({
              name: z.string(),
              type: z.string(),
              label: z.string(),
              hint: z.string().nullable(),
              required: z.boolean(),
              choices: z.array(z.string()).nullable(),
            }),
          ),
        }),
      ),
      operators: z.array(z.object({ code: z.string(), label: z.string(), types: z.array(z.string()), form: z.string() })),
      facts: z.array(
        z.object({
          code: z.string(),
          label: z.string(),
          label_text: z.string().nullable(),
          type: z.string(),
          unit: z.string().nullable(),
          choices: z.array(z.string()).nullable(),
          choice_labels: z.string().nullable(),
          as_of: z.enum(['exact', 'current']),
        }),
      ),
      events: z.array(
        z.object({
          name: z.string(),
          count: z.number().int(),
          properties: z.array(z.object({ name: z.string(), type: z.string(), samples: z.array(z.string()) })),
        }),
      ),
      segments: z.array(z.object({ id: uuid, name: z.string() })),
      shops: z.array(z.object({ id: uuid, name: z.string() })),
      tags: z.array(z.string()),
      products: z.array(z.object({ sku: z.string(), name: z.string().nullable() })),
      categories: z.array(z.string()),
      currency: z.string(),
      zone: z.string(),
      span_units: z.array(z.string()),
    }),
  },
});
