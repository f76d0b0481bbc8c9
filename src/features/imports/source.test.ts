import { describe, expect, test } from 'vitest';
import { fitsPattern, folderParts, nextDue, ruleOf } from './source.ts';

describe('which files of a folder', () => {
  test.each([
    ['*', 'anything.csv', true],
    ['*.csv', 'Orders.CSV', true],
    ['*.csv', 'orders.csv.bak', false],
    ['orders-????.csv', 'orders-2026.csv', true],
    ['orders-????.csv', 'orders-26.csv', false],
    ['a*b*c', 'a-bb-b-c', true],
    ['a*b*c', 'a-bb-b', false],
    ['(x)[1]+.csv', '(x)[1]+.csv', true],
    ['', 'a', false],
  ])('%j and %j: %j', (pattern, name, fits) => {
    expect(fitsPattern(pattern, name)).toBe(fits);
  });
  test('a pattern made to take for ever does not', () => {
    expect(fitsPattern(`${'*a'.repeat(49)}*b`, 'a'.repeat(255))).toBe(false);
  });
  test.each([
    ['', []],
    ['erp/nightly', ['erp', 'nightly']],
    ['..', null],
    ['a/../b', null],
    ['/etc', null],
    ['.ssh', null],
    ['a\\b', null],
  ] as [string, string[] | null][])('folder %j is %j', (folder, parts) => {
    expect(folderParts(folder)).toEqual(parts);
  });
});

describe('when', () => {
  const at = { at_time: '05:30', weekday: 7, month_day: 3 };
  test.each([
    ['hour', '30 * * * *', '2026-06-01T12:30:00.000Z'],
    ['day', '30 5 * * *', '2026-06-02T04:30:00.000Z'],
    ['week', '30 5 * * 0', '2026-06-07T04:30:00.000Z'],
    ['month', '30 5 3 * *', '2026-06-03T04:30:00.000Z'],
  ] as const)('every %s is %j', (every, rule, next) => {
    expect(ruleOf({ every, ...at })).toBe(rule);
    expect(nextDue(rule, 'Europe/London', new Date('2026-06-01T12:00:00Z')).toISOString()).toBe(next);
  });
});
