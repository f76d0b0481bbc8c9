import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanValue, flattenProperties, parseExact } from './properties.ts';

test.each([
  [{}, {}, {}],
  [{ price: 9.5, name: 'Tea', ok: true }, { name: 'Tea', ok: 'true' }, { price: 9.5 }],
  [{ a: { b: { c: 1, d: 'x' } } }, { 'a.b.d': 'x' }, { 'a.b.c': 1 }],
  [{ tags: ['a', 2, true] }, { tags: 'a,2,true' }, {}],
  [{ products: [{ sku: 'a' }], none: [], nothing: null }, {}, {}],
  [{ long: 'x'.repeat(3_000) }, { long: 'x'.repeat(2_000) }, {}],
])('%j', (properties, text, number) => {
  expect(flattenProperties(properties)).toEqual({ text, number });
});

test('at most a hundred keys', () => {
  const { text, number } = flattenProperties(
    Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i % 2 ? i : String(i)])),
  );
  expect(Object.keys(text).length + Object.keys(number).length).toBe(100);
});

test('numbers too long for JSON numbers stay digit-exact, as text', () => {
  expect(parseExact('{"id":9007199254740993,"small":12,"float":1.5,"neg":-9007199254740993}')).toEqual({
    id: '9007199254740993',
    small: 12,
    float: 1.5,
    neg: '-9007199254740993',
  });
});

test('cleaning twice is cleaning once', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
      const once = cleanValue(value);
      expect(cleanValue(once)).toEqual(once);
    }),
    { seed: 7, numRuns: 500 },
  );
});
