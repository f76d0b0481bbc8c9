/**
 * Training and its proof in one pass over a shop's own past, by rolling origins: stand at a past day, learn from what was known by then,
 * predict, and compare with what happened. Whatever does not beat the rules is switched off.
 */
import { type BetaGeometric, expectedPurchases, fitBetaGeometric, type PurchaseSummaries } from './beta-geometric.ts';
import { expectedSpend, fitGammaGamma, type SpendSummaries } from './gamma-gamma.ts';
import { type History, purchaseDaysUntil, type Signals, signalsAt } from './history.ts';
import { type Example, fitLapse, type LapseKind, type LapseModel, lapseOf, levelled, mediansOf } from './lapse.ts';
import { areaUnderCurve, brier, type CalibrationBin, calibrationBins, topDecileLift } from './measures.ts';
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

  const record = backtest(histories, grid, testOrigins.reverse(), horizonDays, step);
  const { kind, verdict } = judge(record.contenders);
  if (kind === 'mbg-nbd') return { model: { kind, fit, ...basics }, verdict, record, people };
  const past = trainingExamples(grid, asOfDay, horizonDays, step);
  const model = fitLapse(kind, past, basics, fit);
  const now = shop.seen.map(({ signals, usualGapDays }) => ({
    signals,
    horizonDays: horizonFor(who, horizonDays, usualGapDays),
  }));
  const windows = windowsSeen(grid, asOfDay, horizonDays, step);
  return { model: kind === 'regression' ? levelled(model, now, windows) : model, verdict, record, people };
};

/** MBG/NBD must be this much closer to take the place of the regression, which sees and explains more. */
const CLEARLY_BETTER = 0.98;

/** The better model if it beats both rules, in distance and in order; else the better rule. */
const judge = (contenders: readonly Contender[]): { kind: Contender['kind']; verdict: Verdict } => {
  const best = (...kinds: Contender['kind'][]) =>
    contenders.filter(one => kinds.includes(one.kind)).sort((a, b) => a.brier - b.brier)[0]!;
  const [regression, mbg] = [best('regression'), best('mbg-nbd')];
  const model = mbg.brier < regression.brier * CLEARLY_BETTER ? mbg : regression;
  const rule = best('recency-rule', 'own-gap-rule');
  const proven = model.brier < rule.brier && (model.auc ?? 0) >= (rule.auc ?? 0);
  return proven ? { kind: model.kind, verdict: 'proven' } : { kind: rule.kind, verdict: 'rule_is_better' };
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

const horizonFor = (who: Who, mostDays: number, usualGapDays: number | null): number =>
  who === 'everybody' ? mostDays : rhythmHorizon(usualGapDays!, mostDays);

/** Everybody known by `origin`, seen as of `origin`, with what they did in the days after it. */
const examplesAt = (histories: readonly History[], origin: number, mostDays: number, who: Who): Example[] => {
  const mbg = fitBetaGeometric('mbg-nbd', summariesAt(histories, origin));
  return shopAt(histories, origin, who).seen.map(({ history, signals, usualGapDays }) => {
    const horizonDays = horizonFor(who, mostDays, usualGapDays);
    const back = purchaseDaysUntil(history, origin + horizonDays) > signals.purchase_days;
    return { signals, mbg, horizonDays, lapsed: back ? 0 : 1 };
  });
};

/** Examples whose whole outcome was known by `origin`. */
const trainingExamples = (grid: Map<number, Example[]>, origin: number, horizonDays: number, step: number): Example[] =>
  Array.from({ length: TRAINING_ORIGINS }, (_, i) => grid.get(origin - horizonDays - i * step) ?? []).flat();

/** How many outcome windows that do not overlap the training examples for `origin` cover. */
const windowsSeen = (grid: Map<number, Example[]>, origin: number, horizonDays: number, step: number): number => {
  const used = Array.from({ length: TRAINING_ORIGINS }, (_, i) => grid.has(origin - horizonDays - i * step)).filter(
    Boolean,
  ).length;
  return 1 + ((used - 1) * step) / horizonDays;
};

const enough = (examples: readonly Example[]): boolean => {
  const lapsed = examples.reduce((sum, example) => sum + example.lapsed, 0);
  return examples.length >= LEAST_EXAMPLES && lapsed >= LEAST_OF_EACH && examples.length - lapsed >= LEAST_OF_EACH;
};

type Kind = Contender['kind'];
const KINDS: readonly Kind[] = ['regression', 'recency-rule', 'own-gap-rule', 'mbg-nbd'];

const backtest = (
  histories: readonly History[],
  grid: Map<number, Example[]>,
  testOrigins: readonly number[],
  horizonDays: number,
  step: number,
): TrackRecord => {
  const rounds: { outcome: number[]; said: Record<Kind, number[]> }[] = [];
  const purchaseDays: Totals = { predicted: 0, actual: 0 };
  const salesMinor: Totals = { predicted: 0, actual: 0 };
  for (const origin of testOrigins) {
    const examples = grid.get(origin)!;
    const models = modelsAt(
      examples,
      trainingExamples(grid, origin, horizonDays, step),
      horizonDays,
      windowsSeen(grid, origin, horizonDays, step),
    );
    const say = (kind: Kind) => examples.map(({ signals, horizonDays: ahead }) => lapseOf(models[kind], signals, ahead)!);
    rounds.push({
      outcome: examples.map(example => example.lapsed),
      said: Object.fromEntries(KINDS.map(kind => [kind, say(kind)])) as Record<Kind, number[]>,
    });
    addTotals(histories, origin, horizonDays, summariesAt(histories, origin), purchaseDays, salesMinor);
  }
  const outcome = rounds.flatMap(round => round.outcome);
  return {
    horizonDays,
    origins: [...testOrigins],
    people: outcome.length,
    lapsed: outcome.reduce((sum, one) => sum + one, 0),
    contenders: KINDS.map(kind => {
      const said = rounds.flatMap(round => round.said[kind]);
      // Order is judged within each origin: people of one day are ranked against each other, never against another season.
      const within = (measure: (said: number[], was: number[]) => number | null) =>
        weightedMean(rounds.map(round => ({ value: measure(round.said[kind], round.outcome), weight: round.outcome.length })));
      return {
        kind,
        brier: brier(said, outcome),
        auc: within(areaUnderCurve),
        topDecileLift: within(topDecileLift),
        calibration: calibrationBins(said, outcome),
      };
    }),
    purchaseDays,
    salesMinor,
  };
};

/** What each contender would have been on that day. */
const modelsAt = (
  examples: readonly Example[],
  past: readonly Example[],
  horizonDays: number,
  windows: number,
): Record<Kind, LapseModel> => {
  const { mbg, signals } = examples[0]!;
  const basics = { horizonDays, shopGapDays: 0, medians: signals };
  return {
    regression: levelled(fitLapse('regression', past, basics, mbg), examples, windows),
    'recency-rule': fitLapse('recency-rule', past, basics, mbg),
    'own-gap-rule': fitLapse('own-gap-rule', past, basics, mbg),
    'mbg-nbd': { kind: 'mbg-nbd', fit: mbg, ...basics },
  };
};

const weightedMean = (values: readonly { value: number | null; weight: number }[]): number | null => {
  const known = values.filter(one => one.value !== null);
  const weight = known.reduce((sum, one) => sum + one.weight, 0);
  return weight > 0 ? known.reduce((sum, one) => sum + one.value! * one.weight, 0) / weight : null;
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
