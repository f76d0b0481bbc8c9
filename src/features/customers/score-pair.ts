/** How likely two customers are one person, and why, from what is known about both. Pure; the rules are a table in score-pair.test.ts. */
import { correctedEmail } from './mail-domains.ts';

export type PairPerson = {
  id: number;
  /** Without accents, in lower case. */
  name: string | null;
  email: string | null;
  phone: string | null;
  birthday: string | null;
  postalCode: string | null;
  city: string | null;
  country: string | null;
  /** Streets with their post codes, folded. */
  streets: readonly string[];
  /** Ids per source: "user_id\u0001source" -> values. */
  ownIds: ReadonlyMap<string, ReadonlySet<string>>;
};

export const pairReasons = [
  'email_typo',
  'same_phone',
  'same_street',
  'same_name',
  'names_swapped',
  'same_birthday',
  'same_post_code',
  'same_city',
  'same_mailbox',
  'other_birthday',
  'other_name',
  'two_ids',
] as const;
export type PairReason = (typeof pairReasons)[number];
export type PairClass = 'certain' | 'likely' | 'possible';
export type PairScore = { score: number; class: PairClass; reasons: PairReason[] };

/** How much each agreement tells by itself; together they add up as independent chances (1 - product of the rest). */
const weights: Partial<Record<PairReason, number>> = {
  email_typo: 0.85,
  same_phone: 0.7,
  same_street: 0.65,
  same_birthday: 0.5,
  same_name: 0.4,
  names_swapped: 0.35,
  same_mailbox: 0.45,
  same_post_code: 0.35,
  same_city: 0.2,
};
/** What speaks against, as a factor. */
const doubts: Partial<Record<PairReason, number>> = { other_birthday: 0.35, other_name: 0.55, two_ids: 0.6 };

const least = 0.5;
const likely = 0.75;
/** Above every score that is not certain, so that one order serves both. */
const certainScore = 0.97;

/** Null: not worth a look. Certain: they share a name and something that two people hardly share, and nothing speaks against it. */
export const scorePair = (a: PairPerson, b: PairPerson): PairScore | null => {
  const reasons = reasonsOf(a, b);
  const has = (...wanted: PairReason[]) => wanted.some(reason => reasons.includes(reason));
  let rest = 1;
  for (const reason of reasons) rest *= 1 - (weights[reason] ?? 0);
  let score = 1 - rest;
  for (const reason of reasons) score *= doubts[reason] ?? 1;
  // The same name in the same town is two people more often than one.
  const telling = has('email_typo', 'same_phone', 'same_street', 'same_birthday', 'same_mailbox', 'same_post_code');
  if (score < least || !telling) return null;
  const certain =
    has('same_name', 'names_swapped') &&
    has('email_typo', 'same_phone', 'same_street') &&
    !has('other_birthday', 'other_name', 'two_ids');
  if (certain) return { score: Math.max(score, certainScore), class: 'certain', reasons };
  return { score: Math.min(score, certainScore - 0.01), class: score >= likely ? 'likely' : 'possible', reasons };
};

const reasonsOf = (a: PairPerson, b: PairPerson): PairReason[] => {
  const found: PairReason[] = [];
  const add = (reason: PairReason, yes: boolean) => yes && found.push(reason);
  add('email_typo', meantSame(a.email, b.email));
  add('same_phone', same(phoneKey(a.phone), phoneKey(b.phone)));
  add(
    'same_street',
    a.streets.some(street => b.streets.includes(street)),
  );
  const [one, two] = [wordsOf(a.name), wordsOf(b.name)];
  if (one.length > 1 && two.length > 1) {
    const [sorted, others] = [[...one].sort().join(' '), [...two].sort().join(' ')];
    add('same_name', one.join(' ') === two.join(' '));
    add('names_swapped', one.join(' ') !== two.join(' ') && sorted === others);
    add('other_name', !one.some(word => word.length > 1 && two.includes(word)));
  }
  add('same_birthday', same(a.birthday, b.birthday));
  add('other_birthday', a.birthday !== null && b.birthday !== null && a.birthday !== b.birthday);
  add('same_post_code', same(postKey(a), postKey(b)));
  add('same_city', same(cityKey(a), cityKey(b)));
  add('same_mailbox', !found.includes('email_typo') && same(mailbox(a.email), mailbox(b.email)));
  add('two_ids', differInOneSource(a, b));
  return pairReasons.filter(reason => found.includes(reason));
};

const same = (a: string | null, b: string | null): boolean => a !== null && a === b;
export const wordsOf = (name: string | null): string[] => (name ?? '').split(/[^\p{L}\p{N}]+/u).filter(Boolean);

const meantSame = (a: string | null, b: string | null): boolean => {
  if (a === null || b === null || a === b) return false;
  return (correctedEmail(a) ?? a) === (correctedEmail(b) ?? b);
};

/** The last nine digits: with or without the country in front it is the same number. */
const phoneKey = (phone: string | null): string | null => {
  const digits = (phone ?? '').replace(/\D/g, '');
  return digits.length < 7 ? null : digits.slice(-9);
};
const postKey = (person: PairPerson): string | null => {
  const code = (person.postalCode ?? '').replace(/[\s-]/g, '').toLowerCase();
  return code.length < 3 ? null : `${person.country ?? ''} ${code}`;
};
const cityKey = (person: PairPerson): string | null =>
  person.city ? `${person.country ?? ''} ${person.city.toLowerCase()}` : null;

const commonMailboxes = new Set([
  'info',
  'mail',
  'kontakt',
  'contact',
  'office',
  'shop',
  'hello',
  'post',
  'sales',
  'admin',
  'me',
]);
const mailbox = (email: string | null): string | null => {
  const name = email?.slice(0, email.lastIndexOf('@')) ?? '';
  return name.length < 6 || commonMailboxes.has(name) ? null : name;
};

/** A source gave each of them an id of their own: it takes them for two people. */
export const differInOneSource = (a: Pick<PairPerson, 'ownIds'>, b: Pick<PairPerson, 'ownIds'>): boolean =>
  [...a.ownIds].some(([source, values]) => {
    const others = b.ownIds.get(source);
    return others !== undefined && ![...values].some(value => others.has(value));
  });
