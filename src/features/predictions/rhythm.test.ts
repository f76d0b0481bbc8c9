import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianOfSorted, ninetiethOfSorted, rhythmHorizon, rhythmOf } from './rhythm.ts';

describe('the own rhythm', () => {
  const cases: [
    what: string,
    days: number[],
    asOf: number,
    expected: [gap: number | null, long: number | null, slipping: boolean],
  ][] = [
    ['three purchase days are no rhythm', [0, 10, 20], 500, [null, null, false]],
    ['four days make one', [0, 10, 20, 30], 35, [10, 10, false]],
    ['exactly twice the gap is not yet slipping', [0, 10, 20, 30], 50, [10, 10, false]],
    ['a day later it is', [0, 10, 20, 30], 51, [10, 10, true]],
    ['an even number of gaps: mean of the middle two', [0, 5, 15, 35, 38], 38, [7.5, 20, false]],
    ['not slipping while within the own longest habit', [0, 5, 10, 70], 90, [5, 60, false]],
    ['nor on the day that equals it', [0, 5, 10, 70], 130, [5, 60, false]],
    ['slipping beyond it', [0, 5, 10, 70], 131, [5, 60, true]],
  ];
  it.each(cases)('%s', (_, days, asOf, [gap, long, slipping]) => {
    const rhythm = rhythmOf(days, asOf);
    expect([rhythm.usualGapDays, rhythm.longGapDays, rhythm.slipping]).toEqual([gap, long, slipping]);
  });

  it('takes the 90th percentile by nearest rank, against a literal reading of the rule', () => {
    for (let n = 1; n <= 300; n++) {
      const sorted = Array.from({ length: n }, (_, i) => i + 1);
      // ceil(0.9 n) in whole numbers: the smallest k with 10 k >= 9 n.
      let rank = 1;
      while (10 * rank < 9 * n) rank++;
      expect(ninetiethOfSorted(sorted)).toBe(rank);
      expect(medianOfSorted(sorted)).toBe((n + 1) / 2);
    }
  });

  it('slips only once, and for good, as silence grows', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 3, maxLength: 30 }), gaps => {
        const days = [0];
        for (const gap of gaps) days.push(days.at(-1)! + gap);
        const last = days.at(-1)!;
        const slipping = Array.from({ length: 300 }, (_, i) => rhythmOf(days, last + i).slipping);
        expect(slipping[0]).toBe(false);
        expect(slipping.at(-1)).toBe(true);
        expect(slipping.filter((now, i) => i > 0 && now !== slipping[i - 1]).length).toBe(1);
      }),
      { seed: 4711, numRuns: 200 },
    );
  });

  it('looks twice the usual gap ahead, within bounds', () => {
    expect([1, 7.5, 30, 400].map(gap => rhythmHorizon(gap, 90))).toEqual([7, 15, 60, 90]);
  });
});
