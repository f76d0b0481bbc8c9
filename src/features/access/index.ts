/** Who may come in, what they may do and see, and the log of what they did. */
import { auditStage } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { defineFeature, permissionSlot } from '../../platform/feature.ts';
import { contract } from './contract.ts';
import { jobs } from './jobs.ts';
import { builtInRoles } from './role.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';

export { authenticate } from './authenticate.ts';
export { resetFactorsOf } from './change-factors.ts';
export { type Export, guardExport } from './guard-export.ts';
export { inviteStaff } from './manage-staff.ts';
export { offerSetup, ownerLink, type SetupStep, setupSteps } from './set-up.ts';
export { type OrganisationTeller, organisationTeller } from './show-me.ts';
export { createWatch } from './watch.ts';

/** Built-in roles hold what the features of this version say; written at every start, so an upgrade's new verbs arrive. */
const writeBuiltInRoles = async (context: Context): Promise<void> => {
  for (const role of builtInRoles(context.slots.all(permissionSlot))) {
    await context.postgres`
      insert into access.role as role (code, verbs, fields) values (${role.code}, ${role.verbs}, ${role.fields})
      on conflict (code) do update set verbs = excluded.verbs, fields = excluded.fields, version = role.version + 1
      where (role.verbs, role.fields) is distinct from (excluded.verbs, excluded.fields)`;
  }
};

/** Names of people by id, for "done by" and "given to"; also those who left. */
export const staffNames = async ({ postgres }: Context, ids: readonly string[]): Promise<Map<string, string>> => {
  const rows = await postgres<
    { id: string; name: string }[]
  >`select id, name from access.staff where id = any(${[...new Set(ids)]}::uuid[])`;
  return new Map(rows.map(row => [row.id, row.name]));
};

export const feature = defineFeature({
  name: 'access',
  contract,
  routes,
  permissions: [
    { verb: 'staff:read', label: 'access.permission.staff_read', roles: [] },
    { verb: 'staff:write', label: 'access.permission.staff_write', roles: [] },
    { verb: 'api-keys:read', label: 'access.permission.keys_read', roles: [] },
    { verb: 'api-keys:write', label: 'access.permission.keys_write', roles: [] },
    { verb: 'audit:read', label: 'access.permission.audit_read', roles: [] },
  ],
  jobs,
  stages: [auditStage],
  migrations: new URL('./migrations', import.meta.url),
  texts: en,
  start: writeBuiltInRoles,
});
