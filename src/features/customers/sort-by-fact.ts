/**
 * A page of customers in the order of any fact. Few matches are read from PostgreSQL and sorted here; many come in order from ClickHouse
 * and are checked against PostgreSQL portion by portion. Whoever has no value comes last either way.
 */
import type { Context } from '../../platform/context.ts';
import { shopLimitOf } from '../../platform/shop-limit.ts';
import { zoneOf } from '../shops/index.ts';
import type { Fact, FactValue } from './facts.ts';
import type { Conditions, ListInput } from './list-query.ts';
import { asOfEnd } from './list-rows.ts';
import type { Found, Mark } from './page-mark.ts';

type Asked = ListInput & { limit: number };

const few = 5_000;
const portion = 400;
const mostPortions = 200;

export const byFact = async (
  context: Context,
  input: Asked,
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
  input: Asked,
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

const pageFrom = (scored: readonly Scored[], input: Asked, phase?: 'missing'): Found => {
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
  input: Asked,
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
  const shops = shopLimitOf(context.actor);
  const day = asOf ?? new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(end);
  const params = { as_of_end: end, as_of_day: day, zone, ...(shops && { own_shops: shops }) };
  const query = fact.clickhouse({
    end: "{as_of_end:DateTime64(3,'UTC')}",
    today: '{as_of_day:Date}',
    zone: '{zone:String}',
    ...(shops && { shops: '{own_shops:Array(UUID)}' }),
    params,
  });
  return { sql: query.sql, params: { ...params, ...query.params } };
};
