/**
 * The moment a definition is read at, and the windows of time counted back from it. Days, weeks and months are calendar units in the
 * organisation's zone (a day has 23 to 25 hours); hours are exact.
 */
import { Temporal } from 'temporal-polyfill';

/** Everything before `until` has happened; `today` is the day of that moment in `zone`. */
export type Moment = { readonly until: Date; readonly today: string; readonly zone: string };

export const spanUnits = ['hours', 'days', 'weeks', 'months'] as const;
export type SpanUnit = (typeof spanUnits)[number];
/** One unit only: { days: 90 }. */
export type Span = { readonly [unit in SpanUnit]?: number };
export type Window =
  | { readonly within: Span }
  | { readonly before: string | Span }
  | { readonly since: string }
  | { readonly between: readonly [string, string] };
/** Instants: `from` is included (null: from the beginning), `until` is not. */
export type Bounds = { readonly from: Date | null; readonly until: Date };

/** ClickHouse's DateTime64 begins here; nothing in a shop is older. */
const beginning = new Date('1900-01-01T00:00:00Z');

/** The first instant of a day in a zone, also where summer time skips midnight. */
export const startOfDay = (day: string, zone: string): Date =>
  new Date(Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: zone }).epochMilliseconds);

export const dayOf = (instant: Date, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone).toPlainDate().toString();

export const addDays = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();

/** The end of a past day, or now. */
export const momentOf = (asOfDay: string | null, now: Date, zone: string): Moment =>
  asOfDay === null
    ? { until: new Date(now.getTime() + 1), today: dayOf(now, zone), zone }
    : { until: startOfDay(addDays(asOfDay, 1), zone), today: asOfDay, zone };

/** The instant a span reaches back to: { days: 90 } is the start of the day 90 days before today. */
const reachBack = (span: Span, moment: Moment): Date => {
  if (span.hours !== undefined) return latest(new Date(moment.until.getTime() - span.hours * 3_600_000), beginning);
  return latest(startOfDay(dayBack(span, moment), moment.zone), beginning);
};

/** The day a span of days, weeks or months reaches back to (the last day of a shorter month). */
export const dayBack = (span: Span, moment: Moment): string =>
  Temporal.PlainDate.from(moment.today)
    .subtract({ days: (span.days ?? 0) + 7 * (span.weeks ?? 0), months: span.months ?? 0 })
    .toString();

/** A window as two instants, never beyond the moment; no window means: ever. */
export const boundsOf = (window: Window | null, moment: Moment): Bounds => {
  if (window === null) return { from: null, until: moment.until };
  if ('within' in window) return { from: reachBack(window.within, moment), until: moment.until };
  if ('since' in window) return { from: startOfDay(window.since, moment.zone), until: moment.until };
  if ('between' in window) {
    const [first, last] = window.between;
    return { from: startOfDay(first, moment.zone), until: earliest(startOfDay(addDays(last, 1), moment.zone), moment.until) };
  }
  const end = typeof window.before === 'string' ? startOfDay(window.before, moment.zone) : reachBack(window.before, moment);
  return { from: null, until: earliest(end, moment.until) };
};

const earliest = (a: Date, b: Date): Date => (a.getTime() < b.getTime() ? a : b);
const latest = (a: Date, b: Date): Date => (a.getTime() > b.getTime() ? a : b);

/**
 * The calendar days ("MM-DD") of a stretch from today, for birthdays and anniversaries. Who was born on 29 February
 * celebrates on the 28th where the year has no 29th.
 */
export const anniversaryDays = (stretch: { next: number } | { last: number }, moment: Moment): string[] => {
  const days = 'next' in stretch ? stretch.next : stretch.last;
  const first = 'next' in stretch ? moment.today : addDays(moment.today, -days);
  const found = new Set<string>();
  for (let i = 0; i <= days; i++) {
    const day = Temporal.PlainDate.from(first).add({ days: i });
    found.add(day.toString().slice(5));
    if (day.month === 2 && day.day === 28 && !day.inLeapYear) found.add('02-29');
  }
  return [...found].sort();
};
