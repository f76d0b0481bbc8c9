/** What carts tell about many customers at once, as of now: a cart's past states are not kept. */
import type { Context } from '../../../platform/context.ts';
import { convertMinor } from '../../../platform/money.ts';
import { ofOwnShops } from '../../../platform/shop-limit.ts';
import { dayIn, daysBetween } from '../../../platform/time.ts';
import type { Fact, FactValue } from '../../customers/index.ts';
import { organisationOf } from '../../shops/index.ts';
import { ratesTo } from '../postgres.ts';
import { cartStates } from './cart.ts';

type Row = {
  customer_id: number;
  state: string;
  items: string;
  value_minor: number | null;
  currency: string;
  last_activity_at: Date;
  reached: boolean;
  abandoned: number;
  closed: number;
};

/** The last cart of each of these people, and how many of theirs ended how. */
const readCarts = async (context: Context, customerIds: readonly number[]): Promise<Row[]> =>
  (await context.postgres`
    select distinct on (customer_id) customer_id, state, items, value_minor, currency, last_activity_at, checkout_at is not null as reached,
      count(*) filter (where state = 'abandoned') over person as abandoned, count(*) filter (where state in ('converted', 'recovered')) over person as closed
    from orders.cart cart where customer_id = any(${customerIds as number[]}::bigint[]) and ${ofOwnShops(context, 'cart.shop_id')}
    window person as (partition by customer_id)
    order by customer_id, last_activity_at desc, id desc`) as unknown as Row[];

const from =
  (
    value: (
      row: Row,
      inHome: (minor: number, currency: string, at: Date) => number | null,
      day: (at: Date) => string,
      today: string,
    ) => FactValue | null,
  ): Fact['read'] =>
  async (context, customerIds) => {
    const rows = await readCarts(context, customerIds);
    const { zone, homeCurrency } = await organisationOf(context);
    const rate = await ratesTo(
      context,
      homeCurrency,
      rows.map(row => row.currency),
    );
    const day = (at: Date) => dayIn(zone, at);
    const inHome = (minor: number, currency: string, at: Date) => {
      const known = rate(currency, day(at));
      return known === null ? null : convertMinor(minor, currency, homeCurrency, known);
    };
    const values = new Map<number, FactValue>();
    for (const row of rows) {
      const one = value(row, inHome, day, day(context.clock.now()));
      if (one !== null) values.set(row.customer_id, one);
    }
    return values;
  };

const fact = (code: string, type: Fact['type'], group: Fact['group'], read: Fact['read'], more: Partial<Fact> = {}): Fact => ({
  code: `orders.${code}`,
  label: `orders.fact.${code}`,
  type,
  group,
  asOf: 'current',
  changedBy: ['carts'],
  read,
  ...more,
});

/** Something is left in it: open, being paid, or given up. */
const unbought = (row: Row): boolean => row.state !== 'converted' && row.state !== 'recovered';

export const cartFacts: readonly Fact[] = [
  fact(
    'cart_state',
    'choice',
    'behaviour',
    from(row => row.state),
    { choices: cartStates, choiceLabels: 'orders.cart.state' },
  ),
  fact(
    'cart_value',
    'money',
    'money',
    from((row, inHome) =>
      unbought(row) && row.value_minor !== null ? inHome(row.value_minor, row.currency, row.last_activity_at) : null,
    ),
  ),
  fact(
    'cart_items',
    'number',
    'behaviour',
    from(row => (unbought(row) ? Number(row.items) : null)),
  ),
  fact(
    'cart_last_activity',
    'date',
    'behaviour',
    from((row, _inHome, day) => day(row.last_activity_at)),
  ),
  fact(
    'cart_idle_days',
    'days',
    'behaviour',
    from((row, _inHome, day, today) => daysBetween(day(row.last_activity_at), today)),
    { unit: 'orders.unit.days', changedBy: ['carts', 'time'] },
  ),
  fact(
    'checkout_reached',
    'boolean',
    'behaviour',
    from(row => row.reached),
  ),
  fact(
    'carts_abandoned',
    'number',
    'behaviour',
    from(row => row.abandoned),
    { merged: 'sum' },
  ),
  // abandoned / (abandoned + converted), over carts that are settled; recovered ones were bought.
  fact(
    'cart_abandonment_rate',
    'percent',
    'behaviour',
    from(row => (row.abandoned + row.closed > 0 ? Math.round((1000 * row.abandoned) / (row.abandoned + row.closed)) / 10 : null)),
  ),
];
