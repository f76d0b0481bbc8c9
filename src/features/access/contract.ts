import { z } from 'zod';
import { day, defineContract, fieldGroups, instant, listOf, page, uuid } from '../../platform/contract.ts';
import { securityContract } from './security-contract.ts';

/** Letters of one address, in the one spelling in which it is stored. */
const email = z.string().trim().toLowerCase().max(254).pipe(z.email('Write an e-mail address, for example ana@example.com.'));
const name = z.string().trim().min(1, 'Enter a name.').max(100);
/** Length and commonness are judged by password.ts, so that the answer says what to do. */
const password = z.string().min(1, 'Enter a password.').max(1000);
const token = z.string().min(1).max(500);
const id = z.object({ id: uuid });
const fieldGroup = z.enum(fieldGroups);
const shops = z.array(uuid).max(500).nullable();
const verb = z.string().regex(/^[a-z-]+:[a-z-]+$/, 'A verb looks like "customers:read".');

/** What the shell shows of the organisation; handed over by the shops feature. */
export const organisationInBrief = z.object({
  name: z.string(),
  home_currency: z.string(),
  zone: z.string(),
  /** The day everything is read as of, when that is not today. */
  as_of: day.nullable(),
  /** A day the product proposes to read as of, because the data end there. */
  proposed_as_of: day.nullable(),
});
/** What set-up asks about the business. */
export const organisationAtSetup = z.object({
  name,
  home_currency: z.string().length(3).optional(),
  zone: z.string().max(60).optional(),
});

export const settings = z.object({
  /** Single letters act as shortcuts. */
  letter_shortcuts: z.boolean().optional(),
  colour_scheme: z.enum(['auto', 'light', 'dark']).optional(),
});
export const roleInBrief = z.object({ id: uuid.nullable(), code: z.string().nullable(), name: z.string() });

const me = z.object({
  kind: z.enum(['staff', 'api-key']),
  id: uuid,
  name: z.string(),
  email: z.string().nullable(),
  role: roleInBrief,
  verbs: z.array(z.string()),
  fields: z.array(fieldGroup),
  settings,
  session_id: uuid.nullable(),
  /** The shops this reader is limited to; null = all. */
  shop_ids: z.array(uuid).nullable(),
  second_factor: z.object({ set_up: z.boolean(), due_at: instant.nullable(), held: z.boolean() }).nullable(),
  viewing: z.object({ as: z.string(), until: instant }).nullable(),
  organisation: organisationInBrief.nullable(),
});

const colleague = z.object({
  id: uuid,
  name: z.string(),
  email: z.string(),
  role: roleInBrief,
  state: z.enum(['invited', 'active', 'disabled']),
  last_seen_at: instant.nullable(),
  created_at: instant,
  disabled_at: instant.nullable(),
  /** Narrower than the role's shops; null = as the role. */
  shop_ids: z.array(uuid).nullable(),
  second_factor: z.boolean(),
  version: z.number(),
});
/** Shown once, to be copied: the product sends no mail yet. */
const link = z.object({ url: z.string(), expires_at: instant });
const withLink = z.object({ staff: colleague, link });

const session = z.object({
  id: uuid,
  browser: z.string(),
  address: z.string(),
  created_at: instant,
  last_seen_at: instant,
  current: z.boolean(),
});

const apiKey = z.object({
  id: uuid,
  name: z.string(),
  last4: z.string(),
  verbs: z.array(z.string()),
  fields: z.array(fieldGroup),
  shop_ids: z.array(uuid).nullable(),
  created_by: z.string().nullable(),
  created_at: instant,
  expires_at: instant.nullable(),
  last_used_at: instant.nullable(),
  revoked_at: instant.nullable(),
});

const auditEntry = z.object({
  id: uuid,
  at: instant,
  actor: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() }),
  action: z.string(),
  /** `name` where it is a person of the team or a key. */
  subject: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() }).nullable(),
  details: z.record(z.string(), z.unknown()),
});

/** A session was opened, or a second factor is missing (then `id` is null and a cookie holds the login open for ten minutes). */
const opened = z.object({
  id: uuid.nullable(),
  needs_second_factor: z.boolean(),
  methods: z.array(z.enum(['passkey', 'totp', 'recovery'])),
});

export const contract = defineContract({
  ...securityContract,
  showSetup: {
    method: 'GET',
    path: '/api/setup',
    summary: 'Whether the first owner has still to be made',
    needs: 'public',
    answer: z.object({ needed: z.boolean() }),
  },
  setUp: {
    method: 'POST',
    path: '/api/setup',
    summary: 'Make the first owner, once, with the token printed at the first start',
    needs: 'public',
    body: z.object({ token, name, email, password, organisation: organisationAtSetup.optional() }),
    answer: z.object({ id: uuid }),
    status: 201,
    errors: ['conflict', 'refused', 'too_many'],
  },
  signIn: {
    method: 'POST',
    path: '/api/login',
    summary: 'Sign in with e-mail and password; sets the session cookie, or asks for the second factor',
    needs: 'public',
    body: z.object({ email: z.string().trim().max(254), password }),
    answer: opened,
    errors: ['unauthenticated', 'too_many'],
  },
  signOut: {
    method: 'DELETE',
    path: '/api/login',
    summary: 'Sign out of this browser',
    needs: 'public',
    whileHeld: true,
    whileViewing: true,
  },
  showMe: {
    method: 'GET',
    path: '/api/me',
    summary: 'Who is asking, and what they may do and see',
    needs: 'signed-in',
    whileHeld: true,
    answer: me,
  },
  changeMe: {
    method: 'PATCH',
    path: '/api/me',
    summary: "Change one's own name and settings",
    needs: 'signed-in',
    body: z.object({ name: name.optional(), settings: settings.optional() }),
    answer: me,
    errors: ['refused'],
  },
  changePassword: {
    method: 'PATCH',
    path: '/api/me/password',
    summary: "Change one's own password; ends all other sessions",
    needs: 'signed-in',
    whileHeld: true,
    body: z.object({ current_password: password, new_password: password }),
    errors: ['refused', 'too_many'],
  },
  listSessions: {
    method: 'GET',
    path: '/api/sessions',
    summary: "One's own sessions",
    needs: 'signed-in',
    whileHeld: true,
    answer: z.object({ data: z.array(session) }),
  },
  endSession: {
    method: 'DELETE',
    path: '/api/sessions/:id',
    summary: "End one of one's own sessions",
    needs: 'signed-in',
    params: id,
    errors: ['not_found'],
  },
  endOtherSessions: { method: 'DELETE', path: '/api/sessions', summary: 'End all own sessions but this one', needs: 'signed-in' },

  listStaff: {
    method: 'GET',
    path: '/api/staff',
    summary: 'Everybody who works here',
    needs: 'staff:read',
    answer: z.object({ data: z.array(colleague) }),
  },
  listColleagues: {
    method: 'GET',
    path: '/api/colleagues',
    summary: 'Names to give work to',
    needs: 'signed-in',
    answer: z.object({ data: z.array(z.object({ id: uuid, name: z.string() })) }),
  },
  inviteStaff: {
    method: 'POST',
    path: '/api/staff',
    summary: 'Invite somebody; the answer holds the link to hand over',
    needs: 'staff:write',
    body: z.object({ name, email, role_id: uuid, shop_ids: shops.optional() }),
    answer: withLink,
    status: 201,
    errors: ['conflict', 'refused', 'not_found', 'forbidden'],
  },
  changeStaff: {
    method: 'PATCH',
    path: '/api/staff/:id',
    summary: 'Change name or role; a new role ends their sessions',
    needs: 'staff:write',
    params: id,
    body: z.object({ version: z.number().int(), name: name.optional(), role_id: uuid.optional(), shop_ids: shops.optional() }),
    answer: colleague,
    errors: ['conflict', 'refused', 'not_found', 'forbidden'],
  },
  disableStaff: {
    method: 'POST',
    path: '/api/staff/:id/disable',
    summary: 'Shut somebody out at once',
    needs: 'staff:write',
    params: id,
    answer: colleague,
    errors: ['refused', 'not_found', 'forbidden'],
  },
  enableStaff: {
    method: 'POST',
    path: '/api/staff/:id/enable',
    summary: 'Let somebody in again',
    needs: 'staff:write',
    params: id,
    answer: colleague,
    errors: ['not_found', 'forbidden'],
  },
  makeStaffLink: {
    method: 'POST',
    path: '/api/staff/:id/link',
    summary: 'A new one-time link: to accept the invitation, or to choose a new password',
    needs: 'staff:write',
    params: id,
    answer: withLink,
    status: 201,
    errors: ['refused', 'not_found', 'forbidden'],
  },
  openLink: {
    method: 'POST',
    path: '/api/links/open',
    summary: 'Whom a one-time link is for',
    needs: 'public',
    body: z.object({ token }),
    answer: z.object({ kind: z.enum(['invitation', 'password']), name: z.string(), email: z.string() }),
    errors: ['not_found', 'too_many'],
  },
  redeemLink: {
    method: 'POST',
    path: '/api/password/reset',
    summary: 'Choose a password with a one-time link (invitation or reset); signs in',
    needs: 'public',
    body: z.object({ token, password, name: name.optional() }),
    answer: opened,
    errors: ['not_found', 'refused', 'too_many'],
  },

  listRoles: {
    method: 'GET',
    path: '/api/roles',
    summary: 'Roles, and what each may do and see',
    needs: 'staff:read',
    answer: z.object({
      data: z.array(
        z.object({
          id: uuid,
          code: z.string().nullable(),
          name: z.string(),
          verbs: z.array(z.string()),
          fields: z.array(fieldGroup),
          description: z.string(),
          shop_ids: z.array(uuid).nullable(),
          export_rows_per_day: z.number().nullable(),
          version: z.number(),
          /** The reader could give it to somebody. */
          grantable: z.boolean(),
          staff: z.number(),
        }),
      ),
      /** `label` is a text key. */
      permissions: z.array(z.object({ verb: z.string(), label: z.string(), grantable: z.boolean() })),
    }),
  },

  listApiKeys: {
    method: 'GET',
    path: '/api/api-keys',
    summary: 'API keys, without the keys themselves',
    needs: 'api-keys:read',
    answer: z.object({ data: z.array(apiKey), grantable: z.object({ verbs: z.array(z.string()), fields: z.array(fieldGroup) }) }),
  },
  createApiKey: {
    method: 'POST',
    path: '/api/api-keys',
    summary: 'Make a key; it is shown in this answer and never again',
    needs: 'api-keys:write',
    body: z.object({
      name,
      verbs: z.array(verb).min(1, 'Choose at least one thing the key may do.').max(200),
      fields: z.array(fieldGroup).max(fieldGroups.length).default([]),
      expires_at: instant.nullable().default(null),
      shop_ids: shops.default(null),
    }),
    answer: z.object({ api_key: apiKey, secret: z.string() }),
    status: 201,
    errors: ['refused'],
  },
  revokeApiKey: {
    method: 'DELETE',
    path: '/api/api-keys/:id',
    summary: 'Revoke a key at once',
    needs: 'api-keys:write',
    params: id,
    errors: ['not_found'],
  },

  listAudit: {
    method: 'GET',
    path: '/api/audit',
    summary: 'Who did what, newest first',
    needs: 'audit:read',
    query: z.object({
      ...page,
      actor: z.string().max(100).optional(),
      /** The whole action, or a feature with its dot: "access." */
      action: z.string().max(100).optional(),
      subject_kind: z.string().max(50).optional(),
      subject_id: z.string().max(100).optional(),
      from: instant.optional(),
      to: instant.optional(),
    }),
    answer: listOf(auditEntry),
  },
  verifyAudit: {
    method: 'GET',
    path: '/api/audit/verify',
    summary: 'Recompute the chain of the audit log and name the first bad entry',
    needs: 'audit:read',
    answer: z.object({
      ok: z.boolean(),
      checked: z.number(),
      waiting: z.number(),
      head: z.object({ position: z.number(), hash: z.string() }).nullable(),
      first_bad: z
        .object({ position: z.number().nullable(), audit_id: uuid, reason: z.enum(['changed', 'missing', 'not_chained']) })
        .nullable(),
    }),
  },
});
