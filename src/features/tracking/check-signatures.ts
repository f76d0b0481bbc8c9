/** Looks at the signatures of calls: who signed gets trust, who did not keeps the browser's. Every outcome is counted. */
import type { Context } from '../../platform/context.ts';
import type { Call } from './segment-call.ts';
import { isExpired, readSignature, type SignatureOutcome, type Signed, vouchedFor } from './signature.ts';
import { openSigningSecrets } from './signing-secrets.ts';

type Checked = { outcome: SignatureOutcome; signed: Signed | null };

/** Per call what its signature vouches for; calls without one are left out. A call of a secret key needs none, and its is not looked at. */
export const checkSignatures = async (context: Context, calls: readonly Call[]): Promise<Map<Call, Signed>> => {
  const bearing = calls.filter(call => call.signature !== null && call.trust === 'browser');
  const held = new Map<Call, Signed>();
  if (bearing.length === 0) return held;
  const secrets = await openSigningSecrets(context);
  const outcomes = new Map<string, { shopId: string; outcome: SignatureOutcome; count: number }>();
  for (const call of bearing) {
    const { outcome, signed } = check(call, secrets);
    if (signed) held.set(call, signed);
    const key = `${call.shopId} ${outcome}`;
    outcomes.set(key, { shopId: call.shopId, outcome, count: (outcomes.get(key)?.count ?? 0) + 1 });
  }
  await count(
    context,
    [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
  );
  return held;
};

const check = (call: Call, secrets: ReadonlyMap<string, readonly string[]>): Checked => {
  const no = (outcome: SignatureOutcome): Checked => ({ outcome, signed: null });
  const signature = readSignature(call.signature!);
  if (!signature) return no('unreadable');
  if (call.userId === null) return no('no_user');
  const own = secrets.get(call.shopId);
  if (!own) return no('no_secret');
  const person = { userId: call.userId, email: typeof call.traits.email === 'string' ? call.traits.email : null };
  const among = (some: readonly string[]): Signed | null => {
    for (const secret of some) {
      const signed = vouchedFor(secret, signature, person);
      if (signed) return signed;
    }
    return null;
  };
  const signed = among(own);
  if (signed) return isExpired(signature, call.receivedAt) ? no('expired') : { outcome: 'good', signed };
  const others = [...secrets].flatMap(([shop, some]) => (shop === call.shopId ? [] : some));
  return no(among(others) ? 'other_shop' : 'wrong');
};

const count = async (
  context: Context,
  outcomes: readonly { shopId: string; outcome: SignatureOutcome; count: number }[],
): Promise<void> => {
  const now = context.clock.now();
  await context.postgres`
    insert into tracking.signature_tally (shop_id, day, outcome, count, last_at)
    select shop_id, ${now}::timestamptz::date, outcome, count, ${now}
    from unnest(${outcomes.map(one => one.shopId)}::uuid[], ${outcomes.map(one => one.outcome)}::text[], ${outcomes.map(one => one.count)}::int[]) as one (shop_id, outcome, count)
    on conflict (shop_id, day, outcome) do update set count = signature_tally.count + excluded.count, last_at = excluded.last_at`;
};

/** Outcomes of the last 30 days, the most frequent first. */
export const signatureOutcomes = async (context: Context, shopId: string) =>
  (await context.postgres`
    select outcome, sum(count)::bigint as count, max(last_at) as last_at from tracking.signature_tally
    where shop_id = ${shopId} and day > ${context.clock.now()}::timestamptz::date - 30 group by outcome order by 2 desc, 1`) as unknown as {
    outcome: SignatureOutcome;
    count: number;
    last_at: Date;
  }[];
