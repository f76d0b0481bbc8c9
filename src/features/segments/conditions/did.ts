/**
 * { "did": "Order Completed", "count": { "at_least": 2 }, "within": { "days": 365 } }: events by name, whoever sent them, with filters on
 * their properties. `which` looks at the first or the last time ever: { "did": "Product Viewed", "which": "last", "before": { "days": 30 } }.
 * `{ "did_not": ... }` is read as BUT NOT did.
 */
import { z } from 'zod';
import { type Bindings, defineCondition, noNeeds, type PersonEvent } from '../condition.ts';
import { boundsOf } from '../moment.ts';
import {
  type Comparison,
  comparisonOf,
  comparisonPhrase,
  comparisonShape,
  oneOperator,
  oneOperatorReason,
  type Subject,
} from '../operator.ts';
import type { Phrase, PhraseValue } from '../phrase.ts';
import {
  boundsSql,
  oneWindow,
  oneWindowReason,
  text,
  type WindowArguments,
  windowArguments,
  windowOf,
  windowPhrase,
  windowSql,
  windowTest,
} from '../shapes.ts';
import { type Count, countArgument, countPhrase, countSql, countTest, eventName, shopIds } from './parts.ts';

type Filter = { property: string };
export type DidCondition = WindowArguments & {
  did: string;
  count?: Count;
  which?: 'first' | 'last';
  where?: Filter[];
  shops?: string[];
};

/** Properties are typed by the value they are compared with; booleans are kept as the texts 'true' and 'false'. */
const subjectOf = (filter: object): Subject => {
  const { value } = comparisonOf(filter);
  const sample = Array.isArray(value) ? value[0] : value;
  return { type: typeof sample === 'number' ? 'number' : 'text' };
};
const asText = (value: unknown): unknown => (typeof value === 'boolean' ? String(value) : value);
const filterShape = z.unknown().transform((raw, context) => {
  const written = typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {};
  const filter = Object.fromEntries(Object.entries(written).map(([key, value]) => [key, key === 'set' ? value : asText(value)]));
  const numeric = Object.entries(filter).some(
    ([key, value]) => key !== 'property' && typeof (Array.isArray(value) ? value[0] : value) === 'number',
  );
  const subject: Subject = { type: numeric ? 'number' : 'text' };
  const checked = z
    .strictObject({ property: text, ...comparisonShape(subject) })
    .refine(oneOperator, oneOperatorReason(subject))
    .safeParse(filter);
  if (checked.success) return checked.data as Filter;
  for (const issue of checked.error.issues) context.addIssue({ ...issue } as never);
  return z.NEVER;
});

const filterSql = (filter: Filter, comparison: Comparison, bindings: Bindings): string => {
  const subject = subjectOf(filter);
  const property = bindings.bind('String', filter.property);
  if (comparison.operator.code === 'set') {
    const there = `(mapContains(text, ${property}) or mapContains(number, ${property}))`;
    return comparison.complement ? `not ${there}` : there;
  }
  const map = subject.type === 'number' ? 'number' : 'text';
  const test = comparison.operator.sql!(`${map}[${property}]`, comparison.value as never, subject, bindings, undefined as never);
  const holds = `(mapContains(${map}, ${property}) and ${test})`;
  return comparison.complement ? `not ${holds}` : holds;
};

const filterTest = (filter: Filter): ((event: PersonEvent) => boolean) => {
  const { operator, value, complement } = comparisonOf(filter);
  const subject = subjectOf(filter);
  const test = operator.test!(value as never, subject, undefined as never);
  const { property } = filter;
  const holds = (event: PersonEvent): boolean => {
    if (operator.code === 'set') return Object.hasOwn(event.text, property) || Object.hasOwn(event.number, property);
    const map = subject.type === 'number' ? event.number : event.text;
    return Object.hasOwn(map, property) && test(map[property]);
  };
  return complement ? event => !holds(event) : holds;
};

const filterPhrase = (filter: Filter): Phrase => ({
  key: 'segments.sentence.property',
  values: { property: filter.property, comparison: comparisonPhrase(filter, subjectOf(filter)) },
});

/** Entering and leaving segments as a condition could chase its own tail. */
const notASegmentEvent = (name: string): boolean => name !== 'Segment Entered' && name !== 'Segment Exited';

export const didCondition = defineCondition<DidCondition>({
  key: 'did',
  label: 'segments.condition.did.label',
  hint: 'segments.condition.did.hint',
  arguments: [
    { name: 'did', type: 'event', label: 'segments.argument.event', required: true },
    { name: 'count', type: 'count', label: 'segments.argument.count', required: false },
    { name: 'which', type: 'which', label: 'segments.argument.which', required: false, choices: ['first', 'last'] },
    { name: 'window', type: 'window', label: 'segments.argument.window', required: false },
    {
      name: 'where',
      type: 'property_filters',
      label: 'segments.argument.where',
      hint: 'segments.argument.where.hint',
      required: false,
    },
    { name: 'shops', type: 'shops', label: 'segments.argument.shops', required: false },
  ],
  schema: vocabulary =>
    z
      .strictObject({
        did: eventName.refine(
          notASegmentEvent,
          'Use { "in_segment": ... } instead: entries and exits cannot decide about entries and exits.',
        ),
        count: countArgument.optional(),
        which: z.enum(['first', 'last']).optional(),
        where: z.array(filterShape).min(1).max(10, 'At most 10 filters.').optional(),
        shops: shopIds(vocabulary).optional(),
        ...windowArguments,
      })
      .refine(oneWindow, oneWindowReason)
      .refine(value => !(value.which && value.count), {
        path: ['count'],
        message: 'The first or last time happens once: leave the count out.',
      })
      .refine(value => !value.which || windowOf(value as WindowArguments) !== null, {
        path: ['which'],
        message: 'Say when the first or last time was: within, before, since or between.',
      }) as never,
  groups: () => ['behaviour'],
  // The first or last time is sought among all of them.
  needs: condition => ({
    ...noNeeds,
    events: [{ name: condition.did, window: condition.which ? null : windowOf(condition) }],
  }),
  changedBy: condition => [condition.did],
  sql: (condition, { moment, bindings, ownerOf }) => {
    const filters = [
      `name = ${bindings.bind('String', condition.did)}`,
      ...(condition.where ?? []).map(filter => filterSql(filter, comparisonOf(filter), bindings)),
      ...(condition.shops ? [`has(${bindings.bind('Array(UUID)', condition.shops)}, shop_id)`] : []),
    ];
    const from = (when: string) => `from event where ${[...filters, when].join(' and ')}`;
    const owner = ownerOf('origin_id');
    if (condition.which) {
      const extreme = condition.which === 'first' ? 'min(time)' : 'max(time)';
      const ever = boundsSql(boundsOf(null, moment), bindings, 'time');
      return {
        sql: `select ${owner} as customer_id ${from(ever)} group by customer_id having ${windowSql(condition, moment, bindings, extreme)}`,
      };
    }
    const within = from(windowSql(condition, moment, bindings));
    const count = countSql(condition.count, 'count()', bindings);
    if (count.having === null) {
      const sql = `select ${owner} as customer_id ${within}`;
      return count.complement ? { sql, complement: true } : { sql };
    }
    const sql = `select ${owner} as customer_id ${within} group by customer_id having ${count.having}`;
    return count.complement ? { sql, complement: true } : { sql };
  },
  closure: (condition, moment) => {
    const tests = (condition.where ?? []).map(filterTest);
    const shops = condition.shops ? new Set(condition.shops) : null;
    const matches = (event: PersonEvent): boolean =>
      (shops === null || (event.shopId !== null && shops.has(event.shopId))) && tests.every(test => test(event));
    const inWindow = windowTest(condition, moment);
    const enough = countTest(condition.count);
    const until = moment.until.getTime();
    return person => {
      const events = (person.events.get(condition.did) ?? []).filter(event => event.time < until && matches(event));
      if (!condition.which) return enough(events.filter(event => inWindow(event.time)).length);
      if (events.length === 0) return false;
      const times = events.map(event => event.time);
      return inWindow(condition.which === 'first' ? Math.min(...times) : Math.max(...times));
    };
  },
  sentence: condition => {
    const values: Record<string, PhraseValue> = {
      event: condition.did,
      window: windowPhrase(condition),
      count: countPhrase(condition.count),
    };
    values.filters = condition.where
      ? { key: 'segments.sentence.where', values: { filters: { list: condition.where.map(filterPhrase), join: 'and' } } }
      : '';
    return { key: condition.which ? `segments.sentence.did_${condition.which}` : 'segments.sentence.did', values };
  },
});
