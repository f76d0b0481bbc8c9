/** What may be written, how it is understood, and how faults are named. */
import { describe, expect, it } from 'vitest';
import { openTexts } from '../../../platform/texts.ts';
import { sentenceOf } from '../compile.ts';
import type { Definition } from '../definition.ts';
import { parseDefinition, refuseCycle } from '../parse-definition.ts';
import { writePhrase, writerFor } from '../phrase.ts';
import { en } from '../texts/en.ts';
import type { KnownFact, Vocabulary } from '../vocabulary.ts';
import { testVocabulary } from './world.ts';

const fact = (code: string, type: KnownFact['type'], more: Partial<KnownFact> = {}): [string, KnownFact] => [
  code,
  { code, label: code, labelText: code.split('.')[1], type, group: null, asOf: 'exact', changedBy: [], ...more },
];
const segment = (id: string, definition: Definition) => [id, { id, name: id.toUpperCase(), definition }] as const;
const vocabulary: Vocabulary = {
  ...testVocabulary(
    new Map([
      segment('a', { in_segment: 'b' }),
      segment('b', { all: [{ in_segment: 'c' }] }),
      segment('c', { orders: 'count', at_least: 1 }),
    ]),
  ),
  facts: new Map([
    fact('customers.country', 'text'),
    fact('loyalty.tier', 'choice', { choices: ['bronze', 'silver', 'gold', 'platinum'] }),
    fact('orders.count', 'number'),
    fact('orders.sales', 'money'),
    fact('attribute.size', 'number'),
    fact('customers.birthday', 'date'),
  ]),
};
const read = (raw: unknown) => parseDefinition(raw, vocabulary);
const faultsOf = (raw: unknown): string[] => {
  try {
    read(raw);
    return [];
  } catch (error) {
    return (error as { faults: { path: string; reason: string }[] }).faults.map(fault => fault.path);
  }
};

describe('a definition', () => {
  it('reads the example of the API page into its canonical form', () => {
    expect(
      read({
        all: [
          { did: 'Order Completed', count: { at_least: 2 }, within: { days: 365 } },
          { any: [{ attribute: 'country', in: ['DE', 'AT'] }, { loyalty_tier: { at_least: 'gold' } }] },
          { not: { did: 'Order Completed', within: { days: 90 } } },
        ],
      }),
    ).toEqual({
      all: [
        { did: 'Order Completed', count: { at_least: 2 }, within: { days: 365 } },
        {
          any: [
            { fact: 'customers.country', in: ['DE', 'AT'] },
            { fact: 'loyalty.tier', at_least: 'gold' },
          ],
        },
        { not: { did: 'Order Completed', within: { days: 90 } } },
      ],
    });
  });

  it.each([
    ['a custom attribute by its bare name', { attribute: 'size', more_than: 3 }, { fact: 'attribute.size', more_than: 3 }],
    ['a fact by its code', { 'orders.count': { at_least: 3 } }, { fact: 'orders.count', at_least: 3 }],
    ['did not', { did_not: 'Order Completed' }, { not: { did: 'Order Completed' } }],
    ['one product', { bought: '85123A', but_not: '22423' }, { bought: { any: ['85123A'] }, but_not: ['22423'] }],
    [
      'money with its currency',
      { orders: 'sales', at_least: { amount_minor: 5, currency: 'GBP' } },
      { orders: 'sales', at_least: { amount_minor: 5 } },
    ],
    [
      'yes and no of an event',
      { did: 'X', where: [{ property: 'gift', is: true }] },
      { did: 'X', where: [{ property: 'gift', is: 'true' }] },
    ],
    ['a share without a word', { share: { percent: 10 } }, { share: { percent: 10, salt: 'regulars' } }],
  ])('understands %s', (_, written, canonical) => {
    expect(read(written)).toEqual(canonical);
    expect(read(read(written))).toEqual(canonical);
  });

  it.each<[string, unknown, string[]]>([
    ['an unknown kind', { all: [{ weather: 'nice' }] }, ['definition.all.0.weather']],
    ['an unknown fact', { any: [{ fact: 'orders.colour', is: 'red' }] }, ['definition.any.0.fact']],
    ['a fact as attribute', { attribute: 'shoe', is: 'red' }, ['definition.attribute']],
    ['an operator of another type', { fact: 'orders.count', contains: 'x' }, ['definition.contains', 'definition']],
    ['a value of another type', { not: { fact: 'orders.count', at_least: '3' } }, ['definition.not.at_least']],
    ['a value outside of the list', { loyalty_tier: { at_least: 'wood' } }, ['definition.loyalty_tier.at_least']],
    ['money as a bare number', { orders: 'sales', at_least: 1000 }, ['definition.at_least']],
    ['two operators', { fact: 'orders.count', at_least: 1, at_most: 2 }, ['definition']],
    ['no operator', { fact: 'orders.count' }, ['definition']],
    ['two windows', { did: 'X', within: { days: 1 }, since: '2024-01-01' }, ['definition']],
    ['two units', { did: 'X', within: { days: 1, hours: 2 } }, ['definition.within']],
    ['an unknown unit', { did: 'X', within: { fortnights: 1 } }, ['definition.within.fortnights', 'definition.within']],
    ['a day that is none', { did: 'X', since: '2023-02-29' }, ['definition.since']],
    ['an unknown argument', { did: 'X', at: 'night' }, ['definition.at']],
    ['two kinds at once', { did: 'X', tag: 'y' }, ['definition']],
    ['a group beside others', { all: [], any: [] }, ['definition']],
    ['any of nothing', { any: [] }, ['definition.any']],
    ['no list', { all: { did: 'X' } }, ['definition.all']],
    ['text', 'everybody', ['definition']],
    ['nothing', null, ['definition']],
    ['an unknown segment', { in_segment: 'z' }, ['definition.in_segment']],
    ['an unknown shop', { did: 'X', shops: ['nowhere'] }, ['definition.shops.0']],
    ['a NUL', { did: 'a\u0000b' }, ['definition.did']],
    ['its own kind of event', { did: 'Segment Entered' }, ['definition.did']],
    ['a count that is always true', { did: 'X', count: { at_least: 0 } }, ['definition.count.at_least']],
    ['all faults at once', { all: [{ did: '' }, { nothing: 1 }] }, ['definition.all.0.did', 'definition.all.1.nothing']],
    ['the prototype as a fact', { attribute: '__proto__', is: 'x' }, ['definition.attribute']],
    ['the constructor as a kind', { constructor: { is: 1 } }, ['definition.constructor']],
  ])('refuses %s and says where', (_, raw, paths) => {
    expect(faultsOf(raw)).toEqual(paths);
  });

  it('is at most 10 groups deep and has at most 100 conditions', () => {
    const nested = (depth: number): unknown => (depth === 0 ? { orders: 'count', at_least: 1 } : { not: nested(depth - 1) });
    expect(faultsOf(nested(10))).toEqual([]);
    expect(faultsOf(nested(11))).toEqual(['definition']);
    expect(faultsOf(nested(100_000 / 20))).toEqual(['definition']);
    const wide = (count: number) => ({ all: Array.from({ length: count }, () => ({ did: 'X' })) });
    expect(faultsOf(wide(100))).toEqual([]);
    expect(faultsOf(wide(101))).toEqual(['definition']);
  });

  it('may not contain itself, and the refusal names the way round', () => {
    expect(() => refuseCycle({ in_segment: 'a' }, 'c', 'C', vocabulary)).toThrow('C → A → B → C');
    expect(() => refuseCycle({ in_segment: 'c' }, 'c', 'C', vocabulary)).toThrow('C → C');
    expect(() => refuseCycle({ in_segment: 'a' }, '', 'New', vocabulary)).not.toThrow();
  });
});

describe('its sentence', () => {
  const writer = writerFor(openTexts({ en }).text, 'en-GB', 'GBP');
  it.each<[unknown, string]>([
    [{ all: [] }, 'All customers.'],
    [
      { all: [{ orders: 'count', at_least: 3 }, { not: { did: 'Order Completed', within: { days: 90 } } }] },
      'Customers who placed at least 3 orders, but not those who did “Order Completed” in the last 90 days.',
    ],
    [
      {
        any: [
          { orders: 'sales', at_least: { amount_minor: 100_000 } },
          { orders: 'count', at_least: 1, since: '2024-01-01' },
        ],
      },
      'Customers who spent at least £1,000 or who placed at least 1 order since 1 Jan 2024.',
    ],
    [{ bought: ['85123A', '22423'], but_not: 'POST' }, 'Customers who bought 85123A or 22423 but not POST.'],
    [
      {
        all: [
          { did: 'Product Viewed', count: { at_least: 2 }, where: [{ property: 'price', at_least: 10 }], within: { hours: 1 } },
          { any: [{ attribute: 'country', in: ['DE', 'AT'] }, { not: { tag: 'vip' } }] },
        ],
      },
      'Customers who did “Product Viewed” where “price” is at least 10 at least 2 times in the last 1 hour and (whose “country” is DE or AT or everybody except those who have the tag vip).',
    ],
    [{ orders: 'last', before: { months: 6 } }, 'Customers who ordered for the last time more than 6 months ago.'],
    [{ birthday: { anniversary: { next: 7 } } }, 'Customers whose “birthday” has its anniversary in the next 7 days.'],
  ])('%j', (raw, sentence) => {
    const known = { ...vocabulary, facts: new Map([...vocabulary.facts, fact('test.set', 'set')]) };
    expect(writePhrase(sentenceOf(parseDefinition(raw, known), known), writer)).toBe(sentence);
  });
});
