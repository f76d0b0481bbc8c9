/**
 * What a kind of condition must say about itself. One file per kind (conditions/*.ts) gives all of it: the form, the check, the two
 * compilers, the sentence, and what can change its answer.
 */
import type { z } from 'zod';
import type { FieldGroup } from '../../platform/contract.ts';
import type { Condition } from './definition.ts';
import type { Moment, Window } from './moment.ts';
import type { Phrase } from './phrase.ts';
import type { FactType, FactValue, Vocabulary } from './vocabulary.ts';

// ---- one customer, as the closures see them -----------------------------------------------------------------------

/** Properties are flattened as in the ClickHouse copy: dotted paths, texts and numbers apart. Times are epoch milliseconds. */
export type PersonEvent = { time: number; shopId: string | null; text: Record<string, string>; number: Record<string, number> };
export type PersonPurchase = { orderId: string; shopId: string; time: number; salesMinor: number; discountMinor: number };
export type PersonLine = {
  orderId: string;
  shopId: string;
  time: number;
  sku: string;
  category: string;
  /** 'product', 'shipping', ... or 'return' (negative quantity and amount, at the refund's time). */
  kind: string;
  quantity: number;
  amountMinor: number;
  discounted: boolean;
};
export type Person = {
  id: number;
  /** Known, a shopper, not erased: who counts at all. */
  counts: boolean;
  events: ReadonlyMap<string, readonly PersonEvent[]>;
  purchases: readonly PersonPurchase[];
  lines: readonly PersonLine[];
  facts: ReadonlyMap<string, FactValue>;
};
export type Closure = (person: Person) => boolean;

// ---- SQL --------------------------------------------------------------------------------------------------------

/** ClickHouse types that values are bound as. */
export type BoundType = 'String' | 'Array(String)' | 'Float64' | 'Int64' | "DateTime64(3, 'UTC')" | 'Array(UUID)' | 'UUID';

/** Gathers the values of one statement; SQL text only ever holds their placeholders. */
export class Bindings {
  readonly params: Record<string, unknown> = {};
  private count = 0;

  bind(type: BoundType, value: unknown): string {
    this.count += 1;
    const name = `p${this.count}`;
    this.params[name] = value instanceof Date ? clickhouseTime(value) : value;
    return `{${name}:${type}}`;
  }

  /** Takes over SQL with its own placeholders, renamed so that two pieces never share one. */
  adopt(part: { sql: string; params: Record<string, unknown> }): string {
    this.count += 1;
    const prefix = `p${this.count}_`;
    for (const [name, value] of Object.entries(part.params)) this.params[prefix + name] = value;
    return part.sql.replace(/\{(\w+):/g, (_, name: string) => `{${prefix}${name}:`);
  }
}

/** "2011-12-09 23:59:59.999", UTC, as DateTime64 parameters are written. */
export const clickhouseTime = (instant: Date): string => instant.toISOString().replace('T', ' ').replace('Z', '');

/** How the statement names the owner of a row written for `origin_id` (tracking's one function). */
export type SqlScope = { moment: Moment; bindings: Bindings; vocabulary: Vocabulary; ownerOf: (column: string) => string };
/** Sub-query of `customer_id`s (UInt32, repeats allowed); `complement`: everybody who counts but these. */
export type SqlSet = { sql: string; complement?: true };

// ---- forms ------------------------------------------------------------------------------------------------------

export type ArgumentType =
  | 'fact'
  | 'operator'
  | 'event'
  | 'property_filters'
  | 'count'
  | 'window'
  | 'which'
  | 'measure'
  | 'comparison'
  | 'products'
  | 'categories'
  | 'shops'
  | 'segment'
  | 'percent'
  | 'text'
  | 'choice'
  | 'texts';
/** One argument of a condition, as the admin draws it. `label` and `hint` are text keys. */
export type Argument = {
  name: string;
  type: ArgumentType;
  label: string;
  hint?: string;
  required: boolean;
  choices?: readonly string[];
};

/** Events of this name within a window of time (null: ever). */
export type EventNeed = { name: string; window: Window | null };
/** What must be loaded about a customer to answer a condition. */
export type Needs = { events: readonly EventNeed[]; purchases: boolean; facts: readonly string[] };
export const noNeeds: Needs = { events: [], purchases: false, facts: [] };

export type ConditionKind<C extends Condition = Condition> = {
  /** The key that tells this kind from the others: "did". */
  key: string;
  label: string;
  hint: string;
  arguments: readonly Argument[];
  /** Closed shape against the vocabulary; the output is the canonical form. */
  schema: (vocabulary: Vocabulary) => z.ZodType<C>;
  groups: (condition: C, vocabulary: Vocabulary) => readonly FieldGroup[];
  needs: (condition: C, vocabulary: Vocabulary) => Needs;
  /** Event names and words of `Fact.changedBy` that can change the answer. */
  changedBy: (condition: C, vocabulary: Vocabulary) => readonly string[];
  /** Names a current-only fact: with `as_of` the answer uses today's value and says so. */
  currentOnly?: (condition: C, vocabulary: Vocabulary) => readonly string[];
  sql: (condition: C, scope: SqlScope) => SqlSet;
  closure: (condition: C, moment: Moment, vocabulary: Vocabulary) => Closure;
  sentence: (condition: C, vocabulary: Vocabulary) => Phrase;
};

/** Keeps the type of a kind while the list of kinds forgets it. */
export const defineCondition = <C extends Condition>(kind: ConditionKind<C>): ConditionKind => kind as unknown as ConditionKind;

export const factTypes: readonly FactType[] = ['number', 'money', 'percent', 'days', 'text', 'choice', 'boolean', 'date', 'set'];
