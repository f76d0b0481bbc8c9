/** The values inside conditions: windows, spans, money, lists. Closed shapes with faults in plain words. Pure. */
import { z } from 'zod';
import type { Bindings } from './condition.ts';
import { limits } from './definition.ts';
import { type Bounds, boundsOf, type Moment, type Span, type Window } from './moment.ts';
import type { Phrase } from './phrase.ts';

/** A NUL cannot be stored in PostgreSQL; half a surrogate pair is no text in UTF-8. */
export const text = z
  .string()
  .min(1, 'Write at least one character.')
  .max(limits.textLength, `At most ${limits.textLength} characters.`)
  .refine(value => !value.includes('\u0000') && value.isWellFormed(), 'This text holds a character that cannot be stored.');
export const texts = z.array(text).min(1, 'Name at least one.').max(limits.values, `At most ${limits.values} at once.`);
export const finite = z.number('Write a number.').min(-1e15, 'This number is too small.').max(1e15, 'This number is too large.');
/** Money never stands as a bare number, so that nobody takes pence for pounds. */
export const amount = z
  .strictObject(
    { amount_minor: z.number().int().min(-1e15).max(1e15), currency: z.string().length(3).optional() },
    {
      error: 'Write money in minor units: { "amount_minor": 100000 } is 1,000.00.',
    },
  )
  .transform(value => ({ amount_minor: value.amount_minor }));
export const day = z.iso
  .date('Write a day as YYYY-MM-DD.')
  .refine(value => value >= '1900-01-01' && value <= '2199-12-31', 'A day between 1900 and 2199.');

const spanCount = z.number().int('Whole numbers only.').min(1, 'At least 1.').max(36_500, 'At most 36,500.');
export const span: z.ZodType<Span> = z
  .strictObject(
    {
      hours: spanCount.optional(),
      days: spanCount.optional(),
      weeks: spanCount.max(5_200).optional(),
      months: spanCount.max(1_200).optional(),
    },
    {
      error: issue =>
        issue.code === 'unrecognized_keys' ? undefined : 'Write a span as { "days": 90 }: hours, days, weeks or months.',
    },
  )
  .refine(value => Object.keys(value).length === 1, 'Name exactly one of hours, days, weeks, months.');

const pair = (value: z.ZodType<string>) =>
  z.tuple([value, value]).refine(([first, last]) => first <= last, 'The first day must not be after the last.');
export const days = pair(day);

/** The arguments that say when; at most one of them (`oneWindow`). */
export const windowArguments = {
  within: span.optional(),
  before: z.union([day, span], { error: 'Write a day as YYYY-MM-DD, or a span as { "days": 90 }.' }).optional(),
  since: day.optional(),
  between: days.optional(),
};
export type WindowArguments = { within?: Span; before?: string | Span; since?: string; between?: [string, string] };
const windowWords = ['within', 'before', 'since', 'between'] as const;
export const oneWindow = (value: object): boolean => windowWords.filter(word => word in value).length <= 1;
export const oneWindowReason = 'Say when in one way: within, before, since or between.';

export const windowOf = (value: WindowArguments): Window | null =>
  windowWords.some(word => value[word] !== undefined) ? (value as Window) : null;

/** " and time >= ... and time < ..." over a column of instants. */
export const windowSql = (value: WindowArguments, moment: Moment, bindings: Bindings, column = 'time'): string =>
  boundsSql(boundsOf(windowOf(value), moment), bindings, column);
export const boundsSql = (bounds: Bounds, bindings: Bindings, column: string): string => {
  const until = `${column} < ${bindings.bind("DateTime64(3, 'UTC')", bounds.until)}`;
  return bounds.from === null ? until : `${column} >= ${bindings.bind("DateTime64(3, 'UTC')", bounds.from)} and ${until}`;
};

/** The same as a test over epoch milliseconds. */
export const windowTest = (value: WindowArguments, moment: Moment): ((time: number) => boolean) => {
  const bounds = boundsOf(windowOf(value), moment);
  const from = bounds.from?.getTime() ?? Number.NEGATIVE_INFINITY;
  const until = bounds.until.getTime();
  return time => time >= from && time < until;
};

export const spanPhrase = (value: Span): Phrase => {
  const [unit, count] = Object.entries(value)[0] as [string, number];
  return { key: `segments.span.${unit}`, values: { count } };
};

/** "in the last 90 days"; empty without a window. */
export const windowPhrase = (value: WindowArguments): Phrase => {
  if (value.within) return { key: 'segments.window.within', values: { span: spanPhrase(value.within) } };
  if (value.since) return { key: 'segments.window.since', values: { day: { day: value.since } } };
  if (value.between)
    return { key: 'segments.window.between', values: { first: { day: value.between[0] }, last: { day: value.between[1] } } };
  if (typeof value.before === 'string') return { key: 'segments.window.before', values: { day: { day: value.before } } };
  if (value.before) return { key: 'segments.window.longer_ago', values: { span: spanPhrase(value.before) } };
  return { key: 'segments.window.ever' };
};
