/** One key by which a customer is known: how it is written, and which values say nothing about anybody. Pure. */
import { domainToASCII } from 'node:url';

export const identifierKinds = ['user_id', 'shop_customer_id', 'email', 'anonymous_id', 'push_endpoint', 'phone'] as const;
export type IdentifierKind = (typeof identifierKinds)[number];

/** `source`: id of the connection or event source; '' for e-mail and phone, which mean the same everywhere. */
export type Identifier = { kind: IdentifierKind; source: string; value: string };

/** Strong ones say who somebody is. Weak ones find somebody, but never join two known people. */
export const strongKinds: ReadonlySet<IdentifierKind> = new Set(['user_id', 'shop_customer_id', 'email']);
/** A source gives each person one of these: two different ones are two people until somebody says otherwise. */
export const ownIdKinds: ReadonlySet<IdentifierKind> = new Set(['user_id', 'shop_customer_id']);

/** An identifier seen with more people than this no longer says who somebody is. */
export const mostPeople = 5;

const emptyWords = new Set([
  '',
  '0',
  '-',
  '--',
  '?',
  'null',
  'nil',
  'none',
  'undefined',
  'nan',
  'n/a',
  'na',
  'anonymous',
  'anon',
  'guest',
  'unknown',
  'test',
  'false',
  'true',
  '[object object]',
  '(null)',
  '00000000-0000-0000-0000-000000000000',
]);
const emptyMailboxes = new Set([
  'test',
  'noreply',
  'no-reply',
  'donotreply',
  'do-not-reply',
  'none',
  'null',
  'nobody',
  'unknown',
  'guest',
  'anonymous',
  'na',
  'noemail',
  'no-email',
]);

/** Trim, lower case, IDNA. No dot or plus tricks: "a.b+c@x" is its own address. Null when it is no address. */
export const normaliseEmail = (text: string): string | null => {
  const trimmed = text.trim().normalize('NFC').toLowerCase();
  const at = trimmed.lastIndexOf('@');
  if (at < 1 || at > 64 || trimmed.length > 254 || /[\s<>(),;:\\"\u0000-\u001f]/.test(trimmed)) return null;
  const domain = domainToASCII(trimmed.slice(at + 1).replace(/\.$/, ''));
  if (!domain.includes('.') || trimmed.slice(0, at).includes('@')) return null;
  return `${trimmed.slice(0, at)}@${domain}`;
};

/** Digits with a leading + where the number is international. Null when too short or too long to be a number. */
export const normalisePhone = (text: string): string | null => {
  const digits = text.replace(/[^0-9]/g, '');
  const international = /^\s*(\+|00)/.test(text);
  const bare = international ? digits.replace(/^00/, '') : digits;
  if (bare.length < 6 || bare.length > 17 || /^(\d)\1+$/.test(bare)) return null;
  return international ? `+${bare}` : bare;
};

export const isPlaceholder = (identifier: Identifier, ownDomains: ReadonlySet<string>): boolean => {
  const value = identifier.value.trim().toLowerCase();
  if (identifier.kind !== 'email') return emptyWords.has(value) || /^0+$/.test(value);
  const at = value.lastIndexOf('@');
  return emptyMailboxes.has(value.slice(0, at)) || ownDomains.has(value.slice(at + 1));
};

/** The identifier as it is kept, or null when it says nothing about anybody. */
export const normaliseIdentifier = (identifier: Identifier, ownDomains: ReadonlySet<string>): Identifier | null => {
  const { kind } = identifier;
  const raw = identifier.value.replaceAll('\u0000', '');
  const value = kind === 'email' ? normaliseEmail(raw) : kind === 'phone' ? normalisePhone(raw) : raw.trim();
  if (value === null || value.length > 500) return null;
  const kept = { kind, source: kind === 'email' || kind === 'phone' ? '' : identifier.source, value };
  return isPlaceholder(kept, ownDomains) ? null : kept;
};

export const keyOf = (identifier: Identifier): string => `${identifier.kind}\u0001${identifier.source}\u0001${identifier.value}`;
