/**
 * Figures, money and times in the reader's locale, each wrapped in <bdi> so that right-to-left text around it stays in order.
 * Days count in the organisation's zone; instants are shown in it too, so that a time and its day agree.
 */
import type { Money } from '../platform/contract.ts';
import { useSession } from './session.ts';
import { readerLocale, say } from './texts.ts';

const cache = new Map<string, Intl.NumberFormat>();
const numberFormat = (options: Intl.NumberFormatOptions): Intl.NumberFormat => {
  const key = JSON.stringify(options);
  const found = cache.get(key) ?? new Intl.NumberFormat(readerLocale(), options);
  cache.set(key, found);
  return found;
};

/** Minor digits of a currency: 2 for EUR, 0 for JPY. */
const digitsOf = (currency: string): number =>
  numberFormat({ style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

export const formatNumber = (value: number, digits = 0): string => numberFormat({ maximumFractionDigits: digits }).format(value);
/** `share` 0..1 */
export const formatPercent = (share: number, digits = 1): string =>
  numberFormat({ style: 'percent', minimumFractionDigits: 0, maximumFractionDigits: digits }).format(share);
/** 1234567 -> 1.2M */
export const formatCompact = (value: number): string =>
  numberFormat({ notation: 'compact', maximumFractionDigits: 1 }).format(value);

export type MoneyStyle = 'exact' | 'round' | 'compact';
export const formatMoney = (money: Money, style: MoneyStyle = 'exact'): string => {
  const amount = money.amount_minor / 10 ** digitsOf(money.currency);
  const base: Intl.NumberFormatOptions = { style: 'currency', currency: money.currency, currencyDisplay: 'narrowSymbol' };
  if (style === 'compact') return numberFormat({ ...base, notation: 'compact', maximumFractionDigits: 1 }).format(amount);
  if (style === 'round') return numberFormat({ ...base, maximumFractionDigits: 0 }).format(amount);
  return numberFormat(base).format(amount);
};

export type TimeStyle = 'day' | 'month' | 'time' | 'full';
const timeOptions: Record<TimeStyle, Intl.DateTimeFormatOptions> = {
  day: { dateStyle: 'medium' },
  month: { year: 'numeric', month: 'short' },
  time: { dateStyle: 'medium', timeStyle: 'short' },
  full: { dateStyle: 'full', timeStyle: 'medium' },
};

/** A day is "2011-12-09", an instant RFC 3339. */
const isDay = (value: string) => /^\d{4}-\d{2}-\d{2}$/.test(value);

export const formatTime = (value: string, style: TimeStyle = 'time', zone?: string): string =>
  isDay(value)
    ? new Intl.DateTimeFormat(readerLocale(), { ...timeOptions[style === 'month' ? 'month' : 'day'], timeZone: 'UTC' }).format(
        new Date(`${value}T00:00:00Z`),
      )
    : new Intl.DateTimeFormat(readerLocale(), { ...timeOptions[style], timeZone: zone }).format(new Date(value));

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
/** "3 days ago", "in 2 hours"; under a minute "just now". */
export const formatRelative = (value: string, now = Date.now()): string => {
  const seconds = (new Date(value).getTime() - now) / 1000;
  const step = steps.find(([, size]) => Math.abs(seconds) >= size);
  if (!step) return say('ui.time.now');
  return new Intl.RelativeTimeFormat(readerLocale(), { numeric: 'auto' }).format(Math.round(seconds / step[1]), step[0]);
};

/** "2 h 5 min", "40 s" */
export const formatDuration = (seconds: number): string => {
  if (seconds < 60) return say('ui.time.seconds', { count: Math.max(1, Math.round(seconds)) });
  if (seconds < 3600) return say('ui.time.minutes', { count: Math.round(seconds / 60) });
  if (seconds < 86_400 * 2)
    return say('ui.time.hours', { hours: Math.floor(seconds / 3600), minutes: Math.round((seconds % 3600) / 60) });
  return say('ui.time.days', { count: Math.round(seconds / 86_400) });
};
export const formatBytes = (bytes: number): string => {
  const unit = bytes >= 1e9 ? ('gigabyte' as const) : bytes >= 1e6 ? ('megabyte' as const) : ('kilobyte' as const);
  const size = { gigabyte: 1e9, megabyte: 1e6, kilobyte: 1e3 }[unit];
  return numberFormat({ style: 'unit', unit, maximumFractionDigits: bytes >= size * 10 ? 0 : 1 }).format(bytes / size);
};

export const dash = '–';
type Maybe<T> = T | null | undefined;

export const NumberText = ({ value, digits }: { value: Maybe<number>; digits?: number }) => (
  <bdi className="figure">{value === null || value === undefined ? dash : formatNumber(value, digits)}</bdi>
);
export const PercentText = ({ share, digits }: { share: Maybe<number>; digits?: number }) => (
  <bdi className="figure">{share === null || share === undefined ? dash : formatPercent(share, digits)}</bdi>
);
export const MoneyText = ({ money, style }: { money: Maybe<Money>; style?: MoneyStyle }) => (
  <bdi className="figure">{money ? formatMoney(money, style) : dash}</bdi>
);
/** An instant or a day, e.g. "9 Dec 2011". */
export const TimeText = ({ value, style = 'day' }: { value: Maybe<string>; style?: TimeStyle }) => {
  const zone = useSession()?.organisation?.zone;
  if (!value) return <>{dash}</>;
  return (
    <time dateTime={value}>
      <bdi>{formatTime(value, style, zone)}</bdi>
    </time>
  );
};

/** Names and other people's words: kept apart from the direction of the text around. */
export const Name = ({ children }: { children: Maybe<string> }) => <bdi>{children || dash}</bdi>;
