/** What an event is, before and after it is in the log. Pure: no I/O. */
import type { Trust } from './segment-call.ts';

/** An event to be written to the log by `appendEvents`. */
export type NewEvent = {
  /** A UUID. Deterministic where the same thing may be written again (order + kind): see `removeEvents`. */
  id: string;
  /** The customer it is written for, as `resolveCustomers` gave it: becomes the row's origin and never changes. */
  customerId: number;
  name: string;
  time: Date;
  /** When it reached us; default: now. */
  receivedAt?: Date;
  shopId: string | null;
  /** What brought it, in one word: "browser", "server", "file", "orders"... */
  source: string;
  messageId?: string | null;
  importId?: string | null;
  /** It changes state, but never triggers anything (GLOSSARY). */
  historical: boolean;
  properties: Record<string, unknown>;
  context?: Record<string, unknown>;
};

/** An event as it is read from the log, for its present owner. */
export type LoggedEvent = {
  id: string;
  customerId: number;
  originId: number;
  name: string;
  time: Date;
  receivedAt: Date;
  shopId: string | null;
  source: string;
  historical: boolean;
  importId: string | null;
  properties: Record<string, unknown>;
};

/** A call whose customer is known, on its way to the projections and the log. */
export type ResolvedEvent = {
  id: string;
  messageId: string;
  /** "track", "identify", "page"... */
  type: string;
  name: string;
  time: Date;
  receivedAt: Date;
  shopId: string;
  source: string;
  /** "browser": sent with a public key; may not be trusted with money, consent or other people's data (decisions 4). */
  trust: Trust;
  historical: boolean;
  /** What it can be taken back with, where there is such a thing. */
  importId: string | null;
  customerId: number;
  userId: string | null;
  anonymousId: string | null;
  properties: Record<string, unknown>;
  traits: Record<string, unknown>;
  context: Record<string, unknown>;
};

export const dayOf = (time: Date): string => time.toISOString().slice(0, 10);
/** First day of the month, in UTC, as partitions count. */
export const monthOf = (time: Date): string => `${time.toISOString().slice(0, 7)}-01`;
