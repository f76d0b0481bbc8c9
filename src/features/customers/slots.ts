/** The places where later features add to what is known and shown about a customer. */
import type postgres from 'postgres';
import type { Context } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { defineSlot } from '../../platform/slot.ts';

/** One line of the timeline. `title` is a text key with values; ids and numbers in `values` are shown as they are. */
export type TimelineEntry = {
  /** Unique inside its kind. */
  id: string;
  /** Shown as a filter: "order", "event", "note", "consent", "merge", "ticket"... */
  kind: string;
  at: Date;
  title: string;
  values?: Record<string, string | number>;
  /** A longer text beside the title (a note's words). */
  body?: string | null;
  /** Small facts beside it: text key or plain name, and a value ready to show. */
  details?: { label: string; value: string }[];
  amountMinor?: number | null;
  currency?: string | null;
  /** Address inside the admin app. */
  link?: string | null;
  /** File, backfill or old: it changed state but set nothing off. */
  historical?: boolean;
};

export type TimelineSource = {
  kind: string;
  /** Text key of the filter. */
  label: string;
  group: FieldGroup | null;
  /**
   * Newest first, at most `limit`, for all these owners, `(at, id)` before the cursor in descending order.
   * Return entries of this kind only.
   */
  read: (
    context: Context,
    customerIds: readonly number[],
    page: { before: { at: Date; id: string } | null; limit: number },
  ) => Promise<TimelineEntry[]>;
};
export const timelineEntries = defineSlot<TimelineSource>('customers.timelineEntries', source => source.kind);

/** What is wrong now with this customer (GLOSSARY: open issue). */
export type OpenIssue = {
  kind: string;
  since: Date;
  title: string;
  values?: Record<string, string | number>;
  link?: string | null;
};
export type OpenIssueSource = {
  kind: string;
  group: FieldGroup | null;
  read: (context: Context, customerIds: readonly number[]) => Promise<Map<number, OpenIssue[]>>;
};
export const openIssues = defineSlot<OpenIssueSource>('customers.openIssues', source => source.kind);

/** Who wants to hear that a customer changed; each gets a row of its own in customers.touched. */
export type TouchConsumer = {
  name: string;
  /** Leave out to hear everything. */
  wants?: (changed: readonly string[]) => boolean;
};
export const touchConsumers = defineSlot<TouchConsumer>('customers.touchConsumers', consumer => consumer.name);

/** Other ways to find a customer by typing (an order number). Returns owners, best first, at most `limit`. */
export type SearchSource = {
  name: string;
  group: FieldGroup | null;
  /** "matched" is shown beside the person: the order number that was found. */
  find: (context: Context, query: string, limit: number) => Promise<{ customerId: number; matched: string }[]>;
};
export const searchSources = defineSlot<SearchSource>('customers.searchSources', source => source.name);

/** A piece of SQL to put into another: sql`...`. */
export type SqlPart = postgres.PendingQuery<postgres.Row[]>;

/** One thing a merge would change, in words: a text key with values. "warn": look twice. */
export type MergeEffect = { title: string; values?: Record<string, string | number>; tone: 'good' | 'neutral' | 'warn' };
/**
 * What a merge changes in what a feature keeps, for its preview. `before` reads the world as it is, `after` as it would be: the merge was made
 * in a transaction that is rolled back, and ClickHouse knows nothing of it.
 */
export type MergeEffectSource = {
  name: string;
  group: FieldGroup | null;
  read: (world: { before: Context; after: Context }, pair: { winnerId: number; loserId: number }) => Promise<MergeEffect[]>;
};
export const mergeEffects = defineSlot<MergeEffectSource>('customers.mergeEffects', source => source.name);

/** A filter of the customers list that is a PostgreSQL condition on `c.id` (segments, consent...). */
export type ListFilter = {
  /** Query parameter name inside `filters`. */
  name: string;
  label: string;
  group: FieldGroup | null;
  /** What it can be set to, for the form: a closed list, free text, or yes/no. */
  values:
    | { kind: 'choice'; choices: readonly string[]; choiceLabels?: string }
    | { kind: 'boolean' }
    | { kind: 'text'; suggest?: (context: Context) => Promise<string[]> };
  /** Looks at all shops together: not there for readers limited to shops. */
  acrossShops?: true;
  /** A fragment on alias `c` (customers.customer), e.g. sql`exists (select 1 from ... where customer_id = c.id)`. Throw a Refusal for a bad value. Not a promise: awaiting a piece of SQL would run it. */
  where: (context: Context, value: string) => SqlPart;
};
export const listFilters = defineSlot<ListFilter>('customers.listFilters', filter => filter.name);
