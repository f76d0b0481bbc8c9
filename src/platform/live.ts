/**
 * Live updates: server-sent events only. `publish` goes through PostgreSQL's NOTIFY, so it commits with the caller's transaction
 * and reaches browsers connected to any web process.
 */
import type { Pool, Sql } from './sql.ts';

/** `needs`: the verb a listener must hold; null = any signed-in person. Payloads carry ids and figures, nothing personal. */
export type LiveMessage = { topic: string; payload: Record<string, unknown>; needs: string | null };
export type Live = { publish: (topic: string, payload: Record<string, unknown>, needs?: string) => Promise<void> };

const channel = 'regulars_live';

export const liveOver = (sql: Sql): Live => ({
  publish: async (topic, payload, needs) => {
    const message: LiveMessage = { topic, payload, needs: needs ?? null };
    await sql`select pg_notify(${channel}, ${JSON.stringify(message)})`;
  },
});

export type LiveHub = {
  subscribe: (listener: (message: LiveMessage) => void) => () => void;
  listeners: () => number;
  close: () => Promise<void>;
};

/** One LISTEN connection per web process, fanned out to its open streams. */
export const openLiveHub = async (pool: Pool): Promise<LiveHub> => {
  const listeners = new Set<(message: LiveMessage) => void>();
  const subscription = await pool.listen(channel, text => {
    const message = JSON.parse(text) as LiveMessage;
    for (const listener of listeners) listener(message);
  });
  return {
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners: () => listeners.size,
    close: () => subscription.unlisten().catch(() => {}),
  };
};
