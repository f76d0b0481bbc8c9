import { describe, expect, it } from 'vitest';
import { fitModels } from './fit.ts';
import type { History, Signals } from './history.ts';
import { signalNames, signalsAt } from './history.ts';
import { lapseOf, reasonsOf } from './lapse.ts';
import { cdnowHistories, giftShopHistories, rhythmShop, seeded } from './made-up-shops.ts';
import { areaUnderCurve } from './measures.ts';
import { scoreOf } from './score.ts';
import { spendAt, summariesAt, trainLapse } from './track-record.ts';

const modelsOf = (histories: readonly History[], asOfDay: number) =>
  fitModels({
    sample: histories,
    asOfDay,
    horizonDays: 90,
    summaries: summariesAt(histories, asOfDay),
    spend: spendAt(histories, asOfDay),
  }).models;

const FIRST = 18_000;
const shop = rhythmShop(1, 1_500, FIRST, 730);
const AS_OF = FIRST + 700;

describe('training on a made-up shop', () => {
  const training = trainLapse({ histories: shop, asOfDay: AS_OF, horizonDays: 90, people: 'everybody' });

  it('beats both rules on its own past, and says by how much', () => {
    expect(training.verdict).toBe('proven');
    const of = (kind: string) => training.record!.contenders.find(one => one.kind === kind)!;
    expect(of('regression').brier).toBeLessThan(of('recency-rule').brier);
    expect(of('regression').brier).toBeLessThan(of('own-gap-rule').brier);
    expect(training.record!.origins.length).toBeGreaterThanOrEqual(2);
  });

  it('is calibrated: what it called 70-80 % happened about that often', () => {
    for (const bin of training.record!.contenders[0]!.calibration) {
      if (bin.people >= 150) expect(Math.abs(bin.predicted - bin.happened)).toBeLessThan(0.12);
    }
  });

  it('never looks past the day it stands on', () => {
    const cut = (history: History): History => ({
      ...history,
      purchases: history.purchases.filter(one => one.day <= AS_OF),
      returns: history.returns.filter(one => one.day <= AS_OF),
    });
    const past = shop.map(cut).filter(history => history.purchases.length > 0);
    const again = trainLapse({ histories: past, asOfDay: AS_OF, horizonDays: 90, people: 'everybody' });
    expect(again).toEqual(training);
    const models = modelsOf(shop, AS_OF);
    for (const history of shop.slice(0, 200)) {
      const cutHistory = cut(history);
      const blind = cutHistory.purchases.length ? scoreOf(models, cutHistory, AS_OF) : null;
      expect(scoreOf(models, history, AS_OF)).toEqual(blind);
    }
  });

  it('a reason shown moves the score when its signal is set to the median of the shop', () => {
    let shown = 0;
    for (const history of shop) {
      const signals = signalsAt(history, AS_OF, training.model.shopGapDays);
      if (!signals) continue;
      const lapse = lapseOf(training.model, signals)!;
      for (const reason of reasonsOf(training.model, signals)) {
        const moved: Signals = { ...signals, [reason.code]: training.model.medians[reason.code] };
        const other = lapseOf(training.model, moved)!;
        expect(Math.sign(lapse - other)).toBe(reason.effect === 'raises' ? 1 : -1);
        expect(Math.abs(lapse - other) * 100).toBeCloseTo(reason.points, 0);
        shown++;
      }
    }
    expect(shown).toBeGreaterThan(1000);
  });

  it('longer silence never makes a lapse less likely, all else equal', () => {
    for (const history of shop.slice(0, 300)) {
      const signals = signalsAt(history, AS_OF, training.model.shopGapDays);
      if (!signals) continue;
      const longer = {
        ...signals,
        days_since: signals.days_since + 30,
        late: signals.late * 2,
        tenure_days: signals.tenure_days,
      };
      expect(lapseOf(training.model, longer)!).toBeGreaterThanOrEqual(lapseOf(training.model, signals)! - 1e-9);
    }
  });

  it('always gives a number between 0 and 1, for any signals', () => {
    const random = seeded(5);
    for (let i = 0; i < 2000; i++) {
      const wild = Object.fromEntries(
        signalNames.map(name => [name, random() < 0.2 ? 0 : random() * 10 ** (random() * 6)]),
      ) as Signals;
      const lapse = lapseOf(training.model, wild)!;
      expect(lapse >= 0 && lapse <= 1).toBe(true);
    }
  });
});

describe('when it cannot know', () => {
  it('few people: not enough data, no score', () => {
    const { model, verdict } = trainLapse({ histories: shop.slice(0, 30), asOfDay: AS_OF, horizonDays: 90, people: 'everybody' });
    expect([model.kind, verdict]).toEqual(['none', 'too_few']);
    expect(lapseOf(model, model.medians)).toBe(null);
    expect(reasonsOf(model, model.medians)).toEqual([]);
  });

  it('a short past: MBG/NBD, marked as unproven', () => {
    const young = rhythmShop(2, 400, FIRST, 120);
    const { model, verdict, record } = trainLapse({
      histories: young,
      asOfDay: FIRST + 119,
      horizonDays: 90,
      people: 'everybody',
    });
    expect([model.kind, verdict, record]).toEqual(['mbg-nbd', 'unproven', null]);
  });

  it('where only silence matters, the plain rule is shown and the regression is off', () => {
    // Everybody buys on days drawn alike, until they stop for good at a day of their own: silence is all there is to know.
    const random = seeded(9);
    const plain: History[] = Array.from({ length: 900 }, (_, i) => {
      const stop = FIRST + 40 + Math.floor(random() * 900);
      const purchases = [];
      for (let day = FIRST + Math.floor(random() * 20); day <= Math.min(stop, AS_OF); day += 18 + Math.floor(random() * 5)) {
        purchases.push({ day, salesMinor: 1000, newProducts: 0 });
      }
      return { customerId: i + 1, purchases, returns: [] };
    }).filter(history => history.purchases.length > 0);
    const { model, verdict, record } = trainLapse({ histories: plain, asOfDay: AS_OF, horizonDays: 90, people: 'everybody' });
    const brierOf = (kind: string) => record!.contenders.find(one => one.kind === kind)!.brier;
    const regressionWon = brierOf('regression') < Math.min(brierOf('recency-rule'), brierOf('own-gap-rule'));
    expect(verdict).toBe(regressionWon && model.kind === 'regression' ? 'proven' : 'rule_is_better');
    if (!regressionWon) expect(['recency-rule', 'own-gap-rule']).toContain(model.kind);
  });
});

const cdnow = cdnowHistories();
const gifts = giftShopHistories();
const dayOf = (text: string) => Date.parse(text) / 86_400_000;

describe.skipIf(!cdnow)('CDNOW, 39 weeks on 39 weeks', () => {
  it('ranks who stays away better than recency and than BG/NBD', () => {
    const origin = dayOf('1997-09-30');
    const { model } = trainLapse({ histories: cdnow!, asOfDay: origin, horizonDays: 90, people: 'everybody' });
    const people = cdnow!.map(history => ({ history, signals: signalsAt(history, origin, model.shopGapDays)! }));
    const lapsed = people.map(({ history, signals }) =>
      history.purchases.filter(one => one.day <= origin + 273).length > signals.purchase_days ? 0 : 1,
    );
    const auc = areaUnderCurve(
      people.map(({ signals }) => lapseOf(model, signals)!),
      lapsed,
    )!;
    const recency = areaUnderCurve(
      people.map(({ signals }) => signals.days_since),
      lapsed,
    )!;
    expect(auc).toBeGreaterThan(0.773);
    expect(auc).toBeGreaterThan(recency);
  });
});

describe.skipIf(!gifts)('the UK gift shop as of 2011-12-09', () => {
  const models = modelsOf(gifts ?? [], dayOf('2011-12-09'));
  const slipping = (gifts ?? [])
    .map(history => scoreOf(models, history, dayOf('2011-12-09'))!)
    .filter(score => score.slipping)
    .sort((a, b) => (b.valueAtRiskMinor ?? 0) - (a.valueAtRiskMinor ?? 0));

  it('finds 104 regulars slipping, 16029 and 16422 first', () => {
    expect(slipping.length).toBe(104);
    expect(slipping.slice(0, 2).map(score => score.customerId)).toEqual([16029, 16422]);
    expect(slipping.some(score => score.customerId === 17450)).toBe(false);
    const [first] = slipping;
    expect([first!.purchaseDays, first!.usualGapDays, first!.daysSince, first!.salesMinor]).toEqual([39, 7.5, 38, 8_102_484]);
  });

  it('ranks the next 90 days from 2011-09-09 with an AUC of about .75', () => {
    const origin = dayOf('2011-09-09');
    const { model } = trainLapse({ histories: gifts!, asOfDay: origin, horizonDays: 90, people: 'everybody' });
    const seen = gifts!
      .map(history => ({ history, signals: signalsAt(history, origin, model.shopGapDays) }))
      .filter(one => one.signals !== null);
    const lapsed = seen.map(({ history, signals }) =>
      history.purchases.filter(one => one.day <= origin + 90).length > signals!.purchase_days ? 0 : 1,
    );
    expect(
      areaUnderCurve(
        seen.map(({ signals }) => lapseOf(model, signals!)!),
        lapsed,
      )!,
    ).toBeGreaterThan(0.735);
  });
});
