/**
 * `Idempotency-Key`: the same request sent again within 7 days gets the first answer again instead of a second effect. The effect and the
 * remembered answer are one transaction, so a crash leaves both or neither; a twin that arrives meanwhile waits for the first.
 */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Context } from './context.ts';
import { Refusal } from './errors.ts';
import { inTransaction } from './postgres.ts';

export const keptDays = 7;
const longestKey = 255;

/** What makes two requests "the same": method, path with query, and the exact body. */
const digestRequest = (request: FastifyRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([request.method, request.url, request.body ?? null]))
    .digest('hex');

/** Runs `work` once per caller and key; later calls get its answer again. Refusals are not kept: nothing happened, so trying again is safe. */
export const once = (
  context: Context,
  request: FastifyRequest,
  work: (context: Context) => Promise<unknown>,
): Promise<unknown> => {
  const key = String(request.headers['idempotency-key']);
  if (key.length === 0 || key.length > longestKey) {
    throw new Refusal(
      'malformed',
      'platform.idempotency_key',
      `An Idempotency-Key has 1 to ${longestKey} characters. A random UUID is a good one.`,
    );
  }
  // One actor never sees the answer of another.
  const caller = `${context.actor.kind}/${context.actor.id}`;
  const digest = digestRequest(request);
  const recordId = `platform.idempotency/${caller}/${key}`;
  return inTransaction(context, async inside => {
    const sql = inside.postgres;
    // The lock makes a twin wait until the first one has committed; it ends with the transaction.
    await sql`select pg_advisory_xact_lock(hashtextextended(${recordId}, 0))`;
    const [before] = await sql<{ request: string; answer: string }[]>`
      select request, answer from platform.idempotency where caller = ${caller} and key = ${key} and created_at > ${oldestKept(context)}`;
    if (before && before.request !== digest) {
      throw new Refusal(
        'refused',
        'platform.idempotency_mismatch',
        'This Idempotency-Key was used for another request. Send a new key with a new request.',
      );
    }
    if (before) return JSON.parse(inside.secrets.open(before.answer, recordId)) as unknown;
    const answer = await work(inside);
    const sealed = inside.secrets.seal(JSON.stringify(answer ?? null), recordId);
    await sql`
      insert into platform.idempotency (caller, key, request, answer, created_at)
      values (${caller}, ${key}, ${digest}, ${sealed}, ${context.clock.now()})
      on conflict (caller, key) do update set request = excluded.request, answer = excluded.answer, created_at = excluded.created_at`;
    return answer;
  });
};

const oldestKept = (context: Context): Date => new Date(context.clock.now().getTime() - keptDays * 86_400_000);

/** Forgets answers older than 7 days; a daily job. */
export const forgetOldAnswers = async (context: Context): Promise<void> => {
  await context.postgres`delete from platform.idempotency where created_at <= ${oldestKept(context)}`;
};

/** An erasure: forgets remembered answers that speak of somebody. `needles`: values that only that person's records hold. */
export const forgetAnswersAbout = async (context: Context, needles: readonly string[]): Promise<void> => {
  const wanted = needles.filter(needle => needle.length >= 3);
  if (wanted.length === 0) return;
  const rows = await context.postgres`select caller, key, answer from platform.idempotency`;
  for (const { caller, key, answer } of rows) {
    const text = context.secrets.open(answer as string, `platform.idempotency/${caller}/${key}`);
    if (wanted.some(needle => text.includes(JSON.stringify(needle).slice(1, -1))))
      await context.postgres`delete from platform.idempotency where caller = ${caller} and key = ${key}`;
  }
};
