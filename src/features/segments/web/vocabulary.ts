/** The vocabulary as the forms use it. */
import { type AnswerOf, type Say, useQueryOf } from '../../../ui/index.ts';

export type Vocabulary = AnswerOf<'GET /api/vocabulary'>;
export type Fact = Vocabulary['facts'][number];
export type Operator = Vocabulary['operators'][number];
export type Argument = Vocabulary['conditions'][number]['arguments'][number];

export const useVocabulary = () => useQueryOf('GET /api/vocabulary', {}, { staleTime_ms: 60_000 });

export const factLabel = (fact: Fact, t: Say): string => fact.label_text ?? t(fact.label);

/** What a row of the builder can be about: one entry of its first select. */
export type Topic = { value: string; label: string; group: string };

const measures = ['count', 'sales', 'average', 'items', 'first', 'last', 'discounted_share', 'refund_share'];

/** Facts that repeat a condition of their own would only be a second way to say the same. */
const hiddenFacts = new Set(['customers.tags', 'customers.identifiers', 'consent.email', 'consent.sms', 'customers.known']);

export const topicsOf = (vocabulary: Vocabulary, t: Say): Topic[] => {
  const behaviour = t('segments.web.topic.behaviour');
  const other = t('segments.web.topic.other');
  const kind = (key: string) => vocabulary.conditions.find(one => one.key === key);
  const own = (key: string, group: string): Topic[] =>
    kind(key) ? [{ value: key, label: t(`segments.condition.${key}.label`), group }] : [];
  return [
    ...measures.map(measure => ({
      value: `orders:${measure}`,
      label: t(`segments.measure.${measure}`),
      group: t('segments.web.topic.orders'),
    })),
    ...own('bought', behaviour),
    ...own('did', behaviour),
    ...vocabulary.facts
      .filter(fact => !hiddenFacts.has(fact.code))
      .map(fact => ({ value: `fact:${fact.code}`, label: factLabel(fact, t), group: t(groupOf(fact)) })),
    ...own('tag', other),
    ...own('consent', other),
    ...own('identifier', other),
    ...own('in_segment', other),
    ...own('share', other),
  ];
};

const groupOf = (fact: Fact): string => {
  if (fact.code.startsWith('attribute.')) return 'segments.web.topic.attributes';
  if (fact.code.startsWith('predictions.')) return 'segments.web.topic.predictions';
  return fact.code.startsWith('orders.') ? 'segments.web.topic.order_facts' : 'segments.web.topic.person';
};

/** The key of a condition's kind. */
export const kindKeyOf = (condition: object, vocabulary: Vocabulary): string | null =>
  vocabulary.conditions.find(kind => kind.key in condition)?.key ?? null;

export const topicOf = (condition: Record<string, unknown>, vocabulary: Vocabulary): string | null => {
  const key = kindKeyOf(condition, vocabulary);
  if (key === 'fact' || key === 'orders') return `${key}:${condition[key]}`;
  return key;
};

/** What a row starts with when its topic was chosen: complete where a sensible value exists. */
export const startOf = (topic: string, vocabulary: Vocabulary): Record<string, unknown> => {
  const [key, name] = [topic.split(':')[0] as string, topic.slice(topic.indexOf(':') + 1)];
  if (key === 'fact') {
    const fact = vocabulary.facts.find(one => one.code === name);
    const operator = operatorsFor(vocabulary, fact?.type ?? 'text')[0] as Operator;
    return { fact: name, [operatorStart(fact).code ?? operator.code]: operatorStart(fact).value };
  }
  if (key === 'orders') {
    if (name === 'first' || name === 'last') return { orders: name, within: { days: 90 } };
    return {
      orders: name,
      at_least: name === 'sales' || name === 'average' ? { amount_minor: 10_000 } : name.endsWith('share') ? 50 : 2,
    };
  }
  if (key === 'did') return { did: '', within: { days: 30 } };
  if (key === 'bought') return { bought: { any: [] } };
  if (key === 'consent') return { consent: 'email' };
  if (key === 'share') return { share: { percent: 10, salt: 'regulars' } };
  if (key === 'in_segment') return { in_segment: '' };
  return { [key]: [] };
};

const operatorStart = (fact: Fact | undefined): { code: string | null; value: unknown } => {
  switch (fact?.type) {
    case 'money':
      return { code: 'at_least', value: { amount_minor: 10_000 } };
    case 'number':
    case 'days':
      return { code: 'at_least', value: 1 };
    case 'percent':
      return { code: 'at_least', value: 50 };
    case 'boolean':
      return { code: 'is', value: true };
    case 'date':
      return { code: 'within', value: { days: 30 } };
    case 'set':
      return { code: 'has_any', value: [] };
    case 'choice':
      return { code: 'in', value: [] };
    default:
      return { code: 'is', value: '' };
  }
};

export const operatorsFor = (vocabulary: Vocabulary, type: string): Operator[] =>
  vocabulary.operators.filter(operator => operator.types.includes(type));
