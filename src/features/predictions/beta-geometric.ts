/**
 * BG/NBD (Fader, Hardie, Lee 2005, "Counting Your Customers the Easy Way") and MBG/NBD (Batislam, Denizel, Filiztekin 2007), both as
 * one model: MBG/NBD lets people leave before their first repeat too, which turns the paper's x into y = x + 1 in the beta terms only.
 *
 * A customer buys at rate lambda ~ Gamma(r, alpha) and after each purchase leaves for good with p ~ Beta(a, b). What is known of each
 * is x (repeat purchase days), t_x (days from first to last) and T (days from first to now).
 */
import { minimise, type Objective } from './newton.ts';

/** One entry per customer; whole days. */
export type PurchaseSummaries = { repeats: Int32Array; lastDays: Int32Array; ageDays: Int32Array };

export type BetaGeometricName = 'bg-nbd' | 'mbg-nbd';
export type BetaGeometric = {
  model: BetaGeometricName;
  /** alpha in days. */
  parameters: { r: number; alpha: number; a: number; b: number };
  /** Of densities per day; per week it is larger by (all repeats) x ln 7. */
  logLikelihood: number;
  customers: number;
  converged: boolean;
  /**
   * null, or why the maximum lies on the edge of the parameter space: "no_dropout" (a -> 0: nobody ever seems to leave) or "edge"
   * (a parameter ran to its bound). The numbers stay finite, but P(alive) says nothing then: prefer another model.
   */
  boundary: 'no_dropout' | 'edge' | null;
};

const LOW = [1e-3, 1e-3, 1e-6, 1e-4].map(Math.log);
const HIGH = [1e3, 1e6, 1e3, 1e4].map(Math.log);

const shiftOf = (model: BetaGeometricName): 0 | 1 => (model === 'bg-nbd' ? 0 : 1);

/** Fits by maximum likelihood. Never throws on odd data: look at `converged` and `boundary`. With no customers at all: the start values. */
export const fitBetaGeometric = (model: BetaGeometricName, data: PurchaseSummaries): BetaGeometric => {
  const n = data.repeats.length;
  const shift = shiftOf(model);
  const cells = gatherCells(data, shift);
  let start = startValues(data);
  // A fit on every k-th customer costs little and leaves the full data two or three steps instead of ten.
  if (n > 40_000) start = maximise(gatherCells(every(data, Math.ceil(n / 10_000)), shift), start).at;
  const found = maximise(cells, start);
  const [r, alpha, a, b] = Array.from(found.at, Math.exp) as [number, number, number, number];
  const onEdge = Array.from(found.at).some((v, i) => v <= LOW[i]! + 1e-9 || v >= HIGH[i]! - 1e-9);
  const boundary = a / (a + b) < 1e-3 ? 'no_dropout' : onEdge ? 'edge' : null;
  return {
    model,
    parameters: { r, alpha, a, b },
    logLikelihood: -found.value * Math.max(1, n),
    customers: n,
    converged: found.converged,
    boundary,
  };
};

/** The log-likelihood at given parameters (per day), e.g. to judge a fit against published ones. */
export const logLikelihoodAt = (
  model: BetaGeometricName,
  data: PurchaseSummaries,
  { r, alpha, a, b }: BetaGeometric['parameters'],
): number =>
  -objectiveOf(gatherCells(data, shiftOf(model)))(
    Float64Array.of(Math.log(r), Math.log(alpha), Math.log(a), Math.log(b)),
    new Float64Array(4),
    new Float64Array(16),
  ) * data.repeats.length;

/** P(still buying). Always 1 for one-time buyers under BG/NBD: never use that as a lapse score (performance.md). */
export const probabilityAlive = (fit: BetaGeometric, repeats: number, lastDays: number, ageDays: number): number => {
  const { r, alpha, a, b } = fit.parameters;
  const y = repeats + shiftOf(fit.model);
  if (y === 0) return 1;
  const logOdds = Math.log(a) - Math.log(b + y - 1) + (r + repeats) * (Math.log(alpha + ageDays) - Math.log(alpha + lastDays));
  return 1 / (1 + Math.exp(logOdds));
};

/** P(no purchase in the next `horizonDays`): gone, or alive and silent that long. */
export const probabilityOfSilence = (
  fit: BetaGeometric,
  repeats: number,
  lastDays: number,
  ageDays: number,
  horizonDays: number,
): number => {
  const { r, alpha } = fit.parameters;
  const alive = probabilityAlive(fit, repeats, lastDays, ageDays);
  const silentIfAlive = Math.exp((r + repeats) * (Math.log(alpha + ageDays) - Math.log(alpha + ageDays + horizonDays)));
  return 1 - alive * (1 - silentIfAlive);
};

/**
 * Expected purchase days in the next `horizonDays` (equation 10 of the paper). Euler's transformation of its 2F1 and one factored-out
 * term keep it exact where the printed form divides zero by zero (a = 1) or loses its sign (a + b + x = 1).
 */
export const expectedPurchases = (
  fit: BetaGeometric,
  repeats: number,
  lastDays: number,
  ageDays: number,
  horizonDays: number,
): number => {
  if (horizonDays <= 0) return 0;
  const { r, alpha, a, b } = fit.parameters;
  const shift = shiftOf(fit.model);
  const c = a + b + repeats + shift - 1;
  const z = horizonDays / (alpha + ageDays + horizonDays);
  const logRest = Math.log1p(-z);
  const e = a - 1;
  const d = a + b + shift - 1 - r;
  // c * (1 - (1-z)^e) / e, which tends to -c ln(1-z) as e -> 0.
  const first = Math.abs(e) < 1e-9 ? -logRest : -Math.expm1(e * logRest) / e;
  // c * sum_{n>=1} (a)_{n-1} (d)_n / (c)_n  z^n / n!, with c cancelled: all denominators stay positive.
  let term = d * z;
  let series = term;
  let largest = Math.abs(term);
  for (let n = 1; n < 10_000; n++) {
    term *= ((a + n - 1) * (d + n) * z) / ((c + n) * (n + 1));
    series += term;
    if (Math.abs(term) > largest) largest = Math.abs(term);
    if (Math.abs(term) < 1e-13 * Math.abs(series)) break;
  }
  const alive = probabilityAlive(fit, repeats, lastDays, ageDays);
  const scale = Math.exp(e * logRest);
  const ifAlive = c * first - scale * series;
  // Parameters at their bounds can make terms so large that nothing of the difference is left; then the mean of p stands for its spread.
  if (scale * largest < 1e9 * ifAlive) return alive * ifAlive;
  const leaves = a / (a + b + repeats + shift);
  return (alive * -Math.expm1((r + repeats) * -Math.log1p((leaves * horizonDays) / (alpha + ageDays)))) / leaves;
};

// ---- the likelihood -----------------------------------------------------------------------------------------------

/**
 * What the likelihood needs, gathered once. Gamma functions vanish: ln G(r+x) - ln G(r) = sum over k < x of ln(r+k), so only the number of
 * customers with x > k matters. Terms in T alone are histograms over days; logs of (alpha + day) come from a table per evaluation.
 */
type Cells = {
  customers: number;
  shift: 0 | 1;
  /** [k] customers with x > k. */
  over: Float64Array;
  maxDay: number;
  /** By T: customers, and sum of x. */
  ageCount: Float64Array;
  ageRepeats: Float64Array;
  /** By T: customers with x = 0 (their left-or-not term has t_x = 0). */
  ageOneTime: Float64Array;
  /** Customers with x > 0. */
  repeats: Int32Array;
  lastDays: Int32Array;
  ageDays: Int32Array;
};

const gatherCells = ({ repeats, lastDays, ageDays }: PurchaseSummaries, shift: 0 | 1): Cells => {
  const n = repeats.length;
  let maxDay = 0;
  let maxRepeats = 0;
  let repeaters = 0;
  for (let i = 0; i < n; i++) {
    if (ageDays[i]! > maxDay) maxDay = ageDays[i]!;
    if (repeats[i]! > maxRepeats) maxRepeats = repeats[i]!;
    if (repeats[i]! > 0) repeaters++;
  }
  const cells: Cells = {
    customers: n,
    shift,
    over: new Float64Array(maxRepeats + 1),
    maxDay,
    ageCount: new Float64Array(maxDay + 1),
    ageRepeats: new Float64Array(maxDay + 1),
    ageOneTime: new Float64Array(maxDay + 1),
    repeats: new Int32Array(repeaters),
    lastDays: new Int32Array(repeaters),
    ageDays: new Int32Array(repeaters),
  };
  let at = 0;
  for (let i = 0; i < n; i++) {
    const x = repeats[i]!;
    const T = ageDays[i]!;
    cells.ageCount[T]! += 1;
    cells.ageRepeats[T]! += x;
    if (x === 0) {
      cells.ageOneTime[T]! += 1;
      continue;
    }
    cells.over[x - 1]! += 1;
    cells.repeats[at] = x;
    cells.lastDays[at] = lastDays[i]!;
    cells.ageDays[at] = T;
    at++;
  }
  for (let k = maxRepeats - 1; k >= 0; k--) cells.over[k]! += cells.over[k + 1]!;
  return cells;
};

const every = (data: PurchaseSummaries, step: number): PurchaseSummaries => {
  const pick = (from: Int32Array) => Int32Array.from({ length: Math.ceil(from.length / step) }, (_, i) => from[i * step]!);
  return { repeats: pick(data.repeats), lastDays: pick(data.lastDays), ageDays: pick(data.ageDays) };
};

const startValues = ({ repeats, ageDays }: PurchaseSummaries): ArrayLike<number> => {
  let purchases = 1;
  let days = 1;
  for (let i = 0; i < repeats.length; i++) {
    purchases += repeats[i]!;
    days += ageDays[i]!;
  }
  const r = 0.5;
  return [Math.log(r), Math.log((r * days) / purchases), Math.log(0.5), Math.log(2)];
};

const maximise = (cells: Cells, start: ArrayLike<number>) =>
  minimise(objectiveOf(cells), start, { bounds: { low: LOW, high: HIGH }, tolerance: 1e-8, maxSteps: 200 });

/** Mean negative log-likelihood in (ln r, ln alpha, ln a, ln b), with gradient and Hessian. */
const objectiveOf = (cells: Cells): Objective => {
  const log = new Float64Array(cells.maxDay + 1);
  const inverse = new Float64Array(cells.maxDay + 1);
  const logShare = new Float64Array(cells.over.length + 1);
  const inverseShare = new Float64Array(cells.over.length + 1);
  return (at, gradient, hessian) => {
    const r = Math.exp(at[0]!);
    const alpha = Math.exp(at[1]!);
    const a = Math.exp(at[2]!);
    const b = Math.exp(at[3]!);
    const n = cells.customers;
    const { over, ageCount, ageRepeats, ageOneTime, shift } = cells;
    for (let day = 0; day <= cells.maxDay; day++) {
      log[day] = Math.log(alpha + day);
      inverse[day] = 1 / (alpha + day);
    }

    let value = n * r * Math.log(alpha);
    let gr = n * Math.log(alpha);
    let galpha = (n * r) / alpha;
    let ga = 0;
    let gb = 0;
    let hrr = 0;
    let hralpha = n / alpha;
    let halpha = (-n * r) / (alpha * alpha);
    let haa = 0;
    let hab = 0;
    let hbb = 0;
    let hra = 0;
    let hrb = 0;
    let halphaa = 0;
    let halphab = 0;

    // Gamma functions of r + x.
    for (let k = 0; k < over.length - 1; k++) {
      const p = 1 / (r + k);
      value += over[k]! * Math.log(r + k);
      gr += over[k]! * p;
      hrr -= over[k]! * p * p;
    }
    // Gamma functions of b + y and a + b + y; customers with y > k are those with x > k - shift.
    for (let k = 0; k < over.length - 1 + shift; k++) {
      const count = k < shift ? n : over[k - shift]!;
      const p = 1 / (b + k);
      const q = 1 / (a + b + k);
      value += count * Math.log((b + k) * q);
      ga -= count * q;
      gb += count * (p - q);
      haa += count * q * q;
      hab += count * q * q;
      hbb += count * (q * q - p * p);
    }
    // Terms in T alone.
    for (let T = 0; T <= cells.maxDay; T++) {
      const count = ageCount[T]!;
      if (count === 0) continue;
      const weight = r * count + ageRepeats[T]!;
      value -= weight * log[T]!;
      gr -= count * log[T]!;
      galpha -= weight * inverse[T]!;
      hralpha -= count * inverse[T]!;
      halpha += weight * inverse[T]! * inverse[T]!;
    }
    // The left-or-still-here term ln(1 + u), u = a / (b + y - 1) * ((alpha + T) / (alpha + t_x))^(r + x).
    const logA = at[2]!;
    const inverseA = 1 / a;
    for (let x = 0; x <= over.length; x++) {
      logShare[x] = logA - Math.log(b + x + shift - 1);
      inverseShare[x] = 1 / (b + x + shift - 1);
    }
    const add = (count: number, x: number, last: number, T: number) => {
      const spread = log[T]! - log[last]!;
      const rx = r + x;
      const u = logShare[x]! + rx * spread;
      const small = Math.exp(u > 0 ? -u : u);
      const w = count * (u > 0 ? 1 / (1 + small) : small / (1 + small));
      const ww = (w * (u > 0 ? small : 1)) / (1 + small);
      const step = inverse[T]! - inverse[last]!;
      const va = rx * step;
      const vb = -inverseShare[x]!;
      value += count * (Math.max(u, 0) + Math.log1p(small));
      gr += w * spread;
      galpha += w * va;
      ga += w * inverseA;
      gb += w * vb;
      hrr += ww * spread * spread;
      hralpha += ww * spread * va + w * step;
      hra += ww * spread * inverseA;
      hrb += ww * spread * vb;
      halpha += ww * va * va - w * va * (inverse[T]! + inverse[last]!);
      halphaa += ww * va * inverseA;
      halphab += ww * va * vb;
      haa += (ww - w) * inverseA * inverseA;
      hab += ww * inverseA * vb;
      hbb += (ww + w) * vb * vb;
    };
    if (shift === 1) for (let T = 0; T <= cells.maxDay; T++) if (ageOneTime[T]! > 0) add(ageOneTime[T]!, 0, 0, T);
    for (let i = 0; i < cells.repeats.length; i++) add(1, cells.repeats[i]!, cells.lastDays[i]!, cells.ageDays[i]!);

    // Minus the mean, in the logs of the parameters: d/d ln p = p d/dp.
    const scale = n > 0 ? -1 / n : -1;
    const p = [r, alpha, a, b];
    const g = [gr, galpha, ga, gb];
    const h = [hrr, hralpha, hra, hrb, hralpha, halpha, halphaa, halphab, hra, halphaa, haa, hab, hrb, halphab, hab, hbb];
    for (let i = 0; i < 4; i++) {
      gradient[i] = scale * p[i]! * g[i]!;
      for (let j = 0; j < 4; j++) hessian[i * 4 + j] = scale * p[i]! * p[j]! * h[i * 4 + j]! + (i === j ? gradient[i]! : 0);
    }
    return scale * value;
  };
};
