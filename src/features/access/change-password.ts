/** Change one's own password: needs the present one, ends every other session. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { countAttempt, forgetAttempts } from './limit-attempts.ts';
import { hashPassword, isPassword, refuseWeakPassword } from './password.ts';
import { endSessions, findStaff } from './postgres.ts';

export const changePassword = async (
  context: Context,
  input: { staffId: string; current: string; next: string; address: string },
): Promise<void> => {
  const attempt = { what: 'password', account: input.staffId, address: input.address } as const;
  await countAttempt(context, attempt);
  const staff = (await findStaff(context, input.staffId))!;
  if (!(await isPassword(staff.password_hash, input.current))) {
    const reason = 'This is not your present password. Type it again.';
    throw new Refusal('refused', 'access.wrong_current_password', reason, { faults: [{ path: 'current_password', reason }] });
  }
  refuseWeakPassword(input.next, [staff.name, staff.email]);
  const passwordHash = await hashPassword(input.next);
  await inTransaction(context, async inside => {
    await inside.postgres`
      update access.staff set password_hash = ${passwordHash}, password_changed_at = ${inside.clock.now()}, version = version + 1 where id = ${staff.id}`;
    await inside.postgres`update access.link set voided_at = ${inside.clock.now()} where staff_id = ${staff.id} and used_at is null and voided_at is null`;
    const ended = await endSessions(inside, staff.id, 'password_changed', context.actor.sessionId);
    await audit(inside, 'access.password_changed', { sessions_ended: ended });
  });
  await forgetAttempts(context, attempt);
};
