/** Signatures over raw bytes. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether `given` (base64) is the HMAC-SHA256 of the raw bytes under one of the secrets; compared in constant time, every secret tried. */
export const signedBy = (body: Buffer, given: string, secrets: readonly string[]): boolean => {
  const claimed = Buffer.from(given, 'base64');
  let valid = false;
  for (const secret of secrets) {
    const own = createHmac('sha256', secret).update(body).digest();
    if (claimed.length === own.length && timingSafeEqual(claimed, own)) valid = true;
  }
  return valid;
};
