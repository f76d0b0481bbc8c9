/**
 * Short forms over facts that are sets: { "tag": "vip" }, { "identifier": "email" }. One text or a list (any of them).
 * Each reads one well-known fact, so it needs no SQL or closure of its own.
 */
import { z } from 'zod';
import { type ConditionKind, defineCondition } from '../condition.ts';
import type { Condition } from '../definition.ts';
import { texts } from '../shapes.ts';
import type { Vocabulary } from '../vocabulary.ts';
import { factCondition } from './fact.ts';

type Short = { key: 'tag' | 'identifier'; fact: (vocabulary: Vocabulary) => string };

const oneOrMore = z.preprocess(raw => (typeof raw === 'string' ? [raw] : raw), texts);

const shortForm = ({ key, fact }: Short): ConditionKind => {
  const long = (condition: Condition, vocabulary: Vocabulary): Condition => ({ fact: fact(vocabulary), has_any: condition[key] });
  return defineCondition<Condition>({
    key,
    label: `segments.condition.${key}.label`,
    hint: `segments.condition.${key}.hint`,
    arguments: [{ name: key, type: 'texts', label: `segments.argument.${key}`, required: true }],
    schema: vocabulary =>
      z.strictObject({ [key]: oneOrMore }).refine(() => vocabulary.facts.has(fact(vocabulary)), {
        path: [key],
        message: `Nothing is known about this yet: the fact ${fact(vocabulary)} is missing.`,
      }) as never,
    groups: (condition, vocabulary) => factCondition.groups(long(condition, vocabulary), vocabulary),
    needs: (condition, vocabulary) => factCondition.needs(long(condition, vocabulary), vocabulary),
    changedBy: (condition, vocabulary) => factCondition.changedBy(long(condition, vocabulary), vocabulary),
    currentOnly: (condition, vocabulary) => factCondition.currentOnly?.(long(condition, vocabulary), vocabulary) ?? [],
    sql: (condition, scope) => factCondition.sql(long(condition, scope.vocabulary), scope),
    closure: (condition, moment, vocabulary) => factCondition.closure(long(condition, vocabulary), moment, vocabulary),
    sentence: condition => ({
      key: `segments.sentence.${key}`,
      values: { names: { list: condition[key] as string[], join: 'or' } },
    }),
  });
};

export const tagCondition = shortForm({ key: 'tag', fact: vocabulary => vocabulary.wellKnown.tags });
export const identifierCondition = shortForm({ key: 'identifier', fact: vocabulary => vocabulary.wellKnown.identifiers });
