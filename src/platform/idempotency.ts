/**
 * `Idempotency-Key`: the same request sent again within 7 days gets the first answer again instead of a second effect. The effect and the
 * remembered answer are one transaction, so a crash leaves both or neither; a twin that arrives meanwhile waits for the first.
 */
import { createHash } from 'node:crypto';
import type { Context } from './context.ts';
import { Refusal } from './errors.ts';
import { inTransaction } from './postgres.ts';

export const keptDays = 7;
const longestKey = 255;

export type Once = {
  key: string /** Whoever may ask for the answer again: one actor never sees another's. */;
  caller: string;
  request: string;
};
export type Answered = { status: number; answer: unknown };

/** What makes two requests "the same": method, path with query, and the exact body. */
export const digestRequest = (method: string, url: string, body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('hex');

/** Runs `work` once per key; later calls get what the first one answered. Refusals are not kept: nothing happened, so trying again is safe. */
export const once = (
  context: Context,
  { key, caller, request }: Once,
  work: (context: Context) => Promise<Answered>,
): Promise<Answered> => {
  if (key.length === 0 || key.length > longestKey) {
    throw new Refusal(
      'malformed',
      'platform.idempotency_key',
      `An Idempotency-Key has 1 to ${longestKey} characters. A random UUID is a good one.`,
    );
  }
  return inTransaction(context, async inside => {
    const sql = inside.postgres;
    // The lock makes a twin wait until the first one has committed; it ends with the transaction.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${caller}\n${key}`}, 7230006))`;
    const oldest = new Date(context.clock.now().getTime() - keptDays * 86_400_000);
    const recordId = `platform.idempotency/${caller}/${key}`;
    const [before] = await sql<{ request: string; status: number; answer: string }[]>`
      select request, status, answer from platform.idempotency where caller = ${caller} and key = ${key} and created_at > ${oldest}`;
    if (before) {
      if (before.request !== request) {
        throw new Refusal(
          'refused',
          'platform.idempotency_mismatch',
          'This Idempotency-Key was used for another request. Send a new key with a new request.',
        );
      }
      return { status: before.status, answer: JSON.parse(inside.secrets.open(before.answer, recordId)) as unknown };
    }
    const answered = await work(inside);
    const sealed = inside.secrets.seal(JSON.stringify(answered.answer ?? null), recordId);
    await sql`
      insert into platform.idempotency (caller, key, request, status, answer, created_at)
      values (${caller}, ${key}, ${request}, ${answered.status}, ${sealed}, ${context.clock.now()})
      on conflict (caller, key) do update set request = excluded.request, status = excluded.status, answer = excluded.answer, created_at = excluded.created_at`;
    return answered;
  });
};

/** Forgets answers older than 7 days; a daily job. */
export const forgetOldAnswers = async (context: Context): Promise<void> => {
  const oldest = new Date(context.clock.now().getTime() - keptDays * 86_400_000);
  await context.postgres`delete from platform.idempotency where created_at <= ${oldest}`;
};
