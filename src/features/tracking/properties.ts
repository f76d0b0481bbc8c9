/**
 * Properties of an event: made safe before they are stored, and flattened for the copy that is scanned. Pure: no I/O.
 */
import { maskCards } from '../../platform/cards.ts';

export type Flat = { text: Record<string, string>; number: Record<string, number> };

const mostKeys = 100;
const longestText = 2_000;
const deepest = 30;

/** Thrown by `cleanValue` when a value nests deeper than any real event does. */
export class TooDeep extends Error {}

/** Ids are looked up, not read: what stands in `order_id`, `messageId` or `barcode` is an id, whatever Luhn says. */
const idKey = /(^|[_\-. ])(ids?|sku|barcode|gtin|ean|upc|isbn)$|Ids?$/;

/**
 * A copy of a JSON value that PostgreSQL can store: NUL characters and lone surrogates go (jsonb refuses them), card numbers are
 * masked, integers that JSON numbers cannot hold exactly have become text before (`parseExact`).
 */
export const cleanValue = (value: unknown, key = '', depth = 0): unknown => {
  if (typeof value === 'string') return cleanText(value, key);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null;
    if (value < 1e13 || idKey.test(key)) return value;
    const masked = maskCards(String(value));
    return masked === String(value) ? value : masked;
  }
  if (value === null || typeof value !== 'object') return value ?? null;
  if (depth >= deepest) throw new TooDeep();
  if (Array.isArray(value)) return value.map(one => cleanValue(one, key, depth + 1));
  const clean: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value)) {
    const safe = cleanText(name, '');
    // A plain assignment to "__proto__" would change the object instead of adding a key.
    if (safe !== '__proto__') clean[safe] = cleanValue(one, safe, depth + 1);
  }
  return clean;
};

const cleanText = (text: string, key: string): string => {
  const stored = text.includes('\0') ? text.replaceAll('\0', '') : text;
  const whole = stored.isWellFormed() ? stored : stored.toWellFormed();
  return idKey.test(key) ? whole : maskCards(whole);
};

const manyDigits = /\d{16}/;

/** JSON.parse that keeps integers beyond 2^53 digit-exact, as text (decisions 1: outside ids are digit-exact). */
export const parseExact = (json: string): unknown =>
  manyDigits.test(json)
    ? JSON.parse(json, function exact(this: unknown, _key: string, value: unknown, at?: { source?: string }) {
        return typeof value === 'number' && !Number.isSafeInteger(value) && at?.source && /^-?\d+$/.test(at.source)
          ? at.source
          : value;
      } as Parameters<typeof JSON.parse>[1])
    : JSON.parse(json);

/**
 * What ClickHouse keeps of the properties: nested objects as dotted paths, booleans as 'true' / 'false', arrays of scalars joined by
 * ',', arrays of objects left out; at most 100 keys, texts up to 2,000 characters.
 */
export const flattenProperties = (properties: Record<string, unknown>): Flat => {
  const flat: Flat = { text: {}, number: {} };
  let left = mostKeys;
  const walk = (value: unknown, path: string): void => {
    if (value === null || value === undefined || left === 0) return;
    if (typeof value === 'object' && !Array.isArray(value)) {
      for (const [key, one] of Object.entries(value)) walk(one, path === '' ? key : `${path}.${key}`);
      return;
    }
    if (Array.isArray(value)) {
      if (value.length === 0 || value.some(one => typeof one === 'object' && one !== null)) return;
      flat.text[path] = value
        .map(one => (one === null ? '' : String(one)))
        .join(',')
        .slice(0, longestText)
        .toWellFormed();
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) return;
      flat.number[path] = value;
    } else {
      flat.text[path] = String(value).slice(0, longestText).toWellFormed();
    }
    left -= 1;
  };
  walk(properties, '');
  return flat;
};
