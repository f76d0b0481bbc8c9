/** Codes of an authenticator app (RFC 6238): six digits, 30 seconds, one step of clock drift either way, no code twice. */
import { generateSecret, generateURI, verifySync } from 'otplib';
import { renderSVG } from 'uqr';
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';

const step_s = 30;
const sealedFor = (staffId: string): string => `access.totp/${staffId}`;

export const isCode = (text: string): boolean => /^\d{6}$/.test(text.replace(/\s/g, ''));

/** A new key for an app, not in force before a first code confirms it. `key` and `qr_svg` are shown now and never again. */
export const startTotp = async (
  context: Context,
  staff: { id: string; email: string },
  issuer: string,
): Promise<{ key: string; uri: string; qr_svg: string }> => {
  const [known] = await context.postgres`select from access.totp where staff_id = ${staff.id} and confirmed_at is not null`;
  if (known)
    throw new Refusal(
      'conflict',
      'access.totp_there',
      'You have an authenticator app already. Remove it first to set up another.',
    );
  const secret = generateSecret();
  const now = context.clock.now();
  await context.postgres`
    insert into access.totp (staff_id, secret_sealed, created_at) values (${staff.id}, ${context.secrets.seal(secret, sealedFor(staff.id))}, ${now})
    on conflict (staff_id) do update set secret_sealed = excluded.secret_sealed, created_at = excluded.created_at, last_step = null`;
  const uri = generateURI({ issuer, label: staff.email, secret });
  return { key: (secret.match(/.{1,4}/g) ?? []).join(' '), uri, qr_svg: renderSVG(uri, { border: 2 }) };
};

type Row = { secret_sealed: string; last_step: number | null; confirmed_at: Date | null };

/**
 * Takes a code, once: of two requests with the same code one wins, and a code of a step that was used or passed by is refused.
 * `confirmed` says which key is meant: the one in force, or the one being set up.
 */
const takeCode = async (context: Context, staffId: string, code: string, confirmed: boolean): Promise<boolean> => {
  const [row] = await context.postgres<Row[]>`
    select secret_sealed, last_step, confirmed_at from access.totp where staff_id = ${staffId} and (confirmed_at is not null) = ${confirmed}`;
  if (!row || !isCode(code)) return false;
  const result = verifySync({
    secret: context.secrets.open(row.secret_sealed, sealedFor(staffId)),
    token: code.replace(/\s/g, ''),
    epoch: Math.floor(context.clock.now().getTime() / 1000),
    epochTolerance: step_s,
    ...(row.last_step !== null && { afterTimeStep: row.last_step }),
  });
  if (!result.valid || !('timeStep' in result)) return false;
  const step = result.timeStep as number;
  const taken = await context.postgres`
    update access.totp set last_step = ${step}, confirmed_at = coalesce(confirmed_at, ${context.clock.now()})
    where staff_id = ${staffId} and secret_sealed = ${row.secret_sealed} and coalesce(last_step, -1) < ${step} returning staff_id`;
  return taken.length > 0;
};

export const takeTotp = (context: Context, staffId: string, code: string): Promise<boolean> =>
  takeCode(context, staffId, code, true);

const notNow =
  'This is not the code the app shows now. Wait for the next one and type that; if it is refused too, set the clock of your phone.';

export const confirmTotp = async (context: Context, staffId: string, code: string): Promise<void> => {
  if (!(await takeCode(context, staffId, code, false)))
    throw new Refusal('refused', 'access.wrong_code', notNow, { faults: [{ path: 'code', reason: notNow }] });
  await audit(context, 'access.totp_set_up');
};

export const removeTotp = async (context: Context, staffId: string): Promise<boolean> => {
  const removed = await context.postgres`delete from access.totp where staff_id = ${staffId} returning confirmed_at`;
  return removed.some(row => row.confirmed_at !== null);
};
