/** How a segment moved: by day, who came and who went and why; how one person moved through all segments; what a definition meant before. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { csvLine, csvStream } from '../../platform/csv.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { isShopLimited, refuseShopLimited } from '../../platform/shop-limit.ts';
import { addDays, dayIn, endOfDay, startOfDay } from '../../platform/time.ts';
import { guardExport } from '../access/index.ts';
import { namesOf } from '../customers/index.ts';
import { countMany } from './ask-clickhouse.ts';
import { conditionPhrases, currentOnlyOf, sentenceOf } from './compile.ts';
import type { Definition } from './definition.ts';
import { canonicalJson } from './definition.ts';
import { describeChange } from './describe-change.ts';
import { inEnglish } from './english.ts';
import { checkSegments, type Loaded, loadVocabulary, momentFor } from './load-vocabulary.ts';
import { changeSegment, openSegment, showHistory } from './manage-segments.ts';
import type { Phrase } from './phrase.ts';
import { hiddenGroups } from './preview-segment.ts';
import { countsAtAll, isTurned } from './why-changed.ts';

export type Reason = { turned: boolean; phrase: Phrase };
type Cause = 'event' | 'time' | 'definition';
type Version = {
  segment_id: string;
  version: number;
  name: string;
  definition: Definition;
  changed_by: string;
  changed_at: Date;
};

// ---- reasons in words ---------------------------------------------------------------------------------------------

/** Words for stored paths, by "segment/version"; a definition that cannot be read any more, or that looks at what is hidden, has none. */
const reasonsFor = async (
  context: Context,
  loaded: Loaded,
  wanted: readonly { segment_id: string; version: number | null }[],
) => {
  const keys = [...new Set(wanted.filter(one => one.version !== null).map(one => `${one.segment_id}/${one.version}`))];
  const rows = (await context.postgres`
    select v.* from segments.version v
    join unnest(${keys.map(key => key.split('/')[0])}::uuid[], ${keys.map(key => Number(key.split('/')[1]))}::int[]) as k(segment_id, version)
      using (segment_id, version)`) as unknown as Version[];
  const phrases = new Map<string, Map<string, Phrase>>();
  for (const row of rows) {
    if (!readable(context, loaded, row)) continue;
    const words = conditionPhrases(row.definition, loaded.vocabulary).map(one => [one.path, one.phrase] as const);
    phrases.set(`${row.segment_id}/${row.version}`, new Map(words));
  }
  return (segmentId: string, version: number | null, why: readonly string[] | null): Reason[] | null => {
    if (why === null) return null;
    if (why.includes(countsAtAll)) return [{ turned: false, phrase: { key: 'segments.why.counts' } }];
    const words = phrases.get(`${segmentId}/${version}`);
    if (!words) return null;
    return why.flatMap(path => {
      const phrase = words.get(path);
      return phrase ? [{ turned: isTurned(path), phrase }] : [];
    });
  };
};

const readable = (context: Context, loaded: Loaded, row: Version): boolean => {
  const known = {
    id: row.segment_id,
    name: row.name,
    definition: row.definition,
    version: row.version,
    archived: false,
    members: null,
  };
  const [{ broken }] = checkSegments(loaded, [known]);
  return broken === null && hiddenGroups(context, row.definition, loaded.vocabulary).length === 0;
};

// ---- who came and went on a day -----------------------------------------------------------------------------------

type MovesInput = { day: string; direction: 'entered' | 'left'; limit: number; cursor?: string };
type Move = {
  customer_id: number;
  at: Date;
  until: Date | null;
  version: number | null;
  cause: Cause | null;
  why: string[] | null;
};

/** People who entered or left on a day of the organisation's zone, in order of time. */
export const listMoves = async (context: Context, id: string, input: MovesInput) => {
  refuseShopLimited(context.actor);
  const { loaded } = await openSegment(context, id);
  const rows = await readMoves(context, id, loaded.zone, input);
  const shown = rows.slice(0, input.limit);
  const [words, people] = await Promise.all([
    reasonsFor(
      context,
      loaded,
      shown.map(row => ({ segment_id: id, version: row.version })),
    ),
    namesOf(
      context,
      shown.map(row => row.customer_id),
    ),
  ]);
  const last = shown.at(-1);
  return {
    data: shown.map(row => ({
      id: String(row.customer_id),
      name: people.get(row.customer_id) ?? null,
      at: row.at.toISOString(),
      until: row.until?.toISOString() ?? null,
      cause: row.cause,
      reasons: words(id, row.version, row.why),
    })),
    next_cursor: rows.length > input.limit && last ? `${last.at.toISOString()}/${last.customer_id}` : null,
  };
};

const readMoves = async (context: Context, id: string, zone: string, input: MovesInput): Promise<Move[]> => {
  const [from, to] = [startOfDay(zone, input.day), endOfDay(zone, input.day)];
  const [at, customer] = readMark(input.cursor);
  const rows =
    input.direction === 'left'
      ? await context.postgres`
          select customer_id, left_at as at, entered_at as until, left_version as version, left_cause as cause, left_why as why from segments.stay
          where segment_id = ${id} and left_at >= ${from} and left_at < ${to} and (left_at, customer_id) > (${at}::timestamptz, ${customer}::bigint)
          order by left_at, customer_id limit ${input.limit + 1}`
      : await context.postgres`
          select * from (
            select customer_id, entered_at as at, null::timestamptz as until, version, cause, why from segments.membership
            where segment_id = ${id} and entered_at >= ${from} and entered_at < ${to}
            union all
            select customer_id, entered_at, left_at, entered_version, entered_cause, entered_why from segments.stay
            where segment_id = ${id} and entered_at >= ${from} and entered_at < ${to}) as moves
          where (at, customer_id) > (${at}::timestamptz, ${customer}::bigint)
          order by at, customer_id limit ${input.limit + 1}`;
  return rows as unknown as Move[];
};

/** Times come from our clock, to the millisecond; people of one moment are told apart by their number. */
const readMark = (cursor: string | undefined): [string, number] => {
  if (cursor === undefined) return ['1900-01-01T00:00:00Z', 0];
  const [, at, customer] = /^(\d{4}-[\dT:.Z-]{10,30})\/(\d{1,10})$/.exec(cursor) ?? [];
  if (at && customer && !Number.isNaN(Date.parse(at))) return [at, Number(customer)];
  throw new Refusal('malformed', 'segments.cursor', 'This page mark does not belong to this list. Start again without "cursor".');
};

// ---- files --------------------------------------------------------------------------------------------------------

/** Members, entries and exits by day. */
export const historyCsv = async (context: Context, id: string, range: { from?: string; to?: string }): Promise<string> => {
  const { data } = await showHistory(context, id, range);
  return `\ufeff${csvLine(['day', 'members', 'entered', 'left'])}${data.map(row => csvLine([row.day, row.members, row.entered, row.exited])).join('')}`;
};

const filePortion = 500;

/** Everybody who came or went on a day, with the reasons in English. */
export const movesCsv = async (context: Context, id: string, input: { day: string; direction: 'entered' | 'left' }) => {
  const { loaded } = await openSegment(context, id);
  const [{ rows }] = await context.postgres`
    select coalesce(sum(case when ${input.direction} = 'entered' then entered else exited end), 0)::int as rows from segments.day
    where segment_id = ${id} and day = ${input.day}::date`;
  await guardExport(context, { kind: 'segments.moves', rows, filter: { segment: id, ...input } });
  await audit(context, 'segments.moves_exported', { subject: { kind: 'segment', id }, ...input });
  const { currency } = loaded.vocabulary;
  async function* pages() {
    let cursor: string | undefined;
    do {
      const page = await listMoves(context, id, { ...input, limit: filePortion, cursor });
      yield page.data.map(row => [
        Number(row.id),
        row.name,
        row.at,
        row.cause,
        (row.reasons ?? []).map(one => `${one.turned ? 'but not: ' : ''}${inEnglish(one.phrase, currency)}`).join('; '),
      ]);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
  }
  return csvStream(['id', 'name', input.direction === 'left' ? 'left_at' : 'entered_at', 'cause', 'conditions'], pages());
};

// ---- one person ---------------------------------------------------------------------------------------------------

type Stay = {
  segment_id: string;
  name: string;
  entered_at: Date;
  entered_version: number | null;
  entered_cause: Cause | null;
  entered_why: string[] | null;
  left_at: Date | null;
  left_version: number | null;
  left_cause: Cause | null;
  left_why: string[] | null;
};

/** The segments somebody is in, and those they were in, newest first; with `asOf` only what had happened by the end of that day. */
export const historyOfCustomer = async (context: Context, customerId: number, asOf: string | undefined) => {
  // Worked out over all shops together, so not for who sees some of them.
  if (isShopLimited(context.actor)) return { data: [] };
  const loaded = await loadVocabulary(context);
  const until = asOf === undefined ? null : endOfDay(loaded.zone, asOf);
  const rows = (await context.postgres`
    select s.name, stays.* from (
      select segment_id, entered_at, version as entered_version, cause as entered_cause, why as entered_why,
        null::timestamptz as left_at, null::int as left_version, null::text as left_cause, null::text[] as left_why
      from segments.membership where customer_id = ${customerId}
      union all
      select segment_id, entered_at, entered_version, entered_cause, entered_why, left_at, left_version, left_cause, left_why
      from segments.stay where customer_id = ${customerId}) as stays
    join segments.segment s on s.id = stays.segment_id
    where s.deleted_at is null and (${until}::timestamptz is null or entered_at < ${until}::timestamptz)
    order by left_at desc nulls first, entered_at desc limit 300`) as unknown as Stay[];
  const words = await reasonsFor(
    context,
    loaded,
    rows.flatMap(row => [
      { segment_id: row.segment_id, version: row.entered_version },
      { segment_id: row.segment_id, version: row.left_version },
    ]),
  );
  return {
    data: rows.map(row => {
      const left = row.left_at !== null && (until === null || row.left_at < until);
      return {
        segment_id: row.segment_id,
        name: row.name,
        entered_at: row.entered_at.toISOString(),
        entered_cause: row.entered_cause,
        entered_reasons: words(row.segment_id, row.entered_version, row.entered_why),
        left_at: left ? (row.left_at?.toISOString() ?? null) : null,
        left_cause: left ? row.left_cause : null,
        left_reasons: left ? words(row.segment_id, row.left_version, row.left_why) : null,
      };
    }),
  };
};

// ---- definitions of before ----------------------------------------------------------------------------------------

/** Every version with what changed in words and by whom, newest first. */
export const listVersions = async (context: Context, id: string) => {
  const [segment] = await context.postgres`select version from segments.segment where id = ${id}`;
  if (!segment) throw notFound('segment');
  const loaded = await loadVocabulary(context);
  const rows =
    (await context.postgres`select * from segments.version where segment_id = ${id} order by version limit 500`) as unknown as Version[];
  const { vocabulary } = loaded;
  const data = rows.map((row, i) => {
    const before = i === 0 ? null : rows[i - 1];
    const visible = readable(context, loaded, row) && (before === null || readable(context, loaded, before));
    return {
      version: row.version,
      name: row.name,
      renamed_from: before && before.name !== row.name ? before.name : null,
      definition: visible ? row.definition : null,
      sentence: visible ? inEnglish(sentenceOf(row.definition, vocabulary), vocabulary.currency) : null,
      phrase: visible ? sentenceOf(row.definition, vocabulary) : null,
      changes: visible ? describeChange(before?.definition ?? null, row.definition, vocabulary) : null,
      changed_by: row.changed_by,
      changed_at: row.changed_at.toISOString(),
    };
  });
  return { data: data.reverse() };
};

/** Makes an earlier definition the one of now, as a new version; the name stays. */
export const restoreVersion = async (context: Context, id: string, version: number, current: number) => {
  const [row] = await context.postgres`select definition from segments.version where segment_id = ${id} and version = ${version}`;
  if (!row) throw notFound('version');
  const [now] = await context.postgres`select definition from segments.segment where id = ${id} and deleted_at is null`;
  if (now && canonicalJson(now.definition) === canonicalJson(row.definition))
    throw new Refusal('refused', 'segments.version_same', 'The segment already means this. Pick another version.');
  return changeSegment(context, id, { version: current, definition: row.definition });
};

// ---- the time before it was saved ---------------------------------------------------------------------------------

const mostPoints = 24;

/** What the definition of now would have counted at the ends of past months; exact where facts are dated, and it says where they are not. */
export const countPast = async (context: Context, id: string, months: number) => {
  const { definition, loaded } = await openSegment(context, id);
  const today = dayIn(loaded.zone, context.clock.now());
  const days = monthEnds(today, Math.min(months, mostPoints));
  const members: number[] = [];
  for (const day of days)
    members.push((await countMany(context, [definition], momentFor(context, loaded, day), loaded.vocabulary))[0]);
  return {
    data: days.map((day, i) => ({ day, members: members[i] })),
    current_only: currentOnlyOf(definition, loaded.vocabulary),
  };
};

/** The last days of the months before this one, oldest first: "2026-01-31". */
const monthEnds = (today: string, count: number): string[] => {
  const ends: string[] = [];
  for (let day = `${today.slice(0, 8)}01`; ends.length < count; ) {
    const end = addDays(day, -1);
    ends.unshift(end);
    day = `${end.slice(0, 8)}01`;
  }
  return ends;
};
