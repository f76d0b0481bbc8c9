import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flag, many, number, oneOf, parseSearch, text, writeSearch } from './url.ts';

test('what is written can be read again, whatever the words', () => {
  const key = fc.stringMatching(/^[a-z_.]{1,8}$/).filter(one => one !== '__proto__');
  const word = fc.string({ minLength: 1, maxLength: 12 });
  const search = fc.dictionary(key, fc.oneof(word, fc.array(word, { minLength: 2, maxLength: 4 })), { noNullPrototype: true });
  fc.assert(
    fc.property(search, one => {
      expect(parseSearch(writeSearch(one))).toEqual(one);
    }),
    { seed: 20260110 },
  );
});

test.each([
  ['text', text('all'), 'all', undefined],
  ['text', text('all'), 'ana', 'ana'],
  ['number', number(50), 50, undefined],
  ['number', number(50), 7, '7'],
  ['flag', flag(), true, '1'],
  ['flag', flag(), false, undefined],
  ['choice', oneOf(['name', '-last'], 'name'), '-last', '-last'],
  ['many', many(), [], undefined],
  ['many', many(), ['a', 'b'], ['a', 'b']],
])('%s: a default is left out of the address, the rest comes back (%#)', (_name, param, value, written) => {
  expect((param as { write: (value: unknown) => unknown }).write(value)).toEqual(written);
  expect(param.read(written)).toEqual(value);
});

test('nonsense in the address falls back to the default', () => {
  expect(number(50).read('many')).toBe(50);
  expect(oneOf(['name', '-last'], 'name').read('drop table')).toBe('name');
  expect(many().read('one')).toEqual(['one']);
  expect(text().read(['first', 'second'])).toBe('first');
});
