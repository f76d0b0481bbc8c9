/** A connection's row, and what follows from it. Pure. */
import type { ResourceCode } from './connector.ts';

export const connectionStates = ['active', 'paused', 'broken'] as const;
export type ConnectionState = (typeof connectionStates)[number];

export type Connection = {
  id: string;
  kind: string;
  name: string;
  shop_id: string;
  settings: Record<string, string>;
  state: ConnectionState;
  paused_at: Date | null;
  paused_by: string | null;
  last_success_at: Date | null;
  failures: number;
  last_error_code: string | null;
  last_error: string | null;
  last_error_at: Date | null;
  webhooks_checked_at: Date | null;
  webhooks_note: string | null;
  created_at: Date;
  created_by: string;
  version: number;
};

/** What a write here carries as its source, so that nothing is sent back to where it came from. */
export const sourceOf = (connection: { id: string }): string => `connection:${connection.id}`;

/** So many failures in a row, and people are told. */
export const failuresUntilBroken = 5;

/** How long until the next try after so many failures: 30 s, doubled, at most 15 minutes. */
export const backoff_seconds = (failures: number): number => Math.min(900, 30 * 2 ** Math.max(0, failures - 1));

/** Changes that reach us later than this set nothing off (architecture section 3). */
export const fresh_ms = 24 * 3_600_000;

export type ResourceRow = {
  connection_id: string;
  code: ResourceCode;
  cursor_at: Date | null;
  page: string | null;
  high_at: Date | null;
  started_at: Date | null;
  poll_due_at: Date;
  fence: number;
  polled_at: Date | null;
  failures: number;
};
