/** Invite people, change their role, shut them out, let them in again. Nobody gives what they do not hold; one owner always stays. */
import { audit } from '../../platform/audit.ts';
import type { Actor, Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type Link, makeLink } from './make-link.ts';
import {
  endSessions,
  findRole,
  findStaff,
  findStaffByEmail,
  lockTeam,
  ownersWhoCanSignIn,
  type RoleRow,
  type StaffRow,
} from './postgres.ts';
import { isWithin, withinBoth } from './shops-of-staff.ts';

/** Owners alone make, change and remove owners. */
const refuseUnlessOwner = async (context: Context): Promise<void> => {
  if (context.actor.kind === 'system') return;
  const self = context.actor.kind === 'staff' && context.actor.id ? await findStaff(context, context.actor.id) : undefined;
  if (self?.role_code !== 'owner') {
    throw new Refusal('forbidden', 'access.owners_only', 'Only an owner may make, change or remove an owner. Ask one of them.');
  }
};

/** Whether somebody holds all of a role; only owners give "owner". */
export const mayGive = (actor: Actor, role: RoleRow): boolean =>
  actor.kind === 'system' ||
  (role.verbs.every(verb => actor.verbs.has(verb)) &&
    role.fields.every(field => actor.fields.has(field)) &&
    isWithin(role.shop_ids, actor.shopIds));

/** Nobody gives, takes or looks through a role that may do more than theirs. */
export const refuseMoreThanOwn = async (context: Context, role: RoleRow): Promise<void> => {
  if (role.code === 'owner') return refuseUnlessOwner(context);
  if (!mayGive(context.actor, role))
    throw new Refusal(
      'forbidden',
      'access.role_above_own',
      'This role may do more than yours. Ask somebody who holds it to give it.',
    );
};

/** Owners see all shops: somebody must. Others only ever get shops that whoever gives them sees. */
const refuseOtherShops = (context: Context, shops: readonly string[] | null, role: RoleRow): void => {
  if (role.code === 'owner' && shops !== null)
    throw new Refusal('refused', 'access.owner_shops', 'An owner sees all shops. Give another role to limit somebody to some.', {
      faults: [{ path: 'shop_ids', reason: 'An owner sees all shops.' }],
    });
  if (context.actor.kind !== 'system' && !isWithin(withinBoth(role.shop_ids, shops), context.actor.shopIds))
    throw new Refusal('forbidden', 'access.shops_above_own', 'You can give shops only that you see yourself.');
};

const refuseSelf = (context: Context, staffId: string): void => {
  if (context.actor.id !== staffId) return;
  throw new Refusal(
    'refused',
    'access.not_yourself',
    'You cannot change your own role or shut yourself out. Ask another owner or admin to do it.',
  );
};

const refuseLastOwner = async (context: Context, staff: StaffRow): Promise<void> => {
  if (staff.role_code !== 'owner') return;
  const others = (await ownersWhoCanSignIn(context)).filter(id => id !== staff.id);
  if (others.length === 0) {
    throw new Refusal('refused', 'access.last_owner', 'This is the last owner who can sign in. Make somebody else owner first.');
  }
};

export const staffToManage = async (context: Context, id: string): Promise<StaffRow> => {
  await lockTeam(context);
  const staff = await findStaff(context, id);
  if (!staff) throw notFound('staff');
  if (staff.role_code === 'owner') await refuseUnlessOwner(context);
  return staff;
};

const roleToGive = async (context: Context, id: string): Promise<RoleRow> => {
  const role = await findRole(context, id);
  if (!role) throw notFound('role');
  await refuseMoreThanOwn(context, role);
  return role;
};

export const inviteStaff = (
  context: Context,
  input: { name: string; email: string; role_id: string; shop_ids?: string[] | null },
): Promise<{ staff: StaffRow; link: Link }> =>
  inTransaction(context, async inside => {
    const role = await roleToGive(inside, input.role_id);
    refuseOtherShops(inside, input.shop_ids ?? null, role);
    const [made] = await inside.postgres<{ id: string }[]>`
      insert into access.staff (email, name, role_id, shop_ids, created_at)
      values (${input.email}, ${input.name}, ${role.id}, ${input.shop_ids ?? null}::uuid[], ${inside.clock.now()})
      on conflict (email) do nothing returning id`;
    if (!made) {
      throw new Refusal(
        'conflict',
        'access.email_taken',
        'Somebody with this e-mail address is in the team already. Look at the list, or use another address.',
        {
          faults: [{ path: 'email', reason: 'This address is in the team already.' }],
        },
      );
    }
    await audit(inside, 'access.invited', { subject: { kind: 'staff', id: made.id }, role: role.code ?? role.id });
    return { link: await makeLink(inside, 'invitation', made.id), staff: (await findStaffByEmail(inside, input.email))! };
  });

export const changeStaff = (
  context: Context,
  input: { id: string; version: number; name?: string; role_id?: string; shop_ids?: string[] | null },
): Promise<StaffRow> =>
  inTransaction(context, async inside => {
    const before = await staffToManage(inside, input.id);
    if (before.version !== input.version) throw stale('staff');
    const newRole =
      input.role_id !== undefined && input.role_id !== before.role_id ? await roleToGive(inside, input.role_id) : null;
    const shops = input.shop_ids === undefined ? before.shop_ids : input.shop_ids;
    const newShops = shops?.join() !== before.shop_ids?.join();
    if (newRole || newShops) {
      refuseSelf(inside, before.id);
      const role = newRole ?? (await roleToGive(inside, before.role_id));
      refuseOtherShops(inside, shops, role);
    }
    if (newRole) await refuseLastOwner(inside, before);
    await inside.postgres`
      update access.staff set name = ${input.name ?? before.name}, role_id = ${newRole?.id ?? before.role_id}, shop_ids = ${shops}::uuid[], version = version + 1 where id = ${before.id}`;
    if (newRole) {
      const ended = await endSessions(inside, before.id, 'role_changed');
      const details = { from: before.role_code ?? before.role_id, to: newRole.code ?? newRole.id, sessions_ended: ended };
      await audit(inside, 'access.role_changed', { subject: { kind: 'staff', id: before.id }, ...details });
    }
    if (newShops) {
      const ended = await endSessions(inside, before.id, 'shops_changed');
      const details = { from: before.shop_ids, to: shops, sessions_ended: ended };
      await audit(inside, 'access.shops_changed', { subject: { kind: 'staff', id: before.id }, ...details });
    }
    return (await findStaff(inside, before.id))!;
  });

/** Ends all sessions and voids open links at once. */
export const disableStaff = (context: Context, id: string): Promise<StaffRow> =>
  inTransaction(context, async inside => {
    const staff = await staffToManage(inside, id);
    if (staff.disabled_at !== null) return staff;
    refuseSelf(inside, id);
    await refuseLastOwner(inside, staff);
    const now = inside.clock.now();
    await inside.postgres`update access.staff set disabled_at = ${now}, disabled_by = ${inside.actor.id}, version = version + 1 where id = ${id}`;
    await inside.postgres`update access.link set voided_at = ${now} where staff_id = ${id} and used_at is null and voided_at is null`;
    await audit(inside, 'access.disabled', {
      subject: { kind: 'staff', id },
      sessions_ended: await endSessions(inside, id, 'disabled'),
    });
    return (await findStaff(inside, id))!;
  });

export const enableStaff = (context: Context, id: string): Promise<StaffRow> =>
  inTransaction(context, async inside => {
    const staff = await staffToManage(inside, id);
    if (staff.disabled_at === null) return staff;
    await roleToGive(inside, staff.role_id);
    await inside.postgres`update access.staff set disabled_at = null, disabled_by = null, version = version + 1 where id = ${id}`;
    await audit(inside, 'access.enabled', { subject: { kind: 'staff', id } });
    return (await findStaff(inside, id))!;
  });

/** A fresh one-time link: to accept the invitation while that is open, else to choose a new password. Voids the earlier ones. */
export const makeStaffLink = (context: Context, id: string): Promise<{ staff: StaffRow; link: Link }> =>
  inTransaction(context, async inside => {
    const staff = await staffToManage(inside, id);
    await roleToGive(inside, staff.role_id);
    if (staff.disabled_at !== null)
      throw new Refusal('refused', 'access.disabled', 'This person is shut out. Let them in again first.');
    const kind = staff.password_hash === null ? 'invitation' : 'password';
    await audit(inside, 'access.link_made', { subject: { kind: 'staff', id }, kind });
    return { staff, link: await makeLink(inside, kind, id) };
  });
