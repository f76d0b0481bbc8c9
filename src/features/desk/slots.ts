/** The places where later features put what staff should see first. */
import type { Context } from '../../platform/context.ts';
import type { FieldGroup, Needs } from '../../platform/contract.ts';
import { defineSlot } from '../../platform/slot.ts';

/** Why somebody is on the list: a text key with values; money values in minor units of the home currency. */
export type TodayReason = { code: string; values: Record<string, number | string> };

/** One customer to keep. Amounts in minor units of the home currency. */
export type TodayPerson = {
  customerId: number;
  /** What ranks the list; null is ranked last. */
  atRiskMinor: number | null;
  /** Expected sales of the next 12 months. */
  worthMinor: number | null;
  salesMinor: number;
  purchaseDays: number;
  usualGapDays: number | null;
  daysSince: number;
  /** YYYY-MM-DD */
  lastDay: string;
  reasons: TodayReason[];
};
/** A number above the list. `label` is a text key; money in minor units of the home currency. */
export type TodayFigure = {
  code: string;
  label: string;
  type: 'number' | 'money';
  value: number;
  group: FieldGroup | null;
  link: string | null;
};

export type TodaySource = {
  name: string;
  /**
   * The people most worth a call, most at risk first, at most `limit`, without those named. `asOf` YYYY-MM-DD or null for the default day.
   * `asOf` of the answer: the day it stands on; null = nothing is known yet.
   */
  read: (
    context: Context,
    input: { asOf: string | null; limit: number; without: readonly number[] },
  ) => Promise<{ people: TodayPerson[]; figures: TodayFigure[]; asOf: string | null; working: boolean }>;
  /** One person as of the default day, however they rank; null when this source says nothing about them. */
  find: (context: Context, customerId: number) => Promise<TodayPerson | null>;
};
export const todayItems = defineSlot<TodaySource>('desk.todayItems', source => source.name);

/** One thing found by typing. `link` is an address inside the admin app. */
export type Found = { id: string; title: string; detail: string | null; link: string };
export type SearchSource = {
  name: string;
  /** Text key of the heading. */
  label: string;
  needs: Needs;
  /** Best first, at most `limit`; only what this reader may know of. */
  find: (context: Context, query: string, limit: number) => Promise<Found[]>;
};
export const searchSources = defineSlot<SearchSource>('desk.searchSources', source => source.name);
