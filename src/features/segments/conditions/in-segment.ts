/**
 * { "in_segment": "<id>" }: whoever the other segment means, at the same moment. Both compilers put the other definition in its place
 * (compile.ts), so its answer never lags; this file only knows its shape and words. Cycles are refused with their path.
 */
import { z } from 'zod';
import { defineCondition, noNeeds } from '../condition.ts';

export type InSegmentCondition = { in_segment: string };

const replaced = (): never => {
  throw new Error('A reference to a segment is replaced by its definition before it is compiled.');
};

export const inSegmentCondition = defineCondition<InSegmentCondition>({
  key: 'in_segment',
  label: 'segments.condition.in_segment.label',
  hint: 'segments.condition.in_segment.hint',
  arguments: [{ name: 'in_segment', type: 'segment', label: 'segments.argument.segment', required: true }],
  schema: vocabulary =>
    z.strictObject({ in_segment: z.string().refine(id => vocabulary.segments.has(id), 'There is no such segment here.') }),
  groups: () => [],
  needs: () => noNeeds,
  changedBy: () => [],
  sql: replaced,
  closure: replaced,
  sentence: (condition, vocabulary) => ({
    key: 'segments.sentence.in_segment',
    values: { name: vocabulary.segments.get(condition.in_segment)?.name ?? condition.in_segment },
  }),
});
