import type { Context } from '../../platform/context.ts';
import {
  joinSamples,
  joinTypes,
  type LearntEvent,
  type LearntProperty,
  learn,
  type PropertyType,
  propertyKey,
} from './dictionary.ts';

/** Names beyond this are not learnt: somebody is putting ids into event names. */
const mostNames = 2_000;
const mostPropertiesPerEvent = 200;

/** Takes in what a portion of events shows. Called by the copy stage only, so that nobody waits for the same rows. */
export const updateDictionary = async (context: Context, rows: Parameters<typeof learn>[0]): Promise<void> => {
  if (rows.length === 0) return;
  const learnt = learn(rows);
  const names = [...learnt.events.keys()];
  const known = await context.postgres`select name from tracking.dictionary_event where name = any(${names}::text[])`;
  const knownNames = new Set(known.map(row => row.name as string));
  const [{ count }] = await context.postgres`select count(*) as count from tracking.dictionary_event`;
  const free = Math.max(0, mostNames - (count as number));
  const [seen, unseen] = [true, false].map(is => [...learnt.events.values()].filter(event => knownNames.has(event.name) === is));
  const events = [...seen, ...unseen.slice(0, free)];
  await context.postgres`
    insert into tracking.dictionary_event (name, count, looked, first_at, last_at, sources, shops)
    select name, count, looked, first_at, last_at, string_to_array(sources, ','), string_to_array(shops, ',')::uuid[]
    from unnest(
      ${events.map(event => event.name)}::text[], ${events.map(event => event.count)}::bigint[], ${events.map(event => event.looked)}::bigint[], ${events.map(event => event.firstAt.toISOString())}::timestamptz[],
      ${events.map(event => event.lastAt.toISOString())}::timestamptz[], ${events.map(event => event.sources.join(','))}::text[], ${events.map(event => event.shops.join(','))}::text[])
      as row (name, count, looked, first_at, last_at, sources, shops)
    on conflict (name) do update set count = dictionary_event.count + excluded.count, looked = dictionary_event.looked + excluded.looked, first_at = least(dictionary_event.first_at, excluded.first_at),
      last_at = greatest(dictionary_event.last_at, excluded.last_at),
      sources = (select array_agg(distinct one) from unnest(dictionary_event.sources || excluded.sources) as one),
      shops = array(select distinct one from unnest(dictionary_event.shops || excluded.shops) as one order by one)`;
  await countDays(context, events);
  await updateProperties(
    context,
    events.map(event => event.name),
    [...learnt.properties.values()],
  );
};

/** Days of this long ago are not counted one by one any more. */
export const keptDays = 90;

const countDays = async (context: Context, events: readonly LearntEvent[]): Promise<void> => {
  const oldest = new Date(context.clock.now().getTime() - keptDays * 86_400_000).toISOString().slice(0, 10);
  const rows = events
    .flatMap(event => [...event.days].map(([key, count]) => ({ name: event.name, parts: key.split('/'), count })))
    .filter(row => row.parts[0] >= oldest);
  if (rows.length === 0) return;
  await context.postgres`
    insert into tracking.dictionary_day (event_name, day, shop_id, source, count)
    select * from unnest(${rows.map(row => row.name)}::text[], ${rows.map(row => row.parts[0])}::date[], ${rows.map(row => row.parts[1])}::uuid[],
      ${rows.map(row => row.parts.slice(2).join('/'))}::text[], ${rows.map(row => row.count)}::bigint[])
    on conflict (event_name, day, shop_id, source) do update set count = dictionary_day.count + excluded.count`;
};

const updateProperties = async (
  context: Context,
  names: readonly string[],
  properties: readonly LearntProperty[],
): Promise<void> => {
  const rows =
    await context.postgres`select event_name, path, type, types, samples from tracking.dictionary_property where event_name = any(${names as string[]}::text[])`;
  const known = new Map(
    rows.map(row => [
      propertyKey(row.event_name, row.path),
      row as unknown as { type: PropertyType; types: Record<string, number>; samples: Record<string, number> },
    ]),
  );
  const perEvent = new Map<string, number>();
  for (const row of rows) perEvent.set(row.event_name, (perEvent.get(row.event_name) ?? 0) + 1);
  const next = properties.filter(one => {
    if (!names.includes(one.eventName)) return false;
    if (known.has(propertyKey(one.eventName, one.path))) return true;
    const count = (perEvent.get(one.eventName) ?? 0) + 1;
    perEvent.set(one.eventName, count);
    return count <= mostPropertiesPerEvent;
  });
  if (next.length === 0) return;
  const joined = next.map(one => {
    const before = known.get(propertyKey(one.eventName, one.path));
    return {
      ...one,
      type: before ? joinTypes(before.type, one.type) : one.type,
      types: joinCounts(before?.types ?? {}, one.types),
      samples: joinSamples(before?.samples ?? {}, one.samples),
    };
  });
  await context.postgres`
    insert into tracking.dictionary_property (event_name, path, type, types, count, first_at, last_at, samples)
    select event_name, path, type, types::jsonb, count, first_at, last_at, samples::jsonb
    from unnest(
      ${joined.map(one => one.eventName)}::text[], ${joined.map(one => one.path)}::text[], ${joined.map(one => one.type)}::text[],
      ${joined.map(one => JSON.stringify(one.types))}::text[], ${joined.map(one => one.count)}::bigint[], ${joined.map(one => one.firstAt.toISOString())}::timestamptz[], ${joined.map(one => one.lastAt.toISOString())}::timestamptz[],
      ${joined.map(one => JSON.stringify(one.samples))}::text[]) as row (event_name, path, type, types, count, first_at, last_at, samples)
    on conflict (event_name, path) do update set type = excluded.type, types = excluded.types,
      first_at = least(dictionary_property.first_at, excluded.first_at), last_at = greatest(dictionary_property.last_at, excluded.last_at), count = dictionary_property.count + excluded.count, samples = excluded.samples`;
};

const joinCounts = (known: Record<string, number>, more: Record<string, number>): Record<string, number> => {
  const sum = { ...known };
  for (const [type, count] of Object.entries(more)) sum[type] = (sum[type] ?? 0) + count;
  return sum;
};
