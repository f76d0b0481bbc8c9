/** Links of one customer's own: a random token, kept as a digest, that ends. */
import { createHash, randomBytes } from 'node:crypto';
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';

const valid_days = 60;
const tokenBytes = 24;

const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** The path of a fresh link for a customer (owner) and when it ends; put the public address in front. */
export const makeWelcomeLink = async (
  context: Context,
  input: { customerId: number },
): Promise<{ path: string; expiresAt: Date }> => {
  const token = randomBytes(tokenBytes).toString('base64url');
  const now = context.clock.now();
  const expiresAt = new Date(now.getTime() + valid_days * 86_400_000);
  await context.postgres`
    insert into welcome.link (digest, origin_id, customer_id, made_at, made_by, expires_at)
    values (${digestOf(token)}, ${input.customerId}, ${input.customerId}, ${now}, ${context.actor.name}, ${expiresAt})`;
  await audit(context, 'welcome.link_made', { subject: { kind: 'customer', id: String(input.customerId) } });
  return { path: `/w/${token}`, expiresAt };
};

export type OwnLink = { digest: string; originId: number; customerId: number; ended: boolean };

/** Null: no such link. */
export const findLink = async (context: Context, token: string): Promise<OwnLink | null> => {
  if (!/^[\w-]{32}$/.test(token)) return null;
  const [row] = await context.postgres`
    select l.digest, l.origin_id as "originId", l.customer_id as "customerId", l.expires_at <= ${context.clock.now()} or c.erased_at is not null as ended
    from welcome.link l join customers.customer c on c.id = l.customer_id where l.digest = ${digestOf(token)}`;
  return (row as unknown as OwnLink | undefined) ?? null;
};

const most = 20;
const per_seconds = 900;

/** Counts one sending of the form by a network; throws 429 beyond the limit. Counted outside the transaction that may be rolled back. */
export const countSending = async (context: Context, address: string): Promise<void> => {
  const network = address.includes(':') ? address.split(':').slice(0, 4).join(':') : address;
  const now = context.clock.now();
  const [row] = await context.postgres`
    insert into welcome.attempt as a (bucket, used, resets_at)
    values (${context.secrets.hmac('welcome.attempt', network)}, 1, ${now}::timestamptz + ${per_seconds} * interval '1 second')
    on conflict (bucket) do update set
      used = case when a.resets_at <= ${now} then 1 else a.used + 1 end,
      resets_at = case when a.resets_at <= ${now} then excluded.resets_at else a.resets_at end
    returning used`;
  if ((row.used as number) > most)
    throw new Refusal(
      'too_many',
      'welcome.too_many',
      'This form was sent too often from here. Wait a quarter of an hour, then try again.',
      {
        retryAfterSeconds: per_seconds,
      },
    );
};

export const forgetAttempts = async (context: Context): Promise<void> => {
  await context.postgres`delete from welcome.attempt where resets_at < ${context.clock.now()}`;
};
