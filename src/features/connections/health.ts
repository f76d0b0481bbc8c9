/** How a connection is doing: every success and failure passes here, so that people see it in plain words. */
import { z } from 'zod';
import type { Context } from '../../platform/context.ts';
import { OutgoingError } from '../../platform/outgoing.ts';
import { failuresUntilBroken } from './connection.ts';
import { ConnectorError } from './connector.ts';

export type Trouble = { code: string; message: string; retryAfter_seconds: number | null };

/** What went wrong outside, or null for a fault of our own, which is not the outside system's. */
export const troubleOf = (error: unknown): Trouble | null => {
  if (error instanceof ConnectorError)
    return { code: error.code, message: error.message, retryAfter_seconds: error.retryAfter_seconds };
  if (error instanceof OutgoingError) return { code: error.code, message: error.message, retryAfter_seconds: null };
  return null;
};

/** What went wrong, in one line: of a payload that does not have its shape, where and why. */
export const faultOf = (error: unknown): string => {
  if (error instanceof z.ZodError) {
    const [first] = error.issues;
    return `The payload has another shape than expected at "${first.path.join('.')}": ${first.message}.`;
  }
  return error instanceof Error ? error.message : String(error);
};

/** It answered: whatever was wrong is over. A paused connection stays paused. */
export const noteSuccess = async (context: Context, connectionId: string): Promise<void> => {
  const rows = await context.postgres`
    update connections.connection
    set last_success_at = ${context.clock.now()}, failures = 0, last_error_code = null, last_error = null, last_error_at = null,
      state = case when state = 'broken' then 'active' else state end
    where id = ${connectionId}
    returning state`;
  if (rows.length > 0) await context.live.publish('connection', { id: connectionId }, 'connections:read');
};

/** Refused credentials break it at once, silence after a few tries. Throttling is no fault. */
export const noteFailure = async (context: Context, connectionId: string, trouble: Trouble): Promise<void> => {
  if (trouble.code === 'throttled') return;
  const atOnce = trouble.code === 'unauthorised' || trouble.code === 'uninstalled';
  await context.postgres`
    update connections.connection
    set failures = failures + 1, last_error_code = ${trouble.code}, last_error = ${trouble.message.slice(0, 500)}, last_error_at = ${context.clock.now()},
      state = case when state = 'active' and (${atOnce} or failures + 1 >= ${failuresUntilBroken}) then 'broken' else state end
    where id = ${connectionId}`;
  await context.live.publish('connection', { id: connectionId }, 'connections:read');
};
