/** Where later features turn events into their own tables (orders, carts...). */
import type { Context } from '../../platform/context.ts';
import { defineSlot } from '../../platform/slot.ts';
import type { ResolvedEvent } from './event.ts';

/** `reason`: machine word, with a text under "tracking.reason.<reason>" or a full text key of the feature that refuses. */
export type RefusedEvent = { id: string; reason: string; values?: Record<string, string | number> };

export type Projection = {
  /** "orders" */
  name: string;
  /** Event names it wants to see. */
  names: readonly string[];
  /** true: the event itself is not logged; the projection writes what belongs into the log. */
  claims: boolean;
  /** English texts of the reasons it may give, by key, where they are keys of its own feature. */
  texts?: Record<string, string>;
  /**
   * Runs in the transaction that writes the log, in batches, in order of arrival. Must be idempotent and let newer state win.
   * Returns the events it refuses; those are neither logged nor counted.
   */
  project: (context: Context, events: readonly ResolvedEvent[]) => Promise<readonly RefusedEvent[] | void>;
};

export const projections = defineSlot<Projection>('tracking.projections', projection => projection.name);
