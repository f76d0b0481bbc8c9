import type { Context } from '../../platform/context.ts';
import { learn, leastMeetings, propertyKey } from './dictionary.ts';

type Event = { name: string; time: Date; source: string; properties: Record<string, unknown> };

/**
 * An erasure: takes out of the dictionary what hardly anybody but this person brought. `events`: all of theirs, about to go.
 * A value that enough others share stays.
 */
export const forgetSamples = async (context: Context, events: readonly Event[]): Promise<void> => {
  const theirs = new Map<string, Map<string, number>>();
  for (const event of events) {
    // One by one: learning looks at the first of many only.
    for (const property of learn([event]).properties.values()) {
      const counts = theirs.get(propertyKey(property.eventName, property.path)) ?? new Map<string, number>();
      for (const [value, count] of Object.entries(property.samples)) counts.set(value, (counts.get(value) ?? 0) + count);
      theirs.set(propertyKey(property.eventName, property.path), counts);
    }
  }
  const names = [...new Set(events.map(event => event.name))];
  const rows = await context.postgres`
    select event_name, path, samples from tracking.dictionary_property where event_name = any(${names}::text[]) order by event_name, path for update`;
  for (const row of rows) {
    const counts = theirs.get(propertyKey(row.event_name, row.path));
    const samples = row.samples as Record<string, number>;
    const rare = [...(counts ?? [])].filter(
      ([value, count]) => Object.hasOwn(samples, value) && samples[value] - count < leastMeetings,
    );
    if (rare.length === 0) continue;
    const left = Object.fromEntries(Object.entries(samples).filter(([value]) => !rare.some(([one]) => one === value)));
    await context.postgres`
      update tracking.dictionary_property set samples = ${JSON.stringify(left)}::text::jsonb where event_name = ${row.event_name} and path = ${row.path}`;
  }
};
