/** Ten codes for the day the phone is lost: shown once, kept as keyed digests, each good for one login. */
import { randomInt } from 'node:crypto';
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';

const howMany = 10;
/** Without letters that look like digits; 10 of 31 are 49 bits, more than the limits on trying allow anybody to search. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';

const newCode = (): string => {
  const letters = Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
};
const plain = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '');
export const isRecoveryCode = (text: string): boolean => plain(text).length === 10;

const purpose = 'access.recovery_code';
const saltedWith = (staffId: string, code: string): string => `${staffId}/${plain(code)}`;

/** Makes ten new ones; the old ones end. The answer is the only place where they ever appear. */
export const makeRecoveryCodes = async (context: Context, staffId: string): Promise<string[]> => {
  const codes = Array.from({ length: howMany }, newCode);
  const digests = codes.map(code => context.secrets.hmac(purpose, saltedWith(staffId, code)));
  await context.postgres`delete from access.recovery_code where staff_id = ${staffId}`;
  await context.postgres`
    insert into access.recovery_code (staff_id, digest, made_at) select ${staffId}, digest, ${context.clock.now()} from unnest(${digests}::text[]) as digest`;
  await audit(context, 'access.recovery_codes_made');
  return codes;
};

/** Uses one up; false when it is none of theirs or was used. */
export const takeRecoveryCode = async (context: Context, staffId: string, code: string): Promise<boolean> => {
  const digests = context.secrets.hmacs(purpose, saltedWith(staffId, code));
  const taken = await context.postgres`
    update access.recovery_code set used_at = ${context.clock.now()}
    where staff_id = ${staffId} and digest = any(${digests}::text[]) and used_at is null returning digest`;
  return taken.length > 0;
};

export const removeRecoveryCodes = async (context: Context, staffId: string): Promise<void> => {
  await context.postgres`delete from access.recovery_code where staff_id = ${staffId}`;
};
