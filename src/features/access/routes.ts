import type { FastifyReply, FastifyRequest } from 'fastify';
import { audit, verifyAudit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { fieldGroups } from '../../platform/contract.ts';
import { notFound } from '../../platform/errors.ts';
import { permissionSlot } from '../../platform/feature.ts';
import { bindRoutes } from '../../platform/http.ts';
import { changePassword } from './change-password.ts';
import { contract } from './contract.ts';
import { listAudit } from './list-audit.ts';
import { type Link, type LinkKind, openLink, redeemLink } from './make-link.ts';
import { createApiKey, grantable, revokeApiKey } from './manage-api-keys.ts';
import { changeStaff, disableStaff, enableStaff, inviteStaff, makeStaffLink } from './manage-staff.ts';
import { endSessions, hasOwner, readApiKeys, readRoles, readSessions, readStaff, type StaffRow } from './postgres.ts';
import { cookieFor, tokenIn } from './session.ts';
import { setUp } from './set-up.ts';
import { changeMe, englishName, ownStaff, roleOf, showMe } from './show-me.ts';
import { type Browser, signIn, signOut } from './sign-in.ts';

const browserOf = (context: Context, request: FastifyRequest): Browser => ({
  address: request.ip,
  userAgent: request.headers['user-agent'],
  token: tokenIn(context.config, request.headers.cookie),
});

const letIn = (context: Context, reply: FastifyReply, session: { staffId: string; token: string }) => {
  reply.header('set-cookie', cookieFor(context.config, session.token));
  return { id: session.staffId };
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

export const routes = bindRoutes(contract, {
  showSetup: async context => ({ needed: !(await hasOwner(context)) }),
  setUp: async (context, { body, request, reply }) =>
    letIn(context, reply, await setUp(context, { ...body, browser: browserOf(context, request) })),
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
    const sessions = context.actor.kind === 'staff' ? await readSessions(context, context.actor.id!) : [];
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
    data: (await readRoles(context)).map(role => ({ ...role, name: role.name ?? englishName(role.code ?? '') })),
    permissions: context.slots.all(permissionSlot).map(({ verb, label }) => ({ verb, label })),
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
