/** What a list of customers is asked for, as pieces of SQL on alias `c`. Names come from closed lists, values are bound. */
import type postgres from 'postgres';
import { type Context, maySee } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { isShopLimited, refuseShopLimited } from '../../platform/shop-limit.ts';
import { customersOfShops } from './shop-ties.ts';
import { listFilters, type SqlPart, searchSources } from './slots.ts';

export type ListInput = {
  query: string;
  sort: string;
  filter: readonly string[];
  columns: readonly string[];
  anonymous: '0' | '1';
  not_shoppers: '0' | '1';
  as_of?: string;
};

export type Conditions = {
  where: SqlPart;
  /** False: everybody who counts. */
  narrowed: boolean;
  /** Customer -> what the search found them by. */
  matched: Map<number, string>;
};

const forbidden = (what: string) =>
  new Refusal(
    'forbidden',
    'customers.field_forbidden',
    `Your role does not let you see "${what}", so it cannot be used here either. Choose another one.`,
    { values: { what } },
  );

/** Everybody a list shows, as a condition (`where`) on alias `c` of customers.customer, with the rights of whoever asks. */
export const readConditions = async (context: Context, input: Omit<ListInput, 'sort' | 'columns'>): Promise<Conditions> => {
  const sql = context.postgres as postgres.Sql;
  const parts: SqlPart[] = [sql`c.merged_into is null and c.erased_at is null`];
  if (input.anonymous === '0') parts.push(sql`c.known`);
  if (input.not_shoppers === '0') parts.push(sql`c.not_shopper is null`);
  if (isShopLimited(context.actor)) parts.push(customersOfShops(context, 'c.id'));
  const own = parts.length;
  for (const [name, values] of groupFilters(input.filter)) parts.push(filterPart(context, name, values));
  const search = await searchPart(context, input.query);
  if (search) parts.push(search.where);
  const where = parts.reduce((all, part) => sql`${all} and ${part}`);
  return { where, narrowed: parts.length > own || input.anonymous === '1', matched: search?.matched ?? new Map() };
};

/** "country:GB" -> country = GB. The same name twice means either value. */
const groupFilters = (filters: readonly string[]): Map<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const one of filters) {
    const colon = one.indexOf(':');
    if (colon < 1)
      throw new Refusal('malformed', 'customers.filter', `"${one.slice(0, 60)}" is not a filter. Write it as name:value.`);
    const name = one.slice(0, colon);
    groups.set(name, [...(groups.get(name) ?? []), one.slice(colon + 1)]);
  }
  return groups;
};

const filterPart = (context: Context, name: string, values: readonly string[]): SqlPart => {
  const filter = context.slots.get(listFilters, name);
  if (!filter)
    throw new Refusal(
      'malformed',
      'customers.filter_unknown',
      `There is no filter called "${name.slice(0, 60)}". GET /api/facts lists them.`,
    );
  if (!maySee(context.actor, filter.group)) throw forbidden(name);
  if (filter.acrossShops) refuseShopLimited(context.actor);
  if (filter.values.kind === 'choice') {
    const { choices } = filter.values;
    for (const value of values) {
      if (!choices.includes(value))
        throw new Refusal(
          'malformed',
          'customers.filter_value',
          `"${value.slice(0, 60)}" is no value of the filter "${name}". Choose one of: ${choices.join(', ')}.`,
        );
    }
  }
  const sql = context.postgres as postgres.Sql;
  const either = values.map(value => filter.where(context, value));
  return sql`(${either.reduce((all, part) => sql`${all} or ${part}`)})`;
};

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** Name, e-mail, phone for those who may see them; the shop's own ids; whatever other features can be searched by. */
const searchPart = async (context: Context, query: string): Promise<{ where: SqlPart; matched: Map<number, string> } | null> => {
  const text = query.trim().replaceAll('\u0000', '');
  if (text === '') return null;
  const sql = context.postgres as postgres.Sql;
  const matched = new Map<number, string>();
  const sources = context.slots.all(searchSources).filter(source => maySee(context.actor, source.group));
  const contact = maySee(context.actor, 'contact');
  const [found, named] = await Promise.all([
    Promise.all(sources.map(source => source.find(context, text, 50))),
    findByIdentifier(sql, text, contact),
  ]);
  for (const hit of found.flat()) if (!matched.has(hit.customerId)) matched.set(hit.customerId, hit.matched);
  const ids = [...matched.keys(), ...named];
  if (/^#?\d{1,10}$/.test(text)) ids.push(Number(text.replace('#', '')));
  const either: SqlPart[] = [sql`c.id = any(${ids}::bigint[])`];
  if (contact) either.push(...contactParts(sql, text));
  return { where: sql`(${either.reduce((all, part) => sql`${all} or ${part}`)})`, matched };
};

/** By what a shop calls them, by addresses that are not on the profile, and by the names of merged parts. */
const findByIdentifier = async (sql: postgres.Sql, text: string, contact: boolean): Promise<number[]> => {
  const beginning = `${escapeLike(text)}%`;
  const kinds = contact ? ['user_id', 'shop_customer_id', 'email', 'phone'] : ['user_id', 'shop_customer_id'];
  const rows = await sql`
    (select customer_id from customers.identifier
      where (value like ${beginning} or value like ${beginning.toLowerCase()}) and kind in ('user_id', 'shop_customer_id', 'email', 'phone') and kind = any(${kinds}::text[])
      limit 50)
    union
    (select o.customer_id from customers.customer part join customers.owner o on o.origin_id = part.id
      where ${contact && text.length >= 3} and part.merged_into is not null and part.search_name like customers.fold(${`%${escapeLike(text)}%`})
      limit 50)`;
  return rows.map(row => row.customer_id as number);
};

const contactParts = (sql: postgres.Sql, text: string): SqlPart[] => {
  const letters = escapeLike(text);
  // Fewer than three letters have no trigrams: they match beginnings only.
  const pattern = text.length < 3 ? `${letters}%` : `%${letters}%`;
  const parts: SqlPart[] = [
    sql`c.search_name like customers.fold(${pattern})`,
    sql`c.search_contact like customers.fold(${pattern})`,
  ];
  const digits = text.replace(/\D/g, '').replace(/^00/, '');
  if (digits.length >= 4 && /^[+\d\s()./-]+$/.test(text)) parts.push(sql`c.search_contact like ${`%${digits}%`}`);
  return parts;
};

export { forbidden };
