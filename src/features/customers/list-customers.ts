/** One page of customers: searched, filtered, in order of a column (keyset paging) or of any fact (sort-by-fact.ts). */
import type postgres from 'postgres';
import { type Context, maySee } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import type { CustomerRow } from './contract.ts';
import { findFact } from './facts.ts';
import { type Conditions, forbidden, type ListInput, readConditions } from './list-query.ts';
import { readRows } from './list-rows.ts';
import { type Found, type Mark, readMark, writeMark } from './page-mark.ts';
import type { SqlPart } from './slots.ts';
import { byFact } from './sort-by-fact.ts';

type Page = { limit: number; cursor?: string };

export const listCustomers = async (
  context: Context,
  input: ListInput & Page & { total?: '0' | '1' },
): Promise<{ data: CustomerRow[]; next_cursor: string | null; total?: number }> => {
  const conditions = await readConditions(context, input);
  const [found, total] = await Promise.all([
    findPage(context, input, conditions),
    input.total === '1' ? countOf(context, conditions) : undefined,
  ]);
  const data = await readRows(context, found.ids, input, conditions.matched);
  return { data, next_cursor: found.next && writeMark(found.next), total };
};

const findPage = async (context: Context, input: ListInput & Page, conditions: Conditions): Promise<Found> => {
  const descending = input.sort.startsWith('-');
  const name = input.sort.replace(/^-/, '');
  const mark = readMark(input.cursor, input.sort);
  if (name === '' && input.query.trim() !== '') return bestFirst(context, input, conditions);
  if (name === '' || name === 'customers.known_since')
    return byColumn(context, input, conditions, mark, 'known_since', name === '' || descending);
  if (name === 'customers.name') {
    if (!maySee(context.actor, 'contact')) throw forbidden(name);
    return byColumn(context, input, conditions, mark, 'sort_name', descending);
  }
  const fact = await findFact(context, name);
  if (!fact || fact.type === 'set')
    throw new Refusal(
      'malformed',
      'customers.sort_unknown',
      `The list cannot be sorted by "${name.slice(0, 60)}". GET /api/facts lists what it can be sorted by.`,
    );
  if (!maySee(context.actor, fact.group)) throw forbidden(name);
  return byFact(context, input, conditions, mark, fact, descending);
};

const countOf = async (context: Context, { where }: Conditions): Promise<number> => {
  const [row] = await context.postgres`select count(*)::int as count from customers.customer c where ${where}`;
  return row.count as number;
};

/** How many a list would show in all. */
export const countCustomers = async (context: Context, input: Omit<ListInput, 'sort' | 'columns'>): Promise<number> =>
  countOf(context, await readConditions(context, input));

const mostBest = 1000;

/** Without a sort, what was typed decides: exact first, then beginnings, then the newest. Pages are counted, as there are few. */
const bestFirst = async (context: Context, input: ListInput & Page, { where, matched }: Conditions): Promise<Found> => {
  const sql = context.postgres;
  const offset = Number(readMark(input.cursor, '')?.value ?? 0);
  const text = input.query.trim();
  const named = maySee(context.actor, 'contact');
  const rows = await sql`
    select c.id from customers.customer c where ${where}
    order by (c.id = any(${[...matched.keys()]}::bigint[])) desc,
      ${named ? sql`(c.search_name = customers.fold(${text}) or c.email = lower(${text})) desc nulls last, starts_with(c.search_name, customers.fold(${text})) desc nulls last,` : sql``}
      c.known_since desc nulls last, c.id desc
    limit ${input.limit + 1} offset ${offset}`;
  const ids = rows.map(row => row.id as number);
  const more = ids.length > input.limit && offset + input.limit < mostBest;
  return { ids: ids.slice(0, input.limit), next: more ? { sort: '', value: offset + input.limit, id: 0 } : null };
};

const byColumn = async (
  context: Context,
  input: ListInput & Page,
  { where }: Conditions,
  mark: Mark | null,
  column: 'known_since' | 'sort_name',
  descending: boolean,
): Promise<Found> => {
  const sql = context.postgres as postgres.Sql;
  // Anonymous visitors have no known_since.
  const key =
    column === 'known_since' && input.anonymous === '1' ? sql`coalesce(c.known_since, c.first_seen_at)` : sql`c.${sql(column)}`;
  const type = column === 'known_since' ? sql`timestamptz` : sql`text`;
  const after: SqlPart =
    mark === null
      ? sql`true`
      : descending
        ? sql`(${key}, c.id) < (${mark.value}::text::${type}, ${mark.id}::bigint)`
        : sql`(${key}, c.id) > (${mark.value}::text::${type}, ${mark.id}::bigint)`;
  const order = descending ? sql`${key} desc, c.id desc` : sql`${key}, c.id`;
  const rows =
    await sql`select c.id, ${key}::text as key from customers.customer c where ${where} and ${after} order by ${order} limit ${input.limit + 1}`;
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  return {
    ids: shown.map(row => row.id as number),
    next: rows.length > input.limit && last ? { sort: input.sort, value: last.key as string, id: last.id as number } : null,
  };
};
