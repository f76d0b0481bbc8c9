/**
 * A fact is one typed thing known about many customers, described in one place: from it follow the segment condition, list column,
 * sort, filter, template variable, export column, report breakdown and model signal. Later features add theirs through the slot.
 */
import type { Context } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { isShopLimited } from '../../platform/shop-limit.ts';
import { defineSlot } from '../../platform/slot.ts';

export const factTypes = ['number', 'money', 'percent', 'days', 'text', 'choice', 'boolean', 'date', 'set'] as const;
export type FactType = (typeof factTypes)[number];

/**
 * money: minor units of the home currency. percent: 0..100. date: 'YYYY-MM-DD' in the organisation's zone. set: a list of texts.
 * Missing = no entry.
 */
export type FactValue = number | string | boolean | string[];

/** How a whole-base query speaks of time. All values are SQL with server-side parameters already named in `params`. */
export type SqlTime = {
  /** End of the day looked at (exclusive), a DateTime64(3,'UTC') expression, e.g. "{as_of_end:DateTime64(3,'UTC')}". */
  end: string;
  /** The day looked at, a Date expression. */
  today: string;
  /** IANA zone of the organisation, a string literal or parameter. */
  zone: string;
  /** The reader's shops, an Array(UUID) expression: rows of other shops are left out. Absent = all. */
  shops?: string;
  params: Record<string, unknown>;
};

export type FactQuery = { sql: string; params: Record<string, unknown> };

export type Fact = {
  /** "orders.count": feature, dot, what. */
  code: string;
  /** Text key. */
  label: string;
  /** Words to show instead of the text of `label`, for facts that people made up themselves (custom attributes). */
  labelText?: string;
  type: FactType;
  /** Text key, for numbers that carry a unit. */
  unit?: string;
  /** Closed list of values, for type "choice". */
  choices?: readonly string[];
  /** Text key prefix of the choices: "customers.not_shopper." + value. Without it a value is shown as it is. */
  choiceLabels?: string;
  /** Who may see, filter and sort by it; null = everybody who may read customers. */
  group: FieldGroup | null;
  /** exact: true for any past day. current: only today's value is known, and answers say so (decisions 14). */
  asOf: 'exact' | 'current';
  /** Worked out over all shops together and cannot be told for some: not there for readers limited to shops (platform/shop-limit.ts). */
  acrossShops?: true;
  /** What can change it: event names, or 'attributes', 'tags', 'consent', 'scores', 'time'... */
  changedBy: readonly string[];
  /**
   * What becomes of two people's values when they are merged, for the preview: added up, or the stricter (the later of `choices`).
   * Left out: not compared there.
   */
  merged?: 'sum' | 'stricter';
  /** Values for these customers from PostgreSQL; `asOf` = end of the day looked at, null = now. */
  read: (context: Context, customerIds: readonly number[], asOf: Date | null) => Promise<Map<number, FactValue>>;
  /** The whole base from ClickHouse, yielding (customer_id UInt32, value); without it segments keep a copy in `fact`. */
  clickhouse?: (time: SqlTime) => FactQuery;
};

/** An attribute whose meaning is known from the start: it has words and a closed list of answers, also before anybody gave one. */
export type KnownAttribute = {
  /** The attribute's code: "main_concern". */
  code: string;
  /** Text key. */
  label: string;
  choices?: readonly string[];
  /** Text key prefix of the choices. */
  choiceLabels?: string;
};
export const knownAttributes = defineSlot<KnownAttribute>('customers.knownAttributes', attribute => attribute.code);

/** Facts that are not known at start (custom attributes, later: scores of models, survey answers). */
export type FactProvider = {
  /** All codes of this provider begin with it: "attribute." */
  prefix: string;
  list: (context: Context) => Promise<Fact[]>;
};

export const facts = defineSlot<Fact | FactProvider>('customers.facts', value => ('prefix' in value ? value.prefix : value.code));

/** Every fact there is now for this reader's shops, in the order of the features. Field groups are the caller's business. */
export const listFacts = async (context: Context): Promise<Fact[]> => {
  const all: Fact[] = [];
  for (const one of context.slots.all(facts)) {
    if ('prefix' in one) all.push(...(await one.list(context)));
    else all.push(one);
  }
  return isShopLimited(context.actor) ? all.filter(fact => !fact.acrossShops) : all;
};

export const findFact = async (context: Context, code: string): Promise<Fact | null> => {
  const fixed = context.slots.get(facts, code);
  if (fixed && !('prefix' in fixed)) return fixed.acrossShops && isShopLimited(context.actor) ? null : fixed;
  for (const one of context.slots.all(facts)) {
    if ('prefix' in one && code.startsWith(one.prefix)) return (await one.list(context)).find(fact => fact.code === code) ?? null;
  }
  return null;
};
