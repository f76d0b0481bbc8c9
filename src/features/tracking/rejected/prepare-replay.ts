/** From a rejected call to one that can be sent again. Pure: no I/O. */
import { mayHoldCard } from '../../../platform/cards.ts';
import type { Fault } from '../../../platform/errors.ts';
import { cleanValue, parseExact } from '../properties.ts';
import { replayId } from '../replay-id.ts';
import { type Call, type Delivery, type RejectedCall, readDelivery } from '../segment-call.ts';
import { type MendRule, mend } from './mend-rules.ts';

export type RejectedRow = {
  id: string;
  received_at: Date;
  shop_id: string;
  write_key_id: string;
  key_kind: 'browser' | 'secret';
  demo: boolean;
  reason: string;
  imported: boolean;
  state: 'open' | 'replaying' | 'replayed' | 'discarded';
  body: string | null;
  mended_body: string | null;
};

/** null: not JSON, or not an object. */
export const parseCall = (text: string): Record<string, unknown> | null => {
  try {
    const parsed = parseExact(text);
    const clean = mayHoldCard(text) ? cleanValue(parsed) : parsed;
    return typeof clean === 'object' && clean !== null && !Array.isArray(clean) ? (clean as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};

/**
 * The call as it goes through the door again: with its own message id (one of its own when it had none, so that it counts once however
 * often it is sent), at the time it says or, when it says none, at which it arrived first. `sentAt` told of a clock at that time; it goes.
 */
export const prepareReplay = (
  row: Pick<RejectedRow, 'id' | 'received_at'>,
  call: Record<string, unknown>,
  rules: readonly MendRule[] = [],
): Record<string, unknown> => {
  const { sentAt: _sentAt, ...mended } = mend(call, rules, row.received_at);
  const hasId = (typeof mended.messageId === 'string' && mended.messageId.trim() !== '') || typeof mended.messageId === 'number';
  const hasTime = mended.timestamp !== undefined || mended.originalTimestamp !== undefined;
  return {
    ...mended,
    ...(hasId ? {} : { messageId: replayId(row.id) }),
    ...(hasTime ? {} : { timestamp: row.received_at.toISOString() }),
  };
};

export const deliveryOf = (row: RejectedRow, call: Record<string, unknown>, receivedAt: Date): Delivery => ({
  id: replayId(row.id),
  replayOf: row.id,
  keyId: row.write_key_id,
  shopId: row.shop_id,
  trust: row.key_kind,
  demo: row.demo,
  receivedAt,
  door: row.imported ? 'import' : 'batch',
  body: { batch: [call] },
});

export const readReplay = (row: RejectedRow, call: Record<string, unknown>, receivedAt: Date): Call | RejectedCall =>
  readDelivery(deliveryOf(row, call, receivedAt))[0];

/** Reasons given before a message id is claimed; whoever refuses later has it claimed already, and a replay must give it back first. */
const beforeClaim = new Set([
  'not_an_object',
  'no_batch',
  'unknown_type',
  'no_identity',
  'bad_id',
  'no_event_name',
  'name_too_long',
  'too_large',
  'too_deep',
  'not_key_values',
  'bad_timestamp',
  'too_old',
  'in_future',
  'no_previous_id',
  'failed',
]);
export const isClaimed = (reason: string): boolean => !beforeClaim.has(reason);

const fields: Record<string, string> = {
  unknown_type: 'type',
  no_identity: 'userId',
  no_event_name: 'event',
  name_too_long: 'event',
  bad_timestamp: 'timestamp',
  too_old: 'timestamp',
  in_future: 'timestamp',
  no_previous_id: 'previousId',
};

/** Where in the body a reason points to. */
export const faultOf = (reason: string, values: Record<string, string | number>, sentence: string): Fault => {
  const field = reason === 'bad_id' ? values.field : reason === 'not_key_values' ? values.part : (fields[reason] ?? 'properties');
  return { path: `body.${field}`, reason: sentence };
};
