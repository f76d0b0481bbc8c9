/** What orders tell about many customers at once. Each is exact for any past day. */
import type { Context } from '../../platform/context.ts';
import { ofOwnShops } from '../../platform/shop-limit.ts';
import { dayIn, daysBetween } from '../../platform/time.ts';
import type { Fact, FactQuery, FactValue, SqlTime } from '../customers/index.ts';
import { organisationOf } from '../shops/index.ts';
import { ownerOf } from '../tracking/index.ts';

const changedBy = ['Order Completed', 'Order Refunded', 'Order Cancelled'] as const;

type Sums = {
  customer_id: number;
  orders: number;
  sales: number | null;
  total: number | null;
  returned: number | null;
  discounted: number;
  first_on: string;
  last_on: string;
  items: string | null;
};

/** One scoped read of the orders of these customers; every fact below takes its column. Amounts in the home currency. */
const readSums = async (context: Context, customerIds: readonly number[], asOf: Date | null): Promise<Sums[]> => {
  const end = asOf ?? context.clock.now();
  const { homeCurrency } = await organisationOf(context);
  return (await context.postgres`
    with counted as (
      select o.id, o.customer_id, o.day, o.placed_at,
        case when o.currency = ${homeCurrency} then 1 else o.rate end as rate, o.sales_minor, o.total_minor, o.discount_minor
      from orders."order" o
      where o.customer_id = any(${customerIds as number[]}::bigint[]) and o.counts and o.placed_at < ${end} and ${ofOwnShops(context, 'o.shop_id')}),
    returned as (
      select c.customer_id, sum(round(l.amount_minor * c.rate)) as amount
      from counted c join orders.refund r on r.order_id = c.id and r.at < ${end} join orders.refund_line l on l.refund_id = r.id
      group by c.customer_id)
    select c.customer_id, count(*)::int as orders, sum(round(c.sales_minor * c.rate))::float8 as sales, sum(round(c.total_minor * c.rate))::float8 as total, max(r.amount)::float8 as returned,
      count(*) filter (where c.discount_minor > 0)::int as discounted, min(c.day) as first_on, max(c.day) as last_on,
      (select sum(l.quantity) from orders.line l where l.kind = 'product' and l.order_id = any(array_agg(c.id))) as items
    from counted c left join returned r using (customer_id)
    group by c.customer_id`) as unknown as Sums[];
};

const from =
  (value: (row: Sums, today: string) => FactValue | null): Fact['read'] =>
  async (context, customerIds, asOf) => {
    const { zone } = await organisationOf(context);
    const today = dayIn(zone, asOf ? new Date(asOf.getTime() - 1) : context.clock.now());
    const values = new Map<number, FactValue>();
    for (const row of await readSums(context, customerIds, asOf)) {
      const one = value(row, today);
      if (one !== null) values.set(row.customer_id, one);
    }
    return values;
  };

const ofShops = (time: SqlTime): string => (time.shops === undefined ? '' : ` AND has(${time.shops}, shop_id)`);

/** A whole-base query over `purchase`, one row per owner. */
const overPurchases =
  (value: string) =>
  (time: SqlTime): FactQuery => ({
    sql: `SELECT ${ownerOf('origin_id')} AS customer_id, ${value.replaceAll('$today', time.today)} AS value FROM purchase WHERE time < ${time.end}${ofShops(time)} GROUP BY customer_id`,
    params: time.params,
  });
/** The same over the lines that are sales, returns included. */
const overSales =
  (value: string) =>
  (time: SqlTime): FactQuery => ({
    sql: `SELECT ${ownerOf('origin_id')} AS customer_id, ${value} AS value FROM purchase_line WHERE time < ${time.end}${ofShops(time)} AND kind IN ('product', 'return') GROUP BY customer_id`,
    params: time.params,
  });

const netSales = (row: Sums): number => (row.sales ?? 0) - (row.returned ?? 0);
const share = (part: number, whole: number): number | null => (whole > 0 ? Math.round((1000 * part) / whole) / 10 : null);

const fact = (
  code: string,
  type: Fact['type'],
  group: Fact['group'],
  read: Fact['read'],
  clickhouse: Fact['clickhouse'],
  more: Partial<Fact> = {},
): Fact => ({
  code: `orders.${code}`,
  label: `orders.fact.${code}`,
  type,
  group,
  asOf: 'exact',
  changedBy,
  read,
  clickhouse,
  ...more,
});

export const orderFacts: readonly Fact[] = [
  fact(
    'count',
    'number',
    null,
    from(row => row.orders),
    overPurchases('toFloat64(count())'),
    { merged: 'sum' },
  ),
  fact('sales', 'money', 'money', from(netSales), overSales('toFloat64(sum(amount_minor))'), { merged: 'sum' }),
  fact(
    'average',
    'money',
    'money',
    from(row => Math.round((row.sales ?? 0) / row.orders)),
    // Half up as Math.round does it; ClickHouse's own round goes to the even neighbour.
    overPurchases('toFloat64(floor(sum(sales_minor) / count() + 0.5))'),
  ),
  fact(
    'first_on',
    'date',
    'behaviour',
    from(row => row.first_on),
    overPurchases('toString(min(day))'),
  ),
  fact(
    'last_on',
    'date',
    'behaviour',
    from(row => row.last_on),
    overPurchases('toString(max(day))'),
  ),
  fact(
    'days_since_last',
    'days',
    'behaviour',
    from((row, today) => daysBetween(row.last_on, today)),
    overPurchases("toFloat64(dateDiff('day', max(day), $today))"),
    { unit: 'orders.unit.days', changedBy: [...changedBy, 'time'] },
  ),
  fact(
    'items',
    'number',
    null,
    from(row => Number(row.items ?? 0)),
    overPurchases('toFloat64(sum(items))'),
  ),
  fact(
    'discount_share',
    'percent',
    'behaviour',
    from(row => share(row.discounted, row.orders)),
    overPurchases('floor(1000 * countIf(discount_minor > 0) / count() + 0.5) / 10'),
  ),
  fact(
    'refund_share',
    'percent',
    'money',
    from(row => share(row.returned ?? 0, row.sales ?? 0)),
    overSales(
      "if(sumIf(amount_minor, kind = 'product') > 0, floor(-1000 * sumIf(amount_minor, kind = 'return') / sumIf(amount_minor, kind = 'product') + 0.5) / 10, NULL)",
    ),
  ),
];
