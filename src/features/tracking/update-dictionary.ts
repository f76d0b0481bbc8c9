import type { Context } from '../../platform/context.ts';
import { joinSamples, joinTypes, type LearntProperty, learn, type PropertyType, propertyKey } from './dictionary.ts';

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
  const events = [...learnt.events.values()].filter(event => knownNames.has(event.name) || (count as number) < mostNames);
  await context.postgres`
    insert into tracking.dictionary_event (name, count, first_at, last_at, sources)
    select name, count, first_at, last_at, string_to_array(sources, ',')
    from unnest(
      ${events.map(event => event.name)}::text[], ${events.map(event => event.count)}::bigint[], ${events.map(event => event.firstAt.toISOString())}::timestamptz[],
      ${events.map(event => event.lastAt.toISOString())}::timestamptz[], ${events.map(event => event.sources.join(','))}::text[]) as row (name, count, first_at, last_at, sources)
    on conflict (name) do update set count = dictionary_event.count + excluded.count, first_at = least(dictionary_event.first_at, excluded.first_at),
      last_at = greatest(dictionary_event.last_at, excluded.last_at),
      sources = (select array_agg(distinct one) from unnest(dictionary_event.sources || excluded.sources) as one)`;
  await updateProperties(
    context,
    events.map(event => event.name),
    [...learnt.properties.values()],
  );
};

const updateProperties = async (
  context: Context,
  names: readonly string[],
  properties: readonly LearntProperty[],
): Promise<void> => {
  const rows =
    await context.postgres`select event_name, path, type, samples from tracking.dictionary_property where event_name = any(${names as string[]}::text[])`;
  const known = new Map(
    rows.map(row => [
      propertyKey(row.event_name, row.path),
      row as unknown as { type: PropertyType; samples: Record<string, number> },
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
      samples: joinSamples(before?.samples ?? {}, one.samples),
    };
  });
  await context.postgres`
    insert into tracking.dictionary_property (event_name, path, type, count, samples)
    select event_name, path, type, count, samples::jsonb
    from unnest(
      ${joined.map(one => one.eventName)}::text[], ${joined.map(one => one.path)}::text[], ${joined.map(one => one.type)}::text[], ${joined.map(one => one.count)}::bigint[],
      ${joined.map(one => JSON.stringify(one.samples))}::text[]) as row (event_name, path, type, count, samples)
    on conflict (event_name, path) do update set type = excluded.type, count = dictionary_property.count + excluded.count, samples = excluded.samples`;
};
