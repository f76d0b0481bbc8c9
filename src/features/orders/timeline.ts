/** What orders add to the customer page and to search. */
import type { Context } from '../../platform/context.ts';
import { ofOwnShops } from '../../platform/shop-limit.ts';
import type { SearchSource, TimelineEntry, TimelineSource } from '../customers/index.ts';

type Row = {
  id: string;
  order_id: string;
  at: Date;
  what: 'completed' | 'cancelled' | 'refunded';
  number: string;
  items: number;
  amount_minor: number;
  currency: string;
  historical: boolean;
};

export const orderTimeline: TimelineSource = {
  kind: 'order',
  label: 'orders.timeline.kind',
  group: null,
  read: async (context, customerIds, page) => {
    const rows = (await context.postgres`
      with mine as (select * from orders."order" o where customer_id = any(${customerIds as number[]}::bigint[]) and ${ofOwnShops(context, 'o.shop_id')})
      select * from (
        select id::text as id, id as order_id, placed_at as at, 'completed' as what, number,
          coalesce((select sum(quantity) from orders.line l where l.order_id = o.id and l.kind = 'product'), 0)::float8 as items, total_minor as amount_minor, currency, historical
        from mine o
        union all
        select id || '/cancelled', id, cancelled_at, 'cancelled', number, 0, total_minor, currency, historical from mine where state = 'cancelled' and cancelled_at is not null
        union all
        select r.id::text, o.id, r.at, 'refunded', o.number, 0, -r.amount_minor, o.currency, o.historical from mine o join orders.refund r on r.order_id = o.id) entries
      where ${page.before === null} or (at, id) < (${page.before?.at ?? new Date(0)}, ${page.before?.id ?? ''})
      order by at desc, id desc limit ${page.limit}`) as unknown as Row[];
    return rows.map(entryOf);
  },
};

const entryOf = (row: Row): TimelineEntry => ({
  id: row.id,
  kind: 'order',
  at: row.at,
  title: `orders.timeline.${row.what}`,
  values: { number: row.number, count: row.items },
  amountMinor: row.amount_minor,
  currency: row.currency,
  link: `/orders/${row.order_id}`,
  historical: row.historical,
});

/** An order number leads to the person who ordered. */
export const orderSearch: SearchSource = {
  name: 'orders',
  group: null,
  find: async (context: Context, query: string, limit: number) => {
    const rows = await context.postgres`
      select customer_id, number from orders."order" o
      where lower(number) like ${`${query
        .trim()
        .replace(/^#/, '')
        .toLowerCase()
        .replace(/[\\%_]/g, '\\$&')}%`} and customer_id is not null and ${ofOwnShops(context, 'o.shop_id')}
      order by length(number), placed_at desc limit ${limit}`;
    return rows.map(row => ({ customerId: row.customer_id as number, matched: row.number as string }));
  },
};
