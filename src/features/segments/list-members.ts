import { type Context, maySee } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { isShopLimited } from '../../platform/shop-limit.ts';
import { refuseOtherShops } from '../customers/index.ts';
import { listIds, type Order, type Who } from './ask-clickhouse.ts';
import { compileClosure, conditionPhrases, joinNeeds, needsOf } from './compile.ts';
import { conditionsOf, type Definition } from './definition.ts';
import { inEnglish } from './english.ts';
import { loadPeople } from './load-people.ts';
import { checkSegments, type Loaded, loadVocabulary, momentFor } from './load-vocabulary.ts';
import { openSegment } from './manage-segments.ts';
import { columnsToShow, readPeople } from './read-people.ts';

type MembersInput = { as_of?: string; sort: string; columns: readonly string[]; limit: number; cursor?: string };

/** "orders.sales" or "-orders.sales"; "" is by customer id. */
export const orderOf = (context: Context, loaded: Loaded, sort: string): Order => {
  if (sort === '') return null;
  const fact = loaded.facts.get(sort.replace(/^-/, ''));
  if (!fact || fact.type === 'set')
    throw new Refusal(
      'malformed',
      'segments.sort_unknown',
      `The list cannot be sorted by "${sort.slice(0, 60)}". GET /api/vocabulary lists the facts.`,
    );
  if (!maySee(context.actor, fact.group))
    throw new Refusal(
      'forbidden',
      'segments.sort_hidden',
      'Your role does not show this figure, so the list cannot be sorted by it.',
    );
  return { fact, descending: sort.startsWith('-') };
};

/** One page of members: stored ones, or with `as_of` whoever the definition meant on that day. */
export const listMembers = async (context: Context, id: string, input: MembersInput) => {
  const { definition, loaded, members } = await openSegment(context, id);
  const columns = columnsToShow(context, loaded, input.columns);
  const order = orderOf(context, loaded, input.sort);
  const moment = momentFor(context, loaded, input.as_of);
  const who = whoOf(context, { id, definition, members }, input.as_of !== undefined);
  const offset = offsetOf(input.cursor);
  const ids = await listIds(context, who, order, { limit: input.limit + 1, offset }, moment, loaded.vocabulary);
  const people = await readPeople(context, ids.slice(0, input.limit), columns, loaded, moment, input.as_of ?? null, id);
  return {
    data: people.map(({ phone: _, ...person }) => person),
    next_cursor: ids.length > input.limit ? String(offset + input.limit) : null,
  };
};

/**
 * The stored membership, or whoever the definition means: on a past day, for a reader of some shops (what is stored speaks of all), and until
 * it is filled for the first time.
 */
export const whoOf = (
  context: Context,
  segment: { id: string; definition: Definition; members: number | null },
  past: boolean,
): Who =>
  past || segment.members === null || isShopLimited(context.actor)
    ? { definition: segment.definition }
    : { segmentId: segment.id };

const offsetOf = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor))
    throw new Refusal(
      'malformed',
      'segments.cursor',
      'This page mark does not belong to this list. Start again without "cursor".',
    );
  return Number(cursor);
};

/** Which conditions hold for one customer, and which fail. */
export const explainCustomer = async (context: Context, id: string, customerId: number, asOf: string | undefined) => {
  await refuseOtherShops(context, customerId);
  const { definition, loaded } = await openSegment(context, id);
  const { vocabulary } = loaded;
  const moment = momentFor(context, loaded, asOf);
  const [person] = await loadPeople(
    context,
    [customerId],
    needsOf(definition, vocabulary),
    loaded.facts,
    moment,
    asOf === undefined ? null : moment.until,
  );
  if (!person) throw notFound('customer');
  const phrases = conditionPhrases(definition, vocabulary);
  return {
    member: compileClosure(definition, moment, vocabulary)(person),
    counts: person.counts,
    conditions: conditionsOf(definition).map(({ path, condition }, i) => ({
      path,
      phrase: phrases[i].phrase,
      sentence: inEnglish(phrases[i].phrase, vocabulary.currency),
      holds: compileClosure(condition, moment, vocabulary)({ ...person, counts: true }),
    })),
  };
};

export const segmentsOfCustomer = async (context: Context, customerId: number) => {
  await refuseOtherShops(context, customerId);
  const rows = await context.postgres`
    select s.id, s.name, m.entered_at from segments.membership m join segments.segment s on s.id = m.segment_id
    where m.customer_id = ${customerId} and s.deleted_at is null and s.archived_at is null order by s.name`;
  const shown = isShopLimited(context.actor) ? await alsoByOwnShops(context, customerId) : null;
  return {
    data: rows
      .filter(row => shown?.has(row.id as string) ?? true)
      .map(row => ({ id: row.id as string, name: row.name as string, entered_at: (row.entered_at as Date).toISOString() })),
  };
};

/** The segments that somebody is in by what the reader's shops alone know of them. */
const alsoByOwnShops = async (context: Context, customerId: number): Promise<Set<string>> => {
  const loaded = await loadVocabulary(context);
  const { vocabulary } = loaded;
  const usable = checkSegments(loaded, loaded.segments).filter(segment => segment.broken === null);
  const needs = joinNeeds(usable.map(segment => needsOf(segment.definition, vocabulary)));
  const moment = momentFor(context, loaded, null);
  const [person] = await loadPeople(context, [customerId], needs, loaded.facts, moment);
  return new Set(
    usable
      .filter(({ definition }) => person && compileClosure(definition, moment, vocabulary)(person))
      .map(segment => segment.id),
  );
};
