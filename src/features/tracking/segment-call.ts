/**
 * Reads one call of Segment's HTTP tracking API (https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/).
 * Pure: a call is either understood or rejected with a reason; nothing is looked up.
 */
import { hash } from 'node:crypto';
import { cleanValue, TooDeep } from './properties.ts';

export const callTypes = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;
export type CallType = (typeof callTypes)[number];
export type Trust = 'secret' | 'browser';

/** One HTTP request as the inbox keeps it: which key brought it, when, through which door, and the body as it was sent. */
export type Delivery = {
  /** Unique for ever: names the calls that carry no message id. */
  id: string;
  keyId: string;
  shopId: string;
  trust: Trust;
  /** The shop is a demo: nothing of it ever triggers anything, and all of it can be taken away again. */
  demo: boolean;
  receivedAt: Date;
  /** The request said "Sec-GPC: 1". */
  gpc?: boolean;
  /** It is this rejected event, sent again. */
  replayOf?: string | null;
  /** The door's own type; "batch" and "import" hold many calls. */
  door: CallType | 'batch' | 'import';
  body: unknown;
};

/** A call that was understood, before anybody knows which customer it is about. */
export type Call = {
  /** Deterministic for (shop, message id, time). */
  id: string;
  /** Deterministic for (shop, message id): what a second delivery is recognised by. */
  seenId: string;
  messageId: string;
  type: CallType;
  /** Name in the event log: the event of a track call, else "Page Viewed", "Identified"... */
  name: string;
  time: Date;
  receivedAt: Date;
  shopId: string;
  keyId: string;
  trust: Trust;
  historical: boolean;
  /** What it can be taken back with: a demo shop's own id. */
  importId: string | null;
  /** It is this rejected event, sent again. */
  replayOf?: string | null;
  userId: string | null;
  anonymousId: string | null;
  previousId: string | null;
  /** What the shop's server vouches for it with; not yet looked at. Never in the log: it lets somebody in while it lasts. */
  signature: string | null;
  /** The visitor's browser sends Global Privacy Control. */
  gpc: boolean;
  /** Events that the device had to drop before this delivery; said once per delivery. */
  lost: number;
  traits: Record<string, unknown>;
  properties: Record<string, unknown>;
  context: Record<string, unknown>;
};

export type RejectReason =
  | 'not_an_object'
  | 'no_batch'
  | 'unknown_type'
  | 'no_identity'
  | 'bad_id'
  | 'no_event_name'
  | 'name_too_long'
  | 'too_large'
  | 'too_deep'
  | 'not_key_values'
  | 'bad_timestamp'
  | 'too_old'
  | 'in_future'
  | 'no_previous_id'
  | 'blocked'
  | 'failed'
  | (string & {});

export type RejectedCall = { reason: RejectReason; values: Record<string, string | number>; raw: unknown };
/** With where it came from. */
export type PlacedRejection = RejectedCall & {
  keyId: string;
  shopId: string;
  receivedAt: Date;
  /** It is of the past: sent again, it stays so. */
  imported?: boolean;
  replayOf?: string | null;
};

export const logNames: Record<Exclude<CallType, 'track'>, string> = {
  identify: 'Identified',
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  group: 'Group Joined',
  alias: 'Alias Made',
};

const longestName = 200;
const longestId = 255;
export const largestEvent_bytes = 32_000;
/** Differences of clocks below this are left alone, so that a stated time stays exact. */
const harmlessSkew_ms = 5_000;
const day_ms = 86_400_000;
/** Events before this year are broken clocks (1970 above all), not history. */
const earliest = Date.UTC(2000, 0, 1);

/** Every call of a delivery, in the order it was sent, each read on its own: one bad call does not lose the others. */
export const readDelivery = (delivery: Delivery): (Call | RejectedCall)[] => {
  const body = delivery.body as Record<string, unknown>;
  if (!isRecord(body)) return [rejected('not_an_object', body)];
  if (delivery.door !== 'batch' && delivery.door !== 'import')
    return [readCall(delivery, { ...body, type: delivery.door }, body, 0)];
  if (!Array.isArray(body.batch)) return [rejected('no_batch', body)];
  return body.batch.map((raw, position) => readCall(delivery, raw, body, position));
};

export const isRejected = (read: Call | RejectedCall): read is RejectedCall => 'reason' in read;

const readCall = (delivery: Delivery, raw: unknown, envelope: Record<string, unknown>, position: number): Call | RejectedCall => {
  if (!isRecord(raw)) return rejected('not_an_object', raw);
  const type = raw.type as CallType;
  if (!callTypes.includes(type)) return rejected('unknown_type', raw, { type: String(raw.type ?? '').slice(0, 50) });
  const ids = { userId: readId(raw.userId), anonymousId: readId(raw.anonymousId), previousId: readId(raw.previousId) };
  for (const [field, id] of Object.entries(ids)) if (id === undefined) return rejected('bad_id', raw, { field });
  const { userId, anonymousId, previousId } = ids as Record<string, string | null>;
  if (userId === null && anonymousId === null) return rejected('no_identity', raw);
  if (type === 'alias' && previousId === null) return rejected('no_previous_id', raw);
  const named = readName(type, raw);
  if (typeof named !== 'string') return rejected(named.reason, raw);
  const time = readTime(raw, envelope, delivery.receivedAt);
  if (!(time instanceof Date))
    return rejected(time.reason, raw, { timestamp: String(raw.timestamp ?? raw.originalTimestamp).slice(0, 50) });
  for (const part of ['properties', 'traits', 'context'] as const) {
    if (raw[part] !== undefined && raw[part] !== null && !isRecord(raw[part])) return rejected('not_key_values', raw, { part });
  }
  if (sizeOf(raw) > largestEvent_bytes) return rejected('too_large', null, { type, name: named, most_bytes: largestEvent_bytes });
  try {
    const messageId = readMessageId(raw) ?? `${delivery.id}-${position}`;
    const seenId = uuidOf(hash('sha256', `${delivery.shopId}\n${messageId}`));
    return {
      id: timedId(time, seenId),
      seenId,
      messageId,
      type,
      name: named,
      time,
      receivedAt: delivery.receivedAt,
      shopId: delivery.shopId,
      keyId: delivery.keyId,
      trust: delivery.trust,
      historical: delivery.demo || delivery.door === 'import' || delivery.receivedAt.getTime() - time.getTime() > day_ms,
      importId: delivery.demo ? delivery.shopId : null,
      replayOf: delivery.replayOf ?? null,
      userId,
      anonymousId,
      previousId,
      ...contentOf(type, raw, { ...record(envelope.context), ...record(raw.context), ...(delivery.gpc && { gpc: true }) }),
      lost: position === 0 ? readCount(envelope.lost) : 0,
    };
  } catch (error) {
    if (error instanceof TooDeep) return rejected('too_deep', null, { type, name: named });
    throw error;
  }
};

/** Where each type of call keeps what it says. Traits of a track call may come in its context. */
const contentOf = (
  type: CallType,
  raw: Record<string, unknown>,
  context: Record<string, unknown>,
): Pick<Call, 'traits' | 'properties' | 'context' | 'signature' | 'gpc'> => {
  const traits = cleanValue(type === 'identify' ? record(raw.traits) : record(context.traits)) as Record<string, unknown>;
  const { traits: _traits, signature, ...rest } = context;
  const properties = {
    track: () => record(raw.properties),
    page: () => ({ ...named(raw), ...record(raw.properties) }),
    screen: () => ({ ...named(raw), ...record(raw.properties) }),
    identify: () => record(raw.traits),
    group: () => ({ ...record(raw.traits), ...(typeof raw.groupId === 'string' ? { group_id: raw.groupId } : {}) }),
    alias: () => ({ previous_id: raw.previousId }),
  }[type]();
  return {
    traits,
    properties: cleanValue(properties) as Record<string, unknown>,
    context: cleanValue(rest) as Record<string, unknown>,
    signature: typeof signature === 'string' && signature !== '' ? signature : null,
    gpc: rest.gpc === true,
  };
};

const mostLost = 100_000;
const readCount = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? Math.min(value, mostLost) : 0;

const named = (raw: Record<string, unknown>) => ({
  ...(typeof raw.name === 'string' ? { name: raw.name } : {}),
  ...(typeof raw.category === 'string' ? { category: raw.category } : {}),
});

const readName = (type: CallType, raw: Record<string, unknown>): string | { reason: RejectReason } => {
  if (type !== 'track') return logNames[type];
  if (typeof raw.event !== 'string' || raw.event.trim() === '') return { reason: 'no_event_name' };
  const name = (cleanValue(raw.event) as string).trim();
  return name.length > longestName ? { reason: 'name_too_long' } : name;
};

/** null: not given; undefined: given, but nothing an id can be. */
const readId = (value: unknown): string | null | undefined => {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const id = (typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : String(value)).trim();
  return id === '' ? null : id.length > longestId ? undefined : id;
};

const readMessageId = (raw: Record<string, unknown>): string | null => {
  const id = raw.messageId;
  if (typeof id === 'number') return String(id);
  if (typeof id !== 'string' || id.trim() === '') return null;
  const clean = id.replaceAll('\0', '').toWellFormed();
  return clean.length <= longestId ? clean : hash('sha256', clean);
};

/**
 * The moment it happened: the stated time, moved by what the sender's clock is off (received - sent, as Segment does). A time after
 * its arrival becomes the arrival; more than a day ahead, or before 2000, is a broken clock.
 */
const readTime = (
  raw: Record<string, unknown>,
  envelope: Record<string, unknown>,
  receivedAt: Date,
): Date | { reason: RejectReason } => {
  const stated = raw.timestamp ?? raw.originalTimestamp;
  if (stated === undefined || stated === null || stated === '') return receivedAt;
  const time = readInstant(stated);
  if (time === null) return { reason: 'bad_timestamp' };
  const sentAt = readInstant(raw.sentAt ?? envelope.sentAt);
  const skew = sentAt === null ? 0 : receivedAt.getTime() - sentAt;
  const corrected = Math.abs(skew) > harmlessSkew_ms ? time + skew : time;
  if (corrected < earliest) return { reason: 'too_old' };
  if (corrected > receivedAt.getTime() + day_ms) return { reason: 'in_future' };
  return new Date(Math.min(corrected, receivedAt.getTime()));
};

const zoned = /(?:z|[+-]\d\d:?\d\d)$/i;
const isoLike = /^[+-]?\d{4,6}-\d\d(?:-\d\d)?(?:[T ]\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?\s?(?:z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** ISO 8601 text (without a zone: UTC) or milliseconds since 1970; null where it is neither. */
const readInstant = (value: unknown): number | null => {
  if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) <= 8.64e15 ? Math.round(value) : null;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^\d{12,13}$/.test(text)) return Number(text);
  if (!isoLike.test(text)) return null;
  const iso = text.replace(' ', 'T').replace(',', '.');
  const time = Date.parse(iso.includes('T') && !zoned.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(time) ? null : time;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
const rejected = (reason: RejectReason, raw: unknown, values: Record<string, string | number> = {}): RejectedCall => ({
  reason,
  values,
  raw,
});

/** Bytes of the value as JSON, near enough, without making the text; stops counting once it is certainly too large. */
const sizeOf = (value: unknown): number => {
  let size = 0;
  const queue: unknown[] = [value];
  while (queue.length > 0 && size <= largestEvent_bytes) {
    const one = queue.pop();
    if (typeof one === 'string') {
      size += Buffer.byteLength(one) + 2;
    } else if (typeof one !== 'object' || one === null) {
      size += String(one).length;
    } else {
      const isList = Array.isArray(one);
      for (const [key, inner] of Object.entries(one)) {
        size += isList ? 1 : key.length + 4;
        queue.push(inner);
      }
    }
  }
  return size;
};

/** 32 hex digits of a hash as a UUID of version 8 (RFC 9562: own content). */
const uuidOf = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20, 32)}`;

/** The time first, like UUIDv7, so that neighbours in time are neighbours in the index. */
const timedId = (time: Date, seenId: string): string => {
  const ms = time.getTime().toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8, 12)}-8${seenId.slice(1, 4)}-9${seenId.slice(5, 8)}-${seenId.slice(24, 36)}`;
};
