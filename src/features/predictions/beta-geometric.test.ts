import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BetaGeometric,
  expectedPurchases,
  fitBetaGeometric,
  logLikelihoodAt,
  probabilityAlive,
  probabilityOfSilence,
} from './beta-geometric.ts';
import { bgNbdShop, cdnowSummary } from './made-up-shops.ts';

const summary = cdnowSummary();
const within = (value: number, expected: number, share: number) => expect(Math.abs(value / expected - 1)).toBeLessThan(share);

describe.skipIf(!summary)('the published CDNOW fit (Fader, Hardie, Lee 2005)', () => {
  const fit = fitBetaGeometric('bg-nbd', summary!);
  const repeats = summary!.repeats.reduce((sum, x) => sum + x, 0);

  it('finds the published parameters, alpha in weeks', () => {
    expect(fit.converged).toBe(true);
    expect(fit.boundary).toBe(null);
    within(fit.parameters.r, 0.243, 0.01);
    within(fit.parameters.alpha / 7, 4.414, 0.01);
    within(fit.parameters.a, 0.793, 0.01);
    within(fit.parameters.b, 2.426, 0.01);
  });

  it('reaches the published log-likelihood', () => {
    expect(fit.logLikelihood + repeats * Math.log(7)).toBeCloseTo(-9582.43, 1);
    expect(Math.abs(fit.logLikelihood + repeats * Math.log(7) - -9582.43)).toBeLessThan(0.01);
  });

  it('expects 1.226 purchases in 39 weeks of (2, 30.43, 38.86)', () => {
    const published: BetaGeometric = { ...fit, parameters: { r: 0.243, alpha: 4.414 * 7, a: 0.793, b: 2.426 } };
    expect(expectedPurchases(published, 2, 213, 272, 273)).toBeCloseTo(1.226, 3);
    expect(expectedPurchases(fit, 2, 213, 272, 273)).toBeCloseTo(1.226, 2);
  });

  it('MBG/NBD fits about as well and does not call one-time buyers safe', () => {
    const modified = fitBetaGeometric('mbg-nbd', summary!);
    expect(Math.abs(modified.logLikelihood - fit.logLikelihood)).toBeLessThan(5);
    expect(probabilityAlive(fit, 0, 0, 272)).toBe(1);
    expect(probabilityAlive(modified, 0, 0, 272)).toBeLessThan(0.8);
  });
});

describe('fitting a made-up shop', () => {
  it('recovers the parameters that made it', () => {
    const truth = { r: 0.6, alpha: 40, a: 0.8, b: 2.5 };
    const data = bgNbdShop(20, 30_000, truth, 400);
    const fit = fitBetaGeometric('bg-nbd', data);
    expect(fit.converged).toBe(true);
    within(fit.parameters.r, truth.r, 0.1);
    within(fit.parameters.alpha, truth.alpha, 0.12);
    within(fit.parameters.a, truth.a, 0.15);
    within(fit.parameters.b, truth.b, 0.15);
    expect(fit.logLikelihood).toBeGreaterThanOrEqual(logLikelihoodAt('bg-nbd', data, truth));
  });

  it.each(['bg-nbd', 'mbg-nbd'] as const)('%s: no step away from the maximum is better', model => {
    const data = bgNbdShop(7, 3_000, { r: 0.5, alpha: 30, a: 1, b: 3 }, 300);
    const fit = fitBetaGeometric(model, data);
    for (const name of ['r', 'alpha', 'a', 'b'] as const) {
      for (const factor of [0.99, 0.9, 1.01, 1.1]) {
        const moved = { ...fit.parameters, [name]: fit.parameters[name] * factor };
        expect(logLikelihoodAt(model, data, moved)).toBeLessThanOrEqual(fit.logLikelihood + 1e-6);
      }
    }
  });

  it('says so when nobody ever seems to leave, and stays finite', () => {
    const data = bgNbdShop(3, 2_000, { r: 2, alpha: 60, a: 1e-9, b: 50 }, 365);
    const fit = fitBetaGeometric('bg-nbd', data);
    expect(fit.boundary).toBe('no_dropout');
    expect(Object.values(fit.parameters).every(Number.isFinite)).toBe(true);
    // Then the expectation is the NBD's: (r + x) t / (alpha + T).
    const { r, alpha } = fit.parameters;
    expect(expectedPurchases(fit, 5, 300, 365, 100)).toBeCloseTo(((r + 5) * 100) / (alpha + 365), 1);
  });

  it('is always finite, on any data', () => {
    const person = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 900 }))
      .map(([repeats, one, two]) => ({ repeats, last: repeats === 0 ? 0 : Math.min(one, two), age: Math.max(one, two) }));
    fc.assert(
      fc.property(
        fc.array(person, { maxLength: 40 }),
        fc.constantFrom('bg-nbd' as const, 'mbg-nbd' as const),
        (people, model) => {
          const fit = fitBetaGeometric(model, {
            repeats: Int32Array.from(people, p => p.repeats),
            lastDays: Int32Array.from(people, p => p.last),
            ageDays: Int32Array.from(people, p => p.age),
          });
          expect(Object.values(fit.parameters).every(value => Number.isFinite(value) && value > 0)).toBe(true);
          for (const { repeats, last, age } of people) {
            const silence = probabilityOfSilence(fit, repeats, last, age, 90);
            expect(silence).toBeGreaterThanOrEqual(0);
            expect(silence).toBeLessThanOrEqual(1);
            const expected = expectedPurchases(fit, repeats, last, age, 365);
            expect(Number.isFinite(expected) && expected >= 0).toBe(true);
          }
        },
      ),
      { seed: 4711, numRuns: 60 },
    );
  });
});

describe('expected purchases', () => {
  const fit = (parameters: BetaGeometric['parameters']): BetaGeometric => ({
    model: 'bg-nbd',
    parameters,
    logLikelihood: 0,
    customers: 0,
    converged: true,
    boundary: null,
  });

  /** E[Y(t) | alive] read literally: posterior draws of (rate, p) on a grid of quantile-free sums, E = (1 - e^(-rate p t)) / p. */
  const byIntegration = ({ r, alpha, a, b }: BetaGeometric['parameters'], x: number, T: number, t: number): number => {
    const steps = 4000;
    let sum = 0;
    let mass = 0;
    for (let i = 0; i < steps; i++) {
      const p = (i + 0.5) / steps;
      const density = p ** (a - 1) * (1 - p) ** (b + x - 1);
      mass += density;
      // Averaged over rate ~ Gamma(r + x, alpha + T) in closed form.
      sum += (density * (1 - ((alpha + T) / (alpha + T + p * t)) ** (r + x))) / p;
    }
    return sum / mass;
  };

  it.each([
    [{ r: 0.5, alpha: 30, a: 2, b: 3 }, 3],
    [{ r: 0.5, alpha: 30, a: 1, b: 3 }, 0],
    [{ r: 1.5, alpha: 80, a: 1.0000001, b: 2 }, 7],
    [{ r: 0.3, alpha: 10, a: 3, b: 6 }, 30],
  ])('agrees with integration over the posterior %#', (parameters, x) => {
    const one = fit(parameters);
    const exact = byIntegration(parameters, x, 200, 365) * probabilityAlive(one, x, 200, 200);
    expect(expectedPurchases(one, x, 200, 200, 365) / exact).toBeCloseTo(1, 2);
  });

  it('grows with the horizon and shrinks with silence', () => {
    const one = fit({ r: 0.5, alpha: 30, a: 0.8, b: 2.5 });
    for (let t = 10; t < 1000; t += 10)
      expect(expectedPurchases(one, 4, 100, 150, t + 10)).toBeGreaterThan(expectedPurchases(one, 4, 100, 150, t));
    for (let T = 100; T < 900; T += 10)
      expect(expectedPurchases(one, 4, 100, T + 10, 90)).toBeLessThan(expectedPurchases(one, 4, 100, T, 90));
  });
});
