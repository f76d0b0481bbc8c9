import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaUnderCurve, brier, calibrationBins, topDecileLift } from './measures.ts';

describe('measures', () => {
  it('AUC is the share of pairs ranked rightly, ties half', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1 })), { maxLength: 40 }), rows => {
        const ones = rows.filter(([, y]) => y === 1);
        const zeros = rows.filter(([, y]) => y === 0);
        let right = 0;
        for (const [s] of ones) for (const [t] of zeros) right += s > t ? 1 : s === t ? 0.5 : 0;
        const expected = ones.length && zeros.length ? right / (ones.length * zeros.length) : null;
        const found = areaUnderCurve(
          rows.map(([s]) => s),
          rows.map(([, y]) => y),
        );
        if (expected === null) expect(found).toBe(null);
        else expect(found).toBeCloseTo(expected, 12);
      }),
      { seed: 4711 },
    );
  });

  it('Brier, lift and bins on a small table', () => {
    const said = [0.05, 0.15, 0.95, 0.95, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
    const was = [0, 0, 1, 1, 1, 0, 1, 0, 1, 0];
    expect(brier(said, was)).toBeCloseTo((0.0025 + 0.0225 + 0.0025 * 2 + 0.25 * 6) / 10, 12);
    expect(topDecileLift(said, was)).toBe(2);
    expect(calibrationBins(said, was).map(({ from, people, happened }) => [from, people, happened])).toEqual([
      [0, 1, 0],
      [0.1, 1, 0],
      [0.5, 6, 0.5],
      [0.9, 2, 1],
    ]);
  });
});
