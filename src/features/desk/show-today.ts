/** Today: at most ten people to keep, ranked by what is at risk, without those already dealt with. */
import type { Context } from '../../platform/context.ts';
import { maySee } from '../../platform/context.ts';
import { dayIn } from '../../platform/time.ts';
import { organisationOf } from '../shops/index.ts';
import { customersFor, hiddenToday, taskCounts, todayCounts } from './postgres.ts';
import { type TodayPerson, type TodayReason, todayItems } from './slots.ts';

const MOST_PEOPLE = 10;

export const showToday = async (context: Context, asOf: string | null) => {
  const { homeCurrency, zone } = await organisationOf(context);
  const today = dayIn(zone, context.clock.now());
  const without = await hiddenToday(context, today);
  const sources = await Promise.all(
    context.slots.all(todayItems).map(source => source.read(context, { asOf, limit: MOST_PEOPLE, without })),
  );
  const people = sources
    .flatMap(source => source.people)
    .sort((a, b) => (b.atRiskMinor ?? -1) - (a.atRiskMinor ?? -1))
    .slice(0, MOST_PEOPLE);
  const seesMoney = maySee(context.actor, 'money');
  const money = (amount: number | null) =>
    seesMoney && amount !== null ? { amount_minor: amount, currency: homeCurrency } : null;
  const [persons, done, tasks] = await Promise.all([
    customersFor(
      context,
      people.map(one => one.customerId),
    ),
    todayCounts(context, today),
    taskCounts(context, today),
  ]);
  return {
    as_of: sources.map(source => source.asOf).find(day => day !== null) ?? null,
    working: sources.some(source => source.working),
    people: people.flatMap(one => {
      const customer = persons.get(one.customerId);
      return customer ? [{ customer, ...figuresOf(one, money), reasons: presentReasons(one.reasons, seesMoney) }] : [];
    }),
    figures: sources
      .flatMap(source => source.figures)
      .filter(figure => maySee(context.actor, figure.group))
      .map(({ code, label, type, value, link }) => ({
        code,
        label,
        link,
        number: type === 'number' ? value : null,
        money: type === 'money' ? { amount_minor: value, currency: homeCurrency } : null,
      })),
    done_today: done.done,
    skipped_today: done.skip,
    snoozed_today: done.snooze,
    hidden: without.length,
    tasks,
  };
};

const figuresOf = (one: TodayPerson, money: (amount: number | null) => { amount_minor: number; currency: string } | null) => ({
  at_risk: money(one.atRiskMinor),
  worth: money(one.worthMinor),
  sales: money(one.salesMinor),
  purchase_days: one.purchaseDays,
  usual_gap_days: one.usualGapDays,
  days_since: one.daysSince,
  last_day: one.lastDay,
});

/** Sentences that show an amount are left out for a role without money. */
const presentReasons = (reasons: readonly TodayReason[], seesMoney: boolean): TodayReason[] =>
  reasons.filter(reason => seesMoney || !Object.keys(reason.values).some(key => key.endsWith('_minor')));
