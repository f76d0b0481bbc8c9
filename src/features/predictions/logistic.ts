/** Regularised logistic regression: the one model behind the lapse score, the calibrated rules and the re-calibration. */
import { minimise } from './newton.ts';

export type Logistic = { intercept: number; weights: number[]; converged: boolean };

/** Rows of `columns` numbers each, one after the other; `outcome` 0 or 1 per row. Columns should be on a common scale. */
export type Rows = { columns: number; values: Float64Array; outcome: Uint8Array };

export type Sign = -1 | 0 | 1;

export const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/**
 * Maximum of the likelihood with a ridge penalty of `penalty`/2 x (sum of squared weights) on the sum over rows; the intercept is free, so
 * the mean of the fitted probabilities is the mean of the outcomes. Finite also when one outcome never occurs. `signs` holds a weight at or
 * above (+1) or at or below (-1) zero, where only one direction makes sense.
 */
export const fitLogistic = (rows: Rows, penalty: number, signs?: readonly Sign[]): Logistic => {
  const { columns, values, outcome } = rows;
  const n = outcome.length;
  const size = columns + 1;
  let ones = 0;
  for (let i = 0; i < n; i++) ones += outcome[i]!;
  const base = (ones + 0.5) / (n + 1);
  if (n === 0 || ones === 0 || ones === n)
    return { intercept: Math.log(base / (1 - base)), weights: new Array(columns).fill(0), converged: true };
  const found = minimise(
    (at, gradient, hessian) => {
      gradient.fill(0);
      hessian.fill(0);
      let value = 0;
      for (let i = 0; i < n; i++) {
        const row = i * columns;
        let score = at[columns]!;
        for (let j = 0; j < columns; j++) score += at[j]! * values[row + j]!;
        const small = Math.exp(-Math.abs(score));
        const p = score >= 0 ? 1 / (1 + small) : small / (1 + small);
        value += Math.max(score, 0) + Math.log1p(small) - outcome[i]! * score;
        const error = p - outcome[i]!;
        const spread = p * (1 - p);
        for (let j = 0; j < columns; j++) {
          const v = values[row + j]!;
          gradient[j]! += error * v;
          const weighted = spread * v;
          for (let k = 0; k <= j; k++) hessian[j * size + k]! += weighted * values[row + k]!;
          hessian[columns * size + j]! += weighted;
        }
        gradient[columns]! += error;
        hessian[columns * size + columns]! += spread;
      }
      for (let j = 0; j < size; j++) {
        if (j < columns) {
          value += (penalty / 2) * at[j]! * at[j]!;
          gradient[j]! += penalty * at[j]!;
          hessian[j * size + j]! += penalty;
        }
        for (let k = 0; k < j; k++) hessian[k * size + j] = hessian[j * size + k]!;
      }
      for (let j = 0; j < size; j++) gradient[j]! /= n;
      for (let j = 0; j < hessian.length; j++) hessian[j]! /= n;
      return value / n;
    },
    [...new Array(columns).fill(0), Math.log(base / (1 - base))],
    {
      tolerance: 1e-9,
      maxSteps: 60,
      bounds: {
        low: [...Array.from({ length: columns }, (_, j) => (signs?.[j] === 1 ? 0 : -Infinity)), -Infinity],
        high: [...Array.from({ length: columns }, (_, j) => (signs?.[j] === -1 ? 0 : Infinity)), Infinity],
      },
    },
  );
  return { intercept: found.at[columns]!, weights: Array.from(found.at.subarray(0, columns)), converged: found.converged };
};
