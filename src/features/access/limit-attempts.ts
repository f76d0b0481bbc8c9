/** Limits on guessing: per account, per network, and per the two together. Counted before the work, so that many guesses at once count too. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { networkOf } from './network.ts';

type Limit = { most: number; perSeconds: number };
type Bucket = Limit & { name: string };

/** An account's own limit is wider than the pair's: a stranger elsewhere must not lock its owner out with a few tries. */
const limits = {
  pair: { most: 8, perSeconds: 900 },
  account: { most: 30, perSeconds: 3600 },
  network: { most: 60, perSeconds: 900 },
} satisfies Record<string, Limit>;

export type Attempt = {
  what: 'sign-in' | 'password' | 'setup' | 'link' | 'second-factor' | 'passkey';
  account: string | null;
  address: string;
};

const bucketsOf = (context: Context, { what, account, address }: Attempt): Bucket[] => {
  const network = networkOf(address);
  const bucket = (kind: keyof typeof limits, value: string): Bucket => ({
    ...limits[kind],
    name: context.secrets.hmac('access.attempt', `${what}/${kind}/${value}`),
  });
  const ofAccount = account === null ? [] : [bucket('pair', `${account}/${network}`), bucket('account', account)];
  return [...ofAccount, bucket('network', network)];
};

/**
 * Counts one attempt and throws 429 when there were too many. Counts on the pool, never in the caller's transaction: an attempt that
 * fails rolls back what it did, but stays counted.
 */
export const countAttempt = async (context: Context, attempt: Attempt): Promise<void> => {
  const buckets = bucketsOf(context, attempt).sort((a, b) => (a.name < b.name ? -1 : 1));
  const now = context.clock.now();
  const rows = await context.postgres<{ bucket: string; used: number; resets_at: Date }[]>`
    insert into access.attempt as attempt (bucket, used, resets_at)
    select name, 1, ${now}::timestamptz + per_seconds * interval '1 second'
    from unnest(${buckets.map(bucket => bucket.name)}::text[], ${buckets.map(bucket => bucket.perSeconds)}::int[]) as new (name, per_seconds)
    on conflict (bucket) do update set
      used = case when attempt.resets_at <= ${now} then 1 else attempt.used + 1 end,
      resets_at = case when attempt.resets_at <= ${now} then excluded.resets_at else attempt.resets_at end
    returning bucket, used, resets_at`;
  const over = rows.filter(row => row.used > (buckets.find(bucket => bucket.name === row.bucket)?.most ?? 0));
  if (over.length === 0) return;
  const first = over.some(row => row.used === (buckets.find(bucket => bucket.name === row.bucket)?.most ?? 0) + 1);
  if (first) await audit(context, 'access.attempts_limited', { what: attempt.what, network: networkOf(attempt.address) });
  const wait = Math.max(...over.map(row => Math.ceil((row.resets_at.getTime() - now.getTime()) / 1000)));
  throw new Refusal(
    'too_many',
    'access.too_many_attempts',
    `Too many attempts. Wait ${Math.ceil(wait / 60)} minutes, then try again.`,
    {
      retryAfterSeconds: wait,
      values: { minutes: Math.ceil(wait / 60) },
    },
  );
};

/** After success the account starts at zero; the network keeps its count. */
export const forgetAttempts = async (context: Context, attempt: Attempt): Promise<void> => {
  const own = bucketsOf(context, attempt).slice(0, -1);
  await context.postgres`delete from access.attempt where bucket = any(${own.map(bucket => bucket.name)})`;
};
