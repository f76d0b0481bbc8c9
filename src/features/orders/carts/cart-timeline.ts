/** What carts add to the customer page: one line for a cart that was given up, and one for what became of it. */
import { ofOwnShops } from '../../../platform/shop-limit.ts';
import type { TimelineEntry, TimelineSource } from '../../customers/index.ts';
import type { Projection } from '../../tracking/index.ts';
import { en } from '../texts/en.ts';

export const cartTimeline: TimelineSource = {
  kind: 'cart',
  label: 'orders.timeline.cart_kind',
  group: 'behaviour',
  read: async (context, customerIds, page) => {
    const rows = await context.postgres`
      with mine as (select * from orders.cart where customer_id = any(${customerIds as number[]}::bigint[]) and ${ofOwnShops(context, 'cart.shop_id')})
      select * from (
        select id || '/abandoned' as id, id as cart_id, abandoned_at as at, 'cart_abandoned' as what, items, value_minor, currency, historical from mine where abandoned_at is not null
        union all
        select id || '/closed', id, closed_at, case when state = 'recovered' then 'cart_recovered' else 'cart_converted' end, items, value_minor, currency, historical
        from mine where state in ('converted', 'recovered')
        union all
        select id || '/browse', null, last_activity_at, 'browse_abandoned', jsonb_array_length(products), null, null, historical from orders.browse
        where customer_id = any(${customerIds as number[]}::bigint[]) and abandoned and ${ofOwnShops(context, 'browse.shop_id')}) entries
      where ${page.before === null} or (at, id) < (${page.before?.at ?? new Date(0)}, ${page.before?.id ?? ''})
      order by at desc, id desc limit ${page.limit}`;
    return rows.map(
      (row): TimelineEntry => ({
        id: row.id as string,
        kind: 'cart',
        at: row.at as Date,
        title: `orders.timeline.${row.what}`,
        values: { count: Number(row.items) },
        amountMinor: row.value_minor as number | null,
        currency: row.currency as string | null,
        link: row.cart_id === null ? null : `/carts/${row.cart_id}`,
        historical: row.historical as boolean,
      }),
    );
  },
};

/** Regulars says itself when somebody gave up; a second voice would start everything twice. */
export const ownSilences: Projection = {
  name: 'orders.silences',
  names: ['Cart Abandoned', 'Browse Abandoned'],
  claims: true,
  texts: en,
  project: async (_context, events) => events.map(event => ({ id: event.id, reason: 'orders.reason.own_event' })),
};
