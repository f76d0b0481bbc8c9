/**
 * Reads a definition that somebody wrote, or that an older version stored, into its one canonical form; refuses what it does not know
 * with the path of every fault.
 */

import type { z } from 'zod';
import { type Fault, Refusal } from '../../platform/errors.ts';
import { conditionKinds, kindNamed } from './conditions.ts';
import { type Condition, conditionsOf, type Definition, depthOf, joinPath, limits } from './definition.ts';
import { operatorsFor } from './operator.ts';
import { findFact, type Vocabulary } from './vocabulary.ts';

type Raw = Record<string, unknown>;
const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The canonical definition, or a Refusal "segments.definition" whose faults carry paths from `root`. */
export const parseDefinition = (raw: unknown, vocabulary: Vocabulary, root = 'definition'): Definition => {
  const faults: Fault[] = [];
  const definition = hasRoom(raw, limits.depth + 2) ? parseNode(raw, root, vocabulary, faults) : null;
  if (definition === null && faults.length === 0) faults.push({ path: root, reason: tooDeep });
  if (definition !== null) faults.push(...sizeFaults(definition, root));
  if (definition === null || faults.length > 0) {
    const [first] = faults;
    throw new Refusal('refused', 'segments.definition', `This segment cannot be read. At ${first.path}: ${first.reason}`, {
      faults,
    });
  }
  return definition;
};

const tooDeep = `Groups may be nested ${limits.depth} deep. Make part of it a segment of its own and refer to that.`;

/** Stops before a hostile nesting can exhaust the stack. */
const hasRoom = (raw: unknown, left: number): boolean => {
  if (!isRecord(raw)) return true;
  const inner = [raw.all, raw.any, raw.not].flat().filter(isRecord);
  return inner.length === 0 || (left > 0 && inner.every(one => hasRoom(one, left - 1)));
};

const sizeFaults = (definition: Definition, root: string): Fault[] => {
  const count = conditionsOf(definition).length;
  return [
    ...(depthOf(definition) > limits.depth ? [{ path: root, reason: tooDeep }] : []),
    ...(count > limits.conditions
      ? [
          {
            path: root,
            reason: `${count} conditions are more than the ${limits.conditions} a segment may have. Make part of it a segment of its own and refer to that.`,
          },
        ]
      : []),
  ];
};

const groupWords = ['all', 'any', 'not'] as const;

const parseNode = (raw: unknown, path: string, vocabulary: Vocabulary, faults: Fault[]): Definition | null => {
  if (!isRecord(raw)) return fail(faults, path, 'Expected a group { "all" | "any": [...] }, { "not": ... } or a condition.');
  const words = groupWords.filter(word => Object.hasOwn(raw, word));
  if (words.length === 0) return parseCondition(raw, path, vocabulary, faults);
  if (Object.keys(raw).length !== 1)
    return fail(faults, path, 'A group says one thing only: all, any or not. Put other conditions inside it.');
  const [word] = words;
  if (word === 'not') {
    const inner = parseNode(raw.not, joinPath(path, 'not'), vocabulary, faults);
    return inner && { not: inner };
  }
  const list = raw[word];
  if (!Array.isArray(list)) return fail(faults, joinPath(path, word), 'Expected a list of conditions.');
  if (word === 'any' && list.length === 0)
    return fail(faults, joinPath(path, word), 'Name at least one condition: any of nothing is nobody.');
  const children = list.map((child, i) => parseNode(child, joinPath(path, word, i), vocabulary, faults));
  if (children.includes(null)) return null;
  return word === 'all' ? { all: children as Definition[] } : { any: children as Definition[] };
};

const parseCondition = (raw: Raw, path: string, vocabulary: Vocabulary, faults: Fault[]): Definition | null => {
  const { condition, negated, shift } = readShortForms(raw, vocabulary);
  const keys = Object.keys(condition).filter(key => kindNamed(key));
  if (keys.length !== 1) {
    const names = conditionKinds.map(kind => kind.key).join(', ');
    const written = Object.keys(raw)
      .map(key => JSON.stringify(key))
      .join(', ');
    const reason =
      keys.length === 0
        ? `${written || 'An empty condition'} is no condition here. There are: ${names}; and the facts of GET /api/vocabulary.`
        : `This mixes ${keys.join(' and ')}: make them two conditions.`;
    return fail(faults, keys.length === 0 && Object.keys(raw).length > 0 ? joinPath(path, Object.keys(raw)[0]) : path, reason);
  }
  const checked = kindNamed(keys[0])!.schema(vocabulary).safeParse(condition);
  if (!checked.success) {
    faults.push(...checked.error.issues.flatMap(issue => faultsOf(issue, path, shift)));
    return null;
  }
  const canonical = JSON.parse(JSON.stringify(checked.data)) as Condition;
  return negated ? { not: canonical } : canonical;
};

/**
 * Forms people write by hand, and forms of older versions: "attribute" for "fact", { "loyalty_tier": { ... } } for a fact by its name,
 * "did_not". `shift` puts the paths of faults back to what was written.
 */
const readShortForms = (
  raw: Raw,
  vocabulary: Vocabulary,
): { condition: Raw; negated: boolean; shift: Record<string, string> } => {
  if (Object.hasOwn(raw, 'did_not')) {
    const { did_not: did, ...others } = raw;
    return { condition: { did, ...others }, negated: true, shift: { did: 'did_not' } };
  }
  if (Object.hasOwn(raw, 'attribute') && !Object.hasOwn(raw, 'fact')) {
    const { attribute: fact, ...others } = raw;
    return { condition: { fact, ...others }, negated: false, shift: { fact: 'attribute' } };
  }
  const [name, ...more] = Object.keys(raw);
  if (name !== undefined && more.length === 0 && !kindNamed(name) && isRecord(raw[name]) && findFact(vocabulary, name)) {
    const comparison = raw[name];
    return {
      condition: { fact: name, ...comparison },
      negated: false,
      shift: Object.fromEntries(Object.keys(comparison).map(key => [key, `${name}.${key}`])),
    };
  }
  return { condition: raw, negated: false, shift: {} };
};

const faultsOf = (issue: z.core.$ZodIssue, path: string, shift: Record<string, string>): Fault[] => {
  const [first, ...rest] = issue.path.map(String);
  const at = first === undefined ? path : joinPath(path, shift[first] ?? first, ...rest);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => ({ path: joinPath(at, shift[key] ?? key), reason: `"${key}" is not known here.` }));
  return [{ path: at, reason: issue.message }];
};

const fail = (faults: Fault[], path: string, reason: string): null => {
  faults.push({ path, reason });
  return null;
};

/** Refuses a segment that would contain itself: `id` is what is being written ("" for a preview). Names the way round. */
export const refuseCycle = (definition: Definition, id: string, name: string, vocabulary: Vocabulary): void => {
  let conditions = 0;
  const visit = (node: Definition, way: { id: string; name: string }[], at: string): void => {
    for (const { path, condition } of conditionsOf(node)) {
      conditions += 1;
      if (conditions > limits.conditionsWithReferences) {
        const reason = `With the segments it refers to, this one has more than ${limits.conditionsWithReferences} conditions.`;
        throw new Refusal('refused', 'segments.too_large', `${reason} Refer to fewer segments.`, {
          faults: [{ path: at || 'definition', reason }],
        });
      }
      const other = condition.in_segment;
      if (typeof other !== 'string') continue;
      const here = at || joinPath('definition', path, 'in_segment');
      const round = way.findIndex(step => step.id === other);
      if (round >= 0) {
        const names = [...way.slice(round).map(step => step.name), way[round].name].join(' → ');
        throw new Refusal(
          'refused',
          'segments.cycle',
          `A segment cannot contain itself: ${names}. Take one of these references out.`,
          {
            values: { way: names },
            faults: [{ path: here, reason: `This leads back to where it began: ${names}.` }],
          },
        );
      }
      const found = vocabulary.segments.get(other);
      if (found) visit(found.definition, [...way, { id: other, name: found.name }], here);
    }
  };
  visit(definition, [{ id, name }], '');
};

/**
 * Why a stored definition cannot be read any more, or null. What was stored had been checked in full, so only the names are looked up
 * again: they can go away. Anything else is read anew. `ofSegment` answers the same for the segments it refers to.
 */
export const findRefused = (
  definition: Definition,
  vocabulary: Vocabulary,
  ofSegment: (id: string) => string | null,
): string | null => {
  for (const { path, condition } of conditionsOf(definition)) {
    if (typeof condition.in_segment === 'string') {
      const inner = vocabulary.segments.has(condition.in_segment)
        ? ofSegment(condition.in_segment)
        : `${path}: There is no such segment here.`;
      if (inner !== null) return inner;
    } else if (!namesAreKnown(condition, vocabulary)) {
      const refused = refusalOf(definition, vocabulary);
      if (refused !== null) return refused;
    }
  }
  return null;
};

const namesAreKnown = (condition: Condition, vocabulary: Vocabulary): boolean => {
  const kind = Object.keys(condition)
    .map(kindNamed)
    .find(one => one !== undefined);
  if (!kind?.needs(condition, vocabulary).facts.every(code => vocabulary.facts.has(code))) return false;
  const fact = typeof condition.fact === 'string' ? vocabulary.facts.get(condition.fact) : undefined;
  return fact === undefined || operatorsFor(fact.type).some(operator => Object.hasOwn(condition, operator.code));
};

const refusalOf = (definition: Definition, vocabulary: Vocabulary): string | null => {
  try {
    parseDefinition(definition, vocabulary);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.faults.map(fault => `${fault.path}: ${fault.reason}`).join(' ');
    throw error;
  }
};
