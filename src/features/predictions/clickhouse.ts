/** The own rhythm over the whole base, from the copy of purchases; the same rules as rhythm.ts, held equal by a test. */
import type { FactQuery, SqlTime } from '../customers/index.ts';
import { ownerOf } from '../tracking/index.ts';
import { RHYTHM_NEEDS_PURCHASE_DAYS } from './rhythm.ts';

/** `value` may use days (sorted purchase days), gaps (sorted, of at least four days), since. */
const overRhythm =
  (value: string, needsRhythm: boolean) =>
  ({ end, today, params }: SqlTime): FactQuery => ({
    sql: `SELECT customer_id, ${value} AS value FROM (
      SELECT customer_id, days, arraySort(arrayPopFront(arrayDifference(days))) AS gaps, length(gaps) AS n, greatest(0, toInt32(${today}) - days[-1]) AS since,
        (gaps[intDiv(n + 1, 2)] + gaps[intDiv(n + 2, 2)]) / 2 AS usual, gaps[intDiv(9 * n + 9, 10)] AS long
      FROM (
        SELECT ${ownerOf('origin_id')} AS customer_id, arraySort(groupUniqArray(toInt32(day))) AS days
        FROM purchase WHERE time < ${end} GROUP BY customer_id))
      ${needsRhythm ? `WHERE length(days) >= ${RHYTHM_NEEDS_PURCHASE_DAYS}` : ''}`,
    params,
  });

export const purchaseDaysSql = overRhythm('toFloat64(length(days))', false);
export const daysSinceSql = overRhythm('toFloat64(since)', false);
export const usualGapSql = overRhythm('toFloat64(usual)', true);
export const slippingSql = overRhythm(
  `toUInt8(length(days) >= ${RHYTHM_NEEDS_PURCHASE_DAYS} AND since > 2 * usual AND since > long)`,
  false,
);
