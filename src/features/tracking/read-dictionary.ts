import type { Context } from '../../platform/context.ts';
import { leastMeetings, type PropertyType } from './dictionary.ts';

export type DictionaryEntry = {
  name: string;
  count: number;
  first_at: Date;
  last_at: Date;
  sources: string[];
  properties: { path: string; type: PropertyType; count: number; samples: string[] }[];
};

/** For suggestions: event names with their properties, the most frequent first, without the hidden ones. `query`: part of a name. */
export const readDictionary = async (
  context: Context,
  input: { query?: string; limit: number; after?: { count: number; name: string } | null },
): Promise<DictionaryEntry[]> => {
  const sql = context.postgres;
  const pattern = `%${(input.query ?? '').replace(/[\\%_]/g, '\\$&')}%`;
  const events = await sql`
    select name, count, first_at, last_at, sources from tracking.dictionary_event
    where name ilike ${pattern} and state <> 'hidden' ${input.after ? sql`and (-count, name) > (${-input.after.count}::bigint, ${input.after.name})` : sql``}
    order by count desc, name limit ${input.limit}`;
  const properties = await sql`
    select event_name, path, type, count, samples from tracking.dictionary_property
    where event_name = any(${events.map(event => event.name as string)}::text[]) order by event_name, count desc, path`;
  return events.map(event => ({
    ...(event as unknown as Omit<DictionaryEntry, 'properties'>),
    properties: properties
      .filter(property => property.event_name === event.name)
      .map(property => ({
        path: property.path,
        type: property.type,
        count: property.count,
        samples: worthSuggesting(property.samples),
      })),
  }));
};

export const worthSuggesting = (samples: Record<string, number>): string[] =>
  Object.entries(samples)
    .filter(([, count]) => count >= leastMeetings)
    .sort((a, b) => b[1] - a[1])
    .map(([value]) => value);
