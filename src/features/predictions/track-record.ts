/**
 * Training and its proof in one pass over a shop's own past, by rolling origins: stand at a past day, learn from what was known by then,
 * predict, and compare with what happened. Whatever does not beat the rules is switched off.
 */
import { type BetaGeometric, expectedPurchases, fitBetaGeometric, type PurchaseSummaries } from './beta-geometric.ts';
import { expectedSpend, fitGammaGamma, type SpendSummaries } from './gamma-gamma.ts';
import { type History, purchaseDaysUntil, type Signals, signalsAt } from './history.ts';
import {
  type Example,
  fitLapse,
  type LapseKind,
  lapseLogOdds,
  type LapseModel,
  lapseOf,
  mediansOf,
  NO_CALIBRATION,
} from './lapse.ts';
import { fitLogistic, logistic } from './logistic.ts';
import { areaUnderCurve, brier, calibrationBins, type CalibrationBin, topDecileLift } from './measures.ts';
import { medianOfSorted, RHYTHM_NEEDS_PURCHASE_DAYS, rhythmHorizon } from './rhythm.ts';

/** How well one way of scoring did over all past origins together. */
export type Contender = {
  kind: Exclude<LapseKind, 'none'>;
  brier: number;
  auc: number | null;
  topDecileLift: number | null;
  calibration: CalibrationBin[];
};

export type Totals = { predicted: number; actual: number };

export type TrackRecord = {
  horizonDays: number;
  /** Days (since 1970) stood at, oldest first. */
  origins: number[];
  /** People scored over all origins, and how many of them lapsed. */
  people: number;
  lapsed: number;
  contenders: Contender[];
  /** Purchase days and sales of the horizon: what the expectation said, what came. */
  purchaseDays: Totals;
  salesMinor: Totals;
};

/** Why the score is what it is. */
export type Verdict =
  /** The regression beat both rules. */
  | 'proven'
  /** A rule was at least as good: the rule is shown, the regression is off. */
  | 'rule_is_better'
  /** The past is too short or the people too few to prove anything: MBG/NBD's expectation, marked as unproven. */
  | 'unproven'
  /** Not enough data: no score. */
  | 'too_few';

export type LapseTraining = { model: LapseModel; verdict: Verdict; record: TrackRecord | null; people: number };

/** Fewer people, or fewer who came back, than this: no score at all. */
export const LEAST_PEOPLE = 50;
const LEAST_RETURNING = 10;
/** A regression needs this many past examples, and this many of each outcome. */
const LEAST_EXAMPLES = 300;
const LEAST_OF_EACH = 30;
/** Days of history before the first origin, so that there is something to look back on. */
const LEAST_HISTORY_DAYS = 60;
const TRAINING_ORIGINS = 6;
const TEST_ORIGINS = 4;

export type TrainingInput = {
  /** The shop's people, or a fair sample of them; nothing in them after `asOfDay` is looked at. */
  histories: readonly History[];
  /** Last day looked at. */
  asOfDay: number;
  horizonDays: number;
  /**
   * everybody: will they buy within `horizonDays`? with-rhythm: only people with a rhythm of their own, and each within their own
   * `rhythmHorizon`, at most `horizonDays`.
   */
  people: 'everybody' | 'with-rhythm';
};

/** Fits the lapse score as of `asOfDay` and proves it. Pure; never throws on odd data. */
export const trainLapse = ({ histories, asOfDay, horizonDays, people: who }: TrainingInput): LapseTraining => {
  // A third of the horizon, on a grid that the horizon itself lies on.
  const step = horizonDays % 3 === 0 ? horizonDays / 3 : horizonDays;
  const shop = shopAt(histories, asOfDay, who);
  const people = shop.signals.length;
  const basics = { horizonDays, shopGapDays: shop.gapDays, medians: mediansOf(shop.signals) };
  const returning = shop.signals.filter(signals => signals.purchase_days > 1).length;
  if (people < LEAST_PEOPLE || returning < LEAST_RETURNING)
    return { model: { kind: 'none', ...basics }, verdict: 'too_few', record: null, people };

  const firstDay = histories.reduce((first, history) => Math.min(first, history.purchases[0]!.day), asOfDay);
  const grid = new Map<number, Example[]>();
  for (let origin = asOfDay - horizonDays; origin >= firstDay + LEAST_HISTORY_DAYS; origin -= step) {
    grid.set(origin, examplesAt(histories, origin, horizonDays, who));
    if (grid.size >= TRAINING_ORIGINS + 3 * (TEST_ORIGINS + 1)) break;
  }
  const testOrigins = Array.from({ length: TEST_ORIGINS }, (_, i) => asOfDay - horizonDays * (i + 1)).filter(origin =>
    enough(trainingExamples(grid, origin, horizonDays, step)),
  );
  const fit = fitBetaGeometric('mbg-nbd', summariesAt(histories, asOfDay));
  const fallback = (): LapseTraining => {
    // "Nobody leaves" is still an honest rate of buying; a fit that did not arrive is not.
    const usable = fit.converged && fit.boundary !== 'edge';
    return {
      model: usable ? { kind: 'mbg-nbd', fit, ...basics } : { kind: 'none', ...basics },
      verdict: usable ? 'unproven' : 'too_few',
      record: null,
      people,
    };
  };
  if (testOrigins.length === 0) return fallback();

  const { record, calibration } = backtest(histories, grid, testOrigins.reverse(), horizonDays, step);
  const score = (kind: LapseKind) => record.contenders.find(contender => contender.kind === kind)!;
  const better = score('own-gap-rule').brier < score('recency-rule').brier ? 'own-gap-rule' : 'recency-rule';
  const proven = score('regression').brier < score(better).brier && (score('regression').auc ?? 0) >= (score(better).auc ?? 0);
  const examples = trainingExamples(grid, asOfDay, horizonDays, step);
  const model = fitLapse(proven ? 'regression' : better, examples, basics, fit);
  if (proven) model.calibration = calibration;
  return { model, verdict: proven ? 'proven' : 'rule_is_better', record, people };
};

type Who = TrainingInput['people'];
type Seen = { history: History; signals: Signals; usualGapDays: number | null };

/** What was known to the shop as a whole by a day, and of everybody the model is for. */
const shopAt = (histories: readonly History[], day: number, who: Who): { gapDays: number; seen: Seen[]; signals: Signals[] } => {
  const gapDays = shopGap(histories, day);
  const seen: Seen[] = [];
  for (const history of histories) {
    const signals = signalsAt(history, day, gapDays);
    if (!signals) continue;
    const usualGapDays = usualGapAt(history, signals.purchase_days);
    if (who === 'everybody' || usualGapDays !== null) seen.push({ history, signals, usualGapDays });
  }
  return { gapDays, seen, signals: seen.map(one => one.signals) };
};

/** The median of all gaps between purchase days by `day`; 90 where nobody ever came back. */
export const shopGap = (histories: readonly History[], day: number): number => {
  const gaps: number[] = [];
  for (const history of histories) {
    const known = purchaseDaysUntil(history, day);
    for (let i = 1; i < known; i++) gaps.push(history.purchases[i]!.day - history.purchases[i - 1]!.day);
  }
  return gaps.length ? medianOfSorted(Float64Array.from(gaps).sort()) : 90;
};

const usualGapAt = (history: History, known: number): number | null => {
  if (known < RHYTHM_NEEDS_PURCHASE_DAYS) return null;
  const gaps = new Float64Array(known - 1);
  for (let i = 1; i < known; i++) gaps[i - 1] = history.purchases[i]!.day - history.purchases[i - 1]!.day;
  return medianOfSorted(gaps.sort());
};

/** Everybody known by `origin`, seen as of `origin`, with what they did in the days after it. */
const examplesAt = (histories: readonly History[], origin: number, mostDays: number, who: Who): Example[] => {
  const mbg = fitBetaGeometric('mbg-nbd', summariesAt(histories, origin));
  return shopAt(histories, origin, who).seen.map(({ history, signals, usualGapDays }) => {
    const horizonDays = who === 'everybody' ? mostDays : rhythmHorizon(usualGapDays!, mostDays);
    const back = purchaseDaysUntil(history, origin + horizonDays) > signals.purchase_days;
    return { signals, mbg, horizonDays, lapsed: back ? 0 : 1 };
  });
};

/** Examples whose whole outcome was known by `origin`. */
const trainingExamples = (grid: Map<number, Example[]>, origin: number, horizonDays: number, step: number): Example[] =>
  Array.from({ length: TRAINING_ORIGINS }, (_, i) => grid.get(origin - horizonDays - i * step) ?? []).flat();

const enough = (examples: readonly Example[]): boolean => {
  const lapsed = examples.reduce((sum, example) => sum + example.lapsed, 0);
  return examples.length >= LEAST_EXAMPLES && lapsed >= LEAST_OF_EACH && examples.length - lapsed >= LEAST_OF_EACH;
};

/** `testOrigins` oldest first: what is learnt from one origin's errors corrects only later ones. */
const backtest = (
  histories: readonly History[],
  grid: Map<number, Example[]>,
  testOrigins: readonly number[],
  horizonDays: number,
  step: number,
): { record: TrackRecord; calibration: { slope: number; shift: number } } => {
  const kinds = ['regression', 'recency-rule', 'own-gap-rule', 'mbg-nbd'] as const;
  const outcome: number[] = [];
  const said: Record<(typeof kinds)[number], number[]> = {
    regression: [],
    'recency-rule': [],
    'own-gap-rule': [],
    'mbg-nbd': [],
  };
  const logOdds: number[] = [];
  const purchaseDays: Totals = { predicted: 0, actual: 0 };
  const salesMinor: Totals = { predicted: 0, actual: 0 };
  let calibration = NO_CALIBRATION;
  for (const origin of testOrigins) {
    const examples = grid.get(origin)!;
    const past = trainingExamples(grid, origin, horizonDays, step);
    const basics = { horizonDays, shopGapDays: 0, medians: examples[0]!.signals };
    const summaries = summariesAt(histories, origin);
    const fit = examples[0]!.mbg;
    const mbg: LapseModel = { kind: 'mbg-nbd', fit, ...basics };
    const regression = fitLapse('regression', past, basics, fit);
    const rules = {
      'recency-rule': fitLapse('recency-rule', past, basics, fit),
      'own-gap-rule': fitLapse('own-gap-rule', past, basics, fit),
    };
    for (const { signals, lapsed, horizonDays: ahead } of examples) {
      const raw = lapseLogOdds(regression, signals, ahead);
      outcome.push(lapsed);
      said.regression.push(logistic(calibration.slope * raw + calibration.shift));
      said['recency-rule'].push(lapseOf(rules['recency-rule'], signals, ahead)!);
      said['own-gap-rule'].push(lapseOf(rules['own-gap-rule'], signals, ahead)!);
      said['mbg-nbd'].push(lapseOf(mbg, signals, ahead)!);
      logOdds.push(raw);
    }
    calibration = calibrate(logOdds, outcome);
    addTotals(histories, origin, horizonDays, summaries, purchaseDays, salesMinor);
  }
  const record: TrackRecord = {
    horizonDays,
    origins: [...testOrigins],
    people: outcome.length,
    lapsed: outcome.reduce((sum, one) => sum + one, 0),
    contenders: kinds.map(kind => ({
      kind,
      brier: brier(said[kind], outcome),
      auc: areaUnderCurve(said[kind], outcome),
      topDecileLift: topDecileLift(said[kind], outcome),
      calibration: calibrationBins(said[kind], outcome),
    })),
    purchaseDays,
    salesMinor,
  };
  return { record, calibration };
};

/**
 * Platt's correction of the log-odds, pulled towards "none" as by 200 well-calibrated people: with one season seen, half of a seasonal
 * error should not be taken for a lasting one.
 */
const calibrate = (logOdds: readonly number[], outcome: readonly number[]): { slope: number; shift: number } => {
  const anchors = 200;
  const n = logOdds.length;
  const pull: { values: number[]; outcome: number[] } = { values: [], outcome: [] };
  for (let i = 0; i < anchors; i++) {
    const at = logOdds[Math.floor((i * n) / anchors)]!;
    pull.values.push(at);
    // The same person in both outcomes, in the proportion the uncorrected score claims, by a low-discrepancy sequence.
    pull.outcome.push((i * 0.618033988749895) % 1 < logistic(at) ? 1 : 0);
  }
  const fit = fitLogistic(
    {
      columns: 1,
      values: Float64Array.from([...logOdds, ...pull.values]),
      outcome: Uint8Array.from([...outcome, ...pull.outcome]),
    },
    1e-6,
    [1],
  );
  return { slope: fit.weights[0]!, shift: fit.intercept };
};

const addTotals = (
  histories: readonly History[],
  origin: number,
  horizonDays: number,
  summaries: PurchaseSummaries,
  purchaseDays: Totals,
  salesMinor: Totals,
): void => {
  const fit = fitPurchases(summaries);
  const spend = fitGammaGamma(spendAt(histories, origin));
  for (const history of histories) {
    const known = purchaseDaysUntil(history, origin);
    if (known === 0) continue;
    const one = spendOf(history, known, origin);
    const first = history.purchases[0]!.day;
    const days = expectedPurchases(fit, known - 1, history.purchases[known - 1]!.day - first, origin - first, horizonDays);
    purchaseDays.predicted += days;
    salesMinor.predicted += days * expectedSpend(spend, known, one);
    const then = purchaseDaysUntil(history, origin + horizonDays);
    purchaseDays.actual += then - known;
    for (let i = known; i < then; i++) salesMinor.actual += history.purchases[i]!.salesMinor;
  }
};

/**
 * The model of purchases: BG/NBD, or MBG/NBD where BG/NBD's likelihood runs to the edge ("nobody ever leaves"). If both do, BG/NBD with
 * its flag: finite, and saying so.
 */
export const fitPurchases = (summaries: PurchaseSummaries): BetaGeometric => {
  const plain = fitBetaGeometric('bg-nbd', summaries);
  if (plain.boundary === null && plain.converged) return plain;
  const modified = fitBetaGeometric('mbg-nbd', summaries);
  return modified.boundary === null && modified.converged ? modified : plain;
};

/** Net value of a purchase day of one customer as of `day`: sales less returns known by then, over the purchase days; never below 0. */
export const spendOf = (history: History, known: number, day: number): number => {
  let total = 0;
  for (let i = 0; i < known; i++) total += history.purchases[i]!.salesMinor;
  for (const one of history.returns) if (one.day <= day) total -= one.amountMinor;
  return Math.max(0, total / known);
};

export const summariesAt = (histories: readonly History[], day: number): PurchaseSummaries => {
  const known = histories.map(history => purchaseDaysUntil(history, day));
  const some = histories.map((history, i) => ({ history, known: known[i]! })).filter(one => one.known > 0);
  return {
    repeats: Int32Array.from(some, one => one.known - 1),
    lastDays: Int32Array.from(some, one => one.history.purchases[one.known - 1]!.day - one.history.purchases[0]!.day),
    ageDays: Int32Array.from(some, one => day - one.history.purchases[0]!.day),
  };
};

export const spendAt = (histories: readonly History[], day: number): SpendSummaries => {
  const some = histories.map(history => ({ history, known: purchaseDaysUntil(history, day) })).filter(one => one.known > 0);
  return {
    purchases: Int32Array.from(some, one => one.known),
    mean: Float64Array.from(some, one => spendOf(one.history, one.known, day)),
  };
};
