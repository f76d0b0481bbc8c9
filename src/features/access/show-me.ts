/** GET /api/me: who is asking, what they may do and see, and the organisation they are in. */
import type { z } from 'zod';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { defineSlot } from '../../platform/slot.ts';
import type { organisationInBrief, settings } from './contract.ts';
import { dueAt, readPolicy } from './policy.ts';
import { findStaff, type StaffRow } from './postgres.ts';

/** Tells the shell about the organisation; filled once, by the feature that owns it. */
export type OrganisationTeller = {
  name: 'organisation';
  read: (context: Context) => Promise<z.output<typeof organisationInBrief>>;
};
export const organisationTeller = defineSlot<OrganisationTeller>('access.organisationTeller', teller => teller.name);

export const showMe = async (context: Context) => {
  const { actor } = context;
  const staff = actor.kind === 'staff' ? await findStaff(context, actor.id!) : undefined;
  const teller = context.slots.get(organisationTeller, 'organisation');
  return {
    kind: actor.kind === 'staff' ? ('staff' as const) : ('api-key' as const),
    id: actor.id!,
    name: actor.name,
    email: staff?.email ?? null,
    role: roleShown(context, staff),
    verbs: [...actor.verbs].sort(),
    fields: [...actor.fields],
    settings: (staff?.settings ?? {}) as z.output<typeof settings>,
    session_id: actor.sessionId ?? null,
    shop_ids: actor.shopIds ? [...actor.shopIds] : null,
    // What the shell says above every page.
    second_factor: staff && !actor.viewedBy ? await standingOf(context, staff) : null,
    viewing: actor.viewedBy ? { as: actor.name, until: actor.viewedBy.until.toISOString() } : null,
    organisation: teller ? await teller.read(context) : null,
  };
};

/** Who views a role looks under their own id, but is shown as that role. */
const roleShown = ({ actor }: Context, staff: StaffRow | undefined) => {
  if (actor.viewedBy?.id === actor.id) return { id: null, code: null, name: actor.name };
  return staff ? roleOf(staff) : { id: null, code: null, name: 'API key' };
};

/** Whether this person still has to set up a second factor, and until when they may work without. */
const standingOf = async (context: Context, staff: StaffRow) => {
  const due = staff.has_factor ? null : dueAt(await readPolicy(context), { roleId: staff.role_id, createdAt: staff.created_at });
  return { set_up: staff.has_factor, due_at: due?.toISOString() ?? null, held: context.actor.held !== undefined };
};

/** Built-in roles are named by the reader's language from their code; `name` is the English word. */
export const roleOf = (row: { role_id: string; role_code: string | null; role_name: string | null }) => ({
  id: row.role_id,
  code: row.role_code,
  name: row.role_name ?? englishName(row.role_code ?? ''),
});
export const englishName = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1);

export const changeMe = async (context: Context, input: { name?: string; settings?: z.output<typeof settings> }) => {
  const staff = await ownStaff(context);
  await context.postgres`
    update access.staff
    set name = ${input.name ?? staff.name}, settings = settings || ${context.postgres.json(input.settings ?? {})}, version = version + 1
    where id = ${staff.id}`;
  return showMe({ ...context, actor: { ...context.actor, name: input.name ?? staff.name } });
};

/** The staff row of whoever asks; API keys have none. */
export const ownStaff = async (context: Context): Promise<StaffRow> => {
  if (context.actor.viewedBy)
    throw new Refusal('forbidden', 'access.viewing', 'This belongs to the person you look as, and is not part of the view.');
  const staff = context.actor.kind === 'staff' ? await findStaff(context, context.actor.id!) : undefined;
  if (!staff)
    throw new Refusal('refused', 'access.people_only', 'An API key has no account of its own. Sign in as a person to do this.');
  return staff;
};
