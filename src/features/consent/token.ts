/** Random tokens of public links: 192 bits need no slow hash, so the digest alone is enough to find one. */
import { createHash, randomBytes } from 'node:crypto';

export const newToken = (): string => randomBytes(24).toString('base64url');
export const digestToken = (token: string): string => createHash('sha256').update(token).digest('hex');
export const looksLikeToken = (text: string): boolean => /^[\w-]{32}$/.test(text);
