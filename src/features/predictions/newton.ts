/**
 * The one small optimiser all our models share: damped Newton (Levenberg-Marquardt) on a handful of parameters with simple bounds.
 * Models here have at most twenty parameters and exact second derivatives, so a dozen steps reach ten digits.
 */

/** Fills `gradient` (n) and `hessian` (n x n, row by row) at `at` and returns the value to be made small. */
export type Objective = (at: Float64Array, gradient: Float64Array, hessian: Float64Array) => number;

export type Minimum = { at: Float64Array; value: number; converged: boolean; steps: number };

export type Bounds = { low: ArrayLike<number>; high: ArrayLike<number> };

/**
 * Minimises `objective` from `start`. Always returns the best point seen, also when it did not converge: a caller decides by
 * `converged`, nothing is thrown. Stops when the largest free gradient part is below `tolerance` (choose the objective's scale near 1).
 */
export const minimise = (
  objective: Objective,
  start: ArrayLike<number>,
  { bounds, tolerance = 1e-9, maxSteps = 100 }: { bounds?: Bounds; tolerance?: number; maxSteps?: number } = {},
): Minimum => {
  const n = start.length;
  const low = bounds?.low ?? new Float64Array(n).fill(-Infinity);
  const high = bounds?.high ?? new Float64Array(n).fill(Infinity);
  let at = Float64Array.from(start, (v, i) => Math.min(high[i]!, Math.max(low[i]!, v)));
  let gradient = new Float64Array(n);
  let hessian = new Float64Array(n * n);
  let value = objective(at, gradient, hessian);
  let damping = 1e-4;
  let nextGradient = new Float64Array(n);
  let nextHessian = new Float64Array(n * n);

  for (let step = 0; step < maxSteps; step++) {
    const free = freeParameters(at, gradient, low, high);
    if (free.every(i => Math.abs(gradient[i]!) < tolerance)) return { at, value, converged: true, steps: step };
    let accepted = false;
    for (let attempt = 0; attempt < 40 && !accepted; attempt++) {
      const direction = solveDamped(hessian, gradient, n, free, damping);
      if (direction) {
        const next = at.slice();
        for (let k = 0; k < free.length; k++) {
          const i = free[k]!;
          next[i] = Math.min(high[i]!, Math.max(low[i]!, at[i]! - clampStep(direction[k]!)));
        }
        const nextValue = objective(next, nextGradient, nextHessian);
        if (Number.isFinite(nextValue) && nextValue <= value) {
          const gained = value - nextValue;
          at = next;
          value = nextValue;
          [gradient, nextGradient] = [nextGradient, gradient];
          [hessian, nextHessian] = [nextHessian, hessian];
          damping = Math.max(1e-12, damping * 0.1);
          accepted = true;
          // A gain below rounding of the value means the gradient cannot shrink further either.
          if (gained <= 1e-15 * Math.abs(value) && step > 2) return { at, value, converged: true, steps: step + 1 };
        }
      }
      if (!accepted) damping = Math.max(1e-8, damping * 10);
    }
    if (!accepted) {
      // No downhill step left at any damping: flat to rounding. Near-zero gradient counts as arrived.
      return { at, value, converged: free.every(i => Math.abs(gradient[i]!) < 1e-5), steps: step + 1 };
    }
  }
  return { at, value, converged: false, steps: maxSteps };
};

/** One step never moves a (logarithmic) parameter by more than a factor of about e^2: far extrapolations of a local parabola mislead. */
const clampStep = (delta: number): number => Math.max(-2, Math.min(2, delta));

/** A parameter that sits on its bound and is pushed outwards is held there; all others are free. */
const freeParameters = (at: Float64Array, gradient: Float64Array, low: ArrayLike<number>, high: ArrayLike<number>): number[] => {
  const free: number[] = [];
  for (let i = 0; i < at.length; i++) {
    const held = (at[i]! <= low[i]! && gradient[i]! > 0) || (at[i]! >= high[i]! && gradient[i]! < 0);
    if (!held) free.push(i);
  }
  return free;
};

/** Solves (H + damping * scale) d = g over the free parameters by Cholesky; null when not positive definite (the caller damps more). */
const solveDamped = (
  hessian: Float64Array,
  gradient: Float64Array,
  n: number,
  free: number[],
  damping: number,
): Float64Array | null => {
  const m = free.length;
  const lower = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = hessian[free[i]! * n + free[j]!]!;
      if (i === j) sum += damping * (1 + Math.abs(sum));
      for (let k = 0; k < j; k++) sum -= lower[i * m + k]! * lower[j * m + k]!;
      if (i === j) {
        if (!(sum > 1e-14)) return null;
        lower[i * m + i] = Math.sqrt(sum);
      } else {
        lower[i * m + j] = sum / lower[j * m + j]!;
      }
    }
  }
  const d = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    let sum = gradient[free[i]!]!;
    for (let k = 0; k < i; k++) sum -= lower[i * m + k]! * d[k]!;
    d[i] = sum / lower[i * m + i]!;
  }
  for (let i = m - 1; i >= 0; i--) {
    let sum = d[i]!;
    for (let k = i + 1; k < m; k++) sum -= lower[k * m + i]! * d[k]!;
    d[i] = sum / lower[i * m + i]!;
  }
  return d;
};
