import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { isShopLimited, refuseShopLimited } from '../../platform/shop-limit.ts';
import { countMany } from './ask-clickhouse.ts';
import { groupsOf, sentenceOf } from './compile.ts';
import type { SavedSegment } from './contract.ts';
import { canonicalJson, conditionsOf, type Definition } from './definition.ts';
import { inEnglish } from './english.ts';
import { checkSegments, type Loaded, loadVocabulary, momentFor } from './load-vocabulary.ts';
import { parseDefinition, refuseCycle } from './parse-definition.ts';
import { hiddenGroups, refuseHidden } from './preview-segment.ts';

type Row = {
  id: string;
  name: string;
  description: string;
  folder: string;
  definition: Definition;
  version: number;
  members: number | null;
  refreshed_at: Date | null;
  broken: string | null;
  archived_at: Date | null;
  deleted_at: Date | null;
  created_by: string;
  created_at: Date;
  updated_at: Date;
};
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** What this reader may know of a saved segment: without one of its field groups only name and count (decisions 16). */
const answerOf = (context: Context, row: Row, loaded: Loaded, count: number | null = row.members): SavedSegment => {
  const [{ broken }] = checkSegments(loaded, [{ ...row, archived: false }]);
  const hidden = broken === null ? hiddenGroups(context, row.definition, loaded.vocabulary) : [];
  const phrase = broken === null && hidden.length === 0 ? sentenceOf(row.definition, loaded.vocabulary) : null;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    folder: row.folder,
    version: row.version,
    count,
    definition: hidden.length === 0 ? row.definition : null,
    phrase,
    sentence: phrase && inEnglish(phrase, loaded.vocabulary.currency),
    hidden,
    broken: broken ?? null,
    archived_at: iso(row.archived_at),
    deleted_at: iso(row.deleted_at),
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    refreshed_at: iso(row.refreshed_at),
  };
};

const findRow = async (context: Context, id: string, options: { deleted?: boolean; lock?: boolean } = {}): Promise<Row> => {
  const sql = context.postgres;
  const [row] = await sql`
    select * from segments.segment where id = ${id} and (deleted_at is null or ${options.deleted ?? false}) ${options.lock ? sql`for update` : sql``}`;
  if (!row) throw notFound('segment');
  return row as unknown as Row;
};

type ListInput = {
  query?: string;
  folder?: string;
  state: 'active' | 'archived' | 'deleted';
  as_of?: string;
  limit: number;
  cursor?: string;
};

/** By name. With `as_of` the counts are worked out for that day. */
export const listSegments = async (
  context: Context,
  input: ListInput,
): Promise<{ data: SavedSegment[]; next_cursor: string | null }> => {
  const sql = context.postgres;
  const pattern = `%${(input.query ?? '').replace(/[\\%_]/g, '\\$&')}%`;
  const rows = (await sql`
    select * from segments.segment
    where (deleted_at is not null) = ${input.state === 'deleted'} and (deleted_at is not null or (archived_at is not null) = ${input.state === 'archived'})
      and (name ilike ${pattern} or description ilike ${pattern}) and (${input.folder ?? null}::text is null or folder = ${input.folder ?? ''})
      and (lower(name), id::text) > (${input.cursor?.slice(36) ?? ''}, ${input.cursor?.slice(0, 36) ?? ''})
    order by lower(name), id::text limit ${input.limit + 1}`) as unknown as Row[];
  const loaded = await loadVocabulary(context);
  const shown = rows.slice(0, input.limit);
  const counts = await countsAsOf(context, shown, loaded, input.as_of);
  const last = shown.at(-1);
  return {
    data: shown.map((row, i) => answerOf(context, row, loaded, counts === null ? row.members : counts[i])),
    next_cursor: rows.length > input.limit && last ? last.id + last.name.toLowerCase() : null,
  };
};

const countsAsOf = async (
  context: Context,
  rows: readonly Row[],
  loaded: Loaded,
  asOf: string | undefined,
): Promise<(number | null)[] | null> => {
  if (asOf === undefined && !isShopLimited(context.actor)) return null;
  const checked = checkSegments(
    loaded,
    rows.map(row => ({ ...row, archived: false })),
  );
  const usable = checked.filter(segment => segment.broken === null);
  const counts = await countMany(
    context,
    usable.map(segment => segment.definition),
    momentFor(context, loaded, asOf),
    loaded.vocabulary,
  );
  const byId = new Map(usable.map((segment, i) => [segment.id, counts[i]]));
  return rows.map(row => byId.get(row.id) ?? null);
};

export const showSegment = async (context: Context, id: string, asOf?: string) => {
  const row = await findRow(context, id, { deleted: true });
  const loaded = await loadVocabulary(context);
  const counts = await countsAsOf(context, [row], loaded, asOf);
  return { ...answerOf(context, row, loaded, counts === null ? row.members : counts[0]), used_in: usesOf(id, loaded) };
};

const usesOf = (id: string, loaded: Loaded) =>
  loaded.segments
    .filter(segment => conditionsOf(segment.definition).some(({ condition }) => condition.in_segment === id))
    .map(segment => ({ kind: 'segment', id: segment.id, name: segment.name }));

/** Fills or refills in the background without announcing anybody; with it the segments that build on this one. */
const startFilling = (context: Context, ids: readonly string[]): Promise<string> =>
  startJob(context, 'segments.fill', { segment_ids: [...ids].sort() }, { key: [...ids].sort().join(' ') });

const dependants = (id: string, loaded: Loaded): string[] => {
  const found = new Set([id]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const segment of loaded.segments) {
      if (conditionsOf(segment.definition).some(({ condition }) => found.has(condition.in_segment as string)))
        found.add(segment.id);
    }
  }
  return [...found];
};

const nameTaken = (name: string): Refusal =>
  new Refusal('conflict', 'segments.name_taken', `There is already a segment called “${name}”. Choose another name.`, {
    faults: [{ path: 'name', reason: 'This name is taken.' }],
  });

const guardName = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if ((error as { constraint_name?: string }).constraint_name === 'segment_name') throw nameTaken(name);
    throw error;
  }
};

type NewSegment = { name: string; description: string; folder: string; definition: unknown };

export const createSegment = (context: Context, input: NewSegment) =>
  guardName(input.name, () =>
    inTransaction(context, async inside => {
      refuseShopLimited(inside.actor);
      const loaded = await loadVocabulary(inside);
      const definition = parseDefinition(input.definition, loaded.vocabulary);
      refuseCycle(definition, '', input.name, loaded.vocabulary);
      refuseHidden(inside, definition, loaded.vocabulary);
      const now = inside.clock.now();
      const sql = inside.postgres;
      const [row] = await sql`
        insert into segments.segment (name, description, folder, definition, groups, created_by, created_at, updated_at)
        values (${input.name}, ${input.description}, ${input.folder}, ${sql.json(definition as never)}, ${[...groupsOf(definition, loaded.vocabulary)]}, ${inside.actor.name}, ${now}, ${now}) returning *`;
      await keepVersion(inside, row as unknown as Row);
      await audit(inside, 'segments.created', { subject: { kind: 'segment', id: row.id } });
      const job_id = await startFilling(inside, [row.id as string]);
      return { ...answerOf(inside, row as unknown as Row, loaded), job_id };
    }),
  );

const keepVersion = async (context: Context, row: Row): Promise<void> => {
  const sql = context.postgres;
  await sql`
    insert into segments.version (segment_id, version, name, definition, changed_by, changed_at)
    values (${row.id}, ${row.version}, ${row.name}, ${sql.json(row.definition as never)}, ${context.actor.name}, ${context.clock.now()})`;
};

type SegmentChange = {
  version: number;
  name?: string;
  description?: string;
  folder?: string;
  definition?: unknown;
  archived?: boolean;
};

export const changeSegment = (context: Context, id: string, change: SegmentChange) =>
  guardName(change.name ?? '', () =>
    inTransaction(context, async inside => {
      refuseShopLimited(inside.actor);
      const before = await findRow(inside, id, { lock: true });
      if (before.version !== change.version) throw stale('segment');
      const loaded = await loadVocabulary(inside);
      const definition =
        change.definition === undefined ? before.definition : parseDefinition(change.definition, loaded.vocabulary);
      if (change.definition !== undefined) {
        refuseCycle(definition, id, change.name ?? before.name, loaded.vocabulary);
        refuseHidden(inside, definition, loaded.vocabulary);
        // What one may not see, one may not overwrite either.
        refuseHidden(inside, before.definition, loaded.vocabulary);
      }
      const redefined = canonicalJson(definition) !== canonicalJson(before.definition);
      const sql = inside.postgres;
      const now = inside.clock.now();
      const archivedAt =
        change.archived === undefined ? before.archived_at : change.archived ? (before.archived_at ?? now) : null;
      const [row] = await sql`
        update segments.segment
        set name = ${change.name ?? before.name}, description = ${change.description ?? before.description}, folder = ${change.folder ?? before.folder},
          definition = ${sql.json(definition as never)}, groups = ${[...groupsOf(definition, loaded.vocabulary)]}, archived_at = ${archivedAt}, version = version + 1, updated_at = ${now},
          members = case when ${redefined} then null else members end
        where id = ${id} returning *`;
      await keepVersion(inside, row as unknown as Row);
      await audit(inside, 'segments.changed', { subject: { kind: 'segment', id }, redefined });
      const after = await loadVocabulary(inside);
      const revived = before.archived_at !== null && archivedAt === null;
      const job_id = redefined || revived ? await startFilling(inside, dependants(id, after)) : null;
      await inside.live.publish('segment', { id });
      return { ...answerOf(inside, row as unknown as Row, after), job_id };
    }),
  );

/** Keeps the row, so that it can come back; refused while another segment builds on it. */
export const deleteSegment = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    refuseShopLimited(inside.actor);
    await findRow(inside, id, { lock: true });
    const uses = usesOf(id, await loadVocabulary(inside));
    if (uses.length > 0) {
      const names = uses.map(use => `“${use.name}”`).join(', ');
      throw new Refusal(
        'refused',
        'segments.in_use',
        `This segment is used in ${names}. Take it out there first, or archive it instead.`,
        { values: { names } },
      );
    }
    await inside.postgres`update segments.segment set deleted_at = ${inside.clock.now()}, version = version + 1 where id = ${id}`;
    await audit(inside, 'segments.deleted', { subject: { kind: 'segment', id } });
    await inside.live.publish('segment', { id });
  });

export const restoreSegment = (context: Context, id: string) =>
  guardName('', () =>
    inTransaction(context, async inside => {
      refuseShopLimited(inside.actor);
      const before = await findRow(inside, id, { deleted: true, lock: true });
      const [row] =
        await inside.postgres`update segments.segment set deleted_at = null, version = version + 1 where id = ${id} returning *`;
      if (before.deleted_at !== null) {
        await audit(inside, 'segments.restored', { subject: { kind: 'segment', id } });
        await startFilling(inside, [id]);
      }
      return answerOf(inside, row as unknown as Row, await loadVocabulary(inside));
    }),
  );

export const duplicateSegment = async (context: Context, id: string) => {
  const row = await findRow(context, id);
  const taken = new Set(
    (await context.postgres`select lower(name) as name from segments.segment where deleted_at is null`).map(
      one => one.name as string,
    ),
  );
  let name = `${row.name.slice(0, 110)} (copy)`;
  for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${row.name.slice(0, 105)} (copy ${i})`;
  return createSegment(context, { name, description: row.description, folder: row.folder, definition: row.definition });
};

export const startRefresh = async (context: Context, id: string): Promise<{ job_id: string }> => {
  await findRow(context, id);
  return { job_id: await startFilling(context, [id]) };
};

export const showHistory = async (context: Context, id: string, range: { from?: string; to?: string }) => {
  refuseShopLimited(context.actor);
  await findRow(context, id, { deleted: true });
  const rows = await context.postgres`
    select day, members, entered, exited from segments.day
    where segment_id = ${id} and day >= ${range.from ?? '1900-01-01'} and day <= ${range.to ?? '2199-12-31'} order by day desc limit 1000`;
  return { data: [...rows].reverse() as unknown as { day: string; members: number; entered: number; exited: number }[] };
};

/** A segment that this reader may look into; `definition` is readable. Errors: not_found, forbidden, refused (broken). */
export const openSegment = async (
  context: Context,
  id: string,
): Promise<{ name: string; definition: Definition; members: number | null; loaded: Loaded }> => {
  const row = await findRow(context, id, { deleted: true });
  const loaded = await loadVocabulary(context);
  const [{ broken }] = checkSegments(loaded, [{ ...row, archived: false }]);
  if (broken !== null)
    throw new Refusal('refused', 'segments.broken', `This segment cannot be read any more: ${broken} Mend its definition first.`);
  refuseHidden(context, row.definition, loaded.vocabulary);
  return { name: row.name, definition: row.definition, members: row.members, loaded };
};
