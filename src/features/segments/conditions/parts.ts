/** Arguments that several kinds share: how often, which shops, which event. */
import { z } from 'zod';
import type { Bindings } from '../condition.ts';
import type { Phrase } from '../phrase.ts';
import { text } from '../shapes.ts';
import type { Vocabulary } from '../vocabulary.ts';

export type Count = { at_least?: number; at_most?: number; exactly?: number };

const times = z
  .number('Write a whole number.')
  .int('Write a whole number.')
  .min(0, 'Not below 0.')
  .max(1_000_000, 'At most 1,000,000.');
/** { at_least: 2 }, { at_most: 0 }, { exactly: 1 }. At least 0 would be everybody, so it is refused. */
export const countArgument = z
  .strictObject({
    at_least: times.min(1, 'At least 1: "at least 0 times" is everybody.').optional(),
    at_most: times.optional(),
    exactly: times.optional(),
  })
  .refine(value => Object.keys(value).length === 1, 'Count in exactly one way: at_least, at_most or exactly.');

export const eventName = text;

/**
 * HAVING over a count of rows. Customers without any row are in no group, so counts that 0 satisfies are asked the other way round
 * and complemented. `having: null`: being there is enough.
 */
export const countSql = (
  count: Count | undefined,
  expression: string,
  bindings: Bindings,
): { having: string | null; complement: boolean } => {
  if (count === undefined || count.at_least === 1 || count.at_most === 0 || count.exactly === 0) {
    return { having: null, complement: count?.at_most === 0 || count?.exactly === 0 };
  }
  if (count.at_least !== undefined)
    return { having: `${expression} >= ${bindings.bind('Float64', count.at_least)}`, complement: false };
  if (count.exactly !== undefined)
    return { having: `${expression} = ${bindings.bind('Float64', count.exactly)}`, complement: false };
  return { having: `${expression} > ${bindings.bind('Float64', count.at_most)}`, complement: true };
};

export const countTest = (count: Count | undefined): ((actual: number) => boolean) => {
  if (count?.exactly !== undefined) return actual => actual === count.exactly;
  if (count?.at_most !== undefined) return actual => actual <= (count.at_most as number);
  return actual => actual >= (count?.at_least ?? 1);
};

/** "at least 2 times"; "at least once" is not worth saying. */
export const countPhrase = (count: Count | undefined): Phrase | string => {
  if (count === undefined || count.at_least === 1) return '';
  const [way, value] = Object.entries(count)[0] as [string, number];
  return { key: `segments.count.${way}`, values: { count: value } };
};

export const shopIds = (vocabulary: Vocabulary): z.ZodType<string[]> =>
  z
    .array(z.string().refine(id => vocabulary.shops.has(id), 'There is no such shop here.'))
    .min(1, 'Name at least one shop.')
    .max(100);
export const shopNames = (ids: readonly string[], vocabulary: Vocabulary): string[] =>
  ids.map(id => vocabulary.shops.get(id) ?? id);
