import { describe, expect, it } from 'vitest';
import { correctedEmail } from './mail-domains.ts';
import { type PairPerson, scorePair } from './score-pair.ts';

const person = (patch: Partial<PairPerson> = {}): PairPerson => ({
  id: 1,
  name: null,
  email: null,
  phone: null,
  birthday: null,
  postalCode: null,
  city: null,
  country: null,
  streets: [],
  ownIds: new Map(),
  ...patch,
});
const ids = (source: string, value: string) => new Map([[source, new Set([value])]]);

describe('two customers who may be one', () => {
  it.each<[string, Partial<PairPerson>, Partial<PairPerson>, string | null]>([
    [
      'a slip in the domain and one name',
      { name: 'ana lee', email: 'ana@gmial.com' },
      { name: 'ana lee', email: 'ana@gmail.com' },
      'certain',
    ],
    ['a slip in the domain, no name', { email: 'ana.lee@gmial.com' }, { email: 'ana.lee@gmail.com' }, 'likely'],
    [
      'one phone and one name',
      { name: 'ana lee', phone: '+44 7700 900123' },
      { name: 'ana lee', phone: '07700900123' },
      'certain',
    ],
    [
      'one phone, names swapped',
      { name: 'lee ana', phone: '+447700900123' },
      { name: 'ana lee', phone: '07700900123' },
      'certain',
    ],
    ['one phone, other names', { name: 'ana lee', phone: '+447700900123' }, { name: 'bob ray', phone: '07700900123' }, null],
    ['one phone alone', { phone: '+447700900123' }, { phone: '07700900123' }, 'possible'],
    [
      'one name in one street',
      { name: 'ana lee', streets: ['1 high st ab1'] },
      { name: 'ana lee', streets: ['1 high st ab1'] },
      'certain',
    ],
    [
      'father and son',
      { name: 'jo lee', streets: ['1 high st ab1'], birthday: '1950-01-01' },
      { name: 'jo lee', streets: ['1 high st ab1'], birthday: '1980-01-01' },
      null,
    ],
    [
      'one name at one post code',
      { name: 'ana lee', postalCode: 'AB1 2CD' },
      { name: 'ana lee', postalCode: 'ab12cd' },
      'possible',
    ],
    ['one name in one town', { name: 'ana lee', city: 'Bath' }, { name: 'ana lee', city: 'Bath' }, null],
    [
      'one name and birthday',
      { name: 'ana lee', birthday: '1980-01-01' },
      { name: 'ana lee', birthday: '1980-01-01' },
      'possible',
    ],
    ['one name alone', { name: 'ana lee' }, { name: 'ana lee' }, null],
    [
      'two providers, one mailbox and name',
      { name: 'ana lee', email: 'ana.lee80@gmail.com' },
      { name: 'ana lee', email: 'ana.lee80@web.de' },
      'possible',
    ],
    ['nothing', {}, {}, null],
  ])('%s', (_, a, b, expected) => {
    expect(scorePair(person(a), person(b))?.class ?? null).toBe(expected);
    expect(scorePair(person(b), person(a))).toEqual(scorePair(person(a), person(b)));
  });

  it('two ids of one source are never certain, ids of two sources may be', () => {
    const [a, b] = [
      { name: 'ana lee', phone: '+447700900123' },
      { name: 'ana lee', phone: '+447700900123' },
    ];
    const apart = scorePair(person({ ...a, ownIds: ids('shop', '1') }), person({ ...b, ownIds: ids('shop', '2') }));
    expect(apart?.class).not.toBe('certain');
    expect(apart?.reasons ?? ['two_ids']).toContain('two_ids');
    expect(scorePair(person({ ...a, ownIds: ids('shop', '1') }), person({ ...b, ownIds: ids('till', '2') }))?.class).toBe(
      'certain',
    );
  });
});

it.each([
  ['ana@gmial.com', 'ana@gmail.com'],
  ['ana@gmail.con', 'ana@gmail.com'],
  ['ana@hotmial.co.uk', 'ana@hotmail.co.uk'],
  ['ana@yahooo.de', 'ana@yahoo.de'],
  ['ana@web.dee', 'ana@web.de'],
  ['ana@gmail.com', null],
  ['ana@mail.com', null],
  ['ana@gmx.de', null],
  ['ana@ymail.com', null],
  ['ana@live.com', null],
  ['ana@shop.example', null],
])('%s was meant as %s', (typed, meant) => {
  expect(correctedEmail(typed)).toBe(meant);
});
