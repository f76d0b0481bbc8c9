/** The people predictions put on Today's list: regulars who are slipping, most value at risk first. */
import type { Context } from '../../platform/context.ts';
import { systemActor } from '../../platform/context.ts';
import { fieldGroups } from '../../platform/contract.ts';
import { isShopLimited, shopLimitOf } from '../../platform/shop-limit.ts';
import { customersOnlyOfShops } from '../customers/index.ts';
import type { TodayFigure, TodayPerson, TodayReason, TodaySource } from '../desk/index.ts';
import { reasonsOf } from './lapse.ts';
import { listScores, type Person, reasonText, runFor, shownValues } from './list-scores.ts';
import { hasOrders, type Run, readScores, type ScoreRow, signalsOf } from './postgres.ts';

/** Everybody's list is the same list: the door hides what a role may not see, so the ranking reads with every field group. Only the shops stay the reader's. */
const asSystem = (context: Context): Context => ({
  ...context,
  actor: {
    ...systemActor,
    kind: 'public',
    verbs: context.actor.verbs,
    fields: new Set(fieldGroups),
    shopIds: shopLimitOf(context.actor),
  },
});

export const slippingPeople: TodaySource = {
  name: 'predictions.slipping',
  read: async (context, { asOf, limit, without }) => {
    const { rows, run } = await listScores(asSystem(context), {
      asOf,
      slipping: true,
      lapseAtLeast: null,
      sort: 'value_at_risk',
      limit,
      cursor: undefined,
      count: false,
      without,
    });
    if (!run) return { people: [], figures: [], asOf: null, working: await hasOrders(context) };
    return {
      people: rows.map(row => personOf(row, run)),
      figures: await figuresAt(context, run),
      asOf: run.as_of,
      working: false,
    };
  },
  find: async (context, customerId) => {
    const run = await runFor(context, null);
    const [row] = run ? await readScores(context, run.as_of, [customerId]) : [];
    return row && run ? personOf(row, run) : null;
  },
};

const personOf = (row: ScoreRow & Partial<Person>, run: Run): TodayPerson => ({
  customerId: row.customer_id,
  atRiskMinor: row.value_at_risk_minor,
  worthMinor: row.expected_sales_minor,
  salesMinor: row.sales_minor,
  purchaseDays: row.purchase_days,
  usualGapDays: row.usual_gap_days,
  daysSince: row.days_since,
  lastDay: row.last_day,
  reasons: reasonsFor(row, run),
});

/** Points below which a second reason on Today's list is noise. */
const WORTH_SAYING = 3;
/** Told by the first sentence already, or nothing one could do about. */
const LEFT_OUT: readonly string[] = ['late', 'days_since', 'tenure_days'];

/** First the rhythm in plain numbers, which is why they are on the list; then what else weighs most, for or against. */
const reasonsFor = (row: ScoreRow, run: Run): TodayReason[] => {
  const rhythm: TodayReason[] =
    row.usual_gap_days === null
      ? []
      : [
          {
            code: 'predictions.today.rhythm',
            values: {
              days: row.days_since,
              gap: row.usual_gap_days,
              long: row.long_gap_days ?? 0,
              purchase_days: row.purchase_days,
            },
          },
        ];
  const others = reasonsOf(run.models.rhythm, signalsOf(row), row.rhythm_horizon_days ?? undefined)
    .filter(reason => !LEFT_OUT.includes(reason.code) && reason.points >= WORTH_SAYING)
    .slice(0, 2);
  return [
    ...rhythm,
    ...others.map(reason => ({ code: reasonText(reason), values: { ...shownValues(reason, row), points: reason.points } })),
  ];
};

const figuresAt = async (context: Context, run: Run): Promise<TodayFigure[]> => {
  const { postgres } = context;
  const own = () => customersOnlyOfShops(context, 's.customer_id');
  const [[{ people }], [{ regulars }], [{ slipping, at_risk }]] = await Promise.all([
    isShopLimited(context.actor)
      ? postgres`select count(*)::int as people from predictions.score s where as_of = ${run.as_of}::date and ${own()}`
      : [{ people: run.people }],
    postgres`select count(*)::int as regulars from predictions.score s where as_of = ${run.as_of}::date and purchase_days >= 4 and ${own()}`,
    postgres`
      select count(*)::int as slipping, coalesce(sum(value_at_risk_minor), 0)::float8 as at_risk
      from predictions.score s where as_of = ${run.as_of}::date and slipping and ${own()}`,
  ]);
  const figure = (
    code: string,
    type: TodayFigure['type'],
    value: number,
    group: TodayFigure['group'],
    link: string | null,
  ): TodayFigure => ({
    code: `predictions.${code}`,
    label: `predictions.figure.${code}`,
    type,
    value,
    group,
    link,
  });
  return [
    figure('customers', 'number', people as number, null, '/customers'),
    figure('regulars', 'number', regulars as number, 'behaviour', null),
    figure('slipping', 'number', slipping as number, 'behaviour', '/predictions'),
    figure('at_risk', 'money', Math.round(at_risk as number), 'money', '/predictions'),
  ];
};
