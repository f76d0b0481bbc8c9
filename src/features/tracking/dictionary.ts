/** What the event dictionary learns from events: names, property paths, types and values worth suggesting. Pure: no I/O. */

export type PropertyType = 'text' | 'number' | 'boolean' | 'date' | 'list' | 'mixed';
export type LearntProperty = {
  eventName: string;
  path: string;
  type: PropertyType;
  count: number;
  /** How often as which type. */
  types: Partial<Record<PropertyType, number>>;
  firstAt: Date;
  lastAt: Date;
  samples: Record<string, number>;
};
/** Key of a day: "2026-11-21/<shop>/<source>", UTC. */
export type LearntEvent = {
  name: string;
  count: number;
  /** Events of it whose properties were looked at. */
  looked: number;
  firstAt: Date;
  lastAt: Date;
  sources: string[];
  shops: string[];
  days: Map<string, number>;
};
export type Learnt = { events: Map<string, LearntEvent>; properties: Map<string, LearntProperty> };
type Row = { name: string; time: Date; source: string; shop_id?: string | null; properties: Record<string, unknown> };

/** Looking at every property of every event is not needed to know them. */
const looked_atPerName = 100;
export const mostSamples = 40;
const mostPaths = 200;
const longestSample = 60;
/** Names that tell of a person; their values are never suggested. */
const personal =
  /mail|phone|first_?name|last_?name|full_?name|customer|user|birth|address|street|postal|zip|^ip$|\.ip$|password|token|secret|card|iban/i;
/** Values that look like an address, a number to call or an id. */
const lookingPersonal = /@|^\+?[\d\s()-]{7,}$|^[0-9a-f-]{16,}$|^https?:/i;

export const propertyKey = (eventName: string, path: string): string => `${eventName}\n${path}`;

export const learn = (rows: readonly Row[]): Learnt => {
  const learnt: Learnt = { events: new Map(), properties: new Map() };
  for (const row of rows) {
    const event = learnt.events.get(row.name) ?? newEvent(row);
    event.count += 1;
    if (row.time < event.firstAt) event.firstAt = row.time;
    if (row.time > event.lastAt) event.lastAt = row.time;
    if (!event.sources.includes(row.source)) event.sources.push(row.source);
    if (row.shop_id && !event.shops.includes(row.shop_id)) event.shops.push(row.shop_id);
    const day = `${row.time.toISOString().slice(0, 10)}/${row.shop_id ?? noShop}/${row.source}`;
    event.days.set(day, (event.days.get(day) ?? 0) + 1);
    learnt.events.set(row.name, event);
    if (event.count > looked_atPerName) continue;
    event.looked += 1;
    walk(learnt, row.name, row.time, row.properties, '');
  }
  return learnt;
};

const noShop = '00000000-0000-0000-0000-000000000000';
const newEvent = (row: Row): LearntEvent => ({
  name: row.name,
  count: 0,
  looked: 0,
  firstAt: row.time,
  lastAt: row.time,
  sources: [],
  shops: [],
  days: new Map(),
});

const walk = (learnt: Learnt, eventName: string, time: Date, value: unknown, path: string): void => {
  if (value === null || value === undefined) return;
  if (typeof value === 'object' && !Array.isArray(value)) {
    for (const [key, one] of Object.entries(value)) walk(learnt, eventName, time, one, path === '' ? key : `${path}.${key}`);
    return;
  }
  const type = typeOf(value);
  if (type === null || path === '' || path.length > 200) return;
  const key = propertyKey(eventName, path);
  const property = learnt.properties.get(key) ?? {
    eventName,
    path,
    type,
    types: {},
    count: 0,
    firstAt: time,
    lastAt: time,
    samples: {},
  };
  if (!learnt.properties.has(key)) {
    if (learnt.properties.size >= mostPaths * 20) return;
    learnt.properties.set(key, property);
  }
  property.count += 1;
  property.type = joinTypes(property.type, type);
  property.types[type] = (property.types[type] ?? 0) + 1;
  if (time < property.firstAt) property.firstAt = time;
  if (time > property.lastAt) property.lastAt = time;
  const sample = sampleOf(eventName, path, value);
  if (sample !== null && (Object.hasOwn(property.samples, sample) || Object.keys(property.samples).length < mostSamples)) {
    property.samples[sample] = (Object.hasOwn(property.samples, sample) ? property.samples[sample] : 0) + 1;
  }
};

/** Arrays of objects have no type here: no condition can ask for them. */
const typeOf = (value: unknown): PropertyType | null => {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (Array.isArray(value)) return value.some(one => typeof one === 'object' && one !== null) ? null : 'list';
  return typeof value === 'string' ? (/^\d{4}-\d\d-\d\d(?:$|[T ]\d\d:\d\d)/.test(value) ? 'date' : 'text') : null;
};

export const joinTypes = (a: PropertyType, b: PropertyType): PropertyType =>
  a === b ? a : (a === 'date' && b === 'text') || (a === 'text' && b === 'date') ? 'text' : 'mixed';

/** Whether a value tells, by its name or by its looks, of a person. */
export const isPersonal = (path: string, value: string): boolean => personal.test(path) || lookingPersonal.test(value);

const sampleOf = (eventName: string, path: string, value: unknown): string | null => {
  if (eventName === 'Identified' || personal.test(path)) return null;
  if (typeof value !== 'string' && typeof value !== 'boolean') return null;
  const text = String(value);
  return text === '' || text.length > longestSample || lookingPersonal.test(text) || text === '__proto__' ? null : text;
};

/** Two countings of one property; the most frequent values stay. */
export const joinSamples = (known: Record<string, number>, more: Record<string, number>): Record<string, number> => {
  const sum = new Map(Object.entries(known));
  for (const [value, count] of Object.entries(more)) sum.set(value, (sum.get(value) ?? 0) + count);
  return Object.fromEntries([...sum].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, mostSamples));
};

/** A value is worth suggesting once it was met this often: what only one person has is nobody else's business. */
export const leastMeetings = 3;
