/**
 * What every feature must say is a field of one type, so completeness is compiled.
 */
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import type { Contract } from './contract.ts';
import type { Copy } from './copies.ts';
import type { BoundRoutes } from './http.ts';
import { defineSlot, type Fill } from './slot.ts';

/** Built-in roles that hold a verb from the start; "owner" and "admin" hold every verb. */
export type BuiltInRole = 'marketer' | 'support' | 'analyst' | 'finance';

/** A record verb, `<noun>:<verb>`; `label` is a text key. */
export type Permission = { verb: `${string}:${string}`; label: string; roles: readonly BuiltInRole[] };

/** Background work: a row in platform.job; `run` must be idempotent and may be taken over after a crash. */
export type Job = {
  name: string;
  /** Cron rule in the organisation's zone, for jobs that run by themselves. */
  schedule?: string;
  run: (context: Context, payload: Record<string, unknown>, progress: JobProgress) => Promise<void | Record<string, unknown>>;
};
export type JobProgress = {
  jobId: string;
  /** Stores and publishes progress; throws `Cancelled` when somebody cancelled the job. */
  report: (done: number, total: number | null, note?: string) => Promise<void>;
};

/** Called after the announcing transaction committed, at least once: be idempotent. */
export type Reaction = {
  on: string;
  run: (context: Context, payload: Record<string, unknown>) => Promise<void>;
};

/** A long-running stage of the worker (e.g. resolve, copy, evaluate): `step` does one portion and says whether there was work. */
export type Stage = { name: string; step: (context: Context) => Promise<boolean>; idleMs: number };

/**
 * A PostgreSQL table that holds something about a customer. The registry is read by merge, export and erasure;
 * a check finds tables with a customer_id that are not named here.
 */
export type CustomerTable = {
  /** "orders.order" */
  table: string;
  /** Text key, heading in an export of one person. */
  label: string;
  /**
   * move: generic update customer_id where origin_id is one of the loser's; undone in reverse.
   * none: the row stays (event log: owner map). own: the functions below.
   */
  merge:
    | 'move'
    | 'none'
    | {
        merge: (context: Context, merge: MergeInput) => Promise<unknown>;
        undo: (context: Context, merge: MergeInput, journal: unknown) => Promise<void>;
      };
  /** Rows for the export of one person; default: all columns where customer_id = id. `null`: nothing personal. */
  export?: ((context: Context, customerIds: readonly number[]) => Promise<Record<string, unknown>[]>) | null;
  /** delete: rows go. Otherwise a function that blanks what is personal and keeps what the books need. */
  erase: 'delete' | ((context: Context, customerIds: readonly number[]) => Promise<void>);
};
export type MergeInput = {
  mergeId: string;
  winnerId: number;
  loserId: number /** all origins the loser owned before */;
  originIds: readonly number[];
};

export type Feature = {
  name: string;
  contract: Contract;
  routes: BoundRoutes;
  permissions: readonly Permission[];
  jobs: readonly Job[];
  stages: readonly Stage[];
  reactions: readonly Reaction[];
  /** Folder of NNNN-what.sql, or null. */
  migrations: URL | null;
  customerTables: readonly CustomerTable[];
  copies: readonly Copy[];
  fills: readonly Fill[];
  texts: Record<string, string>;
  /** Doors outside the contract's JSON rules (ingest, webhooks): raw fastify routes. */
  doors?: (app: FastifyInstance, context: Context) => void | Promise<void>;
  /** Runs at start after the migrations, before the doors open; e.g. writes default rows. Must be idempotent. */
  start?: (context: Context) => Promise<void>;
};

/** Filled by the server from every feature's `customerTables` and `reactions`: read through `context.slots`. */
export const customerTableSlot = defineSlot<CustomerTable>('platform.customerTables', table => table.table);
export const reactionSlot = defineSlot<Reaction & { feature: string }>(
  'platform.reactions',
  reaction => `${reaction.feature}/${reaction.on}`,
);
export const jobSlot = defineSlot<Job>('platform.jobs', job => job.name);
/** The English texts of every feature, for the few places where the server itself writes a page. */
export const textSlot = defineSlot<{ feature: string; texts: Record<string, string> }>('platform.texts', one => one.feature);
export const permissionSlot = defineSlot<Permission>('platform.permissions', permission => permission.verb);

const empty = {
  contract: {},
  routes: {},
  permissions: [],
  jobs: [],
  stages: [],
  reactions: [],
  migrations: null,
  customerTables: [],
  copies: [],
  fills: [],
  texts: {},
};

/** A feature says what it has; what it leaves out is empty. */
export const defineFeature = (feature: Partial<Feature> & { name: string }): Feature => ({ ...empty, ...feature });
