/** What a password must be, and how it is kept: Argon2id with the parameters OWASP names as the least (19 MiB, two passes). */
import { readFileSync } from 'node:fs';
import { hash, verify } from '@node-rs/argon2';
import { Refusal } from '../../platform/errors.ts';

export const leastLength = 10;
export const longestLength = 200;
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const common = new Set(
  readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#')),
);

/** Why a password is refused, or null. `about` is what a guesser knows: name, e-mail, the shop's name. */
export const faultOf = (password: string, about: readonly string[] = []): 'short' | 'long' | 'common' | 'about_you' | null => {
  const characters = [...password];
  if (characters.length < leastLength) return 'short';
  if (characters.length > longestLength) return 'long';
  if (isCommon(password.toLowerCase())) return 'common';
  const words = about.flatMap(text => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter(word => word.length >= 3);
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), password.toLowerCase());
  return rest.length < password.length && rest.replace(/[^\p{L}]/gu, '').length < 5 ? 'about_you' : null;
};

const isCommon = (password: string): boolean =>
  common.has(password) ||
  common.has(password.replace(/^[\d\W_]+|[\d\W_]+$/g, '')) ||
  new Set(password).size < 5 ||
  isRun(password);

/** "abcdefghij", "0987654321": each character is the neighbour of the one before. */
const isRun = (password: string): boolean => {
  const steps = [...password].slice(1).map((character, index) => character.charCodeAt(0) - password.charCodeAt(index));
  return steps.filter(step => Math.abs(step) <= 1).length > steps.length * 0.75;
};

const sentences = {
  short: `The password is too short. Use at least ${leastLength} characters; three or four random words are easy to keep in mind.`,
  long: `The password is too long. Use at most ${longestLength} characters.`,
  common: 'This password is on the lists that attackers try first. Use three or four random words instead.',
  about_you: 'This password is mostly your name or address, which attackers try first. Use three or four random words instead.',
};

/** Throws when the password is too easy to guess. */
export const refuseWeakPassword = (password: string, about: readonly string[]): void => {
  const fault = faultOf(password, about);
  if (fault === null) return;
  throw new Refusal('refused', `access.password_${fault}`, sentences[fault], {
    faults: [{ path: 'password', reason: sentences[fault] }],
  });
};

/** The same letters typed on different keyboards are the same password. */
const bytesOf = (password: string): string => password.normalize('NFKC');

export const hashPassword = (password: string): Promise<string> => hash(bytesOf(password), cost);

/** Verified against when there is no such account, so that known and unknown accounts cost the same work. */
const decoy = '$argon2id$v=19$m=19456,t=2,p=1$GHN25oRQiL7YpT7BjF6+ag$zKwgR4V07u1ZBEs3Z6VTmMFeVzqpzuuqi8xuU94EjZE';

/** True when the password belongs to the hash. Always does the full work, with `null` (no such account) too. */
export const isPassword = async (passwordHash: string | null, password: string): Promise<boolean> => {
  const right = await verify(passwordHash ?? decoy, bytesOf(password));
  return passwordHash !== null && right;
};
