/**
 * The closed lists a definition may name: facts, segments, shops, and what the organisation counts in. Loaded once per request
 * or per portion of work (load-vocabulary.ts); everything that reads a definition reads it against this value.
 */
import type { FieldGroup } from '../../platform/contract.ts';
import type { Definition } from './definition.ts';

export type FactType = 'number' | 'money' | 'percent' | 'days' | 'text' | 'choice' | 'boolean' | 'date' | 'set';
export type FactValue = number | string | boolean | string[];
/** How SQL of a fact speaks of time: expressions whose placeholders stand in `params`. */
export type SqlTime = { end: string; today: string; zone: string; shops?: string; params: Record<string, unknown> };

export type KnownFact = {
  code: string;
  /** Text key. */
  label: string;
  /** What to show where there is no text for the key (custom attributes). */
  labelText?: string;
  type: FactType;
  unit?: string;
  choices?: readonly string[];
  group: FieldGroup | null;
  asOf: 'exact' | 'current';
  changedBy: readonly string[];
  /** SQL yielding (customer_id, value) for the whole base; without it the value lies in the `fact` copy. */
  clickhouse?: (time: SqlTime) => { sql: string; params: Record<string, unknown> };
};

export type KnownSegment = { id: string; name: string; definition: Definition };

export type Vocabulary = {
  facts: ReadonlyMap<string, KnownFact>;
  segments: ReadonlyMap<string, KnownSegment>;
  shops: ReadonlyMap<string, string>;
  /** Codes of the facts behind the short conditions, where the installation has them. */
  wellKnown: { tags: string; identifiers: string };
  currency: string;
  /** The reader sees these shops only: people and what happened are read as if there were no others. null = all. */
  ownShops: readonly string[] | null;
};

/**
 * A fact by its code or by a form people write by hand: "loyalty_tier" for "loyalty.tier", a bare "country" for "customers.country"
 * or for the custom attribute "attribute.country".
 */
export const findFact = (vocabulary: Vocabulary, name: string): KnownFact | undefined =>
  vocabulary.facts.get(name) ??
  vocabulary.facts.get(`customers.${name}`) ??
  vocabulary.facts.get(`attribute.${name}`) ??
  vocabulary.facts.get(name.replace('_', '.'));
