import { describe, expect, it } from 'vitest';
import { daysHidden } from './today.ts';

describe('how long somebody stays off the list', () => {
  it.each([
    ['done, weekly buyer', 'done', 7, 0, 14],
    ['done, monthly buyer', 'done', 31.5, 0, 32],
    ['done, yearly buyer', 'done', 365, 0, 90],
    ['done, no rhythm known', 'done', null, 0, 30],
    ['first skip', 'skip', 7, 0, 14],
    ['third skip in a row', 'skip', 7, 2, 56],
    ['tenth skip in a row', 'skip', 7, 9, 182],
  ] as const)('%s', (_, verb, usualGapDays, skipsInARow, days) => {
    expect(daysHidden(verb, { usualGapDays, skipsInARow })).toBe(days);
  });
});
