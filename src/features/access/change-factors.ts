/** Setting up and taking away second factors. Each change ends all other sessions and gives this one a new token. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { countAttempt, forgetAttempts } from './limit-attempts.ts';
import { staffToManage } from './manage-staff.ts';
import { addPasskey, readPasskeys, registrationOptions, removePasskey, type Site } from './passkeys.ts';
import { dueAt, readPolicy } from './policy.ts';
import { endSessions, findStaff, findStaffByEmail, type StaffRow } from './postgres.ts';
import { keepChallenge, requireProof, takeChallenge } from './prove.ts';
import { makeRecoveryCodes, removeRecoveryCodes } from './recovery-codes.ts';
import { isProtected, readFactors } from './second-factors.ts';
import { organisationTeller, ownStaff } from './show-me.ts';
import { digestToken, newToken } from './token.ts';
import { confirmTotp, removeTotp, startTotp } from './totp.ts';

/** `token`: the new one of this session. `recovery_codes`: only with the first factor, shown once. */
export type Changed = { token: string; recovery_codes: string[] | null };

/** Nobody who rode along on an earlier login stays in. */
const renewSession = async (context: Context, staffId: string): Promise<string> => {
  const token = newToken();
  await context.postgres`update access.session set token_hash = ${digestToken(token)} where id = ${context.actor.sessionId ?? null}`;
  await endSessions(context, staffId, 'second_factor_changed', context.actor.sessionId);
  return token;
};

/** The way back in for the day the device is lost comes with the first factor. */
const codesForFirst = async (context: Context, staffId: string, before: boolean): Promise<string[] | null> =>
  before ? null : makeRecoveryCodes(context, staffId);

export const beginTotp = async (context: Context) => {
  await requireProof(context);
  const staff = await ownStaff(context);
  const teller = context.slots.get(organisationTeller, 'organisation');
  const name = teller ? (await teller.read(context)).name : '';
  // The issuer stands in front of a colon in the address.
  return startTotp(context, staff, `Regulars ${name}`.replaceAll(':', ' ').trim());
};

export const finishTotp = async (context: Context, input: { code: string; address: string }): Promise<Changed> => {
  const staff = await ownStaff(context);
  await requireProof(context);
  const attempt = { what: 'second-factor', account: staff.id, address: input.address } as const;
  await countAttempt(context, attempt);
  const before = isProtected(await readFactors(context, staff.id));
  await confirmTotp(context, staff.id, input.code);
  await forgetAttempts(context, attempt);
  return inTransaction(context, async inside => ({
    recovery_codes: await codesForFirst(inside, staff.id, before),
    token: await renewSession(inside, staff.id),
  }));
};

export const beginPasskey = async (context: Context, site: Site) => {
  await requireProof(context);
  const options = await registrationOptions(context, site, await ownStaff(context));
  await keepChallenge(context, options.challenge);
  return options;
};

export const finishPasskey = async (
  context: Context,
  site: Site,
  input: { name: string; response: unknown },
): Promise<Changed> => {
  const staff = await ownStaff(context);
  await requireProof(context);
  // Outside the transaction: the challenge is used up even if this fails.
  const challenge = await takeChallenge(context);
  return inTransaction(context, async inside => {
    const before = isProtected(await readFactors(inside, staff.id));
    await addPasskey(inside, site, { staffId: staff.id, challenge, ...input });
    return { recovery_codes: await codesForFirst(inside, staff.id, before), token: await renewSession(inside, staff.id) };
  });
};

export type Removal = { kind: 'totp' } | { kind: 'passkey'; id: string };

/** The last one goes only where nobody is asked for one; with it go the recovery codes. */
export const removeFactor = (context: Context, what: Removal): Promise<Changed> =>
  inTransaction(context, async inside => {
    const staff = await ownStaff(inside);
    await requireProof(inside);
    if (what.kind === 'passkey') await removePasskey(inside, staff.id, what.id);
    else if (await removeTotp(inside, staff.id)) await audit(inside, 'access.totp_removed');
    else throw notFound('authenticator');
    if (!isProtected(await readFactors(inside, staff.id))) {
      if (dueAt(await readPolicy(inside), { roleId: staff.role_id, createdAt: staff.created_at }) !== null)
        throw new Refusal(
          'refused',
          'access.last_factor',
          'Your organisation asks for a second factor, and this is your last one. Set up another first.',
        );
      await removeRecoveryCodes(inside, staff.id);
    }
    return { recovery_codes: null, token: await renewSession(inside, staff.id) };
  });

export const renewRecoveryCodes = (context: Context): Promise<Changed> =>
  inTransaction(context, async inside => {
    const staff = await ownStaff(inside);
    await requireProof(inside);
    if (!isProtected(await readFactors(inside, staff.id)))
      throw new Refusal(
        'refused',
        'access.no_factor',
        'Recovery codes stand in for a second factor. Set up an authenticator app or a passkey first.',
      );
    return { recovery_codes: await makeRecoveryCodes(inside, staff.id), token: await renewSession(inside, staff.id) };
  });

/** A colleague lost everything: an owner or admin takes their factors away, which signs them out everywhere and is told to them. */
export const resetFactors = (context: Context, staffId: string): Promise<StaffRow> =>
  inTransaction(context, async inside => {
    await staffToManage(inside, staffId);
    if (inside.actor.id === staffId)
      throw new Refusal('refused', 'access.own_factors', 'Take your own second factors away in Settings, Security.');
    await requireProof(inside);
    const factors = await readFactors(inside, staffId);
    if (!isProtected(factors))
      throw new Refusal('refused', 'access.no_factor_there', 'This person has no second factor to take away.');
    await takeAllAway(inside, staffId);
    return (await findStaff(inside, staffId))!;
  });

const takeAllAway = async (context: Context, staffId: string): Promise<void> => {
  await removeTotp(context, staffId);
  await context.postgres`delete from access.passkey where staff_id = ${staffId}`;
  await removeRecoveryCodes(context, staffId);
  const sessions_ended = await endSessions(context, staffId, 'second_factor_changed');
  await audit(context, 'access.factors_reset', { subject: { kind: 'staff', id: staffId }, sessions_ended });
  await context.announce('access.factors_reset', { staff_id: staffId, by: context.actor.name });
};

/** For whoever has the machine: the only owner lost everything. Returns the person's name, or null when there is nobody of that address. */
export const resetFactorsOf = (context: Context, email: string): Promise<string | null> =>
  inTransaction(context, async inside => {
    const staff = await findStaffByEmail(inside, email.trim().toLowerCase());
    if (!staff) return null;
    await takeAllAway(inside, staff.id);
    return staff.name;
  });

/** What the security page shows of one's own. */
export const showFactors = async (context: Context, site: Site) => {
  const staff = await ownStaff(context);
  const [factors, passkeys, policy] = await Promise.all([
    readFactors(context, staff.id),
    readPasskeys(context, staff.id),
    readPolicy(context),
  ]);
  return {
    totp: factors.totp,
    passkeys: passkeys.map(({ id, name, device_type, created_at, last_used_at }) => ({
      id,
      name,
      synced: device_type === 'multiDevice',
      created_at: created_at.toISOString(),
      last_used_at: last_used_at?.toISOString() ?? null,
    })),
    recovery_codes_left: factors.recovery,
    due_at: dueAt(policy, { roleId: staff.role_id, createdAt: staff.created_at })?.toISOString() ?? null,
    // Browsers keep passkeys for names, not for numbers.
    passkeys_at: /^[\d.]+$|:/.test(site.id.replace(/^\[|\]$/g, '')) ? null : site.origin,
  };
};
