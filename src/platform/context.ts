/**
 * What every use case gets as its first argument: `verbNoun(context, input)`. Built by `server.ts` (or by a test), never global.
 */
import type { Logger } from 'pino';
import type { ClickHouse } from './clickhouse.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { FieldGroup } from './contract.ts';
import type { Files } from './files.ts';
import type { Live } from './live.ts';
import type { Secrets } from './secrets.ts';
import type { Slots } from './slot.ts';
import type { Pool, Sql } from './sql.ts';

export type { Pool, Sql };

/** Who acts. `verbs` and `fields` come from the role or the key; "system" may do everything. */
export type Actor = {
  kind: 'staff' | 'api-key' | 'system' | 'public';
  id: string | null;
  name: string;
  verbs: ReadonlySet<string>;
  fields: ReadonlySet<FieldGroup>;
  /** null = all shops. */
  shopIds: readonly string[] | null;
  /** Session row of a staff login. */
  sessionId?: string;
  /** Signed in, but a second factor has to be set up first: only routes with `whileHeld` answer. */
  held?: 'second_factor';
  /** Who really looks, while an owner or admin views the product as somebody else: only reads answer, and the audit log names them. */
  viewedBy?: { id: string; name: string; until: Date };
};

export type Announce = (name: string, payload: Record<string, unknown>) => Promise<void>;

export type Context = {
  postgres: Sql;
  clickhouse: ClickHouse;
  clock: Clock;
  actor: Actor;
  /** Writes an announcement in the current transaction; delivered to reactions after commit (platform/outbox). */
  announce: Announce;
  log: Logger;
  config: Config;
  slots: Slots;
  files: Files;
  live: Live;
  secrets: Secrets;
  /** How many announcements led here; more than 8 are refused (decisions 18). */
  causationDepth: number;
  /** What depends on the SQL handle; used by `withSql` (platform/postgres.ts) only. */
  bind: (sql: Sql, causationDepth: number) => Pick<Context, 'announce' | 'live'>;
};

export const systemActor: Actor = {
  kind: 'system',
  id: null,
  name: 'Regulars',
  verbs: new Set(['*']),
  fields: new Set(),
  shopIds: null,
};

export const may = (actor: Actor, verb: string): boolean => actor.kind === 'system' || actor.verbs.has(verb);
export const maySee = (actor: Actor, group: FieldGroup | null): boolean =>
  group === null || actor.kind === 'system' || actor.fields.has(group);
