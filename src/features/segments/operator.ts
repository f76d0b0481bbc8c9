/**
 * The comparisons of conditions: each says which types it fits, what value it takes, and gives SQL, closure and words for it. Facts, event
 * properties and order totals use the same table. A missing value satisfies nothing but "is not set" and the negative operators, which
 * are exactly the complement of their positive twin (`complementOf`).
 */
import { z } from 'zod';
import type { Bindings } from './condition.ts';
import { limits } from './definition.ts';
import { addDays, anniversaryDays, dayBack, type Moment, type Span } from './moment.ts';
import type { Phrase, PhraseValue } from './phrase.ts';
import { amount, day, days, finite, span, spanPhrase, text, texts } from './shapes.ts';
import type { FactType, FactValue } from './vocabulary.ts';

/** What is compared: its type, and the closed list of a choice. */
export type Subject = { type: FactType; choices?: readonly string[] };
/** How the builder asks for the value. */
export type ValueForm = 'one' | 'two' | 'many' | 'span' | 'days_count' | 'yes' | 'stretch';

export type Operator = {
  code: string;
  types: readonly FactType[];
  form: ValueForm;
  /** The complement of another operator; then it has no SQL and closure of its own. */
  complementOf?: string;
  value: (subject: Subject) => z.ZodType;
  /** A boolean expression over a ClickHouse column that holds the value. */
  sql?: (column: string, value: never, subject: Subject, bindings: Bindings, moment: Moment) => string;
  test?: (value: never, subject: Subject, moment: Moment) => (actual: FactValue) => boolean;
};

const numeric: readonly FactType[] = ['number', 'money', 'percent', 'days'];
const worded: readonly FactType[] = ['text', 'choice'];

/** Money as { amount_minor }, everything else as it is. */
const plain = (value: unknown): number =>
  typeof value === 'object' && value !== null ? (value as { amount_minor: number }).amount_minor : (value as number);

const numberValue = (subject: Subject): z.ZodType => (subject.type === 'money' ? amount : finite);
const choiceValue = (subject: Subject): z.ZodType =>
  subject.choices ? z.enum(subject.choices as [string, ...string[]], `Choose one of: ${subject.choices.join(', ')}.`) : text;
const oneValue = (subject: Subject): z.ZodType => {
  if (numeric.includes(subject.type)) return numberValue(subject);
  if (subject.type === 'boolean') return z.boolean('Write true or false.');
  if (subject.type === 'date') return day;
  return subject.type === 'choice' ? choiceValue(subject) : text;
};
const orderedPair = (subject: Subject): z.ZodType =>
  z
    .tuple([numberValue(subject), numberValue(subject)])
    .refine(([low, high]) => plain(low) <= plain(high), 'The first number must not be above the second.');

const bindNumber = (bindings: Bindings, value: unknown): string => bindings.bind('Float64', plain(value));
/** The choices from one on, or up to one, in their order. */
const choicesFrom = (subject: Subject, value: string): string[] =>
  [...(subject.choices ?? [])].slice((subject.choices ?? []).indexOf(value));
const choicesUpTo = (subject: Subject, value: string): string[] =>
  [...(subject.choices ?? [])].slice(0, (subject.choices ?? []).indexOf(value) + 1);
const asText = (actual: FactValue): string => actual as string;
const asNumber = (actual: FactValue): number => actual as number;
const asItems = (actual: FactValue): readonly string[] => actual as string[];
const withoutHours = span.refine(value => value.hours === undefined, 'A day has no hour: use days, weeks or months.');
const dayOrSpan = z.union([day, withoutHours], { error: 'Write a day as YYYY-MM-DD, or a span as { "days": 90 }.' });
const stretch = z.union(
  [z.strictObject({ next: z.number().int().min(0).max(365) }), z.strictObject({ last: z.number().int().min(0).max(365) })],
  { error: 'Write { "next": 7 } or { "last": 7 }: days from today.' },
);

const table: readonly Operator[] = [
  {
    code: 'is',
    form: 'one',
    types: [...numeric, ...worded, 'boolean', 'date'],
    value: oneValue,
    sql: (column, value: FactValue, subject, bindings) => {
      if (numeric.includes(subject.type)) return `${column} = ${bindNumber(bindings, value)}`;
      if (subject.type === 'boolean') return `${column} = ${bindings.bind('Float64', value === true ? 1 : 0)}`;
      return `${column} = ${bindings.bind('String', value)}`;
    },
    test: (value: FactValue, subject) =>
      numeric.includes(subject.type) ? actual => actual === plain(value) : actual => actual === value,
  },
  { code: 'is_not', form: 'one', types: [...numeric, ...worded, 'date'], value: oneValue, complementOf: 'is' },
  {
    code: 'in',
    form: 'many',
    types: worded,
    value: subject => z.array(choiceValue(subject)).min(1, 'Name at least one.').max(limits.values),
    sql: (column, value: string[], _subject, bindings) => `has(${bindings.bind('Array(String)', value)}, ${column})`,
    test: (value: string[]) => actual => value.includes(asText(actual)),
  },
  {
    code: 'not_in',
    form: 'many',
    types: worded,
    value: subject => z.array(choiceValue(subject)).min(1).max(limits.values),
    complementOf: 'in',
  },
  {
    code: 'contains',
    form: 'one',
    types: ['text'],
    value: () => text,
    sql: (column, value: string, _subject, bindings) =>
      `position(lowerUTF8(${column}), ${bindings.bind('String', value.toLowerCase())}) > 0`,
    test: (value: string) => actual => asText(actual).toLowerCase().includes(value.toLowerCase()),
  },
  { code: 'not_contains', form: 'one', types: ['text'], value: () => text, complementOf: 'contains' },
  {
    code: 'starts_with',
    form: 'one',
    types: ['text'],
    value: () => text,
    sql: (column, value: string, _subject, bindings) =>
      `startsWith(lowerUTF8(${column}), ${bindings.bind('String', value.toLowerCase())})`,
    test: (value: string) => actual => asText(actual).toLowerCase().startsWith(value.toLowerCase()),
  },
  {
    code: 'at_least',
    form: 'one',
    types: [...numeric, 'choice'],
    value: oneValue,
    sql: (column, value: FactValue, subject, bindings) =>
      subject.type === 'choice'
        ? `has(${bindings.bind('Array(String)', choicesFrom(subject, value as string))}, ${column})`
        : `${column} >= ${bindNumber(bindings, value)}`,
    test: (value: FactValue, subject) =>
      subject.type === 'choice'
        ? actual => choicesFrom(subject, value as string).includes(asText(actual))
        : actual => asNumber(actual) >= plain(value),
  },
  {
    code: 'at_most',
    form: 'one',
    types: [...numeric, 'choice'],
    value: oneValue,
    sql: (column, value: FactValue, subject, bindings) =>
      subject.type === 'choice'
        ? `has(${bindings.bind('Array(String)', choicesUpTo(subject, value as string))}, ${column})`
        : `${column} <= ${bindNumber(bindings, value)}`,
    test: (value: FactValue, subject) =>
      subject.type === 'choice'
        ? actual => choicesUpTo(subject, value as string).includes(asText(actual))
        : actual => asNumber(actual) <= plain(value),
  },
  {
    code: 'more_than',
    form: 'one',
    types: numeric,
    value: numberValue,
    sql: (column, value: FactValue, _subject, bindings) => `${column} > ${bindNumber(bindings, value)}`,
    test: (value: FactValue) => actual => asNumber(actual) > plain(value),
  },
  {
    code: 'less_than',
    form: 'one',
    types: numeric,
    value: numberValue,
    sql: (column, value: FactValue, _subject, bindings) => `${column} < ${bindNumber(bindings, value)}`,
    test: (value: FactValue) => actual => asNumber(actual) < plain(value),
  },
  {
    code: 'between',
    form: 'two',
    types: [...numeric, 'date'],
    value: subject => (subject.type === 'date' ? days : orderedPair(subject)),
    sql: (column, [low, high]: [FactValue, FactValue], subject, bindings) => {
      const bind = (value: FactValue) => (subject.type === 'date' ? bindings.bind('String', value) : bindNumber(bindings, value));
      return `(${column} >= ${bind(low)} and ${column} <= ${bind(high)})`;
    },
    test: ([low, high]: [FactValue, FactValue], subject) =>
      subject.type === 'date'
        ? actual => asText(actual) >= (low as string) && asText(actual) <= (high as string)
        : actual => asNumber(actual) >= plain(low) && asNumber(actual) <= plain(high),
  },
  {
    // The last n days and today; nothing that still lies ahead.
    code: 'within',
    form: 'span',
    types: ['date'],
    value: () => withoutHours,
    sql: (column, value: Span, _subject, bindings, moment) =>
      `(${column} >= ${bindings.bind('String', dayBack(value, moment))} and ${column} <= ${bindings.bind('String', moment.today)})`,
    test: (value: Span, _subject, moment) => actual => asText(actual) >= dayBack(value, moment) && asText(actual) <= moment.today,
  },
  {
    code: 'within_next',
    form: 'days_count',
    types: ['date'],
    value: () => z.strictObject({ days: z.number().int().min(0).max(36_500) }),
    sql: (column, value: { days: number }, _subject, bindings, moment) =>
      `(${column} >= ${bindings.bind('String', moment.today)} and ${column} <= ${bindings.bind('String', addDays(moment.today, value.days))})`,
    test: (value: { days: number }, _subject, moment) => actual =>
      asText(actual) >= moment.today && asText(actual) <= addDays(moment.today, value.days),
  },
  {
    // A span means "longer ago than": exactly what `within` leaves of the past.
    code: 'before',
    form: 'one',
    types: ['date'],
    value: () => dayOrSpan,
    sql: (column, value: string | Span, _subject, bindings, moment) =>
      `${column} < ${bindings.bind('String', lastDay(value, moment))}`,
    test: (value: string | Span, _subject, moment) => actual => asText(actual) < lastDay(value, moment),
  },
  {
    code: 'after',
    form: 'one',
    types: ['date'],
    value: () => day,
    sql: (column, value: string, _subject, bindings) => `${column} > ${bindings.bind('String', value)}`,
    test: (value: string) => actual => asText(actual) > value,
  },
  {
    code: 'anniversary',
    form: 'stretch',
    types: ['date'],
    value: () => stretch,
    sql: (column, value: { next: number } | { last: number }, _subject, bindings, moment) =>
      `has(${bindings.bind('Array(String)', anniversaryDays(value, moment))}, substring(${column}, 6))`,
    test: (value: { next: number } | { last: number }, _subject, moment) => {
      const wanted = anniversaryDays(value, moment);
      return actual => wanted.includes(asText(actual).slice(5));
    },
  },
  {
    code: 'has_any',
    form: 'many',
    types: ['set'],
    value: () => texts,
    sql: (column, value: string[], _subject, bindings) => `hasAny(${column}, ${bindings.bind('Array(String)', value)})`,
    test: (value: string[]) => actual => value.some(one => asItems(actual).includes(one)),
  },
  {
    code: 'has_all',
    form: 'many',
    types: ['set'],
    value: () => texts,
    sql: (column, value: string[], _subject, bindings) => `hasAll(${column}, ${bindings.bind('Array(String)', value)})`,
    test: (value: string[]) => actual => value.every(one => asItems(actual).includes(one)),
  },
  { code: 'has_none', form: 'many', types: ['set'], value: () => texts, complementOf: 'has_any' },
  {
    code: 'set',
    form: 'yes',
    types: [...numeric, ...worded, 'boolean', 'date', 'set'],
    value: () => z.boolean('Write true or false.'),
    sql: (column, _value: boolean, subject) => (subject.type === 'set' ? `notEmpty(${column})` : '1'),
    test: (_value: boolean, subject) => (subject.type === 'set' ? actual => asItems(actual).length > 0 : () => true),
  },
];

const lastDay = (value: string | Span, moment: Moment): string => (typeof value === 'string' ? value : dayBack(value, moment));

export const operators: ReadonlyMap<string, Operator> = new Map(table.map(one => [one.code, one]));
export const operatorsFor = (type: FactType): Operator[] => table.filter(one => one.types.includes(type));

/** What remains to be asked once a negative operator has become "everybody but those": the positive one. */
export type Comparison = { operator: Operator; value: unknown; complement: boolean };

/** The one operator key of a condition; `only` where other arguments share a word ("between" is also a window). */
const operatorKey = (condition: object, only?: readonly string[]): string =>
  Object.keys(condition).find(key => operators.has(key) && (only?.includes(key) ?? true)) as string;

/** Reads { at_least: 3 } of a condition: its one operator, made positive. */
export const comparisonOf = (condition: object, only?: readonly string[]): Comparison => {
  const code = operatorKey(condition, only);
  const written = operators.get(code) as Operator;
  const value = (condition as Record<string, unknown>)[code];
  if (code === 'set') return { operator: written, value: true, complement: value === false };
  return {
    operator: operators.get(written.complementOf ?? code) as Operator,
    value,
    complement: written.complementOf !== undefined,
  };
};

/**
 * The closed shape of { <operator>: <value> } for a subject, merged with other arguments of the condition. Exactly one operator that
 * fits the type.
 */
export const comparisonShape = (subject: Subject, only?: readonly string[]): Record<string, z.ZodType> =>
  Object.fromEntries(
    operatorsFor(subject.type)
      .filter(one => !only || only.includes(one.code))
      .map(one => [one.code, one.value(subject).optional()]),
  );
export const oneOperator = (value: object): boolean => Object.keys(value).filter(key => operators.has(key)).length === 1;
export const oneOperatorReason = (subject: Subject, only?: readonly string[]): string =>
  `Compare in exactly one way: ${Object.keys(comparisonShape(subject, only)).join(', ')}.`;

const valuePhrase = (value: unknown, subject: Subject): PhraseValue => {
  if (subject.type === 'money') return { money: plain(value) };
  if (subject.type === 'date') return { day: value as string };
  if (Array.isArray(value)) return { list: value.map(one => valuePhrase(one, subject)), join: 'or' };
  return value as string | number;
};

/** "is at least 3", "is one of DE or AT", "is in the last 90 days". */
export const comparisonPhrase = (condition: object, subject: Subject, only?: readonly string[]): Phrase => {
  const code = operatorKey(condition, only);
  const value = (condition as Record<string, unknown>)[code];
  const key = `segments.operator.${code}.phrase`;
  if (code === 'set') return { key: value ? key : 'segments.operator.not_set.phrase' };
  if (code === 'between') {
    const [low, high] = value as [unknown, unknown];
    return { key, values: { low: valuePhrase(low, subject), high: valuePhrase(high, subject) } };
  }
  if (code === 'within') return { key, values: { span: spanPhrase(value as Span) } };
  if (code === 'within_next') return { key, values: { span: spanPhrase(value as Span) } };
  if (code === 'before' && typeof value !== 'string')
    return { key: 'segments.operator.longer_ago.phrase', values: { span: spanPhrase(value as Span) } };
  if (code === 'anniversary') {
    const [way, count] = Object.entries(value as object)[0] as [string, number];
    return { key: `segments.operator.anniversary_${way}.phrase`, values: { span: spanPhrase({ days: count }) } };
  }
  if (subject.type === 'boolean') return { key: `segments.operator.${value ? 'yes' : 'no'}.phrase` };
  if (subject.type === 'set')
    return { key, values: { value: { list: value as string[], join: code === 'has_all' ? 'and' : 'or' } } };
  return { key, values: { value: valuePhrase(value, subject) } };
};
