/** What somebody has besides the password: an authenticator app, passkeys, recovery codes. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { countAttempt, forgetAttempts } from './limit-attempts.ts';
import { takeRecoveryCode } from './recovery-codes.ts';
import { takeTotp } from './totp.ts';

export type Factor = 'totp' | 'passkey' | 'recovery';
export type Factors = { totp: boolean; passkeys: number; recovery: number };

/** Whether a row of `staff` has a second factor: for queries over many. */
export const hasFactorSql = ({ postgres: sql }: Context) => sql`
  (exists (select from access.totp where staff_id = staff.id and confirmed_at is not null) or exists (select from access.passkey where staff_id = staff.id))`;

export const readFactors = async ({ postgres }: Context, staffId: string): Promise<Factors> => {
  const [row] = await postgres`
    select exists (select from access.totp where staff_id = ${staffId} and confirmed_at is not null) as totp,
      (select count(*)::int from access.passkey where staff_id = ${staffId}) as passkeys,
      (select count(*)::int from access.recovery_code where staff_id = ${staffId} and used_at is null) as recovery`;
  return row as unknown as Factors;
};

/** Recovery codes alone protect nothing: they stand in for a lost device. */
export const isProtected = (factors: Factors): boolean => factors.totp || factors.passkeys > 0;

/** What to offer at a login or a step-up, strongest first. */
export const methodsOf = (factors: Factors): Factor[] => [
  ...(factors.passkeys > 0 ? (['passkey'] as const) : []),
  ...(factors.totp ? (['totp'] as const) : []),
  ...(factors.recovery > 0 ? (['recovery'] as const) : []),
];

/**
 * Takes a typed code: six digits from the app, or a recovery code. Tries are counted on the pool before the work, so they stay counted when
 * the request that brought a wrong one is undone. Throws `refused`.
 */
export const takeTypedCode = async (
  context: Context,
  input: { staffId: string; code: string; address: string },
): Promise<'totp' | 'recovery'> => {
  const attempt = { what: 'second-factor', account: input.staffId, address: input.address } as const;
  await countAttempt(context, attempt);
  const factor = (await takeTotp(context, input.staffId, input.code))
    ? ('totp' as const)
    : (await takeRecoveryCode(context, input.staffId, input.code))
      ? ('recovery' as const)
      : null;
  if (factor === null) {
    await audit(context, 'access.wrong_code', { subject: { kind: 'staff', id: input.staffId } });
    const reason = 'This code is wrong or was used before. Wait for the next one, or use a recovery code.';
    throw new Refusal('refused', 'access.wrong_code', reason, { faults: [{ path: 'code', reason }] });
  }
  await forgetAttempts(context, attempt);
  return factor;
};
