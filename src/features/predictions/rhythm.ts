/**
 * A customer's own rhythm, from the days on which they bought (decisions 11). Days are whole numbers (days since 1970-01-01 in the
 * organisation's zone), sorted, each once.
 */

/** Below this many purchase days nobody has a rhythm: two gaps are not a habit. */
export const RHYTHM_NEEDS_PURCHASE_DAYS = 4;

export type Rhythm = {
  purchaseDays: number;
  /** Median of the gaps between purchase days; null below four purchase days ("not enough data"). */
  usualGapDays: number | null;
  /** 90th percentile of the gaps by nearest rank; null below four purchase days. */
  longGapDays: number | null;
  daysSince: number;
  /** At least four purchase days, days since the last > 2 x usual gap and > 90th percentile of the own gaps. */
  slipping: boolean;
};

/** Middle value of sorted numbers; of an even number the mean of the middle two. */
export const medianOfSorted = (sorted: ArrayLike<number>): number =>
  (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;

/** Nearest rank: sorted[ceil(0.9 n) - 1], in whole numbers so that no rounding of 0.9 can move the rank. */
export const ninetiethOfSorted = (sorted: ArrayLike<number>): number => sorted[Math.trunc((9 * sorted.length + 9) / 10) - 1]!;

/** Reads the rhythm of these purchase days (at least one, none after `asOfDay`) as of the end of `asOfDay`. */
export const rhythmOf = (days: ArrayLike<number>, asOfDay: number): Rhythm => {
  const purchaseDays = days.length;
  const daysSince = asOfDay - days[purchaseDays - 1]!;
  if (purchaseDays < RHYTHM_NEEDS_PURCHASE_DAYS)
    return { purchaseDays, usualGapDays: null, longGapDays: null, daysSince, slipping: false };
  const gaps = new Float64Array(purchaseDays - 1);
  for (let i = 0; i < gaps.length; i++) gaps[i] = days[i + 1]! - days[i]!;
  gaps.sort();
  const usualGapDays = medianOfSorted(gaps);
  const longGapDays = ninetiethOfSorted(gaps);
  return {
    purchaseDays,
    usualGapDays,
    longGapDays,
    daysSince,
    slipping: daysSince > 2 * usualGapDays && daysSince > longGapDays,
  };
};

/**
 * How far ahead a lapse shows for somebody with this usual gap: twice the gap, between a week and `mostDays`. Ninety silent days mean
 * nothing for a yearly buyer and are far too late for a weekly one.
 */
export const rhythmHorizon = (usualGapDays: number, mostDays: number): number =>
  Math.min(mostDays, Math.max(7, Math.round(2 * usualGapDays)));
