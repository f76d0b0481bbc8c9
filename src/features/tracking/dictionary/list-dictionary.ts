/** The event dictionary as people read it: a page of names with what they carry; one name in full. */
import { type Context, maySee } from '../../../platform/context.ts';
import { notFound, Refusal, stale } from '../../../platform/errors.ts';
import { inTransaction } from '../../../platform/postgres.ts';
import { maySeeShop, shopLimitOf } from '../../../platform/shop-limit.ts';
import { shopsOf } from '../../shops/index.ts';
import { isPersonal, type PropertyType } from '../dictionary.ts';
import { flattenProperties } from '../properties.ts';
import { worthSuggesting } from '../read-dictionary.ts';
import type { DictionaryEntryAnswer } from './contract.ts';

export type DictionaryQuery = {
  limit: number;
  cursor?: string;
  query?: string;
  state?: string;
  source?: string;
  shop?: string;
  conflicts?: 'true' | 'false';
  sort: string;
};

const shownProperties = 8;
const days_inList = 30;
const days_kept = 90;
const mostExamples = 5;
const mostValues = 40;

const columnOf = { count: 'count', name: 'name', last: 'last_at', first: 'first_at' } as const;

type EventRow = {
  name: string;
  description: string | null;
  state: 'new' | 'expected' | 'hidden';
  count: number;
  looked: number;
  first_at: Date;
  last_at: Date;
  sources: string[];
  shops: string[];
  property_count: number;
  conflicts: number;
  exact: string;
};

/** Types that do not go together; a date among texts is a text. */
const conflict = (sql: Context['postgres']) => sql`type = 'mixed'`;

export const listDictionary = async (context: Context, input: DictionaryQuery) => {
  const { postgres: sql } = context;
  const descending = input.sort.startsWith('-');
  const column = sql(columnOf[input.sort.replace('-', '') as keyof typeof columnOf]);
  const after = input.cursor ? readCursor(input.cursor) : null;
  const limit = shopLimitOf(context.actor);
  const type = input.sort.endsWith('count') ? sql`bigint` : input.sort.endsWith('name') ? sql`text` : sql`timestamptz`;
  const rows = (await sql`
    select name, description, state, count, looked, first_at, last_at, sources, shops, ${column}::text as exact,
      (select count(*)::int from tracking.dictionary_property p where p.event_name = name) as property_count,
      (select count(*)::int from tracking.dictionary_property p where p.event_name = name and ${conflict(sql)}) as conflicts
    from tracking.dictionary_event
    where ${input.state ? sql`state = ${input.state}` : sql`state <> 'hidden'`}
      ${input.query ? sql`and (name ilike ${pattern(input.query)} or description ilike ${pattern(input.query)})` : sql``}
      ${input.source ? sql`and ${input.source} = any(sources)` : sql``}
      ${input.shop ? sql`and ${input.shop}::uuid = any(shops)` : sql``}
      ${limit ? sql`and shops && ${limit as string[]}::uuid[]` : sql``}
      ${input.conflicts === 'true' ? sql`and exists (select from tracking.dictionary_property p where p.event_name = name and ${conflict(sql)})` : sql``}
      ${after ? sql`and (${column}, name) ${descending ? sql`<` : sql`>`} (${after.value}::text::${type}, ${after.name})` : sql``}
    order by ${column} ${descending ? sql`desc` : sql`asc`}, name ${descending ? sql`desc` : sql`asc`} limit ${input.limit + 1}`) as unknown as EventRow[];
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  return {
    data: await entriesOf(context, shown, { properties: shownProperties, days: days_inList }),
    next_cursor:
      rows.length > input.limit && last ? Buffer.from(JSON.stringify([last.exact, last.name])).toString('base64url') : null,
  };
};

const pattern = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

const readCursor = (cursor: string): { value: string; name: string } => {
  try {
    const [value, name] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown];
    if (typeof value === 'string' && typeof name === 'string' && !name.includes('\0') && !value.includes('\0'))
      return { value, name };
  } catch {
    // falls through to the refusal
  }
  throw new Refusal('malformed', 'tracking.bad_cursor', 'This cursor is not one of ours. Start again without it.');
};

const entriesOf = async (
  context: Context,
  events: readonly EventRow[],
  most: { properties: number; days: number },
): Promise<DictionaryEntryAnswer[]> => {
  const { postgres: sql } = context;
  const names = events.map(event => event.name);
  const limit = shopLimitOf(context.actor);
  const since = new Date(context.clock.now().getTime() - most.days * 86_400_000);
  const [properties, days, shops] = await Promise.all([
    sql`
      select * from (
        select event_name, path, type, types, count, first_at, last_at, samples, description, row_number() over (partition by event_name order by count desc, path) as place
        from tracking.dictionary_property where event_name = any(${names}::text[])) p
      where place <= ${most.properties} order by event_name, place`,
    sql`
      select event_name, day, sum(count)::bigint as count from tracking.dictionary_day
      where event_name = any(${names}::text[]) and day > ${since}::timestamptz::date ${limit ? sql`and shop_id = any(${limit as string[]}::uuid[])` : sql``}
      group by event_name, day order by event_name, day`,
    shopsOf(context),
  ]);
  const shopNames = new Map(shops.filter(shop => maySeeShop(context.actor, shop.id)).map(shop => [shop.id, shop.name]));
  const byEvent = Map.groupBy(properties, row => row.event_name as string);
  const daysOf = Map.groupBy(days, row => row.event_name as string);
  return events.map(({ exact: _exact, looked, ...event }) => {
    const own = (daysOf.get(event.name) ?? []).map(row => ({ day: row.day as string, count: row.count as number }));
    return {
      ...event,
      // Of other shops nothing is told, not even how often.
      count: limit ? own.reduce((sum, one) => sum + one.count, 0) : event.count,
      first_at: event.first_at.toISOString(),
      last_at: event.last_at.toISOString(),
      shops: event.shops.flatMap(id => (shopNames.has(id) ? [{ id, name: shopNames.get(id)! }] : [])),
      properties: (byEvent.get(event.name) ?? []).map(row => ({
        path: row.path as string,
        type: row.type as PropertyType,
        types: Object.entries(row.types as Record<PropertyType, number>)
          .map(([name, count]) => ({ type: name as PropertyType, count }))
          .sort((a, b) => b.count - a.count),
        conflict: row.type === 'mixed',
        count: row.count as number,
        filled: looked > 0 ? Math.min(100, Math.round((1000 * (row.count as number)) / looked) / 10) : 0,
        first_at: (row.first_at as Date | null)?.toISOString() ?? null,
        last_at: (row.last_at as Date | null)?.toISOString() ?? null,
        samples:
          limit === null && maySee(context.actor, 'behaviour') ? worthSuggesting(row.samples as Record<string, number>) : [],
        description: row.description as string | null,
      })),
      days: own,
    };
  });
};

export const showDictionaryEvent = async (context: Context, name: string) => {
  const { postgres: sql } = context;
  const limit = shopLimitOf(context.actor);
  const [row] = await sql`
    select *, (select count(*)::int from tracking.dictionary_property p where p.event_name = e.name) as property_count,
      (select count(*)::int from tracking.dictionary_property p where p.event_name = e.name and ${conflict(sql)}) as conflicts
    from tracking.dictionary_event e where name = ${name} ${limit ? sql`and shops && ${limit as string[]}::uuid[]` : sql``}`;
  if (!row) throw notFound('event');
  const { state_by, state_at, version, ...event } = row;
  const [entry] = await entriesOf(context, [{ ...event, exact: '' } as unknown as EventRow], {
    properties: 1_000,
    days: days_kept,
  });
  return {
    ...entry,
    state_by: state_by as string | null,
    state_at: (state_at as Date | null)?.toISOString() ?? null,
    version: version as number,
    ...(maySee(context.actor, 'behaviour') ? { examples: await examplesOf(context, name) } : {}),
  };
};

/** The latest of this name: found in the copy, which is sorted by name, and read from the log. */
const examplesOf = async (context: Context, name: string) => {
  const limit = shopLimitOf(context.actor);
  const latest = await context.clickhouse
    .query<{ id: string; at: string }>(
      `SELECT id, time AS at FROM event WHERE name = {name:String}${limit ? ' AND has({shops:Array(UUID)}, shop_id)' : ''} ORDER BY time DESC LIMIT ${mostExamples}`,
      { name, ...(limit && { shops: limit }) },
    )
    .catch(error => {
      context.log.warn({ err: error }, 'examples of an event are not known now');
      return [];
    });
  if (latest.length === 0) return [];
  const times = latest.map(one => new Date(`${one.at.replace(' ', 'T')}Z`).getTime());
  // With the times only the months concerned are opened.
  const rows = await context.postgres`
    select e.id, e.time, e.source, e.properties, shop.name as shop, customers.owner_of(e.origin_id) as customer_id
    from tracking.event e left join shops.shop on shop.id = e.shop_id
    where e.id = any(${latest.map(one => one.id)}::uuid[]) and e.time >= ${new Date(Math.min(...times) - 1)} and e.time <= ${new Date(Math.max(...times) + 1)}
    order by e.time desc, e.id`;
  const contact = maySee(context.actor, 'contact');
  return rows.map(row => {
    const { text, number } = flattenProperties(row.properties as Record<string, unknown>);
    return {
      id: row.id as string,
      time: (row.time as Date).toISOString(),
      source: row.source as string,
      shop: row.shop as string | null,
      customer_id: String(row.customer_id),
      properties: [...Object.entries(text), ...Object.entries(number)]
        .filter(([path, value]) => contact || (name !== 'Identified' && !isPersonal(path, String(value))))
        .slice(0, mostValues)
        .map(([path, value]) => ({ path, value: String(value).slice(0, 200) })),
    };
  });
};

type Change = {
  name: string;
  version: number;
  description?: string | null;
  state?: string;
  property?: { path: string; description: string | null };
};

export const describeEvent = (context: Context, change: Change): Promise<void> =>
  inTransaction(context, async inside => {
    const { postgres: sql } = inside;
    const limit = shopLimitOf(inside.actor);
    const [row] = await sql`
      select version from tracking.dictionary_event where name = ${change.name} ${limit ? sql`and shops && ${limit as string[]}::uuid[]` : sql``} for update`;
    if (!row) throw notFound('event');
    if (row.version !== change.version) throw stale('event');
    if (change.property) {
      const found = await sql`
        update tracking.dictionary_property set description = ${change.property.description || null}
        where event_name = ${change.name} and path = ${change.property.path} returning path`;
      if (found.length === 0) throw notFound('property');
    }
    await sql`
      update tracking.dictionary_event set version = version + 1,
        description = case when ${change.description !== undefined} then nullif(${change.description ?? null}::text, '') else description end,
        state = coalesce(${change.state ?? null}, state),
        state_by = case when ${change.state !== undefined} then ${inside.actor.name} else state_by end,
        state_at = case when ${change.state !== undefined} then ${inside.clock.now()}::timestamptz else state_at end
      where name = ${change.name}`;
  });
