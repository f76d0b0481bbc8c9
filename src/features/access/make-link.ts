/** One-time links to choose a password: for an invitation or after a forgotten one. Shown once, to be copied by whoever made them. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { countAttempt } from './limit-attempts.ts';
import { actorOf, type Opened, openSession } from './open-session.ts';
import { hashPassword, refuseWeakPassword } from './password.ts';
import { endSessions, findStaff } from './postgres.ts';
import type { Browser } from './session.ts';
import { digestToken, newToken } from './token.ts';

export type LinkKind = 'invitation' | 'password';
export type Link = { token: string; expires_at: Date };

const validHours: Record<LinkKind, number> = { invitation: 7 * 24, password: 24 };

export const makeLink = async (context: Context, kind: LinkKind, staffId: string): Promise<Link> => {
  const token = newToken();
  const now = context.clock.now();
  const expires_at = new Date(now.getTime() + validHours[kind] * 3_600_000);
  await context.postgres`update access.link set voided_at = ${now} where staff_id = ${staffId} and used_at is null and voided_at is null`;
  await context.postgres`
    insert into access.link (kind, staff_id, token_hash, created_by, created_at, expires_at)
    values (${kind}, ${staffId}, ${digestToken(token)}, ${context.actor.id}, ${now}, ${expires_at})`;
  return { token, expires_at };
};

type OpenLink = { id: string; kind: LinkKind; staff_id: string; name: string; email: string };

const findOpenLink = async ({ postgres, clock }: Context, token: string): Promise<OpenLink> => {
  const [link] = await postgres<OpenLink[]>`
    select link.id, link.kind, link.staff_id, staff.name, staff.email
    from access.link link join access.staff staff on staff.id = link.staff_id
    where link.token_hash = ${digestToken(token)} and link.used_at is null and link.voided_at is null and link.expires_at > ${clock.now()}
      and staff.disabled_at is null
    for update of link`;
  if (!link) {
    throw new Refusal(
      'not_found',
      'access.link_over',
      'This link was used already or has run out. Ask the person who sent it for a new one.',
    );
  }
  return link;
};

/** Whom a link is for, so that the page can greet them; changes nothing. */
export const openLink = async (context: Context, input: { token: string; address: string }): Promise<OpenLink> => {
  await countAttempt(context, { what: 'link', account: null, address: input.address });
  return findOpenLink(context, input.token);
};

/** Sets the password, ends every other session and signs in (or asks for the second factor): the link works once. */
export const redeemLink = async (
  context: Context,
  input: { token: string; password: string; name?: string; browser: Browser },
): Promise<Opened> => {
  await countAttempt(context, { what: 'link', account: null, address: input.browser.address });
  const { name, email } = await findOpenLink(context, input.token);
  refuseWeakPassword(input.password, [input.name ?? name, email]);
  const passwordHash = await hashPassword(input.password);
  return inTransaction(context, async inside => {
    const link = await findOpenLink(inside, input.token);
    const now = inside.clock.now();
    await inside.postgres`update access.link set used_at = ${now} where id = ${link.id}`;
    await inside.postgres`
      update access.staff set password_hash = ${passwordHash}, password_changed_at = ${now}, name = ${input.name ?? link.name}, version = version + 1
      where id = ${link.staff_id}`;
    await endSessions(inside, link.staff_id, 'password_changed');
    const staff = (await findStaff(inside, link.staff_id))!;
    await audit(
      { ...inside, actor: actorOf(staff) },
      link.kind === 'invitation' ? 'access.invitation_accepted' : 'access.password_reset',
    );
    // A link replaces the password, not the second factor.
    return openSession(inside, staff, input.browser);
  });
};
