/**
 * How long things are kept. Each feature says for its own tables what can be taken away once it is old; the privacy feature runs these
 * kinds by rules that a merchant sets. What a feature forgets by itself, without a rule, is told through `keptFor`.
 */
import type { Context } from './context.ts';
import { defineSlot } from './slot.ts';

/** Older than `before`; never of `held` (every origin of people on legal hold, ascending). */
export type RetentionScope = { before: Date; held: readonly number[] };
export type RetentionCount = { rows: number; people: number; oldest: Date | null };

export type RetentionKind = {
  /** "tracking.events" */
  code: string;
  /** Text keys: what it is, and a sentence on what goes and what stays. */
  label: string;
  about: string;
  /** Suggested, shortest and longest time; the shortest protects what other parts of the product need. */
  usualDays: number;
  leastDays: number;
  mostDays: number;
  /** Set off by default in a new installation? Only for what nobody would miss. */
  onFromStart: boolean;
  /** What a run would take now; changes nothing. */
  count: (context: Context, scope: RetentionScope) => Promise<RetentionCount>;
  /**
   * Takes away at most `limit` rows, in the caller's transaction, from PostgreSQL and (through the feature's own copy queue) from
   * ClickHouse. `origins`: whose they were, repeats allowed. 0 rows = nothing is left.
   */
  remove: (context: Context, scope: RetentionScope & { limit: number }) => Promise<{ rows: number; origins: readonly number[] }>;
  /** Most rows of one transaction; default 2,000. */
  portion?: number;
};
export const retentionKinds = defineSlot<RetentionKind>('platform.retentionKinds', kind => kind.code);

/** Kept for a fixed time by the feature itself; `days` null = for good. `link`: where it can be set, inside the admin app. */
export type KeptFor = {
  code: string;
  label: string;
  about: string;
  days: (context: Context) => Promise<number | null>;
  link: string | null;
};
export const keptFor = defineSlot<KeptFor>('platform.keptFor', one => one.code);
