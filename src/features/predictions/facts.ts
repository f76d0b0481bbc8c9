/** What predictions add to what is known about a customer. The rhythm is exact for any past day; models speak as of their last run. */
import type { Context } from '../../platform/context.ts';
import { dayIn } from '../../platform/time.ts';
import type { Fact, FactValue } from '../customers/index.ts';
import { organisationOf } from '../shops/index.ts';
import { daysSinceSql, purchaseDaysSql, slippingSql, usualGapSql } from './clickhouse.ts';
import { dayNumber, newestRun, readPurchaseDays, readScores, type ScoreRow } from './postgres.ts';
import { type Rhythm, rhythmOf } from './rhythm.ts';

const orderEvents = ['Order Completed', 'Order Refunded', 'Order Cancelled'] as const;

const fromRhythm =
  (value: (rhythm: Rhythm) => FactValue | null): Fact['read'] =>
  async (context, customerIds, asOf) => {
    const { zone } = await organisationOf(context);
    const end = asOf ?? context.clock.now();
    const today = dayNumber(dayIn(zone, asOf ? new Date(asOf.getTime() - 1) : end));
    const values = new Map<number, FactValue>();
    for (const [customerId, days] of await readPurchaseDays(context, customerIds, end)) {
      const rhythm = rhythmOf(days, Math.max(today, days.at(-1)!));
      const one = value(rhythm);
      if (one !== null) values.set(customerId, one);
    }
    return values;
  };

const fromScore =
  (value: (row: ScoreRow) => FactValue | null): Fact['read'] =>
  async (context: Context, customerIds) => {
    const values = new Map<number, FactValue>();
    const run = await newestRun(context, null);
    if (!run) return values;
    for (const row of await readScores(context, run.as_of, customerIds)) {
      const one = value(row);
      if (one !== null) values.set(row.customer_id, one);
    }
    return values;
  };

/** Rhythm and scores are worked out over all shops together: readers of some shops do not have them. */
const exact = { acrossShops: true, asOf: 'exact', group: 'behaviour', changedBy: [...orderEvents, 'merge', 'time'] } as const;
const current = { acrossShops: true, asOf: 'current', changedBy: ['scores', 'merge'] } as const;

export const predictionFacts: readonly Fact[] = [
  {
    ...exact,
    code: 'predictions.slipping',
    label: 'predictions.fact.slipping',
    type: 'boolean',
    read: fromRhythm(rhythm => rhythm.slipping),
    clickhouse: slippingSql,
  },
  {
    ...exact,
    code: 'predictions.usual_gap_days',
    label: 'predictions.fact.usual_gap_days',
    type: 'days',
    unit: 'predictions.unit.days',
    read: fromRhythm(rhythm => rhythm.usualGapDays),
    clickhouse: usualGapSql,
  },
  {
    ...exact,
    code: 'predictions.days_since_purchase',
    label: 'predictions.fact.days_since_purchase',
    type: 'days',
    unit: 'predictions.unit.days',
    read: fromRhythm(rhythm => rhythm.daysSince),
    clickhouse: daysSinceSql,
  },
  {
    ...exact,
    code: 'predictions.purchase_days',
    label: 'predictions.fact.purchase_days',
    type: 'number',
    changedBy: [...orderEvents, 'merge'],
    read: fromRhythm(rhythm => rhythm.purchaseDays),
    clickhouse: purchaseDaysSql,
  },
  {
    ...current,
    code: 'predictions.lapse',
    label: 'predictions.fact.lapse',
    type: 'percent',
    group: 'behaviour',
    read: fromScore(row => (row.lapse === null ? null : Math.round(row.lapse * 1000) / 10)),
  },
  {
    ...current,
    code: 'predictions.value_at_risk',
    label: 'predictions.fact.value_at_risk',
    type: 'money',
    group: 'money',
    read: fromScore(row => row.value_at_risk_minor),
  },
  {
    ...current,
    code: 'predictions.expected_sales_12_months',
    label: 'predictions.fact.expected_sales_12_months',
    type: 'money',
    group: 'money',
    read: fromScore(row => row.expected_sales_minor),
  },
  {
    ...current,
    code: 'predictions.expected_purchase_days_12_months',
    label: 'predictions.fact.expected_purchase_days_12_months',
    type: 'number',
    group: 'behaviour',
    read: fromScore(row => Math.round(row.expected_purchase_days * 10) / 10),
  },
];
