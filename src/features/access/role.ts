/** The six built-in roles: which verbs each holds comes from the features, which field groups from this table. */
import type { FieldGroup } from '../../platform/contract.ts';
import { fieldGroups } from '../../platform/contract.ts';
import type { BuiltInRole, Permission } from '../../platform/feature.ts';

export const roleCodes = ['owner', 'admin', 'marketer', 'support', 'analyst', 'finance'] as const;
export type RoleCode = (typeof roleCodes)[number];

/** What each role sees of a customer. Analysts count people and money without knowing who they are. */
const fieldsOf: Record<RoleCode, readonly FieldGroup[]> = {
  owner: fieldGroups,
  admin: fieldGroups,
  marketer: ['contact', 'address', 'money', 'behaviour'],
  support: ['contact', 'address', 'money', 'payment', 'conversation', 'behaviour', 'notes'],
  analyst: ['money', 'behaviour'],
  finance: ['contact', 'address', 'money', 'payment'],
};

export type BuiltIn = { code: RoleCode; verbs: string[]; fields: FieldGroup[] };

/** The built-in roles as the listed permissions make them; owner and admin hold every verb. */
export const builtInRoles = (permissions: readonly Permission[]): BuiltIn[] =>
  roleCodes.map(code => ({
    code,
    verbs: permissions.filter(permission => holds(code, permission)).map(permission => permission.verb),
    fields: [...fieldsOf[code]],
  }));

const holds = (code: RoleCode, permission: Permission): boolean =>
  code === 'owner' || code === 'admin' || permission.roles.includes(code as BuiltInRole);

/** Verbs that let their holder make new people or keys: an API key never holds them, or a leaked key could make itself a successor. */
export const humanVerbs: ReadonlySet<string> = new Set(['staff:write', 'api-keys:write']);
