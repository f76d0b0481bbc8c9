/** The predictions feature's queries, one question each. */
import type { Context } from '../../platform/context.ts';
import { organisationOf } from '../shops/index.ts';
import { type History, type SignalName, type Signals, signalNames } from './history.ts';
import type { Models, Score } from './score.ts';
import type { Contender, TrackRecord, Verdict } from './track-record.ts';

const MS_A_DAY = 86_400_000;
/** 'YYYY-MM-DD' -> whole days since 1970-01-01, and back. */
export const dayNumber = (day: string): number => Math.round(Date.parse(day) / MS_A_DAY);
export const dayText = (day: number): string => new Date(day * MS_A_DAY).toISOString().slice(0, 10);

/** Shoppers in models and lists: known, themselves (not merged away), not wholesale, staff or test, not erased (decisions 5, 6). */
const shopper = 'c.known and c.merged_into is null and c.not_shopper is null and c.erased_at is null';

/** The next shoppers by id after `after`, sorted. */
export const shopperPage = async ({ postgres }: Context, after: number, limit: number): Promise<number[]> =>
  (
    await postgres`
      select c.id from customers.customer c where ${postgres.unsafe(shopper)} and c.id > ${after} order by c.id limit ${limit}`
  ).map(row => row.id as number);

export const countShoppers = async ({ postgres }: Context): Promise<number> => {
  const [row] = await postgres`select count(*)::int as count from customers.customer c where ${postgres.unsafe(shopper)}`;
  return row.count as number;
};

/**
 * What these customers bought before `end`, day by day; those who are no shoppers or bought nothing are left out. Money in the home
 * currency; an order without a known rate is a purchase day without money. One row a customer, days as text: a row per day took three
 * times as long. `products: false` leaves out what was new to them, and with it the reading of all lines.
 */
export const readHistories = async (
  context: Context,
  customerIds: readonly number[],
  end: Date,
  { products = true }: { products?: boolean } = {},
): Promise<History[]> => {
  if (customerIds.length === 0) return [];
  const { homeCurrency } = await organisationOf(context);
  const sql = context.postgres;
  const rows = await sql`
    with counted as materialized (
      select o.id, o.customer_id, o.day, o.sales_minor, case when o.currency = ${homeCurrency} then 1 else coalesce(o.rate, 0) end as rate
      from orders."order" o join customers.customer c on c.id = o.customer_id
      where o.customer_id = any(${customerIds as number[]}::bigint[]) and o.counts and o.placed_at < ${end} and ${sql.unsafe(shopper)}),
    bought as (select customer_id, day, sum(round(sales_minor * rate))::bigint as sales from counted group by customer_id, day),
    first_seen as (
      select customer_id, day, count(*) as products
      from (
        select k.customer_id, min(k.day) as day from counted k join orders.line l on l.order_id = k.id
        where ${products} and l.kind = 'product' and l.sku is not null group by k.customer_id, l.sku) as products
      group by customer_id, day),
    returned as (
      select k.customer_id, string_agg((r.day - date '1970-01-01')::text || ' ' || round(l.amount_minor * k.rate)::text, ',' order by r.day) as days
      from counted k join orders.refund r on r.order_id = k.id and r.at < ${end} join orders.refund_line l on l.refund_id = r.id
      group by k.customer_id)
    select b.customer_id, string_agg((b.day - date '1970-01-01')::text || ' ' || b.sales::text || ' ' || coalesce(f.products, 0)::text, ',' order by b.day) as days, min(r.days) as returned
    from bought b left join first_seen f using (customer_id, day) left join returned r using (customer_id)
    group by b.customer_id order by b.customer_id`;
  return rows.map(row => ({
    customerId: row.customer_id as number,
    purchases: (row.days as string).split(',').map(one => {
      const [day, salesMinor, newProducts] = one.split(' ').map(Number);
      return { day: day!, salesMinor: salesMinor!, newProducts: newProducts! };
    }),
    returns: row.returned
      ? (row.returned as string).split(',').map(one => {
          const [day, amountMinor] = one.split(' ').map(Number);
          return { day: day!, amountMinor: amountMinor! };
        })
      : [],
  }));
};

/** Purchase days only, for the facts of the rhythm: customer -> sorted days. */
export const readPurchaseDays = async (
  context: Context,
  customerIds: readonly number[],
  end: Date,
): Promise<Map<number, number[]>> => {
  const rows = await context.postgres`
    select customer_id, array_agg(day - date '1970-01-01' order by day) as days
    from (
      select distinct o.customer_id, o.day from orders."order" o
      where o.customer_id = any(${customerIds as number[]}::bigint[]) and o.counts and o.placed_at < ${end}) as bought
    group by customer_id`;
  return new Map(rows.map(row => [row.customer_id as number, row.days as number[]]));
};

// ---- runs --------------------------------------------------------------------------------------------------------

/** One model's verdict and proof as the run stores it. */
export type ModelReport = { verdict: Verdict; people: number; record: TrackRecord | null };
export type RunReport = { lapse: ModelReport; rhythm: ModelReport };
export type Run = {
  id: string;
  as_of: string;
  purpose: 'default' | 'asked';
  people: number;
  sampled: number;
  models: Models;
  report: RunReport;
  touched: number;
  started_at: Date;
  finished_at: Date;
  took_ms: number;
};
export type { Contender };

/** The newest finished run; of the default day, or as of one day. */
export const newestRun = async ({ postgres }: Context, asOf: string | null): Promise<Run | null> => {
  const [row] = await postgres`
    select id, as_of, purpose, people, sampled, models, report, touched, started_at, finished_at, took_ms from predictions.model_run
    where state = 'done' and ${asOf === null ? postgres`purpose = 'default'` : postgres`as_of = ${asOf}::date`}
    order by finished_at desc limit 1`;
  return (row as unknown as Run) ?? null;
};

export const insertRun = async (
  { postgres }: Context,
  run: {
    asOf: string;
    purpose: Run['purpose'];
    people: number;
    sampled: number;
    models: Models;
    report: RunReport;
    startedAt: Date;
  },
): Promise<string> => {
  const [row] = await postgres`
    insert into predictions.model_run (as_of, purpose, people, sampled, models, report, started_at)
    values (${run.asOf}::date, ${run.purpose}, ${run.people}, ${run.sampled}, ${postgres.json(run.models as never)}, ${postgres.json(run.report as never)}, ${run.startedAt})
    returning id`;
  return row.id as string;
};

/** Rows of this day that the new run did not write belong to people who are no shoppers any more. Returns them. */
export const finishRun = async (
  { postgres, clock }: Context,
  run: { id: string; asOf: string; purpose: Run['purpose']; tookMs: number },
): Promise<number[]> => {
  const gone =
    await postgres`delete from predictions.score where as_of = ${run.asOf}::date and run_id <> ${run.id} returning customer_id`;
  await postgres`update predictions.model_run set state = 'done', finished_at = ${clock.now()}, took_ms = ${run.tookMs} where id = ${run.id}`;
  // Of the default day only the newest set is kept, of other days the last three.
  const old = await postgres`
    select id from predictions.model_run
    where id <> ${run.id} and (as_of = ${run.asOf}::date or (${run.purpose} = 'default' and purpose = 'default')
      or (purpose = 'asked' and id not in (select id from predictions.model_run where purpose = 'asked' order by started_at desc limit 3)))`;
  await dropRuns(
    { postgres },
    old.map(row => row.id as string),
  );
  return gone.map(row => row.customer_id as number);
};

export const dropRuns = async ({ postgres }: Pick<Context, 'postgres'>, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return;
  await postgres`delete from predictions.score where run_id = any(${ids as string[]}::uuid[])`;
  await postgres`delete from predictions.model_run where id = any(${ids as string[]}::uuid[])`;
};

/** Sets of other days are out of date once an order changed; they are worked out again when somebody looks. */
export const dropAskedRuns = async (context: Context): Promise<void> => {
  const rows = await context.postgres`select id from predictions.model_run where purpose = 'asked' and state = 'done'`;
  await dropRuns(
    context,
    rows.map(row => row.id as string),
  );
};

// ---- scores ------------------------------------------------------------------------------------------------------

/**
 * Writes these people's scores of one day and returns whose lapse or value at risk moved visibly (half a point, a twentieth). Rows come
 * sorted by customer, so that two writers never wait for each other in a circle.
 */
export const writeScores = async (
  context: Context,
  input: { scores: readonly Score[]; asOf: string; runId: string; comparedWith: string },
): Promise<number[]> => {
  const { scores } = input;
  if (scores.length === 0) return [];
  const column = <T>(value: (score: Score) => T): T[] => scores.map(value);
  const rows = await context.postgres`
    with given as (
      select * from unnest(${column(s => s.customerId)}::bigint[], ${column(s => s.lapse)}::float8[], ${column(s => s.rhythm?.horizonDays ?? null)}::int[],
        ${column(s => s.rhythm?.now ?? null)}::float8[], ${column(s => s.rhythm?.whenDue ?? null)}::float8[], ${column(s => s.expectedPurchaseDays)}::float8[], ${column(s => s.expectedSalesMinor)}::bigint[],
        ${column(s => s.valueAtRiskMinor)}::bigint[], ${column(s => Number(s.slipping))}::int[], ${column(s => s.purchaseDays)}::int[], ${column(s => s.usualGapDays)}::float8[],
        ${column(s => s.longGapDays)}::float8[], ${column(s => s.daysSince)}::int[], ${column(s => dayText(s.firstDay))}::date[], ${column(s => dayText(s.lastDay))}::date[],
        ${column(s => s.salesMinor)}::bigint[], ${column(s => `{${signalNames.map(name => s.signals[name]).join(',')}}`)}::text[])
        as g(customer_id, lapse, horizon, now, due, days, sales, risk, slipping, purchase_days, gap, long_gap, since, first_day, last_day, total, signals)),
    written as (
      insert into predictions.score (as_of, origin_id, customer_id, run_id, lapse, rhythm_horizon_days, rhythm_now, rhythm_when_due, expected_purchase_days, expected_sales_minor,
        value_at_risk_minor, slipping, purchase_days, usual_gap_days, long_gap_days, days_since, first_day, last_day, sales_minor, signals, scored_at)
      select ${input.asOf}::date, customer_id, customer_id, ${input.runId}::uuid, lapse, horizon, now, due, days, sales, risk, slipping = 1, purchase_days, gap, long_gap, since, first_day, last_day, total,
        signals::float8[], ${context.clock.now()}
      from given order by customer_id
      on conflict (as_of, customer_id) do update set origin_id = excluded.origin_id, run_id = excluded.run_id, lapse = excluded.lapse, rhythm_horizon_days = excluded.rhythm_horizon_days,
        rhythm_now = excluded.rhythm_now, rhythm_when_due = excluded.rhythm_when_due, expected_purchase_days = excluded.expected_purchase_days,
        expected_sales_minor = excluded.expected_sales_minor, value_at_risk_minor = excluded.value_at_risk_minor, slipping = excluded.slipping, purchase_days = excluded.purchase_days,
        usual_gap_days = excluded.usual_gap_days, long_gap_days = excluded.long_gap_days, days_since = excluded.days_since, first_day = excluded.first_day, last_day = excluded.last_day,
        sales_minor = excluded.sales_minor, signals = excluded.signals, scored_at = excluded.scored_at)
    select g.customer_id from given g left join predictions.score b on b.as_of = ${input.comparedWith}::date and b.customer_id = g.customer_id
    where b.customer_id is null or abs(coalesce(b.lapse, -1) - coalesce(g.lapse, -1)) >= 0.005
      or abs(coalesce(b.value_at_risk_minor, -1) - coalesce(g.risk, -1)) > coalesce(g.risk, 0) * 0.05`;
  return rows.map(row => row.customer_id as number);
};

export const deleteScores = async ({ postgres }: Context, asOf: string, customerIds: readonly number[]): Promise<void> => {
  await postgres`delete from predictions.score where as_of = ${asOf}::date and customer_id = any(${customerIds as number[]}::bigint[])`;
};

export type ScoreRow = {
  customer_id: number;
  lapse: number | null;
  rhythm_horizon_days: number | null;
  rhythm_now: number | null;
  rhythm_when_due: number | null;
  expected_purchase_days: number;
  expected_sales_minor: number;
  value_at_risk_minor: number | null;
  slipping: boolean;
  purchase_days: number;
  usual_gap_days: number | null;
  long_gap_days: number | null;
  days_since: number;
  first_day: string;
  last_day: string;
  sales_minor: number;
  signals: number[];
};

export const signalsOf = (row: ScoreRow): Signals =>
  Object.fromEntries(signalNames.map((name, i) => [name, row.signals[i]!])) as Record<SignalName, number> as Signals;

export const readScores = async ({ postgres }: Context, asOf: string, customerIds: readonly number[]): Promise<ScoreRow[]> =>
  (await postgres`
    select * from predictions.score where as_of = ${asOf}::date and customer_id = any(${customerIds as number[]}::bigint[])`) as unknown as ScoreRow[];

/** Is a fit or an import going on right now, in any process? Touched customers wait for both: a fit scores everybody anyway. */
export const isBusy = async ({ postgres }: Context): Promise<boolean> => {
  const [row] = await postgres`
    select 1 from platform.job where name in ('predictions.train', 'imports.run', 'imports.undo') and state = 'running' and lease_until > now() limit 1`;
  return row !== undefined;
};

/** Nothing was scored yet, but there is something to score: it is on its way. */
export const hasOrders = async ({ postgres }: Context): Promise<boolean> => {
  const [row] = await postgres`select 1 from orders."order" where counts and customer_id is not null limit 1`;
  return row !== undefined;
};

/** Right after an import the tables have no statistics, and the plan chosen without them took minutes instead of a second. */
export const refreshStatistics = async ({ postgres }: Context): Promise<void> => {
  await postgres`analyze customers.customer, orders."order", orders.line, orders.refund, orders.refund_line`;
};
