/**
 * { "share": { "percent": 10, "salt": "autumn" } }: a random part of everybody that stays the same people. A customer's place is
 * the first 32 bits of MD5("salt:id"), little-endian, modulo 10,000; other salts give independent parts.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineCondition, noNeeds } from '../condition.ts';
import { text } from '../shapes.ts';

export type ShareCondition = { share: { percent: number; salt: string } };

const tenThousandths = (percent: number): number => Math.round(percent * 100);
export const placeOf = (salt: string, customerId: number): number =>
  createHash('md5').update(`${salt}:${customerId}`).digest().readUInt32LE(0) % 10_000;

export const shareCondition = defineCondition<ShareCondition>({
  key: 'share',
  label: 'segments.condition.share.label',
  hint: 'segments.condition.share.hint',
  arguments: [
    { name: 'percent', type: 'percent', label: 'segments.argument.percent', required: true },
    { name: 'salt', type: 'text', label: 'segments.argument.salt', hint: 'segments.argument.salt.hint', required: true },
  ],
  schema: () =>
    z.strictObject({
      share: z.strictObject({
        percent: z.number().min(0.01, 'At least 0.01 %.').max(100, 'At most 100 %.'),
        salt: text.default('regulars'),
      }),
    }) as never,
  groups: () => [],
  needs: () => noNeeds,
  changedBy: () => [],
  sql: (condition, { bindings }) => {
    const place = `reinterpretAsUInt32(substring(MD5(concat(${bindings.bind('String', `${condition.share.salt}:`)}, toString(customer_id))), 1, 4)) % 10000`;
    return {
      sql: `select customer_id from base final where ${place} < ${bindings.bind('Float64', tenThousandths(condition.share.percent))}`,
    };
  },
  closure: condition => person => placeOf(condition.share.salt, person.id) < tenThousandths(condition.share.percent),
  sentence: condition => ({ key: 'segments.sentence.share', values: { percent: condition.share.percent } }),
});
