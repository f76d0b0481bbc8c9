/** Which conditions made the difference when somebody entered or left a segment. */
import type { Context } from '../../platform/context.ts';
import { changedByOf, compileClosure, needsOf } from './compile.ts';
import type { Closure, Person } from './condition.ts';
import { conditionsOf, type Definition, type Path } from './definition.ts';
import { loadPeople } from './load-people.ts';
import { type Loaded, momentFor } from './load-vocabulary.ts';
import type { Moment } from './moment.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Stands for a condition nobody wrote: known, a shopper, not erased. */
export const countsAtAll = 'counts';

/** Whether a condition stands inside an odd number of BUT NOTs. */
export const isTurned = (path: Path): boolean => path.split('.').filter(part => part === 'not').length % 2 === 1;

/**
 * Entered: the conditions that speak for the person, those that can have changed first where `changed` tells what happened. Left: those
 * that speak against. Paths in reading order; pure but for the closures' memory of the last person.
 */
export const whyChanged = (
  person: Person,
  member: boolean,
  definition: Definition,
  asked: { moment: Moment; vocabulary: Vocabulary; shared?: Map<string, Closure>; changed?: readonly string[] },
): Path[] => {
  if (!member && !person.counts) return [countsAtAll];
  const counted = { ...person, counts: true };
  const speaking = conditionsOf(definition).filter(({ path, condition }) => {
    const holds = compileClosure(condition, asked.moment, asked.vocabulary, asked.shared)(counted);
    return (holds !== isTurned(path)) === member;
  });
  const { changed } = asked;
  const fresh =
    changed &&
    speaking.filter(({ condition }) => {
      const words = changedByOf(condition, asked.vocabulary);
      return words.has('*') || changed.some(word => words.has(word));
    });
  return (fresh && fresh.length > 0 ? fresh : speaking).map(one => one.path).slice(0, 20);
};

/** Beyond this many at once, a segment's changes of one refresh keep no reasons. */
export const mostExplained = 500;

/** The same for changes that a whole-base reading found: people are loaded from PostgreSQL. By customer. */
export const explainMany = async (
  context: Context,
  definition: Definition,
  changes: readonly { customerId: number; member: boolean }[],
  loaded: Loaded,
): Promise<Map<number, Path[]>> => {
  if (changes.length === 0 || changes.length > mostExplained) return new Map();
  const moment = momentFor(context, loaded, null);
  const member = new Map(changes.map(change => [change.customerId, change.member]));
  const people = await loadPeople(context, [...member.keys()], needsOf(definition, loaded.vocabulary), loaded.facts, moment);
  const asked = { moment, vocabulary: loaded.vocabulary };
  return new Map(people.map(person => [person.id, whyChanged(person, member.get(person.id) === true, definition, asked)]));
};
