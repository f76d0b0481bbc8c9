/** One visit to a source: fetch what is new, make an ordinary import of it and start it. */
import type { Readable } from 'node:stream';
import type { Context } from '../../platform/context.ts';
import { systemActor } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { zoneOf } from '../shops/index.ts';
import { createImports } from './create-import.ts';
import { type Credentials, fetchFile } from './fetch-file.ts';
import type { ImportRow } from './import.ts';
import { problemsFor } from './manage-imports.ts';
import { collectJob, secretOf, sourceTopic } from './manage-sources.ts';
import { startImport } from './run-import.ts';
import { mostTries, nextDue, retryAt, type SourceRow } from './source.ts';
import { filesIn, openFolderFile } from './source-folder.ts';

/** A worker stage: queues a visit for every source whose time has come. */
export const collectDue = async (context: Context): Promise<boolean> => {
  const { postgres: sql, clock } = context;
  const due = (await sql`
    select * from imports.source where next_due_at <= ${clock.now()} and paused_at is null and deleted_at is null
    order by next_due_at limit 20`) as unknown as SourceRow[];
  if (due.length === 0) return false;
  const zone = await zoneOf(context);
  for (const source of due) {
    await inTransaction(context, async inside => {
      const taken = await inside.postgres`
        update imports.source set next_due_at = ${nextDue(source.rule, zone, clock.now())} where id = ${source.id} and next_due_at = ${source.next_due_at} returning id`;
      if (taken.length > 0) await startJob(inside, collectJob, { source_id: source.id, by_hand: false }, { key: source.id });
    });
  }
  return true;
};

type Visit = { outcome: 'imported' | 'waiting' | 'unchanged' | 'failed'; imports: ImportRow[]; code?: string; detail?: string };

/** The job. What goes wrong outside is noted and tried again; it is not a fault of the job. */
export const collectSource = async (context: Context, sourceId: string, byHand: boolean): Promise<Record<string, unknown>> => {
  const [row] = await context.postgres`select * from imports.source where id = ${sourceId} and deleted_at is null`;
  if (!row) return {};
  const source = row as unknown as SourceRow;
  const startedAt = context.clock.now();
  // Rows come in as a person would bring them, under the source's name.
  const inside: Context = { ...context, actor: { ...systemActor, name: source.name } };
  const visit = await visitPlace(inside, source).catch((error: unknown): Visit => {
    if (!(error instanceof Refusal)) throw error;
    return { outcome: 'failed', imports: [], code: error.code, detail: error.message };
  });
  await settle(context, source, visit, { startedAt, byHand });
  await context.live.publish(sourceTopic, { id: source.id });
  return { outcome: visit.outcome, imports: visit.imports.length };
};

const visitPlace = (context: Context, source: SourceRow): Promise<Visit> =>
  source.place === 'url' ? visitUrl(context, source) : visitFolder(context, source);

const credentialsOf = (context: Context, source: SourceRow): Credentials => {
  if (source.auth === 'none') return { auth: 'none' };
  if (!source.secret)
    throw new Refusal(
      'refused',
      'imports.secret_missing',
      'The password or token for this address is missing. Enter it and run again.',
    );
  const secret = context.secrets.open(source.secret, secretOf(source.id));
  return source.auth === 'bearer' ? { auth: 'bearer', secret } : { auth: 'basic', user: source.user_name ?? '', secret };
};

const visitUrl = async (context: Context, source: SourceRow): Promise<Visit> => {
  const since = source.only_when_changed
    ? { etag: source.etag, lastModified: source.last_modified }
    : { etag: null, lastModified: null };
  const fetched = await fetchFile(context, source.address, credentialsOf(context, source), since);
  if (!fetched.changed) return { outcome: 'unchanged', imports: [] };
  const made = await createImports(context, uploadOf(source, fetched));
  const sha256 = await hashOf(context, made);
  if (source.only_when_changed && sha256 === source.sha256) {
    await dropImports(context, made);
    return { outcome: 'unchanged', imports: [] };
  }
  const visit = await begin(context, made);
  await context.postgres`
    update imports.source set etag = ${fetched.etag}, last_modified = ${fetched.lastModified}, sha256 = ${sha256} where id = ${source.id}`;
  return visit;
};

const visitFolder = async (context: Context, source: SourceRow): Promise<Visit> => {
  const { postgres: sql, clock } = context;
  const all: ImportRow[] = [];
  let waiting = false;
  for (const file of await filesIn(context, source.address, source.pattern)) {
    const [taken] = await sql`
      select 1 from imports.source_file where source_id = ${source.id} and name = ${file.name} and bytes = ${file.bytes} and modified_at = ${file.modifiedAt}`;
    if (taken) continue;
    const content = await openFolderFile(context, source.address, file.name);
    const made = await createImports(context, uploadOf(source, { content, fileName: file.name }));
    const sha256 = await hashOf(context, made);
    const [same] = await sql`
      insert into imports.source_file (source_id, name, sha256, bytes, modified_at, taken_at)
      values (${source.id}, ${file.name}, ${sha256}, ${file.bytes}, ${file.modifiedAt}, ${clock.now()})
      on conflict (source_id, name, sha256) do update set bytes = excluded.bytes, modified_at = excluded.modified_at
      returning (xmax <> 0) as known`;
    if (same.known && source.only_when_changed) {
      await dropImports(context, made);
      continue;
    }
    const visit = await begin(context, made);
    waiting ||= visit.outcome === 'waiting';
    all.push(...made);
  }
  if (all.length === 0) return { outcome: 'unchanged', imports: [] };
  return { outcome: waiting ? 'waiting' : 'imported', imports: all };
};

const uploadOf = (source: SourceRow, file: { content: Readable; fileName: string }) => ({
  content: file.content,
  fileName: file.fileName,
  shopId: source.shop_id,
  sourceId: source.id,
  ...(source.kind ? { kind: source.kind } : {}),
  ...(source.mapping_id ? { mappingId: source.mapping_id } : {}),
});

/** Of what the visit brought, whatever packing it came in. */
const hashOf = async (context: Context, made: readonly ImportRow[]): Promise<string> => {
  const files = await Promise.all(made.map(one => context.files.get(context, one.file_id!)));
  return files.map(file => file.sha256).join(' ');
};

/** The same file again leaves no import behind. */
const dropImports = async (context: Context, made: readonly ImportRow[]): Promise<void> => {
  await context.postgres`delete from imports.import where id = any(${made.map(one => one.id)}::uuid[]) and state = 'mapping'`;
  await context.files.remove(
    context,
    made.map(one => one.file_id!),
  );
};

/** Starts what needs no answer; the rest waits for a person, as any import does. */
const begin = async (context: Context, made: ImportRow[]): Promise<Visit> => {
  let open = 0;
  for (const one of made) {
    if (problemsFor(context, one).length > 0) open++;
    else await startImport(context, one.id);
  }
  if (open === 0) return { outcome: 'imported', imports: made };
  return {
    outcome: 'waiting',
    imports: made,
    code: 'imports.source_waiting',
    detail:
      'The file leaves a question open. Open its import and answer it; save the mapping, so that the next file needs no answer.',
  };
};

const settle = async (
  context: Context,
  source: SourceRow,
  visit: Visit,
  run: { startedAt: Date; byHand: boolean },
): Promise<void> => {
  const now = context.clock.now();
  const failures = visit.outcome === 'failed' ? source.failures + 1 : 0;
  const isRetried = visit.outcome === 'failed' && !run.byHand && failures < mostTries;
  const tells = visit.outcome === 'waiting' || (visit.outcome === 'failed' && !isRetried);
  const runs = visit.imports.length > 0 ? visit.imports : [null];
  await inTransaction(context, async inside => {
    const { postgres: sql } = inside;
    for (const one of runs)
      await sql`
        insert into imports.source_run (source_id, started_at, finished_at, by_hand, outcome, code, detail, import_id, file_name)
        values (${source.id}, ${run.startedAt}, ${now}, ${run.byHand}, ${visit.outcome}, ${visit.code ?? null}, ${visit.detail ?? null}, ${one?.id ?? null}, ${one?.file_name ?? null})`;
    await sql`
      update imports.source set failures = ${failures}, next_due_at = ${isRetried ? retryAt(failures, now) : sql`next_due_at`} where id = ${source.id}`;
    if (visit.outcome !== 'failed' && source.failures > 0)
      await inside.announce('imports.source_mended', { source_id: source.id });
    if (tells)
      await inside.announce('imports.source_needs_staff', {
        source_id: source.id,
        name: source.name,
        staff_id: source.created_by_id,
        import_id: visit.imports[0]?.id ?? null,
        outcome: visit.outcome,
        detail: visit.detail ?? '',
      });
  });
};
