/** A legal hold and its release: nothing of a held person is erased, by staff or by a rule. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { findOwner, originsOf } from '../customers/index.ts';

export type Hold = {
  id: string;
  reason: string;
  at: Date;
  by_whom: string;
  released_at: Date | null;
  released_by: string | null;
  released_reason: string | null;
};

export const holdsOf = async (context: Context, customerId: number): Promise<Hold[]> =>
  (await context.postgres`
    select id, reason, at, by_whom, released_at, released_by, released_reason from privacy.hold where customer_id = ${customerId}
    order by released_at is not null, at desc`) as unknown as Hold[];

/** Errors: not_found, refused (already held). */
export const hold = (context: Context, input: { customerId: string; reason: string }): Promise<void> =>
  inTransaction(context, async inside => {
    const owner = await findOwner(inside, input.customerId);
    await inside.postgres`select id from customers.customer where id = ${owner} for no key update`;
    const [{ known }] = await inside.postgres`select known from customers.customer where id = ${owner}`;
    if (!known)
      throw new Refusal(
        'refused',
        'privacy.hold_anonymous',
        'An anonymous visitor cannot be put on hold: nobody knows who it is. Wait until they sign in.',
      );
    const [held] = await inside.postgres`select id from privacy.hold where customer_id = ${owner} and released_at is null`;
    if (held)
      throw new Refusal(
        'refused',
        'privacy.held',
        'This customer is already on hold. Release that hold first to give another reason.',
      );
    await inside.postgres`
      insert into privacy.hold (origin_id, customer_id, reason, at, by_whom) values (${owner}, ${owner}, ${input.reason}, ${inside.clock.now()}, ${inside.actor.name})`;
    await audit(inside, 'privacy.held', { subject: { kind: 'customer', id: String(owner) } });
  });

/** Releases every hold of the person (a merge may have brought a second one). Errors: not_found, refused (not held). */
export const releaseHold = (context: Context, input: { customerId: string; reason: string }): Promise<void> =>
  inTransaction(context, async inside => {
    const owner = await findOwner(inside, input.customerId);
    const released = await inside.postgres`
      update privacy.hold set released_at = ${inside.clock.now()}, released_by = ${inside.actor.name}, released_reason = ${input.reason}
      where customer_id = ${owner} and released_at is null returning id`;
    if (released.length === 0)
      throw new Refusal('refused', 'privacy.not_held', 'This customer is not on hold. Load the page again.');
    await audit(inside, 'privacy.hold_released', { subject: { kind: 'customer', id: String(owner) } });
  });

/** Every origin of every held person, ascending: what retention rules leave alone. */
export const heldOrigins = async (context: Context): Promise<number[]> => {
  const rows = await context.postgres`select distinct customer_id from privacy.hold where released_at is null`;
  const owners = rows.map(row => row.customer_id as number);
  return [...(await originsOf(context, owners)).values()].flat().sort((a, b) => a - b);
};

/** The reason for which this person may not be erased now, or null. */
export const holdReason = async (context: Context, customerIds: readonly number[]): Promise<string | null> => {
  const [row] = await context.postgres`
    select reason from privacy.hold where customer_id = any(${customerIds as number[]}::bigint[]) and released_at is null order by at limit 1`;
  return (row?.reason as string | undefined) ?? null;
};
