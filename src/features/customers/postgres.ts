/**
 * The questions identity asks of PostgreSQL. Rows that several writers may want are written in sorted order.
 * Arrays of dates and booleans travel as text: the client takes an array of either for a single value.
 */
import type { Context } from '../../platform/context.ts';
import { type Identifier, keyOf } from './identifier.ts';
import { type Link, type PlannedSuggestion, pairKey, type Sighting, type World } from './identity.ts';

const byKey = (a: Link, b: Link): number => (keyOf(a.identifier) < keyOf(b.identifier) ? -1 : 1);
const columns = (links: readonly Link[]) => ({
  kinds: links.map(link => link.identifier.kind as string),
  sources: links.map(link => link.identifier.source),
  values: links.map(link => link.identifier.value),
  origins: links.map(link => link.originId),
  trusts: links.map(link => link.trust as string),
  shared: links.map(link => String(link.shared)),
  // An array of arrays has no PostgreSQL type: each travels as text.
  rivals: links.map(link => `{${link.rivals.join(',')}}`),
  sinces: links.map(link => new Date(link.since_ms).toISOString()),
});

/** Everything the identity rules look at for these sightings. */
export const loadWorld = async (context: Context, sightings: readonly Sighting[]): Promise<World> => {
  const world: World = { people: new Map(), links: new Map(), owners: new Map(), apart: new Set() };
  const wanted = [...new Map(sightings.flatMap(one => one.identifiers).map(one => [keyOf(one), one])).values()];
  if (wanted.length === 0) return world;
  const rows = await context.postgres`
    select i.kind, i.source, i.value, i.origin_id, i.customer_id, i.trust, i.shared, i.rivals, i.first_seen_at
    from unnest(${wanted.map(one => one.kind)}::text[], ${wanted.map(one => one.source)}::text[], ${wanted.map(one => one.value)}::text[]) as w(kind, source, value)
    join customers.identifier i using (kind, source, value)`;
  for (const row of rows) {
    const identifier = { kind: row.kind, source: row.source, value: row.value } as Identifier;
    world.links.set(keyOf(identifier), {
      identifier,
      originId: row.origin_id,
      trust: row.trust,
      shared: row.shared,
      rivals: (row.rivals as number[]).map(Number),
      since_ms: row.first_seen_at.getTime(),
    });
    if (row.origin_id !== row.customer_id) world.owners.set(row.origin_id, row.customer_id);
  }
  await loadPeople(context, world, [...new Set(rows.map(row => row.customer_id as number))]);
  return world;
};

const loadPeople = async (context: Context, world: World, ids: number[]): Promise<void> => {
  if (ids.length === 0) return;
  const people = await context.postgres`
    select id, known, coalesce(known_since, first_seen_at) as since from customers.customer where id = any(${ids}::bigint[])`;
  for (const row of people) {
    world.people.set(row.id, {
      id: row.id,
      known: row.known,
      since_ms: row.since.getTime(),
      ownIds: new Map(),
      hasEmail: false,
      trusted: false,
    });
  }
  const strong = await context.postgres`
    select customer_id, kind, source, value, trust from customers.identifier
    where customer_id = any(${ids}::bigint[]) and kind in ('user_id', 'shop_customer_id', 'email') and not shared`;
  for (const row of strong) {
    const person = world.people.get(row.customer_id);
    if (!person) continue;
    if (row.trust === 'secret') person.trusted = true;
    if (row.kind === 'email') person.hasEmail = true;
    else {
      const key = `${row.kind}\u0001${row.source}`;
      person.ownIds.set(key, (person.ownIds.get(key) ?? new Set()).add(row.value));
    }
  }
  const apart = await context.postgres`
    select coalesce(l.customer_id, s.low_id) as low_id, coalesce(h.customer_id, s.high_id) as high_id
    from customers.suggestion s
      left join customers.owner l on l.origin_id = s.low_id
      left join customers.owner h on h.origin_id = s.high_id
    where s.dismissed_at is not null
      and (coalesce(l.customer_id, s.low_id) = any(${ids}::bigint[]) or coalesce(h.customer_id, s.high_id) = any(${ids}::bigint[]))`;
  for (const row of apart) world.apart.add(pairKey(row.low_id, row.high_id));
};

export const nextCustomerIds = async (context: Context, count: number): Promise<number[]> => {
  if (count === 0) return [];
  const rows = await context.postgres`select nextval('customers.customer_id') as id from generate_series(1, ${count})`;
  return rows.map(row => row.id as number);
};

/** Claims new keys in sorted order; returns how many were still free. */
export const insertIdentifiers = async (context: Context, links: readonly Link[], importId: string | null): Promise<number> => {
  const c = columns([...links].sort(byKey));
  const rows = await context.postgres`
    insert into customers.identifier (kind, source, value, origin_id, customer_id, trust, shared, rivals, first_seen_at, import_id)
    select kind, source, value, origin_id, customers.owner_of(origin_id), trust, shared, rivals::bigint[], since, ${importId}::uuid
    from unnest(${c.kinds}::text[], ${c.sources}::text[], ${c.values}::text[], ${c.origins}::bigint[], ${c.trusts}::text[], ${c.shared}::text[]::boolean[],
      ${c.rivals}::text[], ${c.sinces}::timestamptz[]) as n(kind, source, value, origin_id, trust, shared, rivals, since)
    on conflict do nothing returning 1`;
  return rows.length;
};

export const updateIdentifiers = async (context: Context, links: readonly Link[]): Promise<void> => {
  if (links.length === 0) return;
  const c = columns([...links].sort(byKey));
  await context.postgres`
    with locked as (
      select i.kind, i.source, i.value from customers.identifier i
      join unnest(${c.kinds}::text[], ${c.sources}::text[], ${c.values}::text[]) as n(kind, source, value) using (kind, source, value)
      order by i.kind, i.source, i.value for update of i)
    update customers.identifier i
    set origin_id = n.origin_id, customer_id = customers.owner_of(n.origin_id), trust = n.trust, shared = n.shared, rivals = n.rivals::bigint[], first_seen_at = n.since
    from unnest(${c.kinds}::text[], ${c.sources}::text[], ${c.values}::text[], ${c.origins}::bigint[], ${c.trusts}::text[], ${c.shared}::text[]::boolean[],
      ${c.rivals}::text[], ${c.sinces}::timestamptz[]) as n(kind, source, value, origin_id, trust, shared, rivals, since), locked
    where (i.kind, i.source, i.value) = (n.kind, n.source, n.value) and (locked.kind, locked.source, locked.value) = (n.kind, n.source, n.value)`;
};

export const insertCustomers = async (
  context: Context,
  people: readonly { id: number; known: boolean; at_ms: number }[],
  importId: string | null,
): Promise<void> => {
  if (people.length === 0) return;
  await context.postgres`
    insert into customers.customer (id, known, known_since, first_seen_at, import_id)
    select id, known, case when known then at end, at, ${importId}::uuid
    from unnest(${people.map(one => one.id)}::bigint[], ${people.map(one => String(one.known))}::text[]::boolean[], ${people.map(one => new Date(one.at_ms).toISOString())}::timestamptz[]) as n(id, known, at)`;
};

/** Anonymous visitors become known in place. */
export const markKnown = async (context: Context, people: readonly (readonly [id: number, at_ms: number])[]): Promise<void> => {
  if (people.length === 0) return;
  const sorted = [...people].sort((a, b) => a[0] - b[0]);
  await context.postgres`
    update customers.customer c set known = true, known_since = n.at
    from unnest(${sorted.map(one => one[0])}::bigint[], ${sorted.map(one => new Date(one[1]).toISOString())}::timestamptz[]) as n(id, at)
    where c.id = n.id and not c.known`;
};

/** A visit within the minute after the last one is not worth a write. */
const seenStep = '1 minute';

export const upsertSeen = async (context: Context, sightings: readonly { originId: number; at: Date }[]): Promise<void> => {
  const spans = new Map<number, { first: Date; last: Date }>();
  for (const { originId, at } of sightings) {
    const span = spans.get(originId);
    if (!span) spans.set(originId, { first: at, last: at });
    else if (at < span.first) span.first = at;
    else if (at > span.last) span.last = at;
  }
  if (spans.size === 0) return;
  const sorted = [...spans].sort((a, b) => a[0] - b[0]);
  await context.postgres`
    insert into customers.seen (origin_id, customer_id, first_at, last_at)
    select n.id, customers.owner_of(n.id), n.first_at, n.last_at
    from unnest(${sorted.map(one => one[0])}::bigint[], ${sorted.map(one => one[1].first.toISOString())}::timestamptz[], ${sorted.map(one => one[1].last.toISOString())}::timestamptz[]) as n(id, first_at, last_at)
    on conflict (origin_id) do update
    set first_at = least(customers.seen.first_at, excluded.first_at), last_at = greatest(customers.seen.last_at, excluded.last_at)
    where excluded.first_at < customers.seen.first_at or excluded.last_at > customers.seen.last_at + ${seenStep}::interval`;
};

/** A dismissed suggestion stays dismissed. */
export const upsertSuggestions = async (context: Context, suggestions: readonly PlannedSuggestion[]): Promise<void> => {
  const rows = suggestions
    .filter(one => one.lowId !== one.highId)
    .map(one => ({ ...one, lowId: Math.min(one.lowId, one.highId), highId: Math.max(one.lowId, one.highId) }))
    .sort((a, b) => a.lowId - b.lowId || a.highId - b.highId);
  if (rows.length === 0) return;
  await context.postgres`
    insert into customers.suggestion (low_id, high_id, reason, evidence, at)
    select low_id, high_id, reason, evidence::jsonb, ${context.clock.now()}
    from unnest(${rows.map(one => one.lowId)}::bigint[], ${rows.map(one => one.highId)}::bigint[], ${rows.map(one => one.reason)}::text[],
      ${rows.map(one => JSON.stringify(one.evidence))}::text[]) as n(low_id, high_id, reason, evidence)
    on conflict (low_id, high_id) do nothing`;
};

/** Asks for these origins to be copied to ClickHouse (who counts, who owns whom). */
export const queueCopy = async (context: Context, originIds: readonly number[]): Promise<void> => {
  if (originIds.length === 0) return;
  await context.postgres`
    insert into customers.touched (consumer, customer_id, changed, historical)
    select 'customers.copy', id, '{base}', true from unnest(${[...new Set(originIds)]}::bigint[]) as id`;
};
