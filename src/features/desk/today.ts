/** How long a choice on Today's list holds; pure. */

export const todayVerbs = ['done', 'skip', 'snooze'] as const;
export type TodayVerb = (typeof todayVerbs)[number];

/** After a call somebody is left in peace for their usual gap, but at least two weeks and at most three months. */
const DONE_AT_LEAST_DAYS = 14;
const DONE_AT_MOST_DAYS = 90;
/** A skip says "not this one": two weeks the first time, twice as long each further time in a row, half a year at most. */
const FIRST_SKIP_DAYS = 14;
const LONGEST_SKIP_DAYS = 182;

/**
 * For how many days somebody stays off the list. `skipsInARow` counts earlier skips with nothing else between, so the list learns whom this
 * shop does not want to see. A snooze has a day of its own.
 */
export const daysHidden = (verb: 'done' | 'skip', known: { usualGapDays: number | null; skipsInARow: number }): number =>
  verb === 'done'
    ? Math.min(DONE_AT_MOST_DAYS, Math.max(DONE_AT_LEAST_DAYS, Math.round(known.usualGapDays ?? 30)))
    : Math.min(LONGEST_SKIP_DAYS, FIRST_SKIP_DAYS * 2 ** known.skipsInARow);
