/** Sign in with e-mail and password: the same answer and the same work whether the account exists or not. */
import { audit } from '../../platform/audit.ts';
import type { Actor, Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { countAttempt, forgetAttempts } from './limit-attempts.ts';
import { isPassword } from './password.ts';
import { findStaffByEmail, type StaffRow } from './postgres.ts';
import { browserOf, expiryFrom } from './session.ts';
import { digestToken, newToken } from './token.ts';

/** The browser that asks: where it is, what it calls itself, and the session it already holds. */
export type Browser = { address: string; userAgent: string | undefined; token: string | null };

export const signIn = async (
  context: Context,
  input: { email: string; password: string; browser: Browser },
): Promise<{ staffId: string; token: string }> => {
  const email = input.email.toLowerCase();
  const attempt = { what: 'sign-in', account: email, address: input.browser.address } as const;
  await countAttempt(context, attempt);
  const staff = await findStaffByEmail(context, email);
  const right = await isPassword(staff?.password_hash ?? null, input.password);
  if (!staff || !right || staff.disabled_at !== null) {
    await audit(context, 'access.sign_in_refused', staff ? { subject: { kind: 'staff', id: staff.id } } : {});
    throw new Refusal(
      'unauthenticated',
      'access.wrong_password',
      'E-mail and password do not match. Try again, or ask an owner for a new password link.',
    );
  }
  await forgetAttempts(context, attempt);
  return inTransaction(context, inside => startSession(inside, staff, input.browser));
};

export const actorOf = (staff: Pick<StaffRow, 'id' | 'name' | 'verbs' | 'fields'>): Actor => ({
  kind: 'staff',
  id: staff.id,
  name: staff.name,
  verbs: new Set(staff.verbs),
  fields: new Set(staff.fields),
  shopIds: null,
});

/** A new session with a new token at every login; the one this browser held before ends. */
export const startSession = async (
  context: Context,
  staff: StaffRow,
  browser: Browser,
): Promise<{ staffId: string; token: string }> => {
  const token = newToken();
  const now = context.clock.now();
  if (browser.token) {
    await context.postgres`
      update access.session set ended_at = ${now}, ended_why = 'signed_in_again' where token_hash = ${digestToken(browser.token)} and ended_at is null`;
  }
  await context.postgres`
    insert into access.session (staff_id, token_hash, browser, address, created_at, last_seen_at, expires_at)
    values (${staff.id}, ${digestToken(token)}, ${browserOf(browser.userAgent)}, ${browser.address}, ${now}, ${now}, ${expiryFrom(now)})`;
  await audit({ ...context, actor: actorOf(staff) }, 'access.signed_in', { address: browser.address });
  return { staffId: staff.id, token };
};

/** Ends the session a browser holds, if any. */
export const signOut = async (context: Context, token: string | null): Promise<void> => {
  if (token === null) return;
  const ended = await context.postgres`
    update access.session set ended_at = ${context.clock.now()}, ended_why = 'signed_out'
    where token_hash = ${digestToken(token)} and ended_at is null returning id`;
  if (ended.length > 0 && context.actor.kind === 'staff') await audit(context, 'access.signed_out');
};
