/** Amounts in the home currency: which one it is at the start, the rates people type, and what follows when either changes. */
import type { Context } from '../../platform/context.ts';
import type { Job, Reaction } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { touchCustomers } from '../customers/index.ts';
import { changeOrganisation, organisationOf } from '../shops/index.ts';
import { queueCopies } from './postgres.ts';

/**
 * The home currency, for orders about to come in. As long as there is no order at all, the first orders decide: a shop that sells in pounds
 * reads its sales in pounds, whatever was left standing at set-up. Settings can change it at any time.
 */
export const homeCurrencyFor = async (context: Context, currencies: readonly string[]): Promise<string> => {
  const { homeCurrency, version } = await organisationOf(context);
  const [first] = new Set(currencies);
  if (first === undefined || currencies.some(one => one === homeCurrency || one !== first)) return homeCurrency;
  const [{ any }] = await context.postgres`select exists (select 1 from orders."order") as any`;
  if (any) return homeCurrency;
  await changeOrganisation(context, { version, homeCurrency: first });
  return first;
};

export type Rate = { currency: string; from_day: string; rate: string };

export const listRates = async ({ postgres }: Context): Promise<Rate[]> =>
  (await postgres`select currency, from_day, trim_scale(rate)::text as rate from orders.rate order by currency, from_day desc`) as unknown as Rate[];

/** States what one unit of a currency is worth in the home currency from a day on; orders are counted anew in the background. */
export const setRate = (context: Context, input: Rate): Promise<string> =>
  inTransaction(context, async inside => {
    await inside.postgres`
      insert into orders.rate (currency, from_day, rate) values (${input.currency}, ${input.from_day}::date, ${input.rate}::numeric)
      on conflict (currency, from_day) do update set rate = excluded.rate`;
    return startJob(inside, rerate.name, {}, { key: 'rerate' });
  });

const portion = 2_000;

/** Gives every order the rate that holds now and counts the changed ones anew. Repeatable: an order with the right rate is left alone. */
export const rerate: Job = {
  name: 'orders.rerate',
  run: async (context, _payload, progress) => {
    let done = 0;
    for (;;) {
      const changed = await inTransaction(context, async inside => {
        const { homeCurrency } = await organisationOf(inside);
        const rows = await inside.postgres`
          with right_rate as (
            select o.id, case when o.currency = ${homeCurrency} then 1
              else (select r.rate from orders.rate r where r.currency = o.currency and r.from_day <= o.day order by r.from_day desc limit 1) end as rate
            from orders."order" o)
          update orders."order" o set rate = right_rate.rate
          from right_rate
          where o.id = right_rate.id and o.rate is distinct from right_rate.rate
            and o.id in (select id from right_rate join orders."order" x using (id) where x.rate is distinct from right_rate.rate order by id limit ${portion})
          returning o.id, o.customer_id`;
        await queueCopies(
          inside,
          rows.map(row => ({ orderId: row.id as string, fresh: false })),
        );
        const people = rows.flatMap(row => (row.customer_id === null ? [] : [row.customer_id as number]));
        await touchCustomers(inside, people, ['Order Completed'], { historical: true });
        return rows.length;
      });
      done += changed;
      await progress.report(done, null);
      if (changed === 0) return { orders: done };
    }
  },
};

/** The home currency itself was changed in the settings. */
export const rerateOnChange: Reaction = {
  on: 'shops.organisation_changed',
  run: async (context, payload) => {
    if ((payload.changed as string[]).includes('homeCurrency')) await startJob(context, rerate.name, {}, { key: 'rerate' });
  },
};
