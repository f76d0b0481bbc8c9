/**
 * From visit to order: distinct people per step in a range of days, read from the copy of the event log. A person counts for a step when
 * the event log has one of its events in the range; "of the step before" counts those who did both.
 */
import type { Context } from '../../../platform/context.ts';
import { maySee } from '../../../platform/context.ts';
import { Refusal } from '../../../platform/errors.ts';
import { shopLimitOf } from '../../../platform/shop-limit.ts';
import { namesOf } from '../../customers/index.ts';
import { ownerOf, sqlTime } from '../../tracking/index.ts';
import { conversionSteps } from './contract.ts';
import { percent, type Range, rangeOf } from './list-carts.ts';

export type Step = (typeof conversionSteps)[number];

const checkouts = ['Checkout Started', 'Checkout Step Viewed', 'Checkout Step Completed', 'Payment Info Entered'];
const carts = ['Product Added', 'Cart Viewed', ...checkouts];
const views = ['Product Viewed'];
/** Everything that is done in a shop counts as a visit; an order alone (a till, a file) does not. */
const names: Record<Step, readonly string[]> = {
  visits: ['Page Viewed', 'Screen Viewed', 'Products Searched', 'Product List Viewed', ...views, ...carts],
  views,
  carts,
  checkouts,
  orders: ['Order Completed'],
};

/** One row per person: which steps they did. All names and times are bound. */
const peopleSql = (shops: boolean): string => `
  SELECT ${ownerOf('origin_id')} AS customer_id, max(time) AS last_at, ${conversionSteps.map(step => `max(has({${step}:Array(String)}, name)) AS ${step}`).join(', ')}
  FROM event
  WHERE name IN {names:Array(String)} AND time >= {start:DateTime64(3, 'UTC')} AND time < {end:DateTime64(3, 'UTC')}${shops ? ' AND has({shops:Array(UUID)}, shop_id)' : ''}
  GROUP BY customer_id`;

const ask = async (context: Context, input: Range) => {
  const range = await rangeOf(context, input);
  const limit = shopLimitOf(context.actor);
  const shops = input.shop ? (limit === null || limit.includes(input.shop) ? [input.shop] : []) : limit;
  const params = {
    ...names,
    names: [...new Set(Object.values(names).flat())],
    start: sqlTime(range.start),
    end: sqlTime(range.end),
    ...(shops && { shops }),
  };
  return { range, params, sql: peopleSql(shops !== null) };
};

export const showConversion = async (context: Context, input: Range) => {
  const { range, params, sql } = await ask(context, input);
  const [row] = await context.clickhouse.query<Record<string, number>>(
    `SELECT ${conversionSteps
      .flatMap((step, i) => [
        `countIf(${step}) AS ${step}_people`,
        `countIf(${step} AND ${i === 0 ? step : conversionSteps[i - 1]}) AS ${step}_both`,
        `countIf(${step} AND visits) AS ${step}_visitors`,
      ])
      .join(', ')} FROM (${sql})`,
    params,
  );
  const figure = (name: string): number => Number(row[name]);
  return {
    from: range.from,
    to: range.to,
    steps: conversionSteps.map((step, i) => ({
      step,
      people: figure(`${step}_people`),
      of_previous: i === 0 ? null : percent(figure(`${step}_both`), figure(`${conversionSteps[i - 1]}_people`)),
      of_visits: percent(figure(`${step}_visitors`), figure('visits_people')),
    })),
  };
};

type Asked = Range & { step: Step; stopped?: 'true' | 'false'; limit: number; cursor?: string };

/** Who is behind a figure: those of the step or, `stopped`, those of them who did not take the next one. By id, the newest customers first. */
export const listConversionPeople = async (context: Context, input: Asked) => {
  if (input.cursor !== undefined && !/^\d{1,10}$/.test(input.cursor))
    throw new Refusal('malformed', 'orders.cursor', 'This page mark does not belong to this list. Start again without "cursor".');
  const { params, sql } = await ask(context, input);
  const next = conversionSteps[conversionSteps.indexOf(input.step) + 1];
  const rows = await context.clickhouse.query<{ customer_id: number; last_at: string }>(
    `SELECT customer_id, last_at FROM (${sql}) WHERE ${input.step}${input.stopped === 'true' && next ? ` AND NOT ${next}` : ''}
       ${input.cursor ? 'AND customer_id < {cursor:UInt64}' : ''} ORDER BY customer_id DESC LIMIT {limit:UInt32}`,
    { ...params, limit: input.limit + 1, ...(input.cursor && { cursor: input.cursor }) },
  );
  const shown = rows.slice(0, input.limit);
  const ids = shown.map(row => Number(row.customer_id));
  const known = await namesOf(context, ids);
  return {
    data: shown.map(row => ({
      customer: {
        id: String(row.customer_id),
        name: maySee(context.actor, 'contact') ? (known.get(Number(row.customer_id)) ?? null) : null,
      },
      last_at: `${row.last_at.replace(' ', 'T')}Z`,
    })),
    next_cursor: rows.length > input.limit ? String(ids.at(-1)) : null,
  };
};
