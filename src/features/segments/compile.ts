/**
 * One tree, two compilers: SQL over bitmaps for the whole base, closures for the customers just touched. Property tests hold them equal to
 * each other and to a naive reading (test/naive.ts). References to other segments are replaced by their definitions first.
 */
import type { FieldGroup } from '../../platform/contract.ts';
import { Bindings, type Closure, type Needs, type SqlScope } from './condition.ts';
import { kindOf } from './conditions.ts';
import {
  type Condition,
  canonicalJson,
  childPathsOf,
  conditionsOf,
  type Definition,
  isAll,
  isAny,
  isGroup,
  isNot,
  type Path,
} from './definition.ts';
import type { Moment } from './moment.ts';
import type { Phrase, PhraseValue } from './phrase.ts';
import type { Vocabulary } from './vocabulary.ts';

/** The definition behind a reference; unknown ones were refused when the definition was read. */
const referred = (condition: Condition, vocabulary: Vocabulary): Definition | null =>
  typeof condition.in_segment === 'string' ? (vocabulary.segments.get(condition.in_segment)?.definition ?? { any: [] }) : null;

/** Every condition that decides, those of referred segments included, each once. */
export const decidingConditions = (definition: Definition, vocabulary: Vocabulary): Condition[] => {
  const found = new Map<string, Condition>();
  const visit = (node: Definition): void => {
    for (const { condition } of conditionsOf(node)) {
      const inner = referred(condition, vocabulary);
      if (inner) visit(inner);
      else found.set(canonicalJson(condition), condition);
    }
  };
  visit(definition);
  return [...found.values()];
};

const withShops = new Set(['did', 'orders', 'bought']);

/** For a reader of some shops a condition looks at what happened in these, whatever it says itself. */
const ofOwnShops = (condition: Condition, { ownShops }: Vocabulary): Condition => {
  if (ownShops === null || !withShops.has(kindOf(condition).key)) return condition;
  const named = condition.shops as string[] | undefined;
  return { ...condition, shops: named ? named.filter(shop => ownShops.includes(shop)) : [...ownShops] };
};

// ---- SQL ----------------------------------------------------------------------------------------------------------

/** A distinct condition of one or more definitions: a set of customers that is worked out once. */
export type Leaf = { name: string; sql: string };

/**
 * Compiles definitions for one statement. Each distinct condition becomes a leaf ("l1", "l2"...), however many definitions use it; a
 * definition becomes bitmap algebra over leaf columns and `population`.
 */
export class SqlCompiler {
  readonly bindings = new Bindings();
  private readonly leaves = new Map<string, Leaf & { complement: boolean }>();
  private readonly moment: Moment;
  private readonly vocabulary: Vocabulary;
  private readonly ownerOf: SqlScope['ownerOf'];

  constructor(moment: Moment, vocabulary: Vocabulary, ownerOf: SqlScope['ownerOf']) {
    this.moment = moment;
    this.vocabulary = vocabulary;
    this.ownerOf = ownerOf;
  }

  /** The bitmap expression of a definition: always within the population. */
  compile(definition: Definition): string {
    return `bitmapAnd(population, ${this.node(definition)})`;
  }

  /** Everything a statement needs below its bitmap algebra: who counts, and each distinct condition. */
  from(): string {
    const { ownShops } = this.vocabulary;
    if (ownShops === null) return leavesSql(this.distinctLeaves());
    const shops = this.bindings.bind('Array(UUID)', ownShops);
    const tied = `select ${this.ownerOf('origin_id')} from shop_tie where has(${shops}, shop_id)`;
    return leavesSql(this.distinctLeaves(), `${populationSql} and customer_id in (${tied})`);
  }

  distinctLeaves(): Leaf[] {
    return [...this.leaves.values()];
  }

  private node(node: Definition): string {
    if (isAll(node)) return this.fold(this.sorted(node.all), 'population');
    if (isAny(node))
      return node.any.length === 0
        ? 'bitmapAndnot(population, population)'
        : node.any.map(child => this.node(child)).reduce((a, b) => `bitmapOr(${a}, ${b})`);
    if (isNot(node)) return `bitmapAndnot(population, ${this.node(node.not)})`;
    const inner = referred(node, this.vocabulary);
    if (inner) return this.node(inner);
    const leaf = this.leaf(node);
    return leaf.complement ? `bitmapAndnot(population, ${leaf.name})` : leaf.name;
  }

  /** AND with BUT NOT as its own operation, instead of turning a set inside out first. */
  private fold(children: readonly Definition[], start: string): string {
    return children.reduce((so_far, child) => {
      if (isNot(child)) return `bitmapAndnot(${so_far}, ${this.node(child.not)})`;
      return so_far === 'population' ? this.node(child) : `bitmapAnd(${so_far}, ${this.node(child)})`;
    }, start);
  }

  private sorted(children: readonly Definition[]): Definition[] {
    return [...children.filter(child => !isNot(child)), ...children.filter(isNot)];
  }

  private leaf(condition: Condition): Leaf & { complement: boolean } {
    const key = canonicalJson(condition);
    const known = this.leaves.get(key);
    if (known) return known;
    const scope = { moment: this.moment, bindings: this.bindings, vocabulary: this.vocabulary, ownerOf: this.ownerOf };
    const { sql, complement } = kindOf(condition).sql(ofOwnShops(condition, this.vocabulary), scope);
    const leaf = { name: `l${this.leaves.size + 1}`, sql, complement: complement === true };
    this.leaves.set(key, leaf);
    return leaf;
  }
}

/** Who counts at all: known, a shopper, not erased. */
export const populationSql = 'select customer_id from base final where known and shopper';

/** One leaf as a row: its number and its bitmap. */
export const leafRowSql = (leaf: Leaf, number: number): string =>
  `select ${number} as leaf, groupBitmapState(customer_id) as bitmap from (${leaf.sql})`;

/** One row with a bitmap column per leaf and `population`, worked out side by side. */
export const leavesSql = (leaves: readonly Leaf[], population = populationSql): string => {
  const all = [{ name: 'population', sql: population }, ...leaves];
  const rows = all.map(leafRowSql);
  return `select ${columnsSql(all)} from (${rows.join('\nunion all ')})`;
};

/** Turns rows (leaf, bitmap) into columns. */
export const columnsSql = (leaves: readonly { name: string }[]): string =>
  leaves.map((leaf, i) => `anyIf(bitmap, leaf = ${i}) as ${leaf.name}`).join(', ');

// ---- closures -----------------------------------------------------------------------------------------------------

/** A test of one loaded customer. `shared` keeps closures of equal conditions between definitions of one vocabulary and moment. */
export const compileClosure = (
  definition: Definition,
  moment: Moment,
  vocabulary: Vocabulary,
  shared = new Map<string, Closure>(),
): Closure => {
  const inside = closureOf(definition, moment, vocabulary, shared);
  return person => person.counts && inside(person);
};

const closureOf = (node: Definition, moment: Moment, vocabulary: Vocabulary, shared: Map<string, Closure>): Closure => {
  if (isAll(node)) {
    const children = node.all.map(child => closureOf(child, moment, vocabulary, shared));
    return person => children.every(child => child(person));
  }
  if (isAny(node)) {
    const children = node.any.map(child => closureOf(child, moment, vocabulary, shared));
    return person => children.some(child => child(person));
  }
  if (isNot(node)) {
    const child = closureOf(node.not, moment, vocabulary, shared);
    return person => !child(person);
  }
  const inner = referred(node, vocabulary);
  if (inner) return closureOf(inner, moment, vocabulary, shared);
  const key = canonicalJson(node);
  const known = shared.get(key);
  if (known) return known;
  const closure = remembering(kindOf(node).closure(ofOwnShops(node, vocabulary), moment, vocabulary));
  shared.set(key, closure);
  return closure;
};

/** Definitions share conditions, and are asked about one customer after the other: the last answer is worth keeping. */
const remembering = (closure: Closure): Closure => {
  let lastPerson: unknown = null;
  let lastAnswer = false;
  return person => {
    if (person !== lastPerson) {
      lastAnswer = closure(person);
      lastPerson = person;
    }
    return lastAnswer;
  };
};

// ---- what a definition depends on ---------------------------------------------------------------------------------

export const needsOf = (definition: Definition, vocabulary: Vocabulary): Needs => {
  const all = decidingConditions(definition, vocabulary).map(condition => kindOf(condition).needs(condition, vocabulary));
  return joinNeeds(all);
};
export const joinNeeds = (all: readonly Needs[]): Needs => ({
  events: all.flatMap(one => one.events),
  facts: [...new Set(all.flatMap(one => one.facts))],
  purchases: all.some(one => one.purchases),
});

/** Event names and words that can change the answer. */
export const changedByOf = (definition: Definition, vocabulary: Vocabulary): Set<string> =>
  new Set(
    decidingConditions(definition, vocabulary).flatMap(condition => [...kindOf(condition).changedBy(condition, vocabulary)]),
  );

/** The field groups a reader must hold to see or use the definition (decisions 16). */
export const groupsOf = (definition: Definition, vocabulary: Vocabulary): Set<FieldGroup> =>
  new Set(decidingConditions(definition, vocabulary).flatMap(condition => [...kindOf(condition).groups(condition, vocabulary)]));

/** Facts that only have today's value: an answer for a past day says so. */
export const currentOnlyOf = (definition: Definition, vocabulary: Vocabulary): string[] => [
  ...new Set(
    decidingConditions(definition, vocabulary).flatMap(condition => [
      ...(kindOf(condition).currentOnly?.(condition, vocabulary) ?? []),
    ]),
  ),
];

// ---- words --------------------------------------------------------------------------------------------------------

/** The definition as a sentence: "Customers who placed at least 3 orders, but not those who ordered in the last 90 days." */
export const sentenceOf = (definition: Definition, vocabulary: Vocabulary): Phrase => ({
  key: isAll(definition) && definition.all.length === 0 ? 'segments.sentence.everybody' : 'segments.sentence.root',
  values: { what: phraseOf(definition, vocabulary, false) },
});

const phraseOf = (node: Definition, vocabulary: Vocabulary, bracketed: boolean): Phrase => {
  if (!isGroup(node)) return kindOf(node).sentence(node, vocabulary);
  if (isNot(node)) return { key: 'segments.sentence.not', values: { what: phraseOf(node.not, vocabulary, isGroup(node.not)) } };
  const phrase = isAny(node) ? listPhrase(node.any, 'or', vocabulary) : allPhrase(isAll(node) ? node.all : [], vocabulary);
  return bracketed ? { key: 'segments.sentence.bracketed', values: { what: phrase } } : phrase;
};

const listPhrase = (children: readonly Definition[], join: 'and' | 'or', vocabulary: Vocabulary): Phrase => ({
  key: 'segments.sentence.list',
  values: { parts: { list: children.map((child): PhraseValue => phraseOf(child, vocabulary, children.length > 1)), join } },
});

const allPhrase = (children: readonly Definition[], vocabulary: Vocabulary): Phrase => {
  const wanted = children.filter(child => !isNot(child));
  const unwanted = children.filter(isNot).map(child => child.not);
  const positive: Phrase = wanted.length > 0 ? listPhrase(wanted, 'and', vocabulary) : { key: 'segments.sentence.anything' };
  if (unwanted.length === 0) return positive;
  return { key: 'segments.sentence.all_but', values: { what: positive, but: listPhrase(unwanted, 'or', vocabulary) } };
};

/** Each condition with its path and words, for the builder's arithmetic. */
export const conditionPhrases = (definition: Definition, vocabulary: Vocabulary): { path: Path; phrase: Phrase }[] =>
  conditionsOf(definition).map(({ path, condition }) => ({ path, phrase: kindOf(condition).sentence(condition, vocabulary) }));

/** The definition without the node at `path`, to see what that condition alone takes away; an emptied group goes with it. */
export const without = (definition: Definition, path: Path, at: Path = ''): Definition | null => {
  if (at === path) return null;
  if (!isGroup(definition)) return definition;
  const children = childPathsOf(definition, at)
    .map(([childPath, child]) => without(child, path, childPath))
    .filter(child => child !== null);
  if (isNot(definition)) return children.length === 0 ? null : { not: children[0] };
  if (isAny(definition)) return children.length === 0 ? null : { any: children };
  return { all: children };
};
