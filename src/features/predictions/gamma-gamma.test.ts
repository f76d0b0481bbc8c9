import { describe, expect, it } from 'vitest';
import { expectedSpend, fitGammaGamma } from './gamma-gamma.ts';
import { cdnowHistories, gammaDraw, seeded } from './made-up-shops.ts';
import { gammaTriple } from './special.ts';

describe('ln Gamma and its derivatives', () => {
  it.each([
    [0.5, 0.5723649429247001, -1.9635100260214235, 4.934802200544679],
    [1, 0, -0.5772156649015329, 1.6449340668482264],
    [10, 12.801827480081469, 2.251752589066721, 0.10516633568168575],
  ])('at %d', (x, ln, first, second) => {
    const found = gammaTriple(x);
    expect(found.ln).toBeCloseTo(ln, 11);
    expect(found.first).toBeCloseTo(first, 11);
    expect(found.second).toBeCloseTo(second, 11);
  });
});

const cdnow = cdnowHistories();

describe.skipIf(!cdnow)('the published CDNOW fit (Fader & Hardie 2013)', () => {
  it('finds p = 6.25, q = 3.74, gamma = 15.44 on the 946 repeat buyers', () => {
    const end = Date.UTC(1997, 8, 30) / 86_400_000;
    const repeats = cdnow!
      .map(one => one.purchases.filter(purchase => purchase.day <= end).slice(1))
      .filter(days => days.length > 0);
    const fit = fitGammaGamma({
      purchases: Int32Array.from(repeats, days => days.length),
      mean: Float64Array.from(repeats, days => days.reduce((sum, one) => sum + one.salesMinor, 0) / days.length / 100),
    });
    expect(fit.customers).toBe(946);
    expect(fit.parameters.p).toBeCloseTo(6.25, 1);
    expect(fit.parameters.q).toBeCloseTo(3.74, 1);
    expect(fit.parameters.gamma).toBeCloseTo(15.44, 1);
  });
});

describe('a made-up shop', () => {
  const shop = (seed: number, n: number, p: number, q: number, gamma: number) => {
    const random = seeded(seed);
    const purchases = Int32Array.from({ length: n }, () => 1 + Math.floor(random() * 8));
    const mean = Float64Array.from(purchases, x => gammaDraw(random, p * x, x * gammaDraw(random, q, gamma)));
    return { purchases, mean };
  };

  it('recovers the parameters that made it', () => {
    const { parameters, converged } = fitGammaGamma(shop(11, 60_000, 4, 3, 2000));
    expect(converged).toBe(true);
    expect(Math.abs(parameters.p / 4 - 1)).toBeLessThan(0.08);
    expect(Math.abs(parameters.q / 3 - 1)).toBeLessThan(0.04);
    // p and gamma are told apart weakly, their product (the level of spending) sharply.
    expect(Math.abs((parameters.p * parameters.gamma) / 8000 - 1)).toBeLessThan(0.02);
  });

  it('pulls little-known people towards the shop and lets well-known ones be', () => {
    const fit = fitGammaGamma(shop(12, 5_000, 4, 3, 2000));
    const once = expectedSpend(fit, 1, 100_000);
    const often = expectedSpend(fit, 100, 100_000);
    expect(once).toBeLessThan(often);
    expect(often / 100_000).toBeGreaterThan(0.98);
    expect(expectedSpend(fit, 0, 0)).toBe(fit.meanSpend);
  });

  it.each([
    ['nobody', [], []],
    ['one person', [1], [500]],
    ['everybody alike', [3, 3, 3, 3], [700, 700, 700, 700]],
    ['free orders only', [2, 2], [0, 0]],
    ['one enormous order', [1, 1, 1, 1], [1, 1, 1, 1e12]],
  ])('is finite for %s', (_, purchases, mean) => {
    const fit = fitGammaGamma({ purchases: Int32Array.from(purchases), mean: Float64Array.from(mean) });
    expect(Object.values(fit.parameters).every(Number.isFinite)).toBe(true);
    const spend = expectedSpend(fit, 2, 600);
    expect(Number.isFinite(spend) && spend >= 0).toBe(true);
  });
});
