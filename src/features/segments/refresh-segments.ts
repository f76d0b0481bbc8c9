import { randomUUID } from 'node:crypto';
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { dayIn } from '../../platform/time.ts';
import { ownerOf } from '../tracking/index.ts';
import { applyChanges, type Change, lockMemberships } from './apply-changes.ts';
import { copyMemberships } from './clickhouse.ts';
import { compileClosure, groupsOf, joinNeeds, type Leaf, leafRowSql, needsOf, populationSql, SqlCompiler } from './compile.ts';
import { loadPeople } from './load-people.ts';
import { checkSegments, type Loaded, loadVocabulary, momentFor, type UsableSegment } from './load-vocabulary.ts';
import { explainMany } from './why-changed.ts';

export type RefreshInput = {
  /** Default: all that are not archived. */
  segmentIds?: readonly string[];
  /** New, changed and restored segments fill up without announcing anybody. */
  historical: boolean;
  report?: (done: number, total: number) => Promise<void>;
};
export type RefreshOutcome = { segments: number; entered: number; exited: number; took_ms: number };

/**
 * Works out whole segments in ClickHouse and brings the memberships up to it: what time alone changed, and whatever else was missed.
 * Distinct conditions are worked out once for all segments. Whoever the evaluate stage looked at since the reading began is asked again
 * from PostgreSQL, because the copy may lag behind what that stage knew.
 */
export const refreshSegments = async (context: Context, input: RefreshInput): Promise<RefreshOutcome> => {
  const started = performance.now();
  const [{ began }] = await context.postgres`select clock_timestamp() - interval '10 minutes' as began`;
  const loaded = await loadVocabulary(context);
  const wanted = loaded.segments.filter(segment =>
    input.segmentIds ? input.segmentIds.includes(segment.id) : !segment.archived,
  );
  const checked = checkSegments(loaded, wanted);
  await noteBroken(context, checked);
  const segments = checked.filter(segment => segment.broken === null);
  await noteGroups(context, segments, loaded);
  const run = randomUUID();
  const outcome: RefreshOutcome = { segments: segments.length, entered: 0, exited: 0, took_ms: 0 };
  try {
    const compiler = new SqlCompiler(momentFor(context, loaded, null), loaded.vocabulary, ownerOf);
    const results = segments.map(segment => compiler.compile(segment.definition));
    await fillLeaves(context, run, compiler);
    let differences: Difference[] = [];
    for (const [i, segment] of segments.entries()) {
      if (i % segmentsAtOnce === 0) {
        const portion = segments.slice(i, i + segmentsAtOnce).map((one, at) => ({ id: one.id, result: results[i + at] }));
        differences = await readDifferences(context, run, compiler, portion);
      }
      const { entered, exited } = await refreshOne(context, differences[i % segmentsAtOnce], {
        run,
        segment,
        result: results[i],
        compiler,
        loaded,
        began: began as Date,
        historical: input.historical,
      });
      outcome.entered += entered;
      outcome.exited += exited;
      await input.report?.(i + 1, segments.length);
    }
  } finally {
    await emptyLeaves(context, run);
  }
  return { ...outcome, took_ms: Math.round(performance.now() - started) };
};

export const emptyLeaves = (context: Context, run: string): Promise<void> =>
  context.clickhouse.command('DELETE FROM segment_leaf WHERE run = {run:UUID}', { run });

/** Segments whose differences travel in one answer: few, because the first filling brings everybody. */
const segmentsAtOnce = 8;
/** Conditions worked out in one statement: as many as run side by side well, few enough to stay below the limit of a query's length. */
const leavesAtOnce = 8;

/** Works out every distinct condition of `compiler` once, under the id of this run. */
export const fillLeaves = async (context: Context, run: string, compiler: SqlCompiler): Promise<void> => {
  const leaves: Leaf[] = [{ name: 'population', sql: populationSql }, ...compiler.distinctLeaves()];
  for (let from = 0; from < leaves.length; from += leavesAtOnce) {
    const rows = leaves.slice(from, from + leavesAtOnce).map((leaf, i) => leafRowSql(leaf, from + i));
    await context.clickhouse.command(
      `insert into segment_leaf select {run:UUID}, toUInt16(leaf), bitmap, now() from (${rows.join('\nunion all ')})`,
      { ...compiler.bindings.params, run },
    );
  }
};

type One = {
  run: string;
  segment: UsableSegment;
  result: string;
  compiler: SqlCompiler;
  loaded: Loaded;
  began: Date;
  historical: boolean;
};
type Difference = { members: number; entered: number[]; exited: number[] };

const refreshOne = async (context: Context, difference: Difference, one: One): Promise<{ entered: number; exited: number }> => {
  const { segment } = one;
  const { applied, copied } = await inTransaction(context, async inside => {
    await lockMemberships(inside);
    const [row] =
      await inside.postgres`select version, members, deleted_at from segments.segment where id = ${segment.id} for update`;
    // Changed or deleted while it was counted: another refresh is on its way.
    if (!row || row.deleted_at !== null || row.version !== segment.version) return { applied: [], copied: [] };
    const historical = one.historical || row.members === null;
    const names = new Map([[segment.id, segment.name]]);
    const cause = one.historical || row.members === null ? 'definition' : 'time';
    const noted = { version: segment.version, cause, why: null } as const;
    const found = (await confirm(inside, one, changesOf(segment.id, difference, historical))).map(change => ({
      ...change,
      ...noted,
    }));
    const why = await explainMany(inside, segment.definition, historical ? [] : found, one.loaded);
    const changes = found.map(change => ({ ...change, why: why.get(change.customerId) ?? null }));
    const applied = await applyChanges(inside, changes, names, one.loaded.zone);
    const lost = (await findLost(inside, one, difference.members)).map(change => ({ ...change, ...noted }));
    applied.push(...(await applyChanges(inside, lost, names, one.loaded.zone)));
    await noteRefreshed(inside, segment.id, one.loaded.zone);
    return { applied, copied: [...changes, ...lost] };
  });
  // After PostgreSQL: should this not arrive, the next refresh finds the same difference again.
  await copyMemberships(context, copied);
  return { entered: applied.filter(change => change.member).length, exited: applied.filter(change => !change.member).length };
};

/** The columns of the leaves these expressions name, out of this run's rows. */
const sourceOf = (results: readonly string[], compiler: SqlCompiler): string => {
  const all = [{ name: 'population', sql: populationSql }, ...compiler.distinctLeaves()];
  const named = new Set(results.flatMap(result => result.match(/\bl\d+\b/g) ?? []));
  const used = all.flatMap((leaf, i) => (leaf.name === 'population' || named.has(leaf.name) ? [{ name: leaf.name, i }] : []));
  const columns = used.map(({ name, i }) => `anyIf(bitmap, leaf = ${i}) as ${name}`).join(', ');
  return `(select ${columns} from segment_leaf where run = {run:UUID} and leaf in (${used.map(({ i }) => i).join(', ')}))`;
};

export type Asked = { id: string; result: string };

/** The difference of two bitmaps for each segment, in one statement: who is in now and was not, who was and is not. */
export const readDifferences = async (
  context: Context,
  run: string,
  compiler: SqlCompiler,
  asked: readonly Asked[],
): Promise<Difference[]> => {
  const each = (expression: (i: number) => string): string => `[${asked.map((_, i) => expression(i)).join(', ')}]`;
  const now = asked.map(({ result }, i) => `${result} as now_${i}`).join(', ');
  const before = asked
    .map((_, i) => `groupBitmapStateIf(customer_id, segment_id = {segment_${i}:UUID}) as before_${i}`)
    .join(', ');
  const [row] = await context.clickhouse.query<{ members: number[]; entered: number[][]; exited: number[][] }>(
    `select ${each(i => `bitmapCardinality(now_${i})`)} as members, ${each(i => `bitmapToArray(bitmapAndnot(now_${i}, before_${i}))`)} as entered,
       ${each(i => `bitmapToArray(bitmapAndnot(before_${i}, now_${i}))`)} as exited
     from (select ${now} from ${sourceOf(
       asked.map(({ result }) => result),
       compiler,
     )}) as now,
       (select ${before} from membership final where segment_id in {segments:Array(UUID)} and member) as before`,
    { run, segments: asked.map(({ id }) => id), ...Object.fromEntries(asked.map(({ id }, i) => [`segment_${i}`, id])) },
  );
  return asked.map((_, i) => ({ members: row.members[i], entered: row.entered[i], exited: row.exited[i] }));
};

type Seen = Omit<Change, 'version' | 'cause' | 'why'>;
const changesOf = (segmentId: string, { entered, exited }: Omit<Difference, 'members'>, historical: boolean): Seen[] => [
  ...entered.map(customerId => ({ segmentId, customerId, member: true, historical })),
  ...exited.map(customerId => ({ segmentId, customerId, member: false, historical })),
];

/** Leaves out changes that PostgreSQL, which is never behind, does not agree with. */
const confirm = async (context: Context, one: One, changes: readonly Seen[]): Promise<Seen[]> => {
  const ids = [...new Set(changes.map(change => change.customerId))];
  const newer = new Set(
    (
      await context.postgres`select customer_id from segments.seen where at >= ${one.began} and customer_id = any(${ids}::bigint[])`
    ).map(row => row.customer_id as number),
  );
  if (newer.size === 0) return [...changes];
  const { definition } = one.segment;
  const moment = momentFor(context, one.loaded, null);
  const closure = compileClosure(definition, moment, one.loaded.vocabulary);
  const members = new Set<number>();
  const people = [...newer];
  for (let from = 0; from < people.length; from += peopleAtOnce) {
    const needs = joinNeeds([needsOf(definition, one.loaded.vocabulary)]);
    for (const person of await loadPeople(context, people.slice(from, from + peopleAtOnce), needs, one.loaded.facts, moment))
      if (closure(person)) members.add(person.id);
  }
  return changes.filter(change => !newer.has(change.customerId) || members.has(change.customerId) === change.member);
};
const peopleAtOnce = 1_000;

/**
 * Compares person by person where the numbers differ by more than those who were just looked at can explain: the copy of the memberships had
 * lost something.
 */
const findLost = async (context: Context, one: One, members: number): Promise<Seen[]> => {
  const [{ count, newer }] = await context.postgres`
    select (select count(*)::int from segments.membership where segment_id = ${one.segment.id}) as count,
      (select count(*)::int from segments.seen where at >= ${one.began}) as newer`;
  if (Math.abs((count as number) - members) <= (newer as number)) return [];
  const [{ ids }] = await context.clickhouse.query<{ ids: number[] }>(
    `select bitmapToArray(${one.result}) as ids from ${sourceOf([one.result], one.compiler)}`,
    { run: one.run },
  );
  const now = new Set(ids);
  const stored = (await context.postgres`select customer_id from segments.membership where segment_id = ${one.segment.id}`).map(
    row => row.customer_id as number,
  );
  const before = new Set(stored);
  const lost = { entered: ids.filter(id => !before.has(id)), exited: stored.filter(id => !now.has(id)) };
  return confirm(context, one, changesOf(one.segment.id, lost, true));
};

/** Counts anew, so that the stored number can never drift, and leaves a point for the history. */
const noteRefreshed = async (context: Context, segmentId: string, zone: string): Promise<void> => {
  await context.postgres`
    with counted as (
      update segments.segment
      set members = (select count(*) from segments.membership where segment_id = ${segmentId}), refreshed_at = ${context.clock.now()}, broken = null
      where id = ${segmentId} returning members)
    insert into segments.day (segment_id, day, members) select ${segmentId}, ${dayIn(zone, context.clock.now())}, members from counted
    on conflict (segment_id, day) do update set members = excluded.members`;
  await context.live.publish('segment', { id: segmentId });
};

/** What a segment looks at can change with the segments it refers to. */
const noteGroups = async (context: Context, segments: readonly UsableSegment[], { vocabulary }: Loaded): Promise<void> => {
  for (const segment of segments) {
    const groups = [...groupsOf(segment.definition, vocabulary)].sort();
    await context.postgres`update segments.segment set groups = ${groups} where id = ${segment.id} and not (groups @> ${groups}::text[] and groups <@ ${groups}::text[])`;
  }
};

const noteBroken = async (context: Context, checked: readonly UsableSegment[]): Promise<void> => {
  const broken = checked.filter(segment => segment.broken !== null);
  if (broken.length === 0) return;
  await context.postgres`
    update segments.segment s set broken = b.reason from unnest(${broken.map(segment => segment.id)}::uuid[], ${broken.map(segment => segment.broken)}::text[]) as b(id, reason)
    where s.id = b.id and s.broken is distinct from b.reason`;
};
