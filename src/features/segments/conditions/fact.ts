/**
 * { "fact": "orders.count", "at_least": 3 }: any typed thing known about customers, compared by the operators of its type.
 * Also written { "attribute": "country", "in": ["DE"] } and { "loyalty_tier": { "at_least": "gold" } }.
 */
import { z } from 'zod';
import { defineCondition, noNeeds, type SqlScope } from '../condition.ts';
import { comparisonOf, comparisonPhrase, comparisonShape, oneOperator, oneOperatorReason } from '../operator.ts';
import type { Phrase } from '../phrase.ts';
import { findFact, type KnownFact, type Vocabulary } from '../vocabulary.ts';

export type FactCondition = { fact: string };

const factOf = (condition: FactCondition, vocabulary: Vocabulary): KnownFact => vocabulary.facts.get(condition.fact) as KnownFact;

/** Column expression and source rows of a fact: its own SQL, or its part of the `fact` copy. */
export const factRows = (fact: KnownFact, scope: SqlScope): { column: string; from: string } => {
  if (fact.clickhouse) {
    const { moment } = scope;
    const { ownShops } = scope.vocabulary;
    const limit = ownShops && { values: { own_shops: ownShops }, shops: '{own_shops:Array(UUID)}' };
    const query = fact.clickhouse({
      end: "{moment_end:DateTime64(3, 'UTC')}",
      today: 'toDate({moment_today:String})',
      zone: '{moment_zone:String}',
      params: {
        moment_end: moment.until.toISOString().replace('T', ' ').replace('Z', ''),
        moment_today: moment.today,
        moment_zone: moment.zone,
        ...limit?.values,
      },
      shops: limit?.shops,
    });
    return { column: ownColumn(fact), from: `(${scope.bindings.adopt(query)})` };
  }
  const from = `fact final where code = ${scope.bindings.bind('String', fact.code)}`;
  if (fact.type === 'set') return { column: 'items', from };
  const column = ['text', 'choice', 'date'].includes(fact.type) ? 'text' : 'number';
  return { column: `assumeNotNull(${column})`, from: `${from} and isNotNull(${column})` };
};

const ownColumn = (fact: KnownFact): string => {
  if (fact.type === 'set') return 'value';
  return ['text', 'choice', 'date'].includes(fact.type) ? 'toString(value)' : 'toFloat64(value)';
};

const phraseOf = (condition: FactCondition, fact: KnownFact): Phrase => ({
  key: 'segments.sentence.fact',
  values: { fact: fact.labelText ?? { text: fact.label }, comparison: comparisonPhrase(condition, fact) },
});

export const factCondition = defineCondition<FactCondition>({
  key: 'fact',
  label: 'segments.condition.fact.label',
  hint: 'segments.condition.fact.hint',
  arguments: [
    { name: 'fact', type: 'fact', label: 'segments.argument.fact', required: true },
    { name: 'operator', type: 'operator', label: 'segments.argument.operator', required: true },
  ],
  schema: vocabulary =>
    z.unknown().transform((raw, context) => {
      const written = raw as { fact: unknown };
      const fact = typeof written.fact === 'string' ? findFact(vocabulary, written.fact) : undefined;
      if (!fact) {
        context.addIssue({
          code: 'custom',
          path: ['fact'],
          message: `There is no fact named ${JSON.stringify(written.fact)} here. GET /api/vocabulary lists those that exist.`,
        });
        return z.NEVER;
      }
      const shape = z.strictObject({ fact: z.string(), ...comparisonShape(fact) }).refine(oneOperator, oneOperatorReason(fact));
      const checked = shape.safeParse({ ...written, fact: fact.code });
      if (!checked.success) {
        for (const issue of checked.error.issues) context.addIssue({ ...issue } as never);
        return z.NEVER;
      }
      return checked.data;
    }),
  groups: (condition, vocabulary) => {
    const group = factOf(condition, vocabulary).group;
    return group === null ? [] : [group];
  },
  needs: condition => ({ ...noNeeds, facts: [condition.fact] }),
  changedBy: (condition, vocabulary) => factOf(condition, vocabulary).changedBy,
  currentOnly: (condition, vocabulary) => (factOf(condition, vocabulary).asOf === 'current' ? [condition.fact] : []),
  sql: (condition, scope) => {
    const fact = factOf(condition, scope.vocabulary);
    const { operator, value, complement } = comparisonOf(condition);
    const { column, from } = factRows(fact, scope);
    const test = operator.sql!(column, value as never, fact, scope.bindings, scope.moment);
    const sql = `select toUInt32(customer_id) as customer_id from ${from} ${from.includes(' where ') && !fact.clickhouse ? 'and' : 'where'} ${test}`;
    return complement ? { sql, complement } : { sql };
  },
  closure: (condition, moment, vocabulary) => {
    const { operator, value, complement } = comparisonOf(condition);
    const test = operator.test!(value as never, factOf(condition, vocabulary), moment);
    return person => {
      const actual = person.facts.get(condition.fact);
      const holds = actual !== undefined && test(actual);
      return complement ? !holds : holds;
    };
  },
  sentence: (condition, vocabulary) => phraseOf(condition, factOf(condition, vocabulary)),
});
