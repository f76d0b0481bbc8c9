import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type Fact, type Touched, takeTouched } from '../customers/index.ts';
import { applyChanges, type Change, lockMemberships } from './apply-changes.ts';
import { copiedFacts, copyFacts, copyMemberships } from './clickhouse.ts';
import { changedByOf, compileClosure, joinNeeds, needsOf } from './compile.ts';
import type { Person } from './condition.ts';
import { loadPeople } from './load-people.ts';
import { checkSegments, type Loaded, loadVocabulary, momentFor, type UsableSegment } from './load-vocabulary.ts';
import { whyChanged } from './why-changed.ts';

export const consumer = 'segments';
/** Small enough that a heavy customer's events fit, large enough that an import does not crawl. */
const portion = 1_000;
/** Beyond this many changes in a portion (a large import), the rest keep no reasons: looking for them would hold up the stage. */
const mostExplained = 2_000;
/** After one of these any definition may answer differently. */
const anything = new Set(['base', 'merge', 'created', 'known', 'erased', 'not_shopper']);

/**
 * Worker stage: looks again at customers that were touched, at those definitions whose events or facts can have changed, and writes who
 * entered and who left. Also keeps the copy of facts up to date. Says whether there was work.
 */
export const evaluateTouched = (context: Context): Promise<boolean> =>
  inTransaction(context, async inside => {
    await lockMemberships(inside);
    const touched = await takeTouched(inside, consumer, portion);
    if (touched.length === 0) return false;
    const loaded = await loadVocabulary(inside);
    await copyChangedFacts(inside, touched, loaded);
    const segments = checkSegments(
      loaded,
      loaded.segments.filter(segment => !segment.archived),
    ).filter(segment => segment.broken === null);
    const changes = await findChanges(inside, touched, segments, loaded);
    const applied = await applyChanges(
      inside,
      changes,
      new Map(segments.map(segment => [segment.id, segment.name])),
      loaded.zone,
    );
    await copyMemberships(inside, applied);
    return true;
  });

const mayChange = (changedBy: ReadonlySet<string>, changed: readonly string[]): boolean =>
  changedBy.has('*') || changed.some(word => changedBy.has(word));

const copyChangedFacts = async (context: Context, touched: readonly Touched[], { facts }: Loaded): Promise<void> => {
  const changed = [...new Set(touched.flatMap(one => one.changed))];
  const stale = copiedFacts(facts.values()).filter(
    (fact: Fact) => mayChange(new Set(fact.changedBy), changed) || changed.some(word => anything.has(word)),
  );
  await copyFacts(
    context,
    touched.map(one => one.customerId),
    stale,
  );
};

const findChanges = async (
  context: Context,
  touched: readonly Touched[],
  segments: readonly UsableSegment[],
  loaded: Loaded,
): Promise<Change[]> => {
  const ids = touched.map(one => one.customerId);
  const before = await readBefore(context, ids);
  const asked = segments.map(segment => ({
    id: segment.id,
    version: segment.version,
    // Still filling for the first time: nobody is announced.
    filling: segment.members === null,
    definition: segment.definition,
    changedBy: changedByOf(segment.definition, loaded.vocabulary),
  }));
  const words = [...new Set(touched.flatMap(one => one.changed))];
  const everything = touched.some(one => !before.seen.has(one.customerId) || one.changed.some(word => anything.has(word)));
  const relevant = everything ? asked : asked.filter(one => mayChange(one.changedBy, words));
  const moment = momentFor(context, loaded, null);
  const shared = new Map();
  const compiled = relevant.map(one => ({ ...one, closure: compileClosure(one.definition, moment, loaded.vocabulary, shared) }));
  const needs = joinNeeds(relevant.map(one => needsOf(one.definition, loaded.vocabulary)));
  const people = await loadPeople(context, ids, needs, loaded.facts, moment);
  await rememberSeen(context, people);
  const byId = new Map(touched.map(one => [one.customerId, one]));
  let explained = 0;
  return people.flatMap(person => {
    const { changed, historical } = byId.get(person.id) as Touched;
    // Somebody new, or who counts now and did not before: every definition may say yes.
    const askAll = before.seen.get(person.id) !== person.counts || changed.some(word => anything.has(word));
    return compiled
      .filter(one => askAll || mayChange(one.changedBy, changed))
      .map(one => ({ one, member: one.closure(person) }))
      .filter(({ one, member }) => member !== before.memberships.has(`${one.id}/${person.id}`))
      .map(({ one, member }) => ({
        segmentId: one.id,
        customerId: person.id,
        member,
        historical: historical || one.filling,
        version: one.version,
        cause: one.filling ? ('definition' as const) : ('event' as const),
        why:
          explained++ < mostExplained
            ? whyChanged(person, member, one.definition, { moment, vocabulary: loaded.vocabulary, shared, changed })
            : null,
      }));
  });
};

const readBefore = async (context: Context, ids: readonly number[]) => {
  const [seen, memberships] = await Promise.all([
    context.postgres`select customer_id, counts from segments.seen where customer_id = any(${ids as number[]}::bigint[])`,
    context.postgres`select segment_id, customer_id from segments.membership where customer_id = any(${ids as number[]}::bigint[])`,
  ]);
  return {
    seen: new Map(seen.map(row => [row.customer_id as number, row.counts as boolean])),
    memberships: new Set(memberships.map(row => `${row.segment_id}/${row.customer_id}`)),
  };
};

/** `at` is the database's clock: a refresh compares it with when it began to read. */
const rememberSeen = async (context: Context, people: readonly Person[]): Promise<void> => {
  await context.postgres`
    insert into segments.seen (customer_id, origin_id, counts, at)
    select id, id, counts, clock_timestamp() from unnest(${people.map(person => person.id)}::bigint[], ${people.map(person => String(person.counts))}::text[]::boolean[]) as person(id, counts)
    order by id
    on conflict (customer_id) do update set counts = excluded.counts, at = excluded.at`;
};
