import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCardNumber, maskCards, mayHoldCard } from './cards.ts';

// Numbers that the card schemes publish for testing.
const cards = [
  '4111111111111111',
  '4242424242424242',
  '5555555555554444',
  '2223003122003222',
  '378282246310005',
  '6011111111111117',
  '3530111333300000',
  '30569309025904',
  '6200000000000005',
];

test.each(cards)('%s is masked, plain and in groups', number => {
  expect(isCardNumber(number)).toBe(true);
  expect(maskCards(`pay with ${number}, please`)).toBe(`pay with •••• ${number.slice(-4)}, please`);
  expect(maskCards(number.replace(/(\d{4})(?=\d)/g, '$1 '))).toBe(`•••• ${number.slice(-4)}`);
  expect(maskCards(number.replace(/(\d{4})(?=\d)/g, '$1-'))).toBe(`•••• ${number.slice(-4)}`);
});

test.each([
  '4111111111111112',
  '1234567890123456',
  '9999999999999995',
  '41111111111111110',
  '2026-11-21 10:00:00',
  '+49 30 901820',
  '5012345678900',
  'node-next-1795299965123-b9f44111-1111-4111-1111-1111a2b3c4d5',
  'a-4111-1111-1111-1111',
  '4111-1111-1111-1111-0f',
])('%s stays', text => {
  expect(maskCards(text)).toBe(text);
});

test('a body without a long run of digits needs no second look', () => {
  fc.assert(
    fc.property(fc.string(), text => mayHoldCard(text) || maskCards(text) === text),
    { seed: 1 },
  );
});
