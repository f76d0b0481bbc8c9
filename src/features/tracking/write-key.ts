/** What a write key looks like. Pure but for its random letters. */
import { createHash, randomBytes } from 'node:crypto';

export const writeKeyKinds = ['browser', 'secret'] as const;
export type WriteKeyKind = (typeof writeKeyKinds)[number];

const prefixes: Record<WriteKeyKind, string> = { browser: 'rwb_', secret: 'rws_' };

/** 24 random bytes as text; the prefix tells people which one may stand in a web page. */
export const makeKey = (kind: WriteKeyKind): string => prefixes[kind] + randomBytes(24).toString('base64url');
export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest();
/** A browser key can be read in every page source; of a secret one only the end is shown. */
export const shownKey = (kind: WriteKeyKind, key: string): string =>
  kind === 'browser' ? key : `${prefixes.secret}…${key.slice(-4)}`;
