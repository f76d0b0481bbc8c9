/** Reads of scores: the ranked list, one customer, a model's track record. */
import type { Context } from '../../platform/context.ts';
import { maySee } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { customersOfShops, customersOnlyOfShops } from '../customers/index.ts';
import { organisationOf } from '../shops/index.ts';
import { type LapseModel, type Reason, reasonsOf } from './lapse.ts';
import { countShoppers, newestRun, type Run, type ScoreRow, signalsOf } from './postgres.ts';
import { defaultDay, refuseFuture } from './request-training.ts';
import { HORIZON_DAYS, trainModels } from './train-models.ts';

/** Up to this many people a past day is worked out while one waits for the page; beyond, as a task. */
const WORKED_OUT_WHILE_WAITING = 20_000;

/**
 * The run whose scores answer for a day. null asks for the default day: its newest run, whatever day that one stands on (just after midnight,
 * yesterday's). null is answered where nothing was scored yet.
 */
export const runFor = async (context: Context, asOf: string | null): Promise<Run | null> => {
  const newest = await newestRun(context, null);
  const { day, live } = await defaultDay(context);
  if (newest && (asOf === null || asOf === newest.as_of)) return newest;
  // "Today" before tonight's run is what the last one said; a day that was chosen is meant.
  if (newest && live && asOf === day) return newest;
  const wanted = asOf ?? day;
  await refuseFuture(context, wanted);
  const known = await newestRun(context, wanted);
  if (known) return known;
  if (asOf === null) return null;
  if ((await countShoppers(context)) > WORKED_OUT_WHILE_WAITING) {
    throw new Refusal(
      'refused',
      'predictions.day_not_ready',
      `The scores as of ${asOf} are not worked out yet. Start the work (POST /api/predictions/train with as_of) and come back when it is done.`,
      { values: { as_of: asOf } },
    );
  }
  return inTransaction(context, async inside => {
    // Two people opening the same day: the second waits and finds the first one's result.
    await inside.postgres`select pg_advisory_xact_lock(hashtextextended(${`predictions ${asOf}`}, 0))`;
    const made = await newestRun(inside, asOf);
    if (made) return made;
    await trainModels(inside, { asOf, purpose: 'asked', historical: true });
    return newestRun(inside, asOf);
  });
};

export const scoreSorts = ['value_at_risk', 'lapse', 'expected_sales', 'days_since'] as const;
export type ScoreSort = (typeof scoreSorts)[number];

export type ScoreQuery = {
  asOf: string | null;
  slipping: boolean | null;
  lapseAtLeast: number | null;
  sort: ScoreSort | null;
  limit: number;
  cursor: string | undefined;
  count: boolean;
  /** Leave these people out (Today: those already dealt with). */
  without?: readonly number[];
};

/** Ranked people, most first. Without the right to see money the order is by lapse, and asking for an order by money is refused. */
export const listScores = async (context: Context, query: ScoreQuery) => {
  const sort = query.sort ?? (maySee(context.actor, 'money') ? 'value_at_risk' : 'lapse');
  refuseHidden(context, sort, query);
  const run = await runFor(context, query.asOf);
  if (!run) return { rows: [], run: null, next: null, total: query.count ? 0 : undefined };
  const { postgres: sql } = context;
  const rank = {
    value_at_risk: sql`coalesce(s.value_at_risk_minor, -1)`,
    lapse: sql`coalesce(s.lapse, -1)`,
    expected_sales: sql`s.expected_sales_minor`,
    days_since: sql`s.days_since`,
  }[sort];
  const after = readCursor(query.cursor);
  const where = sql`
    s.as_of = ${run.as_of}::date and ${customersOnlyOfShops(context, 's.customer_id')}
    ${query.slipping === true ? sql`and s.slipping` : query.slipping === false ? sql`and not s.slipping` : sql``}
    ${query.lapseAtLeast === null ? sql`` : sql`and s.lapse >= ${query.lapseAtLeast}`}
    ${query.without?.length ? sql`and s.customer_id <> all(${query.without as number[]}::bigint[])` : sql``}`;
  const rows = (await sql`
    select s.*, ${rank}::float8 as rank, c.name, c.country, ${outsideId(sql)}
    from predictions.score s join customers.customer c on c.id = s.customer_id
    where ${where} ${after ? sql`and (${rank}, s.customer_id) < (${after.rank}, ${after.id})` : sql``}
    order by ${rank} desc, s.customer_id desc limit ${query.limit + 1}`) as unknown as (ScoreRow & Person & { rank: number })[];
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const next =
    rows.length > query.limit && last ? Buffer.from(JSON.stringify([last.rank, last.customer_id])).toString('base64url') : null;
  const total = query.count
    ? ((await sql`select count(*)::int as count from predictions.score s where ${where}`)[0].count as number)
    : undefined;
  return { rows: shown, run, next, total };
};
export type Person = { name: string | null; country: string | null; outside_id: string | null };

const outsideId = (sql: Context['postgres']) => sql`
  (select value from customers.identifier i where i.customer_id = c.id and kind in ('shop_customer_id', 'user_id') order by kind, first_seen_at, value limit 1) as outside_id`;

/** The order of a list, and who passes a filter, tell as much as a column would. */
const refuseHidden = (context: Context, sort: ScoreSort, query: ScoreQuery): void => {
  const hidden = (sort === 'value_at_risk' || sort === 'expected_sales') && !maySee(context.actor, 'money');
  if (hidden) {
    throw new Refusal(
      'forbidden',
      'predictions.sort_money',
      'Your role does not show money, so people cannot be ranked by it. Rank by lapse.',
    );
  }
  if ((query.lapseAtLeast !== null || query.slipping !== null) && !maySee(context.actor, 'behaviour')) {
    throw new Refusal(
      'forbidden',
      'predictions.filter_behaviour',
      'Your role does not show how customers behave, so the list cannot be filtered by it.',
    );
  }
};

const readCursor = (text: string | undefined): { rank: number; id: number } | null => {
  if (!text) return null;
  try {
    const [rank, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, number];
    if (Number.isFinite(rank) && Number.isSafeInteger(id)) return { rank, id };
  } catch {
    // falls through to the refusal
  }
  throw new Refusal(
    'malformed',
    'predictions.cursor',
    'This page mark does not belong to this list. Start again without "cursor".',
  );
};

export const scoreOfCustomer = async (context: Context, customerId: number, asOf: string | null) => {
  const [person] = await context.postgres`
    select c.id, c.not_shopper, c.known from customers.customer c where c.id = customers.owner_of(${customerId}) and c.erased_at is null and ${customersOfShops(context, 'c.id')}`;
  if (!person) throw notFound('customer');
  const run = await runFor(context, asOf);
  const [row] = run
    ? ((await context.postgres`
        select s.*, c.name, c.country, ${outsideId(context.postgres)} from predictions.score s join customers.customer c on c.id = s.customer_id
        where s.as_of = ${run.as_of}::date and s.customer_id = ${person.id as number} and ${customersOnlyOfShops(context, 's.customer_id')}`) as unknown as (ScoreRow &
        Person)[])
    : [];
  const absent = row ? null : person.not_shopper ? 'not_shopper' : run ? 'no_purchase' : 'not_scored_yet';
  return { row: row ?? null, run, absent: absent as 'not_shopper' | 'no_purchase' | 'not_scored_yet' | null };
};

/** One score as the API answers it; money and behaviour only for those who may see them. */
export const presentScore = async (context: Context, row: ScoreRow & Person, run: Run) => {
  const { homeCurrency } = await organisationOf(context);
  const seesMoney = maySee(context.actor, 'money');
  const seesBehaviour = maySee(context.actor, 'behaviour');
  const money = (amount: number | null) =>
    seesMoney && amount !== null ? { amount_minor: amount, currency: homeCurrency } : null;
  const reasons = (model: LapseModel, horizonDays?: number) =>
    seesBehaviour
      ? reasonsOf(model, signalsOf(row), horizonDays)
          .filter(reason => seesMoney || reason.code !== 'value_minor')
          .map(reason => presentReason(reason, row))
      : [];
  const rhythm =
    row.rhythm_horizon_days === null
      ? null
      : {
          horizon_days: row.rhythm_horizon_days,
          lapse_now: row.rhythm_now!,
          lapse_when_due: row.rhythm_when_due!,
          reasons: reasons(run.models.rhythm, row.rhythm_horizon_days),
        };
  return {
    customer: {
      id: String(row.customer_id),
      name: maySee(context.actor, 'contact') ? row.name : null,
      outside_id: row.outside_id,
      country: row.country,
    },
    as_of: run.as_of,
    horizon_days: HORIZON_DAYS,
    lapse: seesBehaviour ? row.lapse : null,
    reasons: reasons(run.models.lapse),
    rhythm: seesBehaviour ? rhythm : null,
    expected_purchase_days: seesBehaviour ? row.expected_purchase_days : null,
    expected_sales: money(row.expected_sales_minor),
    value_at_risk: money(row.value_at_risk_minor),
    slipping: seesBehaviour ? row.slipping : null,
    purchase_days: row.purchase_days,
    usual_gap_days: seesBehaviour ? row.usual_gap_days : null,
    long_gap_days: seesBehaviour ? row.long_gap_days : null,
    days_since: row.days_since,
    first_day: row.first_day,
    last_day: row.last_day,
    sales: money(row.sales_minor),
  };
};

/**
 * The text key of a reason (decisions 20: code and values, rendered in the reader's language). It says what is so, more or less than typical;
 * whether that raises or lowers the chance is the model's business and stands beside it.
 */
export const reasonText = (reason: Reason): string =>
  `predictions.reason.${reason.code}.${reason.values.value! > reason.values.median! ? 'more' : 'less'}`;

/** What the sentence shows: own value and the shop's middle; money as `..._minor`; for the rhythm the days behind the ratio. */
export const shownValues = (reason: Reason, row: ScoreRow): Record<string, number> => {
  const { value, median } = reason.values as { value: number; median: number };
  if (reason.code === 'value_minor') return { value_minor: Math.round(value), median_minor: Math.round(median) };
  if (reason.code !== 'late') return { value, median };
  const { days_since: days, late } = signalsOf(row);
  return { days, gap: Math.round(10 * (row.usual_gap_days ?? (late > 0 ? days / late : 0))) / 10 };
};

const presentReason = (reason: Reason, row: ScoreRow) => ({
  code: reasonText(reason),
  signal: reason.code,
  effect: reason.effect,
  points: reason.points,
  values: shownValues(reason, row),
});

export const modelNames = ['lapse', 'rhythm', 'purchases', 'spend'] as const;
export type ModelName = (typeof modelNames)[number];

export const showModel = async (context: Context, name: ModelName, asOf: string | null) => {
  const run = await runFor(context, asOf);
  if (!run) return null;
  const { lapse, rhythm, purchases, spend } = run.models;
  const about = {
    name,
    as_of: run.as_of,
    run_id: run.id,
    finished_at: run.finished_at.toISOString(),
    took_ms: run.took_ms,
    people: run.people,
    sampled: run.sampled,
  };
  if (name === 'lapse' || name === 'rhythm') {
    const model = name === 'lapse' ? lapse : rhythm;
    const { verdict, people, record } = run.report[name];
    return {
      ...about,
      people,
      kind: model.kind,
      verdict,
      horizon_days: model.horizonDays,
      record: record && presentRecord(record),
      fit: null,
    };
  }
  if (name === 'purchases') {
    const { parameters, logLikelihood, boundary, converged, model } = purchases;
    return {
      ...about,
      kind: model,
      verdict: null,
      horizon_days: null,
      record: null,
      fit: { parameters, log_likelihood: logLikelihood, converged, boundary },
    };
  }
  const { parameters, logLikelihood, boundary, converged } = spend;
  const seesMoney = maySee(context.actor, 'money');
  const fit = seesMoney ? { parameters, log_likelihood: logLikelihood, converged, boundary } : null;
  return { ...about, kind: 'gamma-gamma', verdict: null, horizon_days: null, record: null, fit };
};

const presentRecord = (record: NonNullable<Run['report']['lapse']['record']>) => ({
  horizon_days: record.horizonDays,
  origins: record.origins.map(day => new Date(day * 86_400_000).toISOString().slice(0, 10)),
  people: record.people,
  lapsed: record.lapsed,
  contenders: record.contenders.map(one => ({
    kind: one.kind,
    brier: one.brier,
    auc: one.auc,
    top_decile_lift: one.topDecileLift,
    calibration: one.calibration,
  })),
  purchase_days: record.purchaseDays,
});
