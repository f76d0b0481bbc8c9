/** The part of the contract about staying safe: second factors, proof, views, the owner's requirement, roles, review, alerts. */
import { z } from 'zod';
import { defineContract, fieldGroups, instant, listOf, page, uuid } from '../../platform/contract.ts';

const id = z.object({ id: uuid });
const fieldGroup = z.enum(fieldGroups);
const shops = z.array(uuid).max(500).nullable();
const code = z.string().trim().min(1, 'Type the code.').max(50);
/** What a browser's WebAuthn call gives; read closely by the library. */
const credential = z.object({ id: z.string().max(2000), rawId: z.string().max(2000), type: z.literal('public-key') }).loose();
/** What to hand to the browser's WebAuthn call. */
const webAuthn = z.object({ challenge: z.string() }).loose();
/** Recovery codes are in the answer once, with the first factor or when asked for. */
const changed = z.object({ recovery_codes: z.array(z.string()).nullable() });

const roleRights = {
  name: z.string().trim().min(1, 'Enter a name.').max(60),
  description: z.string().trim().max(300).default(''),
  verbs: z.array(z.string().regex(/^[a-z-]+:[a-z-]+$/, 'A verb looks like "customers:read".')).max(300),
  fields: z.array(fieldGroup).max(fieldGroups.length),
  shop_ids: shops.default(null),
  export_rows_per_day: z.number().int().min(0).max(100_000_000).nullable().default(null),
};
const role = z.object({
  id: uuid,
  code: z.string().nullable(),
  name: z.string(),
  description: z.string(),
  verbs: z.array(z.string()),
  fields: z.array(fieldGroup),
  shop_ids: shops,
  export_rows_per_day: z.number().nullable(),
  version: z.number(),
});

const limits = z.object({
  refusals: z.number().int().min(5).max(100_000),
  customer_pages: z.number().int().min(10).max(1_000_000),
  list_pages: z.number().int().min(10).max(1_000_000),
  export_rows_per_day: z.number().int().min(0).max(100_000_000),
  silent_days: z.number().int().min(7).max(3650),
  day_begins_hour: z.number().int().min(0).max(23),
  day_ends_hour: z.number().int().min(1).max(24),
});
const requirement = z.enum(['nobody', 'roles', 'all']);
const policy = z.object({
  second_factor: requirement,
  role_ids: z.array(uuid),
  grace_days: z.number(),
  decided_at: instant.nullable(),
  decided_by: z.string().nullable(),
  limits,
  version: z.number(),
  /** Who is asked for one and has none yet. */
  unprotected: z.array(z.object({ id: uuid, name: z.string(), due_at: instant })),
  /** Keys have no second factor: they are listed so that nobody forgets them. */
  keys: z.array(z.object({ id: uuid, name: z.string(), last_used_at: instant.nullable() })),
});

const reviewed = z.object({
  kind: z.enum(['staff', 'api-key']),
  id: uuid,
  name: z.string(),
  email: z.string().nullable(),
  role: z.object({ id: uuid, code: z.string().nullable(), name: z.string() }).nullable(),
  state: z.enum(['active', 'invited', 'disabled', 'ended']),
  verbs: z.array(z.string()),
  fields: z.array(fieldGroup),
  shop_ids: shops,
  created_at: instant,
  last_used_at: instant.nullable(),
  last_export: z.object({ at: instant, kind: z.string(), rows: z.number() }).nullable(),
  second_factor: z.object({ totp: z.boolean(), passkeys: z.number() }).nullable(),
  sessions: z.number(),
  devices: z.number(),
  unused: z.boolean(),
  reviewed_at: instant.nullable(),
  reviewed_by: z.string().nullable(),
  due: z.boolean(),
});

export const alertKindNames = [
  'new_device',
  'new_network',
  'long_silence',
  'many_refusals',
  'many_wrong_logins',
  'bulk_read',
  'large_export',
  'odd_hour_export',
  'export_stopped',
] as const;
const alert = z.object({
  id: uuid,
  kind: z.enum(alertKindNames),
  subject: z.object({ kind: z.enum(['staff', 'api-key', 'network']), id: z.string(), name: z.string() }),
  first_at: instant,
  last_at: instant,
  times: z.number(),
  evidence: z.record(z.string(), z.union([z.string(), z.number()])),
  acknowledged_at: instant.nullable(),
  acknowledged_by: z.string().nullable(),
  note: z.string().nullable(),
});

export const securityContract = defineContract({
  answerLogin: {
    method: 'POST',
    path: '/api/login/mfa',
    summary: 'The second step of a login: a code of the authenticator app, or a recovery code',
    needs: 'public',
    body: z.object({ code }),
    answer: z.object({ id: uuid }),
    errors: ['unauthenticated', 'refused', 'too_many'],
  },
  challengeLogin: {
    method: 'POST',
    path: '/api/login/passkey/options',
    summary: 'The challenge for a passkey: as second step of a login, or to sign in with nothing else',
    needs: 'public',
    answer: webAuthn,
    errors: ['too_many'],
  },
  answerLoginByPasskey: {
    method: 'POST',
    path: '/api/login/passkey',
    summary: 'Sign in with a passkey that answered the challenge',
    needs: 'public',
    body: z.object({ passkey: credential }),
    answer: z.object({ id: uuid }),
    errors: ['unauthenticated', 'refused', 'too_many'],
  },

  showFactors: {
    method: 'GET',
    path: '/api/mfa',
    summary: "One's own second factors",
    needs: 'signed-in',
    whileHeld: true,
    answer: z.object({
      totp: z.boolean(),
      passkeys: z.array(
        z.object({ id: uuid, name: z.string(), synced: z.boolean(), created_at: instant, last_used_at: instant.nullable() }),
      ),
      recovery_codes_left: z.number(),
      /** From when on one is asked of this person; null = nobody asks. */
      due_at: instant.nullable(),
      /** The address that passkeys of this installation belong to; null = it was opened by number, where browsers keep none. */
      passkeys_at: z.string().nullable(),
    }),
    errors: ['refused'],
  },
  beginTotp: {
    method: 'POST',
    path: '/api/mfa/totp',
    summary: 'A key for an authenticator app, as QR code and to type; in force after the first code',
    needs: 'signed-in',
    whileHeld: true,
    tries: true,
    answer: z.object({ key: z.string(), uri: z.string(), qr_svg: z.string() }),
    errors: ['conflict', 'forbidden', 'refused'],
  },
  finishTotp: {
    method: 'POST',
    path: '/api/mfa/totp/confirm',
    summary: 'Puts the authenticator app in force with its first code; ends all other sessions',
    needs: 'signed-in',
    whileHeld: true,
    tries: true,
    body: z.object({ code }),
    answer: changed,
    errors: ['refused', 'forbidden', 'too_many'],
  },
  removeTotp: {
    method: 'DELETE',
    path: '/api/mfa/totp',
    summary: 'Takes the authenticator app away; ends all other sessions',
    needs: 'signed-in',
    errors: ['refused', 'forbidden', 'not_found'],
  },
  beginPasskey: {
    method: 'POST',
    path: '/api/mfa/passkeys/options',
    summary: 'What the browser needs to make a passkey',
    needs: 'signed-in',
    whileHeld: true,
    tries: true,
    answer: webAuthn,
    errors: ['forbidden', 'refused'],
  },
  finishPasskey: {
    method: 'POST',
    path: '/api/mfa/passkeys',
    summary: 'Keeps a passkey that the browser made; ends all other sessions',
    needs: 'signed-in',
    whileHeld: true,
    tries: true,
    body: z.object({ name: z.string().trim().min(1, 'Enter a name.').max(60), passkey: credential }),
    answer: changed,
    errors: ['refused', 'forbidden', 'conflict'],
  },
  renamePasskey: {
    method: 'PATCH',
    path: '/api/mfa/passkeys/:id',
    summary: 'Renames a passkey of one’s own',
    needs: 'signed-in',
    params: id,
    body: z.object({ name: z.string().trim().min(1, 'Enter a name.').max(60) }),
    errors: ['not_found', 'refused'],
  },
  removePasskey: {
    method: 'DELETE',
    path: '/api/mfa/passkeys/:id',
    summary: 'Takes a passkey away; ends all other sessions',
    needs: 'signed-in',
    params: id,
    errors: ['refused', 'forbidden', 'not_found'],
  },
  renewRecoveryCodes: {
    method: 'POST',
    path: '/api/mfa/recovery-codes',
    summary: 'Ten new recovery codes, shown once; the old ones end',
    needs: 'signed-in',
    tries: true,
    answer: changed,
    errors: ['refused', 'forbidden'],
  },
  resetFactors: {
    method: 'POST',
    path: '/api/staff/:id/mfa/reset',
    summary: 'Takes a colleague’s second factors away, when they lost them',
    needs: 'staff:write',
    params: id,
    errors: ['refused', 'forbidden', 'not_found'],
  },

  showProof: {
    method: 'GET',
    path: '/api/step-up',
    summary: 'How the present person can prove again who they are',
    needs: 'signed-in',
    whileHeld: true,
    answer: z.object({ methods: z.array(z.enum(['passkey', 'totp', 'recovery', 'password'])), proved_until: instant.nullable() }),
    errors: ['refused'],
  },
  prove: {
    method: 'POST',
    path: '/api/step-up',
    summary: 'Prove again who one is: by second factor, or by password without one; good for ten minutes',
    needs: 'signed-in',
    whileHeld: true,
    tries: true,
    body: z.object({ password: z.string().max(1000).optional(), code: code.optional(), passkey: credential.optional() }),
    answer: z.object({ proved_until: instant }),
    errors: ['refused', 'too_many'],
  },
  challengeProof: {
    method: 'POST',
    path: '/api/step-up/passkey/options',
    summary: 'The challenge for proving it with a passkey',
    needs: 'signed-in',
    whileHeld: true,
    tries: true,
    answer: webAuthn,
    errors: ['refused'],
  },

  viewAs: {
    method: 'POST',
    path: '/api/view-as',
    summary: 'See the product as a role or a person does, for 30 minutes; nothing can be changed meanwhile',
    needs: 'staff:write',
    body: z.object({ role_id: uuid.optional(), staff_id: uuid.optional() }),
    answer: z.object({ until: instant }),
    errors: ['refused', 'not_found', 'forbidden'],
  },
  endView: {
    method: 'DELETE',
    path: '/api/view-as',
    summary: 'Back to one’s own view',
    needs: 'signed-in',
    whileViewing: true,
    whileHeld: true,
  },

  createRole: {
    method: 'POST',
    path: '/api/roles',
    summary: 'Make a role of what one holds oneself',
    needs: 'staff:write',
    body: z.object(roleRights),
    answer: role,
    status: 201,
    errors: ['refused', 'conflict'],
  },
  changeRole: {
    method: 'PATCH',
    path: '/api/roles/:id',
    summary: 'Change a role of one’s own making; whoever holds it is signed out',
    needs: 'staff:write',
    params: id,
    body: z.object({ ...roleRights, version: z.number().int() }),
    answer: role,
    errors: ['refused', 'conflict', 'not_found', 'forbidden'],
  },
  deleteRole: {
    method: 'DELETE',
    path: '/api/roles/:id',
    summary: 'Delete a role that nobody holds',
    needs: 'staff:write',
    params: id,
    errors: ['refused', 'not_found', 'forbidden'],
  },

  showPolicy: {
    method: 'GET',
    path: '/api/security',
    summary: 'Who needs a second factor, who is without one, and the limits beyond which somebody is warned',
    needs: 'staff:read',
    answer: policy,
  },
  changePolicy: {
    method: 'PATCH',
    path: '/api/security',
    summary: 'Decide who needs a second factor, and the limits',
    needs: 'staff:write',
    body: z.object({
      version: z.number().int(),
      second_factor: requirement.optional(),
      role_ids: z.array(uuid).max(200).optional(),
      grace_days: z.number().int().min(0).max(90).optional(),
      limits: limits.partial().optional(),
    }),
    answer: policy,
    errors: ['refused', 'conflict', 'forbidden'],
  },
  listAlerts: {
    method: 'GET',
    path: '/api/security/alerts',
    summary: 'What an owner should look at, newest first',
    needs: 'staff:read',
    query: z.object({ ...page, state: z.enum(['open', 'done']).default('open') }),
    answer: listOf(alert),
  },
  acknowledgeAlert: {
    method: 'POST',
    path: '/api/security/alerts/:id/acknowledge',
    summary: 'Say that an alert was looked at',
    needs: 'staff:write',
    params: id,
    body: z.object({ note: z.string().trim().max(500).nullable().default(null) }),
    errors: ['not_found'],
  },

  reviewAccess: {
    method: 'GET',
    path: '/api/access-review',
    summary: 'Everybody and every key with rights, last use and last export',
    needs: 'staff:read',
    answer: z.object({ data: z.array(reviewed), last_at: instant.nullable(), due_at: instant }),
  },
  stampReview: {
    method: 'POST',
    path: '/api/access-review',
    summary: 'Say that these rights were looked at and are right',
    needs: 'staff:write',
    body: z.object({
      subjects: z
        .array(z.object({ kind: z.enum(['staff', 'api-key']), id: uuid }))
        .min(1)
        .max(1000),
    }),
    answer: z.object({ reviewed: z.number() }),
  },
  reviewCsv: {
    method: 'GET',
    path: '/api/access-review.csv',
    summary: 'The access review as a file for auditors',
    needs: 'staff:read',
    answer: 'text/csv; charset=utf-8',
    errors: ['forbidden'],
  },
});
