/**
 * The visitor's id: a first-party cookie for two years on the widest domain the browser takes, and a copy in localStorage. Whichever
 * is lost is mended from the other. Nothing is written here that the gate has not allowed; the caller asks it.
 */
import type { Store } from './storage.ts';

const twoYears_s = 63_072_000;

/** The part of `document` that holds cookies. */
export type Jar = { cookie: string };
export type Place = { hostname: string; protocol: string };

export const readCookie = (jar: Jar, name: string): string | null => {
  try {
    return new RegExp(`(?:^|; )${name}=([^;]*)`).exec(jar.cookie)?.[1] ?? null;
  } catch {
    return null;
  }
};

/** `lifetime_s` 0 deletes it. */
const writeCookie = (jar: Jar, place: Place, name: string, value: string, lifetime_s: number, domain: string): void => {
  const secure = place.protocol === 'https:' ? '; secure' : '';
  try {
    jar.cookie = `${name}=${value}; path=/; max-age=${lifetime_s}; samesite=lax${secure}${domain && `; domain=${domain}`}`;
  } catch {
    // A sandboxed page has no cookies; the copy in localStorage or memory has to do.
  }
};

/**
 * The widest domain that takes a cookie: "shop.example.co.uk" gives "example.co.uk", because browsers refuse "co.uk". '' for hosts
 * that take none (addresses, localhost): the cookie is then the host's own.
 */
export const rootDomain = (jar: Jar, place: Place): string => {
  const labels = place.hostname.split('.');
  if (/^[\d.]+$|:/.test(place.hostname)) return '';
  for (let count = 2; count <= labels.length; count++) {
    const domain = labels.slice(-count).join('.');
    writeCookie(jar, place, 'regulars_try', '1', 9, domain);
    const taken = readCookie(jar, 'regulars_try') !== null;
    writeCookie(jar, place, 'regulars_try', '', 0, domain);
    if (taken) return domain;
  }
  return '';
};

export type Kept = {
  get: (name: string) => string | null;
  set: (name: string, value: string) => void;
  forget: (name: string) => void;
};

/** Small texts kept twice, in a cookie and in the store. The cookie counts where they differ: it is the one that subdomains share. */
export const openKept = (jar: Jar, place: Place, store: Store): Kept => {
  let domain: string | undefined;
  const write = (name: string, value: string, lifetime_s: number): void => {
    domain ??= rootDomain(jar, place);
    writeCookie(jar, place, name, value, lifetime_s, domain);
  };
  return {
    get: name => readCookie(jar, name) ?? store.get(name),
    set: (name, value) => {
      if (readCookie(jar, name) !== value) write(name, value, twoYears_s);
      if (store.get(name) !== value) store.set(name, value);
    },
    forget: name => {
      if (readCookie(jar, name) !== null) write(name, '', 0);
      store.remove(name);
    },
  };
};

/** A random UUID; `crypto.randomUUID` is missing on pages without TLS. */
export const newId = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, byte => (byte + 256).toString(16).slice(1)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
