/**
 * The middle of an event's way: calls that were understood -> not seen before -> whose they are -> the projections -> the log.
 * Runs inside the resolver's transaction.
 */
import type { Context } from '../../platform/context.ts';
import { resolveCustomers } from '../customers/index.ts';
import { appendEvents } from './append-events.ts';
import { checkSignatures } from './check-signatures.ts';
import type { NewEvent, ResolvedEvent } from './event.ts';
import { inputsOf } from './identify.ts';
import { noteGpc } from './note-gpc.ts';
import { noteSenders } from './note-senders.ts';
import { projections } from './projections.ts';
import { rejectAgain, settleReplays } from './rejected/settle-replays.ts';
import type { Call, PlacedRejection } from './segment-call.ts';
import type { Signed } from './signature.ts';

type KeptEvent = ResolvedEvent & { gpc: boolean };
export type Recorded = { processed: number; rejected: number; duplicate: number };

export const recordCalls = async (
  context: Context,
  calls: readonly Call[],
  rejections: readonly PlacedRejection[],
): Promise<Recorded> => {
  const fresh = await dropSeen(context, calls);
  const signed = await checkSignatures(context, fresh);
  const { events, unknown } = await findCustomers(context, fresh, signed);
  const refused = await project(context, events);
  const claimed = new Set(
    context.slots
      .all(projections)
      .filter(one => one.claims)
      .flatMap(one => one.names),
  );
  const kept = events.filter(event => !refused.has(event.id));
  await appendEvents(context, kept.filter(event => !claimed.has(event.name)).map(toLog));
  const all = [...rejections, ...unknown, ...events.flatMap(event => refused.get(event.id) ?? [])];
  await insertRejections(context, await rejectAgain(context, all));
  await settleReplays(context, withoutRefused(calls, all), new Set(fresh));
  await noteGpc(context, kept);
  await noteSenders(context, fresh);
  await noteUse(context, calls);
  return { processed: kept.length, rejected: all.length, duplicate: calls.length - fresh.length };
};

/** Of several deliveries of one message the first counts; ids are claimed in sorted order, because unsorted claims deadlock. */
const dropSeen = async (context: Context, calls: readonly Call[]): Promise<Call[]> => {
  const first = new Map<string, Call>();
  for (const call of calls) if (!first.has(call.seenId)) first.set(call.seenId, call);
  const ids = [...first.keys()].sort();
  const claimed = await context.postgres`
    insert into tracking.seen_message (id, day) select id, ${context.clock.now()}::timestamptz::date from unnest(${ids}::uuid[]) as id
    on conflict do nothing returning id`;
  if (claimed.length === first.size) return [...first.values()];
  const fresh = new Set(claimed.map(row => row.id as string));
  return [...first.values()].filter(call => fresh.has(call.seenId));
};

const findCustomers = async (
  context: Context,
  calls: readonly Call[],
  signed: ReadonlyMap<Call, Signed>,
): Promise<{ events: KeptEvent[]; unknown: PlacedRejection[] }> => {
  const owners = new Map<Call, number | null>();
  // Historical ones apart, because what they bring must not set anything off; shops apart, because attributes keep their source.
  const groups = Map.groupBy(calls, call => `${call.historical ? 0 : 1}${call.shopId}`);
  for (const [, some] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const options = { source: `source:${some[0].shopId}`, historical: some[0].historical, importId: some[0].importId };
    const inputs = some.flatMap(call =>
      inputsOf(call, signed.get(call) ?? null).map((input, i) => ({ call, input, first: i === 0 })),
    );
    const found = await resolveCustomers(
      context,
      inputs.map(one => one.input),
      options,
    );
    for (const [i, { call, first }] of inputs.entries()) if (first) owners.set(call, found[i]);
  }
  const events: KeptEvent[] = [];
  const unknown: PlacedRejection[] = [];
  for (const call of calls) {
    const customerId = owners.get(call) ?? null;
    // Erased people and ids that say nothing: what was sent about them is not kept either.
    if (customerId === null)
      unknown.push({
        reason: 'blocked',
        values: {},
        raw: null,
        keyId: call.keyId,
        shopId: call.shopId,
        receivedAt: call.receivedAt,
        imported: call.historical,
        replayOf: call.replayOf,
      });
    else events.push({ ...call, customerId, source: call.trust === 'browser' ? 'browser' : 'server' });
  }
  return { events, unknown };
};

/** Hands events to whoever turns them into tables of their own; returns what they refuse. */
const project = async (context: Context, events: readonly ResolvedEvent[]): Promise<Map<string, PlacedRejection>> => {
  const refused = new Map<string, PlacedRejection>();
  const byId = new Map(events.map(event => [event.id, event]));
  for (const projection of context.slots.all(projections)) {
    const names = new Set(projection.names);
    const wanted = events.filter(event => event.type === 'track' && names.has(event.name) && !refused.has(event.id));
    if (wanted.length === 0) continue;
    for (const one of (await projection.project(context, wanted)) ?? []) {
      const event = byId.get(one.id)!;
      const call = event as unknown as Call;
      refused.set(one.id, {
        reason: one.reason,
        values: one.values ?? {},
        keyId: call.keyId,
        shopId: event.shopId,
        receivedAt: event.receivedAt,
        imported: event.historical,
        replayOf: call.replayOf,
        raw: rawOf(event),
      });
    }
  }
  return refused;
};

const rawOf = (event: ResolvedEvent) => ({
  type: event.type,
  event: event.name,
  userId: event.userId,
  anonymousId: event.anonymousId,
  messageId: event.messageId,
  timestamp: event.time,
  properties: event.properties,
  traits: event.traits,
  context: event.context,
});

const withoutRefused = (calls: readonly Call[], refused: readonly PlacedRejection[]): Call[] => {
  const again = new Set(refused.flatMap(one => one.replayOf ?? []));
  return calls.filter(call => !call.replayOf || !again.has(call.replayOf));
};

const toLog = (event: ResolvedEvent): NewEvent => ({
  id: event.id,
  customerId: event.customerId,
  name: event.name,
  time: event.time,
  receivedAt: event.receivedAt,
  shopId: event.shopId,
  source: event.source,
  messageId: event.messageId,
  importId: event.importId,
  historical: event.historical,
  properties: event.properties,
  context: event.context,
});

const longestBody = 32_000;

const insertRejections = async (context: Context, rejections: readonly PlacedRejection[]): Promise<void> => {
  if (rejections.length === 0) return;
  const rows = rejections.map(one => {
    const raw = (typeof one.raw === 'object' && one.raw !== null ? one.raw : {}) as Record<string, unknown>;
    const text = (value: unknown): string | null =>
      typeof value === 'string' || typeof value === 'number' ? storable(String(value)).slice(0, 255) : null;
    const traits = (raw.traits ?? {}) as Record<string, unknown>;
    return {
      one,
      type: text(raw.type ?? one.values.type),
      name: text(raw.event ?? one.values.name),
      user: text(raw.userId),
      anonymous: text(raw.anonymousId),
      email: text(traits?.email),
      body: one.raw === null || one.raw === undefined ? null : storable(bodyText(unsigned(one.raw))).slice(0, longestBody),
    };
  });
  await context.postgres`
    insert into tracking.rejected (received_at, shop_id, write_key_id, reason, reason_values, type, name, user_id, anonymous_id, email, body, imported)
    select received_at, shop_id, key_id, reason, reason_values::jsonb, type, name, user_id, anonymous_id, email, body, imported
    from unnest(
      ${rows.map(row => row.one.receivedAt.toISOString())}::timestamptz[], ${rows.map(row => row.one.shopId)}::uuid[], ${rows.map(row => row.one.keyId)}::uuid[],
      ${rows.map(row => row.one.reason)}::text[], ${rows.map(row => storable(JSON.stringify(row.one.values)))}::text[], ${rows.map(row => row.type)}::text[],
      ${rows.map(row => row.name)}::text[], ${rows.map(row => row.user)}::text[], ${rows.map(row => row.anonymous)}::text[], ${rows.map(row => row.email)}::text[],
      ${rows.map(row => row.body)}::text[], ${rows.map(row => String(row.one.imported ?? false))}::text[]::boolean[]
    ) as row (received_at, shop_id, key_id, reason, reason_values, type, name, user_id, anonymous_id, email, body, imported)`;
};

/** A signature lets somebody in while it lasts: it is kept nowhere. */
const unsigned = (raw: unknown): unknown => {
  const given = (raw as { context?: { signature?: unknown } })?.context;
  if (typeof given !== 'object' || given === null || given.signature === undefined) return raw;
  const { signature: _signature, ...context } = given;
  return { ...(raw as object), context };
};

const bodyText = (raw: unknown): string => {
  try {
    return JSON.stringify(raw);
  } catch {
    return '';
  }
};

/** Neither NUL nor half a character: PostgreSQL takes neither, in text or in jsonb. */
const storable = (text: string): string =>
  text
    .replaceAll('\0', '')
    .replace(/\\u0000|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])/g, '')
    .toWellFormed();

/** When a key was last used, to the minute. */
const noteUse = async (context: Context, calls: readonly Call[]): Promise<void> => {
  const ids = [...new Set(calls.map(call => call.keyId))].sort();
  if (ids.length === 0) return;
  const now = context.clock.now();
  await context.postgres`
    update tracking.write_key set last_used_at = ${now}
    where id = any(${ids}::uuid[]) and (last_used_at is null or last_used_at < ${now}::timestamptz - interval '1 minute')`;
};
