/**
 * The identity rules as a table: what comes in, in order, and who that is. Read by identity.test.ts (the pure rules) and by
 * resolve-customers.test.ts (the same through PostgreSQL).
 */
import type { Identifier, IdentifierKind } from './identifier.ts';
import type { Trust } from './identity.ts';

export type Case = {
  rule: string;
  /** "who" names the person whom the sighting belongs to when all is done; "-" = nobody. Same name = same person. */
  sightings: { keys: string[]; trust?: Trust; at?: number; who: string }[];
  /** Pairs that are offered to staff, by the names above. */
  suggested?: [string, string][];
  /** People of the case who are still anonymous at the end. */
  anonymous?: string[];
};

const kinds: Record<string, IdentifierKind> = {
  user: 'user_id',
  shop: 'shop_customer_id',
  email: 'email',
  anon: 'anonymous_id',
  push: 'push_endpoint',
  phone: 'phone',
};

/** "user:7", "user@site2:7", "email:a@b.cd" -> identifier; sources default to one per kind. */
export const parseKey = (text: string): Identifier => {
  const [, word, source, value] = /^(\w+?)(?:@(\w+))?:(.*)$/.exec(text)!;
  const kind = kinds[word];
  return { kind, source: kind === 'email' || kind === 'phone' ? '' : (source ?? 'one'), value };
};

const seven = [1, 2, 3, 4, 5, 6, 7];

export const cases: Case[] = [
  {
    rule: 'a strong identifier finds the same person again',
    sightings: [
      { keys: ['email:ana@shop.test'], who: 'ana' },
      { keys: ['email:ana@shop.test'], who: 'ana' },
    ],
  },
  {
    rule: 'addresses are compared trimmed, in lower case and as IDNA',
    sightings: [
      { keys: ['email:  Ana@BÜCHER.example '], who: 'ana' },
      { keys: ['email:ana@xn--bcher-kva.example'], who: 'ana' },
    ],
  },
  {
    rule: 'no dot or plus tricks: each is its own address',
    sightings: [
      { keys: ['email:ana.b@shop.test'], who: 'one' },
      { keys: ['email:anab@shop.test'], who: 'two' },
      { keys: ['email:ana.b+x@shop.test'], who: 'three' },
    ],
  },
  {
    rule: 'an anonymous visitor becomes known in place',
    sightings: [
      { keys: ['anon:a'], who: 'ana' },
      { keys: ['anon:a', 'email:ana@shop.test'], who: 'ana' },
      { keys: ['anon:a'], who: 'ana' },
    ],
  },
  {
    rule: 'who never says who they are stays anonymous',
    sightings: [
      { keys: ['anon:a'], who: 'x' },
      { keys: ['anon:b'], who: 'y' },
    ],
    anonymous: ['x', 'y'],
  },
  {
    rule: 'known beats anonymous: the visit joins the known customer, also from a browser',
    sightings: [
      { keys: ['email:ana@shop.test'], who: 'ana' },
      { keys: ['anon:a'], trust: 'browser', who: 'ana' },
      { keys: ['anon:a', 'email:ana@shop.test'], trust: 'browser', who: 'ana' },
    ],
  },
  {
    rule: 'a trusted source joins two known people by a strong identifier',
    sightings: [
      { keys: ['user:7'], who: 'ana' },
      { keys: ['email:ana@shop.test'], who: 'ana' },
      { keys: ['user:7', 'email:ana@shop.test'], who: 'ana' },
    ],
  },
  {
    rule: 'a browser may not join two known people; staff are told',
    sightings: [
      { keys: ['user:7'], who: 'ana' },
      { keys: ['email:ben@shop.test'], who: 'ben' },
      { keys: ['user:7', 'email:ben@shop.test'], trust: 'browser', who: 'ana' },
    ],
    suggested: [['ana', 'ben']],
  },
  {
    rule: 'two user ids of one source are two people, even with one address',
    sightings: [
      { keys: ['user:1', 'email:home@shop.test'], who: 'ana' },
      { keys: ['user:2', 'email:home@shop.test'], who: 'ben' },
      { keys: ['user:2'], who: 'ben' },
      { keys: ['email:home@shop.test'], who: 'ana' },
    ],
    suggested: [['ana', 'ben']],
  },
  {
    rule: 'ids of two sources are one person when the address says so',
    sightings: [
      { keys: ['user@web:1', 'email:ana@shop.test'], who: 'ana' },
      { keys: ['user@till:1', 'email:ana@shop.test'], who: 'ana' },
      { keys: ['user@till:1'], who: 'ana' },
    ],
  },
  {
    rule: 'the same id from another source is another person',
    sightings: [
      { keys: ['shop@de:12346'], who: 'ana' },
      { keys: ['shop@uk:12346'], who: 'ben' },
    ],
  },
  {
    rule: 'two people with ids of one source are not joined through a third key',
    sightings: [
      { keys: ['user:1', 'email:one@shop.test'], who: 'ana' },
      { keys: ['user:2', 'email:two@shop.test'], who: 'ben' },
      { keys: ['shop:9', 'email:one@shop.test'], who: 'ana' },
      { keys: ['shop:9', 'email:two@shop.test'], who: 'ana' },
    ],
    suggested: [['ana', 'ben']],
  },
  {
    rule: 'a phone finds, but never joins two known people',
    sightings: [
      { keys: ['email:ana@shop.test', 'phone:+44 20 7946 0000'], who: 'ana' },
      { keys: ['phone:+442079460000'], who: 'ana' },
      { keys: ['email:ben@shop.test', 'phone:0044 20 7946 0000'], who: 'ben' },
    ],
    suggested: [['ana', 'ben']],
  },
  {
    rule: 'a phone finds somebody who has no address yet',
    sightings: [
      { keys: ['shop:1', 'phone:+442079460000'], who: 'ana' },
      { keys: ['email:ana@shop.test', 'phone:+442079460000'], who: 'ana' },
    ],
  },
  {
    rule: 'a browser that knows a phone number does not get at the person behind it',
    sightings: [
      { keys: ['shop:1', 'phone:+442079460000'], who: 'ana' },
      { keys: ['email:mallory@shop.test', 'phone:+442079460000'], trust: 'browser', who: 'mallory' },
    ],
    suggested: [['ana', 'mallory']],
  },
  {
    rule: 'an anonymous id belongs to the last person identified on it, its earlier events to the first',
    sightings: [
      { keys: ['anon:a'], who: 'ana' },
      { keys: ['anon:a', 'email:ana@shop.test'], who: 'ana' },
      { keys: ['anon:a', 'email:ben@shop.test'], who: 'ben' },
      { keys: ['anon:a'], who: 'ben' },
    ],
    suggested: [['ana', 'ben']],
  },
  {
    rule: 'an older event that arrives late does not take the device back',
    sightings: [
      { keys: ['anon:a', 'email:ana@shop.test'], at: 100, who: 'ana' },
      { keys: ['anon:a', 'email:ben@shop.test'], at: 300, who: 'ben' },
      { keys: ['anon:a', 'email:ana@shop.test'], at: 200, who: 'ana' },
      { keys: ['anon:a'], at: 400, who: 'ben' },
    ],
    suggested: [['ana', 'ben']],
  },
  {
    rule: 'two anonymous visits that turn out to be one',
    sightings: [
      { keys: ['anon:a'], who: 'x' },
      { keys: ['push:p'], who: 'x' },
      { keys: ['anon:a', 'push:p'], who: 'x' },
    ],
    anonymous: ['x'],
  },
  {
    rule: 'placeholders say nothing about anybody',
    sightings: [
      { keys: ['user:null'], who: '-' },
      { keys: ['shop:0'], who: '-' },
      { keys: ['shop: '], who: '-' },
      { keys: ['user:undefined', 'email:test@gmail.com'], who: '-' },
      { keys: ['email:not an address'], who: '-' },
      { keys: ['email:anything@own-shop.test'], who: '-' },
      { keys: ['user:7', 'email:noreply@shop.test'], who: 'ana' },
      { keys: ['user:8', 'email:noreply@shop.test'], who: 'ben' },
    ],
  },
  {
    rule: 'an address that more than five people share is ignored from then on',
    sightings: [
      ...seven.map(n => ({ keys: [`user:${n}`, 'email:office@shop.test'], who: `p${n}` })),
      { keys: ['email:office@shop.test'], who: '-' },
      { keys: ['user:3', 'email:office@shop.test'], who: 'p3' },
    ],
    suggested: [2, 3, 4, 5, 6].map(n => ['p1', `p${n}`] as [string, string]),
  },
  {
    rule: 'a device that more than five people use is nobody’s, but one visitor’s',
    sightings: [
      ...seven.map(n => ({ keys: ['anon:kiosk', `email:p${n}@shop.test`], who: `p${n}` })),
      { keys: ['anon:kiosk'], who: 'kiosk' },
      { keys: ['anon:kiosk'], who: 'kiosk' },
    ],
    suggested: [1, 2, 3, 4, 5].map(n => [`p${n}`, `p${n + 1}`] as [string, string]),
    anonymous: ['kiosk'],
  },
  {
    rule: 'a browser cannot wear out somebody’s address',
    sightings: [
      { keys: ['shop:1', 'email:ana@shop.test'], who: 'ana' },
      ...seven.map(n => ({
        keys: [`user:${n}`, `anon:${n}`, 'email:ana@shop.test'],
        trust: 'browser' as const,
        who: n === 1 ? 'ana' : `m${n}`,
      })),
      { keys: ['email:ana@shop.test'], who: 'ana' },
    ],
    suggested: [2, 3, 4, 5, 6, 7].map(n => ['ana', `m${n}`] as [string, string]),
  },
  {
    rule: 'a browser’s claim gives way to a trusted source and joins nobody',
    sightings: [
      { keys: ['shop:1', 'email:ana@shop.test'], who: 'ana' },
      // Mallory's browser says that user 9 is Ana; the shop's server knows better.
      { keys: ['user:9', 'email:ana@shop.test'], trust: 'browser', who: 'ana' },
      { keys: ['shop:2', 'email:ben@shop.test'], who: 'ben' },
      { keys: ['user:9', 'email:ben@shop.test'], who: 'ben' },
      { keys: ['user:9'], who: 'ben' },
      { keys: ['email:ana@shop.test'], who: 'ana' },
    ],
  },
  {
    rule: 'people only browsers spoke of may be joined by a trusted source',
    sightings: [
      { keys: ['user:9'], trust: 'browser', who: 'ana' },
      { keys: ['email:ana@shop.test'], trust: 'browser', who: 'ana' },
      { keys: ['user:9', 'email:ana@shop.test'], who: 'ana' },
    ],
  },
  {
    rule: 'a new address of a known user is one more address',
    sightings: [
      { keys: ['user:1', 'email:old@shop.test'], who: 'ana' },
      { keys: ['user:1', 'email:new@shop.test'], who: 'ana' },
      { keys: ['email:new@shop.test'], who: 'ana' },
    ],
  },
];
