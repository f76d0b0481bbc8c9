/**
 * One page of customers. Sorted by a column: keyset paging in PostgreSQL. Sorted by any other fact: few matches are read and sorted here;
 * many come in order from ClickHouse and are checked against PostgreSQL portion by portion.
 */
import type postgres from 'postgres';
import { type Context, maySee } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { endOfDay } from '../../platform/time.ts';
import { zoneOf } from '../shops/index.ts';
import type { CustomerRow } from './contract.ts';
import { type Fact, type FactValue, findFact } from './facts.ts';
import { type Conditions, forbidden, type ListInput, readConditions } from './list-query.ts';
import type { SqlPart } from './slots.ts';

type Page = { limit: number; cursor?: string };
type Mark = { sort: string; value: number | string | null; id: number; phase?: 'missing' };
type Found = { ids: number[]; next: Mark | null };

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

// ---- sorted by a fact ----------------------------------------------------------------------------------------------

const few = 5_000;
const portion = 400;
const mostPortions = 200;

const byFact = async (
  context: Context,
  input: ListInput & Page,
  conditions: Conditions,
  mark: Mark | null,
  fact: Fact,
  descending: boolean,
): Promise<Found> => {
  const rows = conditions.narrowed
    ? await context.postgres`select c.id from customers.customer c where ${conditions.where} limit ${few + 1}`
    : null;
  if (rows && rows.length <= few)
    return sortHere(
      context,
      input,
      rows.map(row => row.id as number),
      mark,
      fact,
      descending,
    );
  return sortThere(context, input, conditions, mark, fact, descending);
};

type Scored = { id: number; value: FactValue | null };
const compare =
  (descending: boolean) =>
  (a: Scored, b: Scored): number => {
    // Whoever has no value comes last either way.
    if (a.value === null || b.value === null) return a.value === b.value ? a.id - b.id : a.value === null ? 1 : -1;
    if (a.value === b.value) return a.id - b.id;
    return a.value < b.value === descending ? 1 : -1;
  };

const sortHere = async (
  context: Context,
  input: ListInput & Page,
  ids: number[],
  mark: Mark | null,
  fact: Fact,
  descending: boolean,
): Promise<Found> => {
  const values = await fact.read(context, ids, await asOfEnd(context, input.as_of));
  const inOrder = compare(descending);
  const sorted = ids.map((id): Scored => ({ id, value: values.get(id) ?? null })).sort(inOrder);
  const from = mark === null ? 0 : sorted.findIndex(one => inOrder(one, { id: mark.id, value: mark.value }) > 0);
  return pageFrom(from === -1 ? [] : sorted.slice(from, from + input.limit + 1), input);
};

const pageFrom = (scored: readonly Scored[], input: ListInput & Page, phase?: 'missing'): Found => {
  const shown = scored.slice(0, input.limit);
  const last = shown.at(-1);
  const value = last?.value ?? null;
  return {
    ids: shown.map(one => one.id),
    next:
      scored.length > input.limit && last
        ? {
            sort: input.sort,
            value: typeof value === 'boolean' ? String(value) : (value as number | string | null),
            id: last.id,
            ...(phase && { phase }),
          }
        : null,
  };
};

const sortThere = async (
  context: Context,
  input: ListInput & Page,
  conditions: Conditions,
  mark: Mark | null,
  fact: Fact,
  descending: boolean,
): Promise<Found> => {
  const found: Scored[] = [];
  let at = mark;
  for (let i = 0; i < mostPortions && found.length <= input.limit && at?.phase !== 'missing'; i++) {
    const inOrder = await nextInOrder(context, fact, descending, at, input.as_of);
    const kept = await keepMatching(
      context,
      conditions,
      inOrder.map(one => one.id),
    );
    found.push(...inOrder.filter(one => kept.has(one.id)));
    const last = inOrder.at(-1);
    at =
      last && inOrder.length === portion
        ? { sort: input.sort, value: last.value as number | string, id: last.id }
        : { sort: input.sort, value: null, id: 0, phase: 'missing' };
  }
  if (found.length > input.limit || at?.phase !== 'missing') return pageFrom(found, input);
  const rest = await withoutValue(context, input, conditions, fact, at.id, input.limit + 1 - found.length);
  const page = pageFrom([...found, ...rest], input, rest.length > 0 ? 'missing' : undefined);
  // The page ended with the last of those who have a value.
  if (page.next && page.next.value !== null) page.next = { ...page.next, phase: undefined };
  return page;
};

const nextInOrder = async (
  context: Context,
  fact: Fact,
  descending: boolean,
  after: Mark | null,
  asOf: string | undefined,
): Promise<Scored[]> => {
  const { sql, params } = await baseQuery(context, fact, asOf);
  const sign = descending ? '<' : '>';
  const bound =
    typeof after?.value === 'number'
      ? '{after_value:Float64}'
      : fact.type === 'date'
        ? 'toString({after_value:String})'
        : '{after_value:String}';
  const value = fact.type === 'date' ? 'toString(value)' : 'value';
  const where =
    after === null || after.value === null
      ? ''
      : `AND (${value} ${sign} ${bound} OR (${value} = ${bound} AND customer_id > {after_id:UInt32}))`;
  const rows = await context.clickhouse.query<{ customer_id: number; sorted: number | string }>(
    `SELECT customer_id, ${value} AS sorted FROM (${sql}) WHERE value IS NOT NULL ${where} ORDER BY sorted ${descending ? 'DESC' : 'ASC'}, customer_id LIMIT ${portion}`,
    { ...params, after_value: after?.value ?? '', after_id: after?.id ?? 0 },
  );
  return rows.map(row => ({ id: row.customer_id, value: row.sorted }));
};

const keepMatching = async (context: Context, { where }: Conditions, ids: number[]): Promise<Set<number>> => {
  const rows = await context.postgres`select c.id from customers.customer c where c.id = any(${ids}::bigint[]) and ${where}`;
  return new Set(rows.map(row => row.id as number));
};

/** Those the fact says nothing about, by id. */
const withoutValue = async (
  context: Context,
  input: ListInput,
  { where }: Conditions,
  fact: Fact,
  afterId: number,
  wanted: number,
): Promise<Scored[]> => {
  const end = await asOfEnd(context, input.as_of);
  const found: Scored[] = [];
  for (let after = afterId; found.length < wanted; ) {
    const rows =
      await context.postgres`select c.id from customers.customer c where ${where} and c.id > ${after} order by c.id limit 2000`;
    if (rows.length === 0) break;
    const ids = rows.map(row => row.id as number);
    const values = await fact.read(context, ids, end);
    found.push(...ids.filter(id => !values.has(id)).map(id => ({ id, value: null })));
    after = ids.at(-1)!;
  }
  return found.slice(0, wanted);
};

/** The whole base's values: the fact's own query, or the copy that segments keep of facts without one. */
const baseQuery = async (
  context: Context,
  fact: Fact,
  asOf: string | undefined,
): Promise<{ sql: string; params: Record<string, unknown> }> => {
  if (!fact.clickhouse) {
    const column = fact.type === 'text' || fact.type === 'choice' || fact.type === 'date' ? 'text' : 'number';
    return {
      sql: `SELECT customer_id, ${column} AS value FROM fact FINAL WHERE code = {code:String}`,
      params: { code: fact.code },
    };
  }
  const zone = await zoneOf(context);
  const end = (await asOfEnd(context, asOf)) ?? context.clock.now();
  const params = { as_of_end: end, as_of_day: asOf ?? new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(end), zone };
  const query = fact.clickhouse({
    end: "{as_of_end:DateTime64(3,'UTC')}",
    today: '{as_of_day:Date}',
    zone: '{zone:String}',
    params,
  });
  return { sql: query.sql, params: { ...params, ...query.params } };
};

export const asOfEnd = async (context: Context, asOf: string | undefined): Promise<Date | null> =>
  asOf === undefined ? null : endOfDay(await zoneOf(context), asOf);

// ---- rows ------------------------------------------------------------------------------------------------------------

/** The rows of a list in the order of `ids`, with what the reader may see. */
export const readRows = async (
  context: Context,
  ids: readonly number[],
  input: { columns: readonly string[]; as_of?: string },
  matched: ReadonlyMap<number, string> = new Map(),
): Promise<CustomerRow[]> => {
  if (ids.length === 0) return [];
  const [rows, facts] = await Promise.all([
    context.postgres`
      select c.id, c.name, c.email, c.phone, c.country, c.city, c.known, c.not_shopper, c.known_since,
        (select max(last_at) from customers.seen s where s.customer_id = c.id) as last_seen_at,
        array(select distinct tag from customers.tag t where t.customer_id = c.id order by tag) as tags,
        (select value from customers.identifier i where i.customer_id = c.id and kind in ('shop_customer_id', 'user_id') order by kind, first_seen_at, value limit 1) as outside_id
      from customers.customer c where c.id = any(${ids as number[]}::bigint[])`,
    readFacts(context, ids, input),
  ]);
  const contact = maySee(context.actor, 'contact');
  const address = maySee(context.actor, 'address');
  const behaviour = maySee(context.actor, 'behaviour');
  const byId = new Map(rows.map(row => [row.id as number, row]));
  return ids.flatMap(id => {
    const row = byId.get(id);
    if (!row) return [];
    return [
      {
        ...(row as unknown as CustomerRow),
        id: String(id),
        name: contact ? row.name : null,
        email: contact ? row.email : null,
        phone: contact ? row.phone : null,
        city: address ? row.city : null,
        last_seen_at: behaviour ? row.last_seen_at : null,
        matched: matched.get(id) ?? null,
        facts: Object.fromEntries([...facts].flatMap(([code, values]) => (values.has(id) ? [[code, values.get(id)!]] : []))),
      },
    ];
  });
};

const readFacts = async (
  context: Context,
  ids: readonly number[],
  input: { columns: readonly string[]; as_of?: string },
): Promise<Map<string, Map<number, FactValue>>> => {
  const end = await asOfEnd(context, input.as_of);
  const read = await Promise.all(
    [...new Set(input.columns)].map(async code => {
      const fact = await findFact(context, code);
      if (!fact)
        throw new Refusal(
          'malformed',
          'customers.column_unknown',
          `There is no fact called "${code.slice(0, 60)}". GET /api/facts lists them.`,
        );
      if (!maySee(context.actor, fact.group)) throw forbidden(code);
      return [code, await fact.read(context, ids, end)] as const;
    }),
  );
  return new Map(read);
};

// ---- page marks ------------------------------------------------------------------------------------------------------

const writeMark = (mark: Mark): string => Buffer.from(JSON.stringify(mark)).toString('base64url');

const readMark = (cursor: string | undefined, sort: string): Mark | null => {
  if (!cursor) return null;
  try {
    const mark = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Mark;
    const valid =
      mark.sort === sort &&
      Number.isSafeInteger(mark.id) &&
      (mark.value === null || ['string', 'number'].includes(typeof mark.value));
    if (valid) return mark;
  } catch {
    // Said below: whatever was wrong with it, the answer is the same.
  }
  throw new Refusal(
    'malformed',
    'customers.cursor',
    'This page mark does not belong to this list. Start again without "cursor".',
  );
};
