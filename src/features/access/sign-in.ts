/** Sign in with e-mail and password: the same answer and the same work whether the account exists or not. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { countAttempt, forgetAttempts } from './limit-attempts.ts';
import { type Opened, openSession } from './open-session.ts';
import { isPassword } from './password.ts';
import { findStaffByEmail } from './postgres.ts';
import type { Browser } from './session.ts';
import { digestToken } from './token.ts';

export const signIn = async (context: Context, input: { email: string; password: string; browser: Browser }): Promise<Opened> => {
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
  return openSession(context, staff, input.browser);
};

/** Ends the session a browser holds, if any. */
export const signOut = async (context: Context, token: string | null): Promise<void> => {
  if (token === null) return;
  const ended = await context.postgres`
    update access.session set ended_at = ${context.clock.now()}, ended_why = 'signed_out'
    where token_hash = ${digestToken(token)} and ended_at is null returning id`;
  if (ended.length > 0 && context.actor.kind === 'staff') await audit(context, 'access.signed_out');
};
