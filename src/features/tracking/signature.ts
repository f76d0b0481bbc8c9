/**
 * Signed identity: a shop's server vouches for who is logged in. Pure.
 *
 * A signature is "<expires>.<hex>": `expires` in seconds since 1970, `hex` the HMAC-SHA-256 (RFC 2104) of "<expires>:<e-mail>:<user id>"
 * under the shop's signing secret, the e-mail empty where the shop does not vouch for one. An e-mail has no colon outside quotes and the
 * expiry only digits, so no two triples make one text.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export type Signature = { expires_s: number; digest: Buffer };
/** What a signature vouches for. */
export type Signed = 'user' | 'user_and_email';
export type SignatureOutcome = 'good' | 'wrong' | 'expired' | 'other_shop' | 'unreadable' | 'no_secret' | 'no_user';

/** Clocks of two servers differ a little. */
const grace_s = 60;
/** A signature that lets in for years is a password in a page. */
const longest_s = 31 * 86_400;

export const makeSigningSecret = (): string => `rss_${randomBytes(32).toString('base64url')}`;

const digestOf = (secret: string, expires_s: number, userId: string, email: string): Buffer =>
  createHmac('sha256', secret).update(`${expires_s}:${email}:${userId}`).digest();

/** As a shop's server makes it. */
export const sign = (secret: string, input: { userId: string; email?: string; expires_s: number }): string =>
  `${input.expires_s}.${digestOf(secret, input.expires_s, input.userId, input.email ?? '').toString('hex')}`;

/** null: not a signature at all. */
export const readSignature = (text: string): Signature | null => {
  const found = /^(\d{1,12})\.([0-9a-f]{64})$/i.exec(text.trim());
  return found && { expires_s: Number(found[1]), digest: Buffer.from(found[2], 'hex') };
};

export const isExpired = (signature: Signature, at: Date): boolean => {
  const ahead_s = signature.expires_s - at.getTime() / 1000;
  return ahead_s < -grace_s || ahead_s > longest_s;
};

/** What the signature vouches for under this secret; null when it was not made with it, or not for this person. */
export const vouchedFor = (
  secret: string,
  signature: Signature,
  person: { userId: string; email: string | null },
): Signed | null => {
  const fits = (email: string): boolean =>
    timingSafeEqual(digestOf(secret, signature.expires_s, person.userId, email), signature.digest);
  if (person.email && fits(person.email)) return 'user_and_email';
  return fits('') ? 'user' : null;
};
