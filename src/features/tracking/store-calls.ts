import { randomUUID } from 'node:crypto';
import { mayHoldCard } from '../../platform/cards.ts';
import type { Context } from '../../platform/context.ts';
import { writeLine } from './inbox.ts';
import { cleanValue } from './properties.ts';
import { createWriteKey } from './write-keys.ts';

/**
 * Hands calls of Segment's API to the inbox as the door does, for another part of the house that brings the past (a demo). They are
 * historical. Give each a message id: then handing them in twice counts them once.
 */
export const storeCalls = async (
  context: Context,
  input: { shopId: string; demo: boolean; calls: readonly Record<string, unknown>[] },
): Promise<void> => {
  const receivedAt = context.clock.now();
  const json = JSON.stringify({ batch: input.calls });
  const line = writeLine(
    {
      keyId: await keyOf(context, input.shopId),
      shopId: input.shopId,
      trust: 'secret',
      demo: input.demo,
      receivedAt,
      door: 'import',
      events: input.calls.length,
      json: mayHoldCard(json) ? JSON.stringify(cleanValue({ batch: input.calls })) : json,
    },
    randomUUID(),
  );
  await context.postgres`
    insert into tracking.inbox (received_at, events, size_bytes, payload) values (${receivedAt}, ${input.calls.length}, ${line.length}, ${line})`;
  await context.postgres`select pg_notify('regulars_work', 'inbox')`;
};

/** The shop's first secret key; made when there is none, and shown to nobody. */
const keyOf = async (context: Context, shopId: string): Promise<string> => {
  const [found] =
    await context.postgres`select id from tracking.write_key where shop_id = ${shopId} and kind = 'secret' and revoked_at is null order by created_at limit 1`;
  return (found?.id as string) ?? (await createWriteKey(context, { shopId, kind: 'secret', name: 'Demo' })).id;
};
