/** The desk feature's queries, one question each. */
import type postgres from 'postgres';
import type { Context } from '../../platform/context.ts';
import { maySee } from '../../platform/context.ts';
import { customersOfShops, type SqlPart } from '../customers/index.ts';

/** The owner of a customer id, if it names somebody who is not erased and whom the reader may know of. */
export const ownerFor = async (context: Context, id: number): Promise<number | null> => {
  const [row] = await context.postgres`
    select c.id from customers.customer c where c.id = customers.owner_of(${id}) and c.erased_at is null and ${customersOfShops(context, 'c.id')}`;
  return (row?.id as number) ?? null;
};

export type CustomerShown = {
  id: string;
  name: string | null;
  outside_id: string | null;
  country: string | null;
  phone: string | null;
  email: string | null;
};

/** Who these people are, as far as the reader may see it. */
export const customersFor = async (context: Context, ids: readonly number[]): Promise<Map<number, CustomerShown>> => {
  const rows = await context.postgres`
    select c.id, c.name, c.country, c.phone, c.email,
      (select value from customers.identifier i where i.customer_id = c.id and kind in ('shop_customer_id', 'user_id') order by kind, first_seen_at, value limit 1) as outside_id
    from customers.customer c where c.id = any(${ids as number[]}::bigint[]) and ${customersOfShops(context, 'c.id')}`;
  const contact = maySee(context.actor, 'contact');
  return new Map(
    rows.map(row => [
      row.id as number,
      {
        id: String(row.id),
        name: contact ? (row.name as string | null) : null,
        outside_id: row.outside_id as string | null,
        country: row.country as string | null,
        phone: contact ? (row.phone as string | null) : null,
        email: contact ? (row.email as string | null) : null,
      },
    ]),
  );
};

/** Everybody whom a standing choice keeps off the list on this day. */
export const hiddenToday = async ({ postgres }: Context, today: string): Promise<number[]> =>
  (await postgres`select distinct customer_id from desk.today_choice where undone_at is null and until > ${today}::date`).map(
    row => row.customer_id as number,
  );

export const standingChoice = async (
  { postgres }: Context,
  customerId: number,
  today: string,
): Promise<{ id: string; verb: string } | null> => {
  const [row] = await postgres`
    select id, verb from desk.today_choice where customer_id = ${customerId} and undone_at is null and until > ${today}::date order by at desc limit 1 for update`;
  return (row as unknown as { id: string; verb: string }) ?? null;
};

/** How often in a row somebody was skipped, with no other choice standing between. */
export const skipsInARow = async ({ postgres }: Context, customerId: number): Promise<number> => {
  const [row] = await postgres`
    select count(*)::int as count from desk.today_choice
    where customer_id = ${customerId} and undone_at is null and verb = 'skip'
      and at > coalesce((select max(at) from desk.today_choice where customer_id = ${customerId} and undone_at is null and verb <> 'skip'), '-infinity')`;
  return row.count as number;
};

/** What was decided today, in the organisation's calendar. */
export const todayCounts = async (
  { postgres }: Context,
  today: string,
): Promise<{ done: number; skip: number; snooze: number }> => {
  const [row] = await postgres`
    select count(*) filter (where verb = 'done')::int as done, count(*) filter (where verb = 'skip')::int as skip, count(*) filter (where verb = 'snooze')::int as snooze
    from desk.today_choice where undone_at is null and (at at time zone (select zone from shops.organisation))::date = ${today}::date`;
  return row as unknown as { done: number; skip: number; snooze: number };
};

/** On alias `t`: tasks about nobody, and those about people of the reader's shops. */
export const ownTasks = (context: Context): SqlPart =>
  (context.postgres as postgres.Sql)`(t.customer_id is null or ${customersOfShops(context, 't.customer_id')})`;

export const taskCounts = async (context: Context, today: string): Promise<{ open: number; due: number }> => {
  const [row] = await context.postgres`
    select count(*)::int as open, count(*) filter (where due_on <= ${today}::date)::int as due
    from desk.task t where done_at is null and (snoozed_until is null or snoozed_until <= ${today}::date) and ${ownTasks(context)}`;
  return row as unknown as { open: number; due: number };
};

/** Whom a task can be given to: everybody who can sign in. */
export const teamForTasks = async ({ postgres }: Context): Promise<{ id: string; name: string }[]> =>
  (await postgres`select id, name from access.staff where disabled_at is null order by lower(name), id`) as unknown as {
    id: string;
    name: string;
  }[];
