/**
 * Gamma-Gamma model of how much one purchase day is worth (Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value"):
 * spend per purchase ~ Gamma(p, nu), nu ~ Gamma(q, gamma) between customers. Letters as in the paper.
 */
import { minimise, type Objective } from './newton.ts';
import { gammaTriple } from './special.ts';

/** One entry per customer with at least one purchase of positive value. */
export type SpendSummaries = {
  /** x: purchases counted. */
  purchases: Int32Array;
  /** Mean value of those purchases, > 0. */
  mean: Float64Array;
};

export type GammaGamma = {
  parameters: { p: number; q: number; gamma: number };
  logLikelihood: number;
  customers: number;
  converged: boolean;
  /** "heavy_tail": q <= 1, so that the model's population mean is infinite; "edge": a parameter ran to its bound. Numbers stay finite. */
  boundary: 'heavy_tail' | 'edge' | null;
  /** Mean of all counted purchases: what a new customer is expected to spend, and the fallback's anchor. */
  meanSpend: number;
};

const LOW = [1e-2, 1e-2, 1e-6].map(Math.log);
const HIGH = [1e4, 1e4, 1e9].map(Math.log);

/** Fits by maximum likelihood; entries without purchases or positive value are left out. Never throws. */
export const fitGammaGamma = (data: SpendSummaries): GammaGamma => {
  const kept = positive(data);
  const n = kept.mean.length;
  let purchases = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    purchases += kept.purchases[i]!;
    total += kept.purchases[i]! * kept.mean[i]!;
  }
  const meanSpend = purchases > 0 ? total / purchases : 0;
  if (n === 0) {
    return {
      parameters: { p: 1, q: 2, gamma: 1 },
      logLikelihood: 0,
      customers: 0,
      converged: false,
      boundary: 'edge',
      meanSpend,
    };
  }
  // In units of the mean spend, so that bounds and steps mean the same in pence and in yen.
  const scaled = { purchases: kept.purchases, mean: kept.mean.map(m => m / meanSpend) };
  let start: ArrayLike<number> = [Math.log(2), Math.log(3), Math.log(1)];
  // As in beta-geometric.ts: a fit on every k-th customer first, so that the full data need two or three steps.
  if (n > 40_000) start = maximise(every(scaled, Math.ceil(n / 10_000)), start).at;
  const found = maximise(scaled, start);
  const [p, q, gamma] = Array.from(found.at, Math.exp) as [number, number, number];
  const onEdge = Array.from(found.at).some((v, i) => v <= LOW[i]! + 1e-9 || v >= HIGH[i]! - 1e-9);
  return {
    parameters: { p, q, gamma: gamma * meanSpend },
    logLikelihood: -found.value * n - n * Math.log(meanSpend),
    customers: n,
    converged: found.converged,
    boundary: onEdge ? 'edge' : q <= 1 ? 'heavy_tail' : null,
    meanSpend,
  };
};

/**
 * Expected value of one future purchase (equation 5 of the paper): own mean and the shop's mean, weighted by how much is known.
 * Where the fit is on the boundary, the own mean is shrunk as if one more purchase at the shop's mean had been seen.
 */
export const expectedSpend = (fit: GammaGamma, purchases: number, mean: number): number => {
  const { p, q, gamma } = fit.parameters;
  if (purchases <= 0 || !(mean > 0)) return fit.meanSpend;
  const known = p * purchases + q - 1;
  if (fit.boundary !== null || known <= 0) return (fit.meanSpend + purchases * mean) / (1 + purchases);
  return (p * (gamma + purchases * mean)) / known;
};

const positive = (data: SpendSummaries): SpendSummaries => {
  const counts = (i: number) => data.purchases[i]! > 0 && data.mean[i]! > 0;
  let n = 0;
  for (let i = 0; i < data.mean.length; i++) if (counts(i)) n++;
  if (n === data.mean.length) return data;
  const kept = { purchases: new Int32Array(n), mean: new Float64Array(n) };
  let at = 0;
  for (let i = 0; i < data.mean.length; i++) {
    if (!counts(i)) continue;
    kept.purchases[at] = data.purchases[i]!;
    kept.mean[at++] = data.mean[i]!;
  }
  return kept;
};

const every = (data: SpendSummaries, step: number): SpendSummaries => {
  const size = Math.ceil(data.mean.length / step);
  return {
    purchases: Int32Array.from({ length: size }, (_, i) => data.purchases[i * step]!),
    mean: Float64Array.from({ length: size }, (_, i) => data.mean[i * step]!),
  };
};

const maximise = (data: SpendSummaries, start: ArrayLike<number>) =>
  minimise(objectiveOf(data), start, { bounds: { low: LOW, high: HIGH }, tolerance: 1e-8, maxSteps: 200 });

/**
 * Mean negative log-likelihood in (ln p, ln q, ln gamma). Gamma functions depend on x alone and are taken once per distinct x;
 * each customer costs one logarithm.
 */
const objectiveOf = ({ purchases, mean }: SpendSummaries): Objective => {
  const n = mean.length;
  const customersOf = new Float64Array(purchases.reduce((most, x) => Math.max(most, x), 0) + 1);
  let sumLogMean = 0;
  let sumXLogXMean = 0;
  const total = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const x = purchases[i]!;
    customersOf[x]! += 1;
    total[i] = x * mean[i]!;
    const logMean = Math.log(mean[i]!);
    sumLogMean += logMean;
    sumXLogXMean += x * logMean;
  }
  for (let x = 1; x < customersOf.length; x++) sumXLogXMean += customersOf[x]! * x * Math.log(x);
  return (at, gradient, hessian) => {
    const p = Math.exp(at[0]!);
    const q = Math.exp(at[1]!);
    const gamma = Math.exp(at[2]!);
    const logGamma = at[2]!;
    const ofQ = gammaTriple(q);
    let value = n * (q * logGamma - ofQ.ln) + p * sumXLogXMean - sumLogMean;
    let gp = sumXLogXMean;
    let gq = n * (logGamma - ofQ.first);
    let ggamma = (n * q) / gamma;
    let hpp = 0;
    let hpq = 0;
    let hqq = -n * ofQ.second;
    let hpg = 0;
    let hqg = n / gamma;
    let hgg = (-n * q) / (gamma * gamma);
    for (let x = 1; x < customersOf.length; x++) {
      const count = customersOf[x]!;
      if (count === 0) continue;
      const both = gammaTriple(p * x + q);
      const own = gammaTriple(p * x);
      value += count * (both.ln - own.ln);
      gp += count * x * (both.first - own.first);
      gq += count * both.first;
      hpp += count * x * x * (both.second - own.second);
      hpq += count * x * both.second;
      hqq += count * both.second;
    }
    let sumLog = 0;
    let sumXLog = 0;
    let sumInverse = 0;
    let sumXInverse = 0;
    let sumInverse2 = 0;
    let sumXInverse2 = 0;
    for (let i = 0; i < n; i++) {
      const x = purchases[i]!;
      const level = gamma + total[i]!;
      const log = Math.log(level);
      const inverse = 1 / level;
      sumLog += log;
      sumXLog += x * log;
      sumInverse += inverse;
      sumXInverse += x * inverse;
      sumInverse2 += inverse * inverse;
      sumXInverse2 += x * inverse * inverse;
    }
    value -= p * sumXLog + q * sumLog;
    gp -= sumXLog;
    gq -= sumLog;
    ggamma -= p * sumXInverse + q * sumInverse;
    hpg -= sumXInverse;
    hqg -= sumInverse;
    hgg += p * sumXInverse2 + q * sumInverse2;

    const scale = -1 / n;
    const parameter = [p, q, gamma];
    const g = [gp, gq, ggamma];
    const h = [hpp, hpq, hpg, hpq, hqq, hqg, hpg, hqg, hgg];
    for (let i = 0; i < 3; i++) {
      gradient[i] = scale * parameter[i]! * g[i]!;
      for (let j = 0; j < 3; j++)
        hessian[i * 3 + j] = scale * parameter[i]! * parameter[j]! * h[i * 3 + j]! + (i === j ? gradient[i]! : 0);
    }
    return scale * value;
  };
};
