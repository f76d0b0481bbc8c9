/**
 * Step-up: before something grave (a large export, changing how one signs in) somebody proves again who they are: with the second factor
 * where they have one, else with the password. It holds for ten minutes.
 */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { countAttempt, forgetAttempts } from './limit-attempts.ts';
import { assertionOptions, type Site, takePasskey } from './passkeys.ts';
import { isPassword } from './password.ts';
import { isProtected, methodsOf, readFactors, takeTypedCode } from './second-factors.ts';
import { ownStaff } from './show-me.ts';

const goodForMinutes = 10;
const challengeMinutes = 5;

const untilOf = (at: Date | null): Date | null => at && new Date(at.getTime() + goodForMinutes * 60_000);

/** Whether whoever asks has proved lately who they are. Keys have nothing to prove with. */
export const provedUntil = async ({ postgres, actor, clock }: Context): Promise<Date | null> => {
  if (!actor.sessionId) return null;
  const [row] = await postgres<{ proved_at: Date | null }[]>`select proved_at from access.session where id = ${actor.sessionId}`;
  const until = untilOf(row?.proved_at ?? null);
  return until && until > clock.now() ? until : null;
};

export const proofNeeded = (why: string): Refusal =>
  new Refusal(
    'forbidden',
    'access.proof_needed',
    `${why} Show again who you are (POST /api/step-up), then repeat this within ${goodForMinutes} minutes.`,
  );

/** 403 `access.proof_needed` unless proved within the last ten minutes; the admin asks and repeats by itself. */
export const requireProof = async (context: Context): Promise<void> => {
  await ownStaff(context);
  if ((await provedUntil(context)) === null) throw proofNeeded('This changes how you sign in.');
};

/** How the present person can prove it. */
export const showProof = async (context: Context) => {
  const staff = await ownStaff(context);
  const factors = await readFactors(context, staff.id);
  return {
    methods: isProtected(factors) ? methodsOf(factors) : (['password'] as const),
    proved_until: (await provedUntil(context))?.toISOString() ?? null,
  };
};

type Proof = { password?: string; code?: string; passkey?: unknown };

export const prove = async (
  context: Context,
  input: Proof & { site: Site; address: string },
): Promise<{ proved_until: string }> => {
  const staff = await ownStaff(context);
  const factors = await readFactors(context, staff.id);
  if (input.passkey !== undefined) {
    const challenge = await takeChallenge(context);
    await takePasskey(context, input.site, { staffId: staff.id, challenge, response: input.passkey });
  } else if (input.code !== undefined) {
    await takeTypedCode(context, { staffId: staff.id, code: input.code, address: input.address });
  } else if (isProtected(factors)) {
    throw new Refusal(
      'refused',
      'access.proof_by_factor',
      'Your password is not enough here: use your passkey, your authenticator app or a recovery code.',
    );
  } else {
    const attempt = { what: 'password', account: staff.id, address: input.address } as const;
    await countAttempt(context, attempt);
    if (!(await isPassword(staff.password_hash, input.password ?? ''))) {
      const reason = 'This is not your password. Type it again.';
      throw new Refusal('refused', 'access.wrong_current_password', reason, { faults: [{ path: 'password', reason }] });
    }
    await forgetAttempts(context, attempt);
  }
  const now = context.clock.now();
  await context.postgres`update access.session set proved_at = ${now} where id = ${context.actor.sessionId ?? null}`;
  await audit(context, 'access.proved');
  return { proved_until: untilOf(now)!.toISOString() };
};

/** Puts a challenge into the session: one at a time, for five minutes, used up by the next answer. */
export const keepChallenge = async ({ postgres, actor, clock }: Context, challenge: string): Promise<void> => {
  await postgres`
    update access.session set challenge = ${challenge}, challenge_until = ${new Date(clock.now().getTime() + challengeMinutes * 60_000)}
    where id = ${actor.sessionId ?? null}`;
};

export const takeChallenge = async ({ postgres, actor, clock }: Context): Promise<string> => {
  const [row] = await postgres<{ challenge: string; challenge_until: Date }[]>`
    with before as (select id, challenge, challenge_until from access.session where id = ${actor.sessionId ?? null} and challenge is not null for update)
    update access.session s set challenge = null, challenge_until = null from before where s.id = before.id
    returning before.challenge, before.challenge_until`;
  if (!row || row.challenge_until <= clock.now())
    throw new Refusal(
      'refused',
      'access.challenge_over',
      'This took too long, or was answered before. Press the button once more.',
    );
  return row.challenge;
};

export const challengeProof = async (context: Context, site: Site) => {
  const staff = await ownStaff(context);
  const options = await assertionOptions(context, site, staff.id);
  await keepChallenge(context, options.challenge);
  return options;
};
