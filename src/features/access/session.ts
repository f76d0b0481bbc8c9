/** Sessions: how long they live, what their cookie is called, how a browser is named in the list. */
import type { Config } from '../../platform/config.ts';

const day_ms = 86_400_000;
/** Ends by itself after a week without use, after a month in any case. */
export const idleDays = 7;
export const longestDays = 30;
/** How exactly "last seen" is kept; a write per request would cost more than it tells. */
export const seenEvery_ms = 60_000;

export const idleSince = (now: Date): Date => new Date(now.getTime() - idleDays * day_ms);
export const expiryFrom = (now: Date): Date => new Date(now.getTime() + longestDays * day_ms);

/** Browsers share cookies between the ports of one host, so without TLS the port is part of the name: two installations do not collide. */
export const cookieName = (config: Pick<Config, 'secureCookies' | 'port'>): string =>
  config.secureCookies ? '__Host-regulars' : `regulars_${config.port}`;

/** A login under way, and the browser's own mark: cookies of their own, so that signing out leaves the mark. */
export const pendingCookieName = (config: Pick<Config, 'secureCookies' | 'port'>): string => `${cookieName(config)}_login`;
export const deviceCookieName = (config: Pick<Config, 'secureCookies' | 'port'>): string => `${cookieName(config)}_device`;

const cookie = (
  config: Pick<Config, 'secureCookies'>,
  name: string,
  value: string,
  maxAge_s: number,
  sameSite: 'Lax' | 'Strict',
) =>
  [
    `${name}=${value}`,
    'Path=/',
    'HttpOnly',
    `SameSite=${sameSite}`,
    `Max-Age=${maxAge_s}`,
    ...(config.secureCookies ? ['Secure'] : []),
  ].join('; ');

export const pendingCookieFor = (config: Pick<Config, 'secureCookies' | 'port'>, token: string | null): string =>
  cookie(config, pendingCookieName(config), token ?? '', token === null ? 0 : 600, 'Strict');
export const deviceCookieFor = (config: Pick<Config, 'secureCookies' | 'port'>, sealed: string): string =>
  cookie(config, deviceCookieName(config), sealed, (400 * day_ms) / 1000, 'Strict');

/** The Set-Cookie header that gives a browser its token, or takes it away (`null`). */
export const cookieFor = (config: Pick<Config, 'secureCookies' | 'port'>, token: string | null): string =>
  cookie(config, cookieName(config), token ?? '', token === null ? 0 : (longestDays * day_ms) / 1000, 'Lax');

/** The token in a Cookie header, or null. */
export const tokenIn = (config: Pick<Config, 'secureCookies' | 'port'>, header: string | undefined): string | null =>
  valueIn(cookieName(config), header);

/** The value of one of our cookies, or null. */
export const valueIn = (name: string, header: string | undefined): string | null => {
  const prefix = `${name}=`;
  const found = (header ?? '').split(/;\s*/).find(part => part.startsWith(prefix));
  return found && found.length > prefix.length ? found.slice(prefix.length) : null;
};

/** The browser that asks: where it is, what it calls itself, and the cookies it holds of ours. */
export type Browser = {
  address: string;
  userAgent: string | undefined;
  token: string | null;
  pending: string | null;
  device: string | null;
};

const browsers: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** "Firefox, Linux": enough to recognise one's own browsers in the list of sessions. */
export const browserOf = (userAgent: string | undefined): string => {
  const nameIn = (table: [RegExp, string][]) => table.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
  return [nameIn(browsers), nameIn(systems)].filter(Boolean).join(', ') || (userAgent ?? '').split(/[\s/]/)[0].slice(0, 40);
};
