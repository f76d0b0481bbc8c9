/** What is foretold of one customer as of one day, from fitted models; pure. */
import { type BetaGeometric, expectedPurchases, probabilityOfSilence } from './beta-geometric.ts';
import { expectedSpend, type GammaGamma } from './gamma-gamma.ts';
import { type History, purchaseDaysUntil, type Signals, signalsAt } from './history.ts';
import { type LapseModel, lapseOf } from './lapse.ts';
import { rhythmHorizon, rhythmOf } from './rhythm.ts';

/** Everything needed to score somebody; plain JSON, stored with the run. */
export type Models = {
  /** Everybody, a fixed horizon. */
  lapse: LapseModel;
  /** People with a rhythm, each within their own horizon: what value at risk is measured by. */
  rhythm: LapseModel;
  purchases: BetaGeometric;
  spend: GammaGamma;
};

export type Score = {
  customerId: number;
  /** What the models saw; the reasons follow from it (`reasonsOf`). */
  signals: Signals;
  /** Chance of buying nothing within the lapse model's horizon, 0..1; null = not enough data. */
  lapse: number | null;
  /**
   * Chance of buying nothing for twice the own usual gap (`horizonDays`): now, and as it was when they were due. The difference is what
   * their silence says. null below four purchase days, or where the model has not enough data.
   */
  rhythm: { horizonDays: number; now: number; whenDue: number } | null;
  /** Expected in the next 365 days. */
  expectedPurchaseDays: number;
  expectedSalesMinor: number;
  /** Expected 12-month sales x (lapse now - lapse at own usual gap, both of `rhythm`), never below 0; null = not enough data. */
  valueAtRiskMinor: number | null;
  slipping: boolean;
  purchaseDays: number;
  usualGapDays: number | null;
  longGapDays: number | null;
  daysSince: number;
  firstDay: number;
  lastDay: number;
  salesMinor: number;
};

/** 12 months ahead. */
export const YEAR_DAYS = 365;

/** null: nothing bought by `asOfDay`. */
export const scoreOf = (models: Models, whole: History, asOfDay: number): Score | null => {
  const known = purchaseDaysUntil(whole, asOfDay);
  // Cut here, once: nothing below can look at what came later.
  const history = {
    ...whole,
    purchases: whole.purchases.slice(0, known),
    returns: whole.returns.filter(one => one.day <= asOfDay),
  };
  const signals = signalsAt(history, asOfDay, models.lapse.shopGapDays);
  if (!signals) return null;
  const days = history.purchases.map(purchase => purchase.day);
  const rhythm = rhythmOf(days, asOfDay);
  const firstDay = days[0]!;
  const lastDay = days[known - 1]!;
  const lapse = lapseOf(models.lapse, signals);
  const own = rhythm.usualGapDays === null ? null : rhythmLapse(models.rhythm, history, signals, lastDay, rhythm.usualGapDays);
  const summary = { repeats: known - 1, lastDays: lastDay - firstDay, ageDays: asOfDay - firstDay };
  const expectedPurchaseDays =
    expectedPurchases(models.purchases, summary.repeats, summary.lastDays, summary.ageDays, YEAR_DAYS) *
    (own
      ? silenceCorrection(models.purchases, summary, own.now, own.horizonDays)
      : silenceCorrection(models.purchases, summary, lapse, models.lapse.horizonDays));
  const expectedSalesMinor = Math.round(expectedPurchaseDays * expectedSpend(models.spend, known, signals.value_minor));
  return {
    customerId: history.customerId,
    lapse,
    signals,
    rhythm: own,
    expectedPurchaseDays,
    expectedSalesMinor,
    valueAtRiskMinor: own && Math.round(expectedSalesMinor * Math.max(0, own.now - own.whenDue)),
    slipping: rhythm.slipping,
    purchaseDays: known,
    usualGapDays: rhythm.usualGapDays,
    longGapDays: rhythm.longGapDays,
    daysSince: rhythm.daysSince,
    firstDay,
    lastDay,
    salesMinor: history.purchases.reduce((sum, purchase) => sum + purchase.salesMinor, 0),
  };
};

/** Now, and on the day they were (or will be) due. */
const rhythmLapse = (
  model: LapseModel,
  history: History,
  signals: Signals,
  lastDay: number,
  usualGapDays: number,
): Score['rhythm'] => {
  const horizonDays = rhythmHorizon(usualGapDays, model.horizonDays);
  const now = lapseOf(model, signals, horizonDays);
  const whenDue = lapseOf(model, signalsAt(history, lastDay + Math.round(usualGapDays), model.shopGapDays)!, horizonDays);
  return now === null || whenDue === null ? null : { horizonDays, now, whenDue };
};

/**
 * A purchase model on the boundary believes that nobody ever leaves, however long the silence. There the lapse model, which has seen
 * silence, corrects the expectation by how much more (or less) likely it finds a purchase within its horizon. On the gift shop this brought
 * the expectations of slipping people a quarter closer; away from the boundary (CDNOW) it made them worse, so it is not applied there.
 */
const silenceCorrection = (
  fit: BetaGeometric,
  { repeats, lastDays, ageDays }: { repeats: number; lastDays: number; ageDays: number },
  lapse: number | null,
  horizonDays: number,
): number => {
  if (fit.boundary === null || lapse === null) return 1;
  const believed = 1 - probabilityOfSilence(fit, repeats, lastDays, ageDays, horizonDays);
  return believed > 0 ? Math.min(2, (1 - lapse) / believed) : 1;
};
