/** What a rule says about itself. */
import type postgres from 'postgres';
import type { Context } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { defineSlot } from '../../platform/slot.ts';
import type { SqlPart } from '../customers/index.ts';

export const areas = ['people', 'consent', 'orders', 'products'] as const;

export type QualityRule = {
  /** "email_typo"; names the rule in addresses and tables. */
  code: string;
  /** Prefix of its text keys: .title, .about (what it looks for), .cost_one / .cost_other (what it costs the shop), and .fix where it mends. */
  texts: string;
  area: (typeof areas)[number];
  /** What a reader must see to look at its examples. */
  group: FieldGroup | null;
  /** Verb a reader must hold beside data-quality:read. */
  needs: string;
  /** How much it counts in the whole. */
  weight: 1 | 2 | 3;
  /** How many records are looked at: one row, `n`. */
  of: (context: Context) => SqlPart;
  /**
   * The wrong records: subject (text, unique), customer_id (bigint or null), label (text or null: what to call it), value (text), proposal (text
   * or null: not known; '' = empty it).
   */
  found: (context: Context) => SqlPart;
  /** Where a subject is looked at, when it is no customer. */
  link?: (subject: string) => string;
  /** The customer attribute that a fix sets; a rule without it is mended where its link leads. */
  mends?: 'email' | 'phone' | 'country' | 'birthday' | 'name';
};

export const qualityRules = defineSlot<QualityRule>('data-quality.rules', rule => rule.code);

export const sqlOf = (context: Context): postgres.Sql => context.postgres as postgres.Sql;

/** The people whose data matter: known, not merged away, not erased, shoppers. Alias `c`. */
export const counts = (context: Context): SqlPart =>
  sqlOf(context)`c.known and c.merged_into is null and c.erased_at is null and c.not_shopper is null`;
/** How many people there are to look at. */
export const everybody = (context: Context): SqlPart =>
  sqlOf(context)`select count(*)::int as n from customers.customer c where ${counts(context)}`;

/** What most rules about people share. */
export const peopleRule = (
  code: string,
  weight: QualityRule['weight'],
  found: QualityRule['found'],
  more: Partial<QualityRule> = {},
): QualityRule => ({
  code,
  texts: `data-quality.rule.${code}`,
  area: 'people',
  group: 'contact',
  needs: 'customers:read',
  weight,
  of: everybody,
  found,
  ...more,
});
