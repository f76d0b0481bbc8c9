/** Every kind of condition there is. A new kind is a file that describes itself and a line here. */
import type { ConditionKind } from './condition.ts';
import { boughtCondition } from './conditions/bought.ts';
import { consentCondition } from './conditions/consent.ts';
import { didCondition } from './conditions/did.ts';
import { factCondition } from './conditions/fact.ts';
import { inSegmentCondition } from './conditions/in-segment.ts';
import { ordersCondition } from './conditions/orders.ts';
import { identifierCondition, tagCondition } from './conditions/set-facts.ts';
import { shareCondition } from './conditions/share.ts';
import type { Condition } from './definition.ts';

export const conditionKinds: readonly ConditionKind[] = [
  factCondition,
  didCondition,
  ordersCondition,
  boughtCondition,
  tagCondition,
  consentCondition,
  identifierCondition,
  inSegmentCondition,
  shareCondition,
];

const byKey = new Map(conditionKinds.map(kind => [kind.key, kind]));

export const kindNamed = (key: string): ConditionKind | undefined => byKey.get(key);

/** The kind of a checked condition. */
export const kindOf = (condition: Condition): ConditionKind => {
  for (const key of Object.keys(condition)) {
    const kind = byKey.get(key);
    if (kind) return kind;
  }
  throw new Error('This condition was never checked: it names no kind.');
};
