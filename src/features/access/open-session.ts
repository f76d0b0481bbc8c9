/**
 * From "the password was right" to a session: where a second factor is set up, a login is pending until it is shown. The pending login and
 * its challenge live in a cookie that scripts cannot read, work once and end after ten minutes or five wrong tries.
 */
import { audit } from '../../platform/audit.ts';
import type { Actor, Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { noteDevice } from './devices.ts';
import { assertionOptions, type Site, takePasskey } from './passkeys.ts';
import { findStaff, type StaffRow } from './postgres.ts';
import { type Factor, isProtected, methodsOf, readFactors, takeTypedCode } from './second-factors.ts';
import { type Browser, browserOf, expiryFrom } from './session.ts';
import { digestToken, newToken } from './token.ts';

/** `token` for the session cookie, or `pending` for the cookie of a login under way. */
export type Opened =
  | { kind: 'session'; staffId: string; token: string; device: string }
  | { kind: 'pending'; pending: string; methods: Factor[] };

const pendingMinutes = 10;
const mostWrong = 5;

export const actorOf = (staff: Pick<StaffRow, 'id' | 'name' | 'verbs' | 'fields'>): Actor => ({
  kind: 'staff',
  id: staff.id,
  name: staff.name,
  verbs: new Set(staff.verbs),
  fields: new Set(staff.fields),
  shopIds: null,
});

/** A session, or the question for the second factor. `staff` has just shown their password or a one-time link. */
export const openSession = async (context: Context, staff: StaffRow, browser: Browser): Promise<Opened> => {
  const factors = await readFactors(context, staff.id);
  if (!isProtected(factors)) return startSession(context, staff, browser, null);
  return { kind: 'pending', pending: await newPending(context, staff.id), methods: methodsOf(factors) };
};

const newPending = async (context: Context, staffId: string | null, challenge: string | null = null): Promise<string> => {
  const token = newToken();
  const now = context.clock.now();
  await context.postgres`
    insert into access.pending_login (token_hash, staff_id, challenge, created_at, expires_at)
    values (${digestToken(token)}, ${staffId}, ${challenge}, ${now}, ${new Date(now.getTime() + pendingMinutes * 60_000)})`;
  return token;
};

/** A new session with a new token at every login; the one this browser held before ends. */
export const startSession = async (
  context: Context,
  staff: StaffRow,
  browser: Browser,
  factor: Factor | null,
): Promise<Opened & { kind: 'session' }> =>
  inTransaction(context, async inside => {
    const token = newToken();
    const now = inside.clock.now();
    if (browser.token) {
      await inside.postgres`
        update access.session set ended_at = ${now}, ended_why = 'signed_in_again' where token_hash = ${digestToken(browser.token)} and ended_at is null`;
    }
    // Before the session is written: what is new is told by what was there before.
    const device = await noteDevice(inside, staff, browser);
    await inside.postgres`
      insert into access.session (staff_id, token_hash, browser, address, created_at, last_seen_at, expires_at, second_factor, proved_at)
      values (${staff.id}, ${digestToken(token)}, ${browserOf(browser.userAgent)}, ${browser.address}, ${now}, ${now}, ${expiryFrom(now)}, ${factor}, ${now})`;
    await audit({ ...inside, actor: actorOf(staff) }, 'access.signed_in', {
      address: browser.address,
      ...(factor && { second_factor: factor }),
    });
    return { kind: 'session', staffId: staff.id, token, device };
  });

type Pending = { id: string; staff_id: string | null; challenge: string | null };

const over = () =>
  new Refusal(
    'unauthenticated',
    'access.login_over',
    'This sign-in took too long or was tried too often. Begin again with your password.',
  );

const findPending = async ({ postgres, clock }: Context, browser: Browser): Promise<Pending> => {
  const [row] = await postgres<Pending[]>`
    select id, staff_id, challenge from access.pending_login
    where token_hash = ${digestToken(browser.pending ?? '')} and used_at is null and wrong < ${mostWrong} and expires_at > ${clock.now()}`;
  if (!row) throw over();
  return row;
};

const countWrong = async ({ postgres }: Context, pending: Pending): Promise<void> => {
  await postgres`update access.pending_login set wrong = wrong + 1 where id = ${pending.id}`;
};

/** Of two answers at once one gets the session. */
const finish = (context: Context, pending: Pending, staffId: string, browser: Browser, factor: Factor): Promise<Opened> =>
  inTransaction(context, async inside => {
    const used = await inside.postgres`
      update access.pending_login set used_at = ${inside.clock.now()} where id = ${pending.id} and used_at is null returning id`;
    const staff = await findStaff(inside, staffId);
    if (used.length === 0 || !staff || staff.disabled_at !== null) throw over();
    if (factor === 'recovery')
      await audit({ ...inside, actor: actorOf(staff) }, 'access.recovery_code_used', { address: browser.address });
    return startSession(inside, staff, browser, factor);
  });

/** The second step of a login by a typed code. */
export const answerWithCode = async (context: Context, code: string, browser: Browser): Promise<Opened> => {
  const pending = await findPending(context, browser);
  if (pending.staff_id === null) throw over();
  try {
    const factor = await takeTypedCode(context, { staffId: pending.staff_id, code, address: browser.address });
    return await finish(context, pending, pending.staff_id, browser, factor);
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'refused') await countWrong(context, pending);
    throw error;
  }
};

/** The challenge for a passkey: of the pending login, or of a new one for whoever signs in with a passkey alone. */
export const challengeLogin = async (context: Context, site: Site, browser: Browser) => {
  const pending = await findPending(context, browser).catch(() => null);
  const options = await assertionOptions(context, site, pending?.staff_id ?? null);
  if (pending) {
    await context.postgres`update access.pending_login set challenge = ${options.challenge} where id = ${pending.id}`;
    return { options, pending: null };
  }
  return { options, pending: await newPending(context, null, options.challenge) };
};

/** A passkey's answer: the second step of a login, or the whole of one. The challenge is used up whatever comes of it. */
export const answerWithPasskey = async (context: Context, site: Site, response: unknown, browser: Browser): Promise<Opened> => {
  const pending = await findPending(context, browser);
  const [row] = await context.postgres<{ challenge: string }[]>`
    with before as (select id, challenge from access.pending_login where id = ${pending.id} and challenge is not null for update)
    update access.pending_login p set challenge = null from before where p.id = before.id returning before.challenge`;
  if (!row) throw over();
  try {
    const passkey = await takePasskey(context, site, { staffId: pending.staff_id, challenge: row.challenge, response });
    return await finish(context, pending, passkey.staff_id, browser, 'passkey');
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'refused') await countWrong(context, pending);
    throw error;
  }
};
