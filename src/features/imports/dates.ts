/** Times as files write them. Pure. Naive times are local to a zone; the order of day and month is a setting of the file. */
import { Temporal } from 'temporal-polyfill';

/** How day and month stand when a date is written in numbers. "epoch": seconds or milliseconds since 1970. */
export const dateOrders = ['ymd', 'dmy', 'mdy', 'epoch'] as const;
export type DateOrder = (typeof dateOrders)[number];

/** A time of day and calendar as written, not yet an instant. `offset_minutes`: stated in the file ("+02:00", "Z"). */
export type WrittenTime = {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  offset_minutes: number | null;
  hasTime: boolean;
};

const isoFast = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;
const numeric = /^(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})\.?(?:(?:T|,?\s+)(.+))?$/;
const compact = /^(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?$/;
const named =
  /^(?:[\p{L}]{2,9}\.?,?\s+)?(?:(\d{1,2})\.?[\s-]+(?:de\s+)?([\p{L}]{3,10})\.?,?[\s-]+(?:de\s+)?(\d{4}|\d\d)|([\p{L}]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}))(?:(?:,|\s+at)?\s+(.+))?$/iu;
const clock = /^(\d{1,2})[:.h](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,9}))?)?\s*([ap])?\.?m?\.?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?$/i;

/** Month names of the languages shops export in; the first letters decide. */
const months: [prefix: string, month: number][] = (
  [
    ['jan|ene|gen|janv|sty|led', 1],
    ['feb|fev|fév|lut|úno', 2],
    ['mar|mär|maa|mrt|brz', 3],
    ['apr|abr|avr|kwi|dub', 4],
    ['may|mai|maj|mei|mag|kvě', 5],
    ['jun|juin|giu|cze|čer', 6],
    ['jul|juil|lug|lip', 7],
    ['aug|ago|aoû|aou|sie|srp', 8],
    ['sep|set|wrz|zář', 9],
    ['oct|okt|out|ott|paź|říj', 10],
    ['nov|lis', 11],
    ['dec|dez|dic|dés|déc|gru|pro', 12],
  ] as [string, number][]
).flatMap(([names, month]) => names.split('|').map(name => [name, month] as [string, number]));

const monthNamed = (word: string): number | null => {
  const lower = word.toLowerCase();
  const hits = months.filter(([prefix]) => lower.startsWith(prefix)).sort((a, b) => b[0].length - a[0].length);
  return hits[0]?.[1] ?? null;
};

/** Reads one value; null when it is not a time in this order. */
export const readTime = (text: string, order: DateOrder): WrittenTime | null => {
  const iso = isoFast.exec(text);
  if (iso)
    return checked(+iso[1], +iso[2], +iso[3], +(iso[4] ?? 0), +(iso[5] ?? 0), +(iso[6] ?? 0), 0, null, iso[4] !== undefined);
  const value = text.trim();
  if (value === '') return null;
  if (order === 'epoch' && /^\d{9,13}$/.test(value)) return ofEpoch(value.length > 10 ? Number(value) : Number(value) * 1000);
  const parts = numeric.exec(value);
  if (parts) {
    const date = ordered(parts[1], parts[3], parts[4], order);
    return date && withClock(date, parts[5]);
  }
  const run = compact.exec(value);
  if (run)
    return checked(+run[1], +run[2], +run[3], +(run[4] ?? 0), +(run[5] ?? 0), +(run[6] ?? 0), 0, null, run[4] !== undefined);
  const words = named.exec(value);
  if (!words) return null;
  const month = monthNamed(words[2] ?? words[4]);
  if (month === null) return null;
  return withClock([fullYear(words[3] ?? words[6]), month, Number(words[1] ?? words[5])], words[7]);
};

type YearMonthDay = [year: number, month: number, day: number];

const ordered = (first: string, second: string, third: string, order: DateOrder): YearMonthDay | null => {
  if (first.length === 4) return [+first, +second, +third];
  if (third.length === 3 || first.length === 3) return null;
  if (order === 'ymd') return third.length === 4 ? null : [fullYear(first), +second, +third];
  return order === 'mdy' ? [fullYear(third), +first, +second] : [fullYear(third), +second, +first];
};

/** Two-digit years: up to 68 is 20xx, as POSIX strptime reads them. */
const fullYear = (text: string): number => (text.length >= 3 ? +text : +text + (+text <= 68 ? 2000 : 1900));

const withClock = ([year, month, day]: YearMonthDay, time: string | undefined): WrittenTime | null => {
  if (time === undefined) return checked(year, month, day, 0, 0, 0, 0, null, false);
  const parts = clock.exec(time.trim());
  if (!parts) return null;
  let hour = +parts[1];
  if (parts[5]) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (parts[5].toLowerCase() === 'p' ? 12 : 0);
  }
  return checked(
    year,
    month,
    day,
    hour,
    +parts[2],
    +(parts[3] ?? 0),
    +(parts[4] ?? '0').padEnd(3, '0').slice(0, 3),
    offsetOf(parts[6]),
    true,
  );
};

const offsetOf = (text: string | undefined): number | null => {
  if (text === undefined) return null;
  if (/^[A-Z]/i.test(text)) return 0;
  const minutes = +text.slice(1, 3) * 60 + +(text.replace(':', '').slice(3) || 0);
  return text[0] === '-' ? -minutes : minutes;
};

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const checked = (
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  millisecond: number,
  offset_minutes: number | null,
  hasTime: boolean,
): WrittenTime | null => {
  if (year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return null;
  if (day > monthDays[month - 1] + (month === 2 && isLeap(year) ? 1 : 0)) return null;
  return { year, month, day, hour, minute, second: Math.min(second, 59), millisecond, offset_minutes, hasTime };
};

const ofEpoch = (milliseconds: number): WrittenTime => {
  const at = new Date(milliseconds);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    millisecond: at.getUTCMilliseconds(),
    offset_minutes: 0,
    hasTime: true,
  };
};

/** YYYY-MM-DD of what was written, whatever its zone. */
export const dayOf = (time: WrittenTime): string =>
  `${time.year}-${String(time.month).padStart(2, '0')}-${String(time.day).padStart(2, '0')}`;

/**
 * Turns written times into instants; naive ones are local to `zone`. The zone's offset is looked up once per local quarter of an hour
 * (the finest step at which any zone has ever changed in files we can meet), because asking the calendar costs 1,000 times the sum.
 */
export const clockIn = (zone: string): ((time: WrittenTime) => Date) => {
  const offsets = new Map<number, number>();
  return time => {
    const local = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second, time.millisecond);
    if (time.offset_minutes !== null) return new Date(local - time.offset_minutes * 60_000);
    const slot = Math.floor(local / 900_000);
    let offset = offsets.get(slot);
    if (offset === undefined) {
      const { year, month, day, hour, minute } = time;
      const zoned = Temporal.PlainDateTime.from({ year, month, day, hour, minute }).toZonedDateTime(zone, {
        disambiguation: 'compatible',
      });
      offset = Date.UTC(year, month - 1, day, hour, minute) - zoned.epochMilliseconds;
      offsets.set(slot, offset);
    }
    return new Date(local - offset);
  };
};

/**
 * Which order of day and month the values speak for. A day above 12 decides; values in ISO form, with month names or a year in front need
 * no order. "ask": numbers that may be read both ways. null: these are not times.
 */
export const detectDateOrder = (
  values: readonly string[],
): { order: DateOrder; sure: boolean } | { order: null; mixed: boolean } | null => {
  let seen = 0;
  let free = 0;
  let dayFirst = 0;
  let monthFirst = 0;
  let open = 0;
  let epoch = 0;
  let dotted = 0;
  for (const raw of values) {
    const value = raw.trim();
    if (value === '') continue;
    seen++;
    const parts = numeric.exec(value);
    if (parts && parts[1].length <= 2 && parts[4].length !== 3) {
      const [first, second] = [+parts[1], +parts[3]];
      const either = first >= 1 && second >= 1 && first <= 31 && second <= 31;
      if (!either || (first > 12 && second > 12)) continue;
      if (parts[2] === '.') dotted++;
      if (first > 12) dayFirst++;
      else if (second > 12) monthFirst++;
      else open++;
    } else if (/^\d{9,10}$|^\d{12,13}$/.test(value)) epoch++;
    else if (readTime(value, 'dmy') !== null) free++;
  }
  if (seen === 0 || (free + dayFirst + monthFirst + open + epoch) * 10 < seen * 8) return null;
  if (dayFirst > 0 && monthFirst > 0) return { order: null, mixed: true };
  if (dayFirst > 0) return { order: 'dmy', sure: true };
  if (monthFirst > 0) return { order: 'mdy', sure: true };
  // Dates with dots put the day first wherever they are written.
  if (open > 0) return dotted === open ? { order: 'dmy', sure: true } : { order: null, mixed: false };
  if (epoch > 0 && epoch >= free) return { order: 'epoch', sure: true };
  return { order: 'ymd', sure: true };
};
