import { audit } from '../../platform/audit.ts';
import { type Actor, type Context, maySee } from '../../platform/context.ts';
import { type FieldGroup, fieldGroups } from '../../platform/contract.ts';
import { type CsvValue, csvStream } from '../../platform/csv.ts';
import { notFound } from '../../platform/errors.ts';
import type { Job, JobProgress } from '../../platform/feature.ts';
import { startJob } from '../../platform/queue.ts';
import { guardExport } from '../access/index.ts';
import { countMany, listIds } from './ask-clickhouse.ts';
import { whoOf } from './list-members.ts';
import { momentFor } from './load-vocabulary.ts';
import { openSegment } from './manage-segments.ts';
import { checkColumns, columnsToShow, readPeople } from './read-people.ts';

const portion = 1_000;
const keptDays = 7;
const exporter = 'segments.export';

type ExportInput = { as_of?: string | null; columns?: readonly string[] };

/** Starts writing the file; refuses here what the reader may not see, so that nothing is found out later. */
export const startExport = async (context: Context, id: string, input: ExportInput): Promise<{ job_id: string }> => {
  const { definition, members, loaded } = await openSegment(context, id);
  const columns = input.columns ? checkColumns(context, loaded, input.columns) : columnsToShow(context, loaded, undefined);
  const who = whoOf(context, { id, definition, members }, (input.as_of ?? null) !== null);
  const rows =
    'segmentId' in who
      ? (members ?? 0)
      : (await countMany(context, [definition], momentFor(context, loaded, input.as_of), loaded.vocabulary))[0];
  await guardExport(context, { kind: 'segments.members', rows, filter: { segment: id, columns, as_of: input.as_of ?? null } });
  const job_id = await startJob(context, exporter, {
    segment_id: id,
    as_of: input.as_of ?? null,
    columns,
    // The job runs later: with the rights of whoever asked, no more.
    actor: {
      ...context.actor,
      verbs: [...context.actor.verbs],
      fields: fieldGroups.filter(group => maySee(context.actor, group)),
    },
  });
  await audit(context, 'segments.export_started', {
    subject: { kind: 'segment', id },
    columns,
    as_of: input.as_of ?? null,
    job_id,
  });
  return { job_id };
};

type Payload = {
  segment_id: string;
  as_of: string | null;
  columns: string[];
  actor: Omit<Actor, 'verbs' | 'fields'> & { verbs: string[]; fields: FieldGroup[] };
};

const runExport = async (
  context: Context,
  raw: Record<string, unknown>,
  progress: JobProgress,
): Promise<Record<string, unknown>> => {
  const payload = raw as Payload;
  const actor: Actor = { ...payload.actor, verbs: new Set(payload.actor.verbs), fields: new Set(payload.actor.fields) };
  const inside: Context = { ...context, actor };
  let rows = 0;
  const file = await context.files.keep(
    context,
    csvStream(
      headerOf(inside, payload.columns),
      pagesOf(inside, payload, async count => {
        rows += count;
        await progress.report(rows, null);
      }),
    ),
    {
      owner: exporter,
      name: await fileName(inside, payload),
      contentType: 'text/csv; charset=utf-8',
      expiresAt: new Date(context.clock.now().getTime() + keptDays * 86_400_000),
    },
  );
  await audit(inside, 'segments.exported', {
    subject: { kind: 'segment', id: payload.segment_id },
    rows,
    columns: payload.columns,
    file_id: file.id,
  });
  return { file_id: file.id, rows, url: `/api/segments/exports/${file.id}/file` };
};

const fileName = async (context: Context, payload: Payload): Promise<string> => {
  const { name } = await openSegment(context, payload.segment_id);
  return `${name.replace(/[^\p{L}\p{N} _-]+/gu, '').trim() || 'segment'}${payload.as_of ? ` ${payload.as_of}` : ''}.csv`;
};

const contactColumns = ['name', 'email', 'phone'] as const;
const headerOf = (context: Context, columns: readonly string[]): string[] => [
  'id',
  'outside_id',
  ...(maySee(context.actor, 'contact') ? contactColumns : []),
  'country',
  'entered_at',
  ...columns,
];

/** Money leaves as decimal text in whole units, which is what a spreadsheet adds up. */
async function* pagesOf(
  context: Context,
  payload: Payload,
  report: (count: number) => Promise<void>,
): AsyncGenerator<CsvValue[][]> {
  const { definition, loaded, members } = await openSegment(context, payload.segment_id);
  const moment = momentFor(context, loaded, payload.as_of);
  const who = whoOf(context, { id: payload.segment_id, definition, members }, payload.as_of !== null);
  const contact = maySee(context.actor, 'contact');
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency: loaded.vocabulary.currency }).resolvedOptions()
      .maximumFractionDigits ?? 2;
  // One list of ids, read at once: pages of a moving membership would skip people.
  const ids = await listIds(context, who, null, { limit: 4_294_967_295, offset: 0 }, moment, loaded.vocabulary);
  for (let from = 0; from < ids.length; from += portion) {
    const people = await readPeople(
      context,
      ids.slice(from, from + portion),
      payload.columns,
      loaded,
      moment,
      payload.as_of,
      payload.segment_id,
    );
    yield people.map(person => [
      Number(person.id),
      person.outside_id,
      ...(contact ? contactColumns.map(name => person[name]) : []),
      person.country,
      person.entered_at,
      ...payload.columns.map((code): CsvValue => {
        const value = person.facts[code];
        return loaded.facts.get(code)?.type === 'money' && typeof value === 'number' ? value / 10 ** digits : value;
      }),
    ]);
    await report(people.length);
  }
}

export const exportJob: Job = { name: exporter, run: runExport };

/** The stored file; only exports of segments are handed out here. */
export const exportFile = async (context: Context, id: string) => {
  const stored = await context.files.get(context, id);
  if (stored.owner !== exporter) throw notFound('file');
  await audit(context, 'segments.export_downloaded', { subject: { kind: 'file', id } });
  return { file: await context.files.read(context, id), filename: stored.name };
};
