/** "View as": an owner or admin sees the product exactly as a role or a person would. Nothing can be changed meanwhile; it ends by itself. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { refuseMoreThanOwn } from './manage-staff.ts';
import { findRole, findStaff } from './postgres.ts';

const viewMinutes = 30;

type As = { role_id?: string; staff_id?: string };

export const viewAs = (context: Context, as: As): Promise<{ until: string }> =>
  inTransaction(context, async inside => {
    if (!inside.actor.sessionId)
      throw new Refusal('refused', 'access.people_only', 'Only a person can look as somebody else. Sign in to do this.');
    const staff = as.staff_id === undefined ? null : await findStaff(inside, as.staff_id);
    if (staff === undefined || (staff && staff.disabled_at !== null)) throw notFound('staff');
    const roleId = staff?.role_id ?? as.role_id;
    const role = roleId === undefined ? undefined : await findRole(inside, roleId);
    if (!role) throw notFound('role');
    await refuseMoreThanOwn(inside, role);
    const until = new Date(inside.clock.now().getTime() + viewMinutes * 60_000);
    await inside.postgres`
      update access.session set view_role_id = ${role.id}, view_staff_id = ${staff?.id ?? null}, view_until = ${until} where id = ${inside.actor.sessionId}`;
    const subject = staff ? { kind: 'staff', id: staff.id } : { kind: 'role', id: role.id };
    await audit(inside, 'access.view_began', { subject });
    return { until: until.toISOString() };
  });

export const endView = async (context: Context): Promise<void> => {
  const ended = await context.postgres`
    update access.session set view_role_id = null, view_staff_id = null, view_until = null
    where id = ${context.actor.sessionId ?? null} and view_until is not null returning id`;
  if (ended.length > 0) await audit(context, 'access.view_ended');
};
