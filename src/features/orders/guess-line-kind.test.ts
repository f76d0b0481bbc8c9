import { expect, it } from 'vitest';
import { guessLineKind, notSalesBy } from './guess-line-kind.ts';

it.each([
  ['POST', 'shipping'],
  ['DOT', 'shipping'],
  ['Versand', 'shipping'],
  ['BANK CHARGES', 'fee'],
  ['AMAZONFEE', 'fee'],
  ['M', 'fee'],
  ['85123A', null],
  ['POSTCARD', null],
  ['', null],
])('%s looks like %s', (code, kind) => expect(guessLineKind(code)).toBe(kind));

it('leaves out only what the merchant named', () => {
  const kindOf = notSalesBy('post; CARE ,');
  expect(['POST', 'care', 'DOT', null].map(kindOf)).toEqual(['shipping', 'fee', 'product', 'product']);
});
