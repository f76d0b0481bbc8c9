/** Roles a merchant makes: at most what their maker holds. The built-in ones stay as they are; copy one to change it. */
import { audit } from '../../platform/audit.ts';
import { type Context, may, maySee } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { permissionSlot } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { isShopLimited, maySeeShop } from '../../platform/shop-limit.ts';
import { refuseMoreThanOwn } from './manage-staff.ts';
import { endSessions, findRole, findStaff, lockTeam, type RoleRow } from './postgres.ts';
import { englishName } from './show-me.ts';

export type RoleInput = {
  name: string;
  description: string;
  verbs: string[];
  fields: FieldGroup[];
  shop_ids: string[] | null;
  export_rows_per_day: number | null;
};

const refuseAboveOwn = (context: Context, input: RoleInput): void => {
  const known = new Set(context.slots.all(permissionSlot).map(permission => permission.verb as string));
  const faults = [
    ...input.verbs.flatMap((verb, index) =>
      known.has(verb) && may(context.actor, verb)
        ? []
        : [{ path: `verbs.${index}`, reason: `You do not hold "${verb}" yourself.` }],
    ),
    ...input.fields.flatMap((field, index) =>
      maySee(context.actor, field) ? [] : [{ path: `fields.${index}`, reason: `You do not see "${field}" yourself.` }],
    ),
    ...(input.shop_ids === null && isShopLimited(context.actor)
      ? [{ path: 'shop_ids', reason: 'You do not see all shops yourself.' }]
      : (input.shop_ids ?? []).flatMap((shop, index) =>
          maySeeShop(context.actor, shop) ? [] : [{ path: `shop_ids.${index}`, reason: 'You do not see this shop yourself.' }],
        )),
  ];
  if (faults.length > 0)
    throw new Refusal(
      'refused',
      'access.role_above_own',
      'A role you make holds at most what you hold yourself. Take the rest out.',
      { faults },
    );
};

const refuseTakenName = async ({ postgres }: Context, name: string, id: string | null): Promise<void> => {
  const roles = await postgres<
    { id: string; code: string | null; name: string | null }[]
  >`select id, code, name from access.role`;
  const taken = roles.some(
    role => role.id !== id && (role.name ?? englishName(role.code ?? '')).toLowerCase() === name.toLowerCase(),
  );
  if (taken)
    throw new Refusal('conflict', 'access.role_name_taken', 'There is a role of this name. Choose another name.', {
      faults: [{ path: 'name', reason: 'This name is taken.' }],
    });
};

const sorted = <T extends string>(values: readonly T[]): T[] => [...new Set(values)].sort();

export const createRole = (context: Context, input: RoleInput): Promise<RoleRow> =>
  inTransaction(context, async inside => {
    await lockTeam(inside);
    refuseAboveOwn(inside, input);
    await refuseTakenName(inside, input.name, null);
    const [{ id }] = await inside.postgres<{ id: string }[]>`
      insert into access.role (name, description, verbs, fields, shop_ids, export_rows_per_day)
      values (${input.name}, ${input.description}, ${sorted(input.verbs)}, ${sorted(input.fields)}, ${input.shop_ids}::uuid[], ${input.export_rows_per_day}) returning id`;
    await audit(inside, 'access.role_made', { subject: { kind: 'role', id }, ...rightsOf(input) });
    return (await findRole(inside, id))!;
  });

const rightsOf = ({ verbs, fields, shop_ids }: Pick<RoleInput, 'verbs' | 'fields' | 'shop_ids'>) => ({
  verbs: sorted(verbs),
  fields: sorted(fields),
  shops: shop_ids,
});

/** A role that somebody may change: not a built-in one, not their own, and holding no more than they do. */
const roleToChange = async (context: Context, id: string): Promise<RoleRow> => {
  await lockTeam(context);
  const role = await findRole(context, id);
  if (!role) throw notFound('role');
  if (role.code !== null)
    throw new Refusal('refused', 'access.built_in_role', 'Built-in roles stay as they are. Copy it and change the copy.');
  await refuseMoreThanOwn(context, role);
  const self = context.actor.kind === 'staff' ? await findStaff(context, context.actor.id!) : undefined;
  if (self?.role_id === id)
    throw new Refusal(
      'refused',
      'access.not_own_role',
      'You cannot change the role you hold. Ask another owner or admin to do it.',
    );
  return role;
};

/** Whoever holds the role is signed out when its rights change, so that no page stays open that they may no longer see. */
export const changeRole = (context: Context, id: string, input: RoleInput & { version: number }): Promise<RoleRow> =>
  inTransaction(context, async inside => {
    const before = await roleToChange(inside, id);
    if (before.version !== input.version) throw stale('role');
    refuseAboveOwn(inside, input);
    await refuseTakenName(inside, input.name, id);
    await inside.postgres`
      update access.role set name = ${input.name}, description = ${input.description}, verbs = ${sorted(input.verbs)}, fields = ${sorted(input.fields)},
        shop_ids = ${input.shop_ids}::uuid[], export_rows_per_day = ${input.export_rows_per_day}, version = version + 1 where id = ${id}`;
    const changed = JSON.stringify(rightsOf(before)) !== JSON.stringify(rightsOf(input));
    const sessions_ended = changed ? await endSessionsOf(inside, id) : 0;
    await audit(inside, 'access.role_edited', {
      subject: { kind: 'role', id },
      from: rightsOf(before),
      to: rightsOf(input),
      sessions_ended,
    });
    return (await findRole(inside, id))!;
  });

const endSessionsOf = async (context: Context, roleId: string): Promise<number> => {
  const holders = await context.postgres<{ id: string }[]>`select id from access.staff where role_id = ${roleId}`;
  let ended = 0;
  for (const { id } of holders) ended += await endSessions(context, id, 'role_changed');
  return ended;
};

export const deleteRole = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    await roleToChange(inside, id);
    const holders = await inside.postgres<{ name: string }[]>`select name from access.staff where role_id = ${id} order by name`;
    if (holders.length > 0) {
      const names = holders.map(one => one.name).join(', ');
      throw new Refusal('refused', 'access.role_held', `${names} still has this role. Give them another one first.`, {
        values: { names },
      });
    }
    await inside.postgres`update access.session set view_role_id = null, view_staff_id = null, view_until = null where view_role_id = ${id}`;
    await inside.postgres`update access.policy set second_factor_roles = array_remove(second_factor_roles, ${id}::uuid)`;
    await inside.postgres`delete from access.role where id = ${id}`;
    await audit(inside, 'access.role_deleted', { subject: { kind: 'role', id } });
  });
