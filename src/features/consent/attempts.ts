/** Limits on a public door, by network and by what was typed. Counted before the work, so that many tries at once count too. */
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';

const limits = { network: { most: 20, perSeconds: 900 }, address: { most: 5, perSeconds: 3600 } } as const;

/** Throws 429 when there were too many. The buckets are keyed digests: neither addresses nor networks are kept. */
export const countAttempt = async (context: Context, attempt: { address: string; network: string }): Promise<void> => {
  const buckets = (['address', 'network'] as const)
    .map(kind => ({ name: context.secrets.hmac('consent.attempt', `${kind}/${attempt[kind].toLowerCase()}`), ...limits[kind] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const now = context.clock.now();
  const rows = await context.postgres`
    insert into consent.attempt as attempt (bucket, used, resets_at)
    select name, 1, ${now}::timestamptz + per_seconds * interval '1 second'
    from unnest(${buckets.map(bucket => bucket.name)}::text[], ${buckets.map(bucket => bucket.perSeconds)}::int[]) as new (name, per_seconds)
    on conflict (bucket) do update set
      used = case when attempt.resets_at <= ${now} then 1 else attempt.used + 1 end,
      resets_at = case when attempt.resets_at <= ${now} then excluded.resets_at else attempt.resets_at end
    returning bucket, used, resets_at`;
  const over = rows.filter(row => (row.used as number) > buckets.find(bucket => bucket.name === row.bucket)!.most);
  if (over.length === 0) return;
  const wait = Math.max(...over.map(row => Math.ceil(((row.resets_at as Date).getTime() - now.getTime()) / 1000)));
  throw new Refusal('too_many', 'consent.too_many', 'Too many tries. Wait a little, then try again.', {
    retryAfterSeconds: wait,
  });
};

export const forgetAttempts = async (context: Context): Promise<void> => {
  await context.postgres`delete from consent.attempt where resets_at < ${context.clock.now()}`;
};
