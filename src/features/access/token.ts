/** Random tokens: handed out once, kept only as a digest. 256 random bits need no slow hash. */
import { createHash, randomBytes } from 'node:crypto';

export const newToken = (prefix = ''): string => `${prefix}${randomBytes(32).toString('base64url')}`;
export const digestToken = (token: string): string => createHash('sha256').update(token).digest('hex');
