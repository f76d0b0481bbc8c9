/** What is said about a customer, as typed attributes: names, types, and what does not fit. Pure. */
import { normaliseEmail, normalisePhone } from './identifier.ts';

/** Attributes that have a column on the profile. */
export const profileCodes = [
  'name',
  'first_name',
  'last_name',
  'email',
  'phone',
  'language',
  'birthday',
  'zone',
  'country',
  'region',
  'city',
  'postal_code',
] as const;
export type ProfileCode = (typeof profileCodes)[number];
export const isProfileCode = (code: string): code is ProfileCode => (profileCodes as readonly string[]).includes(code);

export const attributeTypes = ['text', 'number', 'boolean', 'date', 'set'] as const;
export type AttributeType = (typeof attributeTypes)[number];
export type AttributeValue = string | number | boolean | string[];

const mostCodes = 100;
const mostCharacters = 2_000;
const mostItems = 200;

/** Segment's names for what we keep under our own. */
const renamed: Record<string, ProfileCode> = {
  firstName: 'first_name',
  firstname: 'first_name',
  lastName: 'last_name',
  lastname: 'last_name',
  locale: 'language',
  timezone: 'zone',
  timeZone: 'zone',
  'address.city': 'city',
  'address.country': 'country',
  'address.state': 'region',
  'address.region': 'region',
  'address.postalCode': 'postal_code',
  'address.postal_code': 'postal_code',
  postalCode: 'postal_code',
  zip: 'postal_code',
  state: 'region',
  birthdate: 'birthday',
  dateOfBirth: 'birthday',
  date_of_birth: 'birthday',
};
/** Said about the person but kept elsewhere, or about nothing. */
const leftOut = new Set(['id', 'userId', 'anonymousId', 'createdAt', 'created_at', 'address.street', 'avatar', 'password']);

const dateStart = /^\d{4}-\d{2}-\d{2}(?:$|[T ])/;

export const typeOf = (value: AttributeValue): AttributeType => {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (Array.isArray(value)) return 'set';
  return dateStart.test(value) && isDay(value.slice(0, 10)) ? 'date' : 'text';
};

const isDay = (text: string): boolean => {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

/** The value as the type wants it, or undefined when it does not fit. */
export const fitType = (value: AttributeValue, type: AttributeType): AttributeValue | undefined => {
  if (type === 'text') return Array.isArray(value) ? undefined : String(value);
  if (type === 'number') {
    if (typeof value === 'number') return value;
    return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
  }
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value;
    return value === 'true' ? true : value === 'false' ? false : undefined;
  }
  if (type === 'date') return typeof value === 'string' && typeOf(value) === 'date' ? value.slice(0, 10) : undefined;
  return Array.isArray(value) ? value : typeof value === 'string' ? [value] : undefined;
};

export type Trait = { code: string; value: AttributeValue };
export type Misfit = { code: string; value: string; kind: 'type_misfit' | 'too_long' | 'bad_email'; expected: string };

/** Flattens traits to codes and clean values. Nested objects become dotted codes; null and empty texts say nothing. */
export const readTraits = (traits: Record<string, unknown>): { traits: Trait[]; misfits: Misfit[] } => {
  const out = new Map<string, Trait>();
  const misfits: Misfit[] = [];
  const walk = (object: Record<string, unknown>, prefix: string, depth: number): void => {
    for (const [name, raw] of Object.entries(object)) {
      if (out.size >= mostCodes) return;
      const path = prefix + name;
      if (leftOut.has(path)) continue;
      if (raw !== null && typeof raw === 'object' && !Array.isArray(raw) && !(raw instanceof Date)) {
        if (depth < 3) walk(raw as Record<string, unknown>, `${path}.`, depth + 1);
        continue;
      }
      const code: string = renamed[path] ?? path.slice(0, 100);
      const value = readValue(raw);
      if (value === undefined || code === '') continue;
      const cleaned = cleanProfileValue(code, value);
      if ('misfit' in cleaned) misfits.push({ code, value: String(value).slice(0, 300), ...cleaned.misfit });
      else out.set(code, { code, value: cleaned.value });
    }
  };
  walk(traits, '', 0);
  return { traits: [...out.values()], misfits };
};

const readValue = (raw: unknown): AttributeValue | undefined => {
  if (raw instanceof Date) return Number.isNaN(raw.getTime()) ? undefined : raw.toISOString();
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : undefined;
  if (typeof raw === 'boolean') return raw;
  if (Array.isArray(raw))
    return raw
      .filter(one => ['string', 'number', 'boolean'].includes(typeof one))
      .slice(0, mostItems)
      .map(one => clean(String(one)));
  if (typeof raw !== 'string') return undefined;
  const text = clean(raw);
  return text === '' ? undefined : text;
};

/** NUL cannot be stored; other control characters are noise in a name. */
const clean = (text: string): string => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').trim();

const cleanProfileValue = (
  code: string,
  value: AttributeValue,
): { value: AttributeValue } | { misfit: Pick<Misfit, 'kind' | 'expected'> } => {
  if (typeof value === 'string' && value.length > mostCharacters)
    return { misfit: { kind: 'too_long', expected: String(mostCharacters) } };
  if (!isProfileCode(code)) return { value };
  if (Array.isArray(value)) return { misfit: { kind: 'type_misfit', expected: 'text' } };
  const text = String(value);
  if (code === 'email') {
    const email = normaliseEmail(text);
    return email ? { value: email } : { misfit: { kind: 'bad_email', expected: 'email' } };
  }
  if (code === 'phone') return { value: normalisePhone(text) ?? text.slice(0, 50) };
  if (code === 'birthday')
    return typeOf(text) === 'date' ? { value: text.slice(0, 10) } : { misfit: { kind: 'type_misfit', expected: 'date' } };
  if (code === 'country' && /^[a-z]{2}$/i.test(text)) return { value: text.toUpperCase() };
  if (code === 'language') return { value: text.replace('_', '-').slice(0, 35) };
  return { value: text.slice(0, 300) };
};
