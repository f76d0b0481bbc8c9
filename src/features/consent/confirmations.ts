/** Double opt-in: a sign-up waits until the link that goes to the person's mailbox is opened and its button pressed. */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import type { Channel } from './consent.ts';
import { digestToken, newToken } from './token.ts';

/** A sign-up nobody confirms says nothing after this long. */
const confirm_days = 30;
const recordOf = (consentId: string): string => `consent.confirmation/${consentId}`;

export const writeConfirmations = async (
  context: Context,
  pending: readonly { consentId: string; originId: number; customerId: number }[],
): Promise<void> => {
  if (pending.length === 0) return;
  const now = context.clock.now();
  const rows = pending.map(one => ({ ...one, token: newToken() }));
  await context.postgres`
    insert into consent.confirmation (consent_id, token_hash, token_sealed, origin_id, customer_id, created_at, expires_at)
    select consent_id, hash, sealed, origin_id, customer_id, ${now}, ${new Date(now.getTime() + confirm_days * 86_400_000)}
    from unnest(${rows.map(row => row.consentId)}::uuid[], ${rows.map(row => digestToken(row.token))}::text[], ${rows.map(row => context.secrets.seal(row.token, recordOf(row.consentId)))}::text[],
      ${rows.map(row => row.originId)}::bigint[], ${rows.map(row => row.customerId)}::bigint[]) as n (consent_id, hash, sealed, origin_id, customer_id)`;
  for (const row of rows)
    await context.announce('consent.confirmation_wanted', { customer_id: String(row.customerId), consent_id: row.consentId });
};

export type Confirmation = {
  consentId: string;
  customerId: number;
  channel: Channel;
  purpose: string;
  topic: string;
  brandId: string | null;
  /** waiting: the button works. confirmed: it was pressed. over: too late, or the person has spoken since. */
  state: 'waiting' | 'confirmed' | 'over';
};

const select = (context: Context) => context.postgres`
  select f.consent_id as "consentId", f.customer_id as "customerId", said.channel, said.purpose, said.topic, said.brand_id as "brandId", f.token_sealed as sealed,
    case when f.confirmed_at is not null then 'confirmed'
      when f.expires_at > ${context.clock.now()} and exists (select 1 from consent.current n where n.consent_id = f.consent_id and n.state = 'pending') then 'waiting'
      else 'over' end as state
  from consent.confirmation f join consent.consent said on said.id = f.consent_id`;

/** What a link confirms; null when it is not one of ours. Changes nothing. */
export const findConfirmation = async (context: Context, token: string): Promise<Confirmation | null> => {
  const [row] = await context.postgres`${select(context)} where f.token_hash = ${digestToken(token)}`;
  if (!row) return null;
  const { sealed: _, ...found } = row;
  return found as Confirmation;
};

/** Links that wait to be sent to this person (messaging, or staff by hand until then): `path` begins with a slash. */
export const confirmationsOf = async (context: Context, customerId: number): Promise<(Confirmation & { path: string })[]> => {
  const rows = await context.postgres`${select(context)} where f.customer_id = ${customerId} order by f.created_at desc limit 20`;
  return rows.flatMap(({ sealed, ...row }) =>
    row.state === 'waiting'
      ? { ...(row as Confirmation), path: `/p/confirm/${context.secrets.open(sealed, recordOf(row.consentId))}` }
      : [],
  );
};

/** Marks the confirmation as used, once; false when it is over or was used before. */
export const takeConfirmation = (context: Context, consentId: string): Promise<boolean> =>
  inTransaction(context, async inside => {
    const taken = await inside.postgres`
      update consent.confirmation set confirmed_at = ${inside.clock.now()}
      where consent_id = ${consentId} and confirmed_at is null and expires_at > ${inside.clock.now()}
        and exists (select 1 from consent.current n where n.consent_id = confirmation.consent_id and n.state = 'pending') returning consent_id`;
    return taken.length > 0;
  });
