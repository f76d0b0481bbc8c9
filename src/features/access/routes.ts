import type { FastifyReply, FastifyRequest } from 'fastify';
import { audit, verifyAudit } from '../../platform/audit.ts';
import { type Context, may } from '../../platform/context.ts';
import { fieldGroups } from '../../platform/contract.ts';
import { notFound } from '../../platform/errors.ts';
import { permissionSlot } from '../../platform/feature.ts';
import { bindRoutes, type Handlers } from '../../platform/http.ts';
import {
  beginPasskey,
  beginTotp,
  type Changed,
  finishPasskey,
  finishTotp,
  removeFactor,
  renewRecoveryCodes,
  resetFactors,
  showFactors,
} from './change-factors.ts';
import { changePassword } from './change-password.ts';
import { contract } from './contract.ts';
import { countAttempt } from './limit-attempts.ts';
import { listAudit } from './list-audit.ts';
import { type Link, type LinkKind, openLink, redeemLink } from './make-link.ts';
import { createApiKey, grantable, revokeApiKey } from './manage-api-keys.ts';
import { changeRole, createRole, deleteRole } from './manage-roles.ts';
import { changeStaff, disableStaff, enableStaff, inviteStaff, makeStaffLink, mayGive } from './manage-staff.ts';
import { answerWithCode, answerWithPasskey, challengeLogin, type Opened } from './open-session.ts';
import { renamePasskey, siteOf } from './passkeys.ts';
import { changePolicy } from './policy.ts';
import {
  endSessions,
  hasOwner,
  type RoleRow,
  readApiKeys,
  readRoles,
  readSessions,
  readStaff,
  type StaffRow,
} from './postgres.ts';
import { challengeProof, prove, showProof } from './prove.ts';
import { acknowledgeAlert, listAlerts } from './raise-alert.ts';
import { reviewAccess, reviewCsv, stampReview } from './review-access.ts';
import type { securityContract } from './security-contract.ts';
import {
  type Browser,
  cookieFor,
  deviceCookieFor,
  deviceCookieName,
  pendingCookieFor,
  pendingCookieName,
  tokenIn,
  valueIn,
} from './session.ts';
import { setUp } from './set-up.ts';
import { changeMe, englishName, ownStaff, roleOf, showMe } from './show-me.ts';
import { showPolicy } from './show-policy.ts';
import { signIn, signOut } from './sign-in.ts';
import { endView, viewAs } from './view-as.ts';

const browserOf = (context: Context, request: FastifyRequest): Browser => ({
  address: request.ip,
  userAgent: request.headers['user-agent'],
  token: tokenIn(context.config, request.headers.cookie),
  pending: valueIn(pendingCookieName(context.config), request.headers.cookie),
  device: valueIn(deviceCookieName(context.config), request.headers.cookie),
});

/** The session's cookie and the browser's own mark; or the cookie of a login that waits for its second factor. */
const letIn = (context: Context, reply: FastifyReply, opened: Opened) => {
  const { config } = context;
  if (opened.kind === 'pending') {
    reply.header('set-cookie', pendingCookieFor(config, opened.pending));
    return { id: null, needs_second_factor: true, methods: opened.methods };
  }
  reply.header('set-cookie', [
    cookieFor(config, opened.token),
    deviceCookieFor(config, opened.device),
    pendingCookieFor(config, null),
  ]);
  return { id: opened.staffId, needs_second_factor: false, methods: [] };
};
/** Of doors that end a login there is only one way out. */
const letInAtLast = (context: Context, reply: FastifyReply, opened: Opened): { id: string } => ({
  id: letIn(context, reply, opened).id as string,
});

/** The present session goes on under a new token. */
const renewed = (context: Context, reply: FastifyReply, { token, recovery_codes }: Changed) => {
  reply.header('set-cookie', cookieFor(context.config, token));
  return { recovery_codes };
};

const colleague = (row: StaffRow) => ({
  id: row.id,
  name: row.name,
  email: row.email,
  role: roleOf(row),
  state: row.disabled_at ? ('disabled' as const) : row.password_hash === null ? ('invited' as const) : ('active' as const),
  last_seen_at: row.last_seen_at as never,
  created_at: row.created_at as never,
  disabled_at: row.disabled_at as never,
  shop_ids: row.shop_ids,
  second_factor: row.has_factor,
  version: row.version,
});

/** The page behind a link reads the token after the #, which no server log and no other site ever sees. */
const linkTo = (context: Context, request: FastifyRequest, { staff, link }: { staff: StaffRow; link: Link }) => {
  const kind: LinkKind = staff.password_hash === null ? 'invitation' : 'password';
  const base = context.config.adminUrl ?? `${request.protocol}://${request.host}`;
  const page = kind === 'invitation' ? 'welcome' : 'new-password';
  return {
    staff: colleague(staff),
    link: { url: `${base.replace(/\/$/, '')}/${page}#token=${link.token}`, expires_at: link.expires_at as never },
  };
};

const roleAnswer = (role: RoleRow) => ({ ...role, name: role.name ?? englishName(role.code ?? '') });

const security: Handlers<typeof securityContract> = {
  answerLogin: async (context, { body, request, reply }) =>
    letInAtLast(context, reply, await answerWithCode(context, body.code, browserOf(context, request))),
  challengeLogin: async (context, { request, reply }) => {
    await countAttempt(context, { what: 'passkey', account: null, address: request.ip });
    const { options, pending } = await challengeLogin(context, siteOf(context, request), browserOf(context, request));
    if (pending) reply.header('set-cookie', pendingCookieFor(context.config, pending));
    return options as never;
  },
  answerLoginByPasskey: async (context, { body, request, reply }) => {
    const browser = browserOf(context, request);
    return letInAtLast(context, reply, await answerWithPasskey(context, siteOf(context, request), body.passkey, browser));
  },

  showFactors: (context, { request }) => showFactors(context, siteOf(context, request)),
  beginTotp: context => beginTotp(context),
  finishTotp: async (context, { body, request, reply }) =>
    renewed(context, reply, await finishTotp(context, { code: body.code, address: request.ip })),
  removeTotp: async (context, { reply }) => {
    renewed(context, reply, await removeFactor(context, { kind: 'totp' }));
  },
  beginPasskey: async (context, { request }) => (await beginPasskey(context, siteOf(context, request))) as never,
  finishPasskey: async (context, { body, request, reply }) =>
    renewed(context, reply, await finishPasskey(context, siteOf(context, request), { name: body.name, response: body.passkey })),
  renamePasskey: async (context, { params, body }) => renamePasskey(context, (await ownStaff(context)).id, params.id, body.name),
  removePasskey: async (context, { params, reply }) => {
    renewed(context, reply, await removeFactor(context, { kind: 'passkey', id: params.id }));
  },
  renewRecoveryCodes: async (context, { reply }) => renewed(context, reply, await renewRecoveryCodes(context)),
  resetFactors: async (context, { params }) => {
    await resetFactors(context, params.id);
  },

  showProof: async context => (await showProof(context)) as never,
  prove: (context, { body, request }) => prove(context, { ...body, site: siteOf(context, request), address: request.ip }),
  challengeProof: async (context, { request }) => (await challengeProof(context, siteOf(context, request))) as never,

  viewAs: (context, { body }) => viewAs(context, body),
  endView: context => endView(context),

  createRole: async (context, { body }) => roleAnswer(await createRole(context, body)),
  changeRole: async (context, { params, body }) => roleAnswer(await changeRole(context, params.id, body)),
  deleteRole: (context, { params }) => deleteRole(context, params.id),

  showPolicy: context => showPolicy(context),
  changePolicy: async (context, { body }) => {
    await changePolicy(context, body);
    return showPolicy(context);
  },
  listAlerts: async (context, { query }) => (await listAlerts(context, query)) as never,
  acknowledgeAlert: (context, { params, body }) => acknowledgeAlert(context, params.id, body.note),

  reviewAccess: async context => (await reviewAccess(context)) as never,
  stampReview: (context, { body }) => stampReview(context, body.subjects),
  reviewCsv: context => reviewCsv(context),
};

export const routes = bindRoutes(contract, {
  ...security,
  showSetup: async context => ({ needed: !(await hasOwner(context)) }),
  setUp: async (context, { body, request, reply }) =>
    letInAtLast(context, reply, await setUp(context, { ...body, browser: browserOf(context, request) })),
  signIn: async (context, { body, request, reply }) =>
    letIn(context, reply, await signIn(context, { ...body, browser: browserOf(context, request) })),
  signOut: async (context, { request, reply }) => {
    await signOut(context, tokenIn(context.config, request.headers.cookie));
    reply.header('set-cookie', cookieFor(context.config, null));
  },
  showMe: context => showMe(context),
  changeMe: (context, { body }) => changeMe(context, body),
  changePassword: async (context, { body, request }) => {
    const { id } = await ownStaff(context);
    await changePassword(context, { staffId: id, current: body.current_password, next: body.new_password, address: request.ip });
  },
  listSessions: async context => {
    const sessions =
      context.actor.kind === 'staff' && !context.actor.viewedBy ? await readSessions(context, context.actor.id!) : [];
    return { data: sessions.map(session => ({ ...session, current: session.id === context.actor.sessionId })) as never };
  },
  endSession: async (context, { params }) => {
    const { id } = await ownStaff(context);
    const ended = await context.postgres`
      update access.session set ended_at = ${context.clock.now()}, ended_why = 'ended_by_owner'
      where id = ${params.id} and staff_id = ${id} and ended_at is null returning id`;
    if (ended.length === 0) throw notFound('session');
    await audit(context, 'access.session_ended', { subject: { kind: 'session', id: params.id } });
  },
  endOtherSessions: async context => {
    const { id } = await ownStaff(context);
    const ended = await endSessions(context, id, 'ended_by_owner', context.actor.sessionId);
    await audit(context, 'access.other_sessions_ended', { sessions_ended: ended });
  },

  listStaff: async context => ({ data: (await readStaff(context)).map(colleague) }),
  listColleagues: async context => {
    const staff = await readStaff(context);
    return { data: staff.filter(one => one.disabled_at === null).map(({ id, name }) => ({ id, name })) };
  },
  inviteStaff: async (context, { body, request }) => linkTo(context, request, await inviteStaff(context, body)),
  changeStaff: async (context, { params, body }) => colleague(await changeStaff(context, { id: params.id, ...body })),
  disableStaff: async (context, { params }) => colleague(await disableStaff(context, params.id)),
  enableStaff: async (context, { params }) => colleague(await enableStaff(context, params.id)),
  makeStaffLink: async (context, { params, request }) => linkTo(context, request, await makeStaffLink(context, params.id)),
  openLink: (context, { body, request }) => openLink(context, { token: body.token, address: request.ip }),
  redeemLink: async (context, { body, request, reply }) =>
    letIn(context, reply, await redeemLink(context, { ...body, browser: browserOf(context, request) })),

  listRoles: async context => ({
    data: (await readRoles(context)).map(role => ({
      ...roleAnswer(role),
      staff: role.staff,
      grantable: mayGive(context.actor, role),
    })),
    permissions: context.slots
      .all(permissionSlot)
      .map(({ verb, label }) => ({ verb, label, grantable: may(context.actor, verb) })),
  }),

  listApiKeys: async context => ({ data: (await readApiKeys(context)) as never, grantable: grantable(context, fieldGroups) }),
  createApiKey: async (context, { body }) => {
    const expires_at = body.expires_at === null ? null : new Date(body.expires_at);
    return (await createApiKey(context, { ...body, expires_at })) as never;
  },
  revokeApiKey: (context, { params }) => revokeApiKey(context, params.id),

  listAudit: async (context, { query }) => (await listAudit(context, query)) as never,
  verifyAudit: async context => {
    const verdict = await verifyAudit(context);
    await audit(context, 'access.audit_verified', { ok: verdict.ok, checked: verdict.checked });
    return verdict;
  },
});
