/** One search over everything: people, orders, segments, and what later features add. */
import type { Context } from '../../platform/context.ts';
import { may, maySee } from '../../platform/context.ts';
import { isShopLimited, ofOwnShops } from '../../platform/shop-limit.ts';
import { customersOfShops } from '../customers/index.ts';
import { type SearchSource, searchSources } from './slots.ts';

const EACH = 6;

export const searchEverything = async (context: Context, query: string) => {
  const words = query.trim();
  if (words === '') return { groups: [] };
  const sources = context.slots.all(searchSources).filter(source => may(context.actor, source.needs));
  const groups = await Promise.all(
    sources.map(async ({ name, label, find }) => ({ name, label, found: await find(context, words, EACH) })),
  );
  return { groups: groups.filter(group => group.found.length > 0) };
};

const starting = (text: string): string => `${text.replace(/[\\%_]/g, '\\$&')}%`;
const within = (text: string): string => `%${starting(text)}`;

/** By name, e-mail and phone for those who may see them, and by the shop's own customer number for all. */
export const people: SearchSource = {
  name: 'people',
  label: 'desk.search.people',
  needs: 'customers:read',
  find: async (context, query, limit) => {
    const sql = context.postgres;
    const contact = maySee(context.actor, 'contact');
    const digits = query.replace(/[^0-9]/g, '');
    const rows = await sql`
      with found as (
        select customer_id as id, 0 as place from customers.identifier where kind in ('shop_customer_id', 'user_id') and value = ${query}
        ${
          contact
            ? sql`union all (select id, 1 from customers.customer where known and search_name like customers.fold(${starting(query)}) limit ${limit * 4})
              ${query.length >= 3 ? sql`union all (select id, 2 from customers.customer where known and search_name like customers.fold(${within(query)}) limit ${limit * 4})` : sql``}
              ${query.length >= 3 ? sql`union all (select id, 3 from customers.customer where known and search_contact like customers.fold(${within(query)}) limit ${limit * 4})` : sql``}
              ${digits.length >= 4 ? sql`union all (select id, 3 from customers.customer where known and search_contact like ${within(digits)} limit ${limit * 4})` : sql``}`
            : sql``
        })
      select c.id, c.name, c.email, c.country, min(f.place) as place,
        (select value from customers.identifier i where i.customer_id = c.id and kind in ('shop_customer_id', 'user_id') order by kind, first_seen_at, value limit 1) as outside_id
      from found f join customers.customer c on c.id = customers.owner_of(f.id)
      where c.erased_at is null and c.merged_into is null and ${customersOfShops(context, 'c.id')}
      group by c.id order by min(f.place), c.id limit ${limit}`;
    return rows.map(row => ({
      id: String(row.id),
      title: (contact && (row.name as string | null)) || (row.outside_id as string | null) || String(row.id),
      detail: contact ? ((row.email ?? row.country) as string | null) : (row.country as string | null),
      link: `/customers/${row.id}`,
    }));
  },
};

export const orders: SearchSource = {
  name: 'orders',
  label: 'desk.search.orders',
  needs: 'orders:read',
  find: async (context, query, limit) => {
    const sql = context.postgres;
    const rows = await sql`
      select id, number, day from orders."order" o
      where lower(number) like ${starting(query.replace(/^#/, '').toLowerCase())} and ${ofOwnShops(context, 'o.shop_id')}
      order by length(number), number limit ${limit}`;
    return rows.map(row => ({
      id: row.id as string,
      title: row.number as string,
      detail: row.day as string,
      link: `/orders/${row.id}`,
    }));
  },
};

export const segments: SearchSource = {
  name: 'segments',
  label: 'desk.search.segments',
  needs: 'segments:read',
  find: async (context, query, limit) => {
    const rows = await context.postgres`
      select id, name, members from segments.segment where deleted_at is null and archived_at is null and lower(name) like ${within(query.toLowerCase())}
      order by lower(name) like ${starting(query.toLowerCase())} desc, lower(name) limit ${limit}`;
    return rows.map(row => ({
      id: row.id as string,
      title: row.name as string,
      detail: row.members === null || isShopLimited(context.actor) ? null : String(row.members),
      link: `/segments/${row.id}`,
    }));
  },
};
