/** What can be done to many rejected events at once. Pure: a rule takes a call and gives a mended copy. */
import { z } from 'zod';

const path = z
  .string()
  .trim()
  .min(1, 'Name the property.')
  .max(200)
  .regex(/^[^.]+(\.[^.]+)*$/, 'Write a nested property with dots: address.city');
const name = z.string().trim().min(1, 'Name the event.').max(200, 'A name has at most 200 characters.');

export const mendRule = z.discriminatedUnion('do', [
  z.object({ do: z.literal('rename_event'), to: name }),
  z.object({ do: z.literal('set_type'), to: z.enum(['identify', 'track', 'page', 'screen', 'group', 'alias']) }),
  /** received: when it arrived here. */
  z.object({ do: z.literal('set_timestamp'), to: z.union([z.literal('received'), z.iso.datetime({ offset: true })]) }),
  z.object({ do: z.literal('rename_property'), from: path, to: path }),
  z.object({ do: z.literal('remove_property'), path }),
  z.object({ do: z.literal('set_property'), path, to: z.union([z.string().max(500), z.number(), z.boolean()]) }),
  z.object({ do: z.literal('convert_property'), path, to: z.enum(['number', 'text', 'boolean']) }),
  /** One field of the call itself becomes another: user_id -> userId. */
  z.object({
    do: z.literal('rename_field'),
    from: z.string().trim().min(1).max(100),
    to: z.enum(['userId', 'anonymousId', 'previousId', 'event', 'timestamp', 'type', 'properties', 'traits', 'messageId']),
  }),
]);
export type MendRule = z.infer<typeof mendRule>;

type Call = Record<string, unknown>;
const isRecord = (value: unknown): value is Call => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A mended copy; the call itself is left alone. `receivedAt`: when it arrived first. */
export const mend = (call: Call, rules: readonly MendRule[], receivedAt: Date): Call =>
  rules.reduce((before, rule) => apply(structuredClone(before), rule, receivedAt), call);

const apply = (call: Call, rule: MendRule, receivedAt: Date): Call => {
  switch (rule.do) {
    case 'rename_event':
      return { ...call, event: rule.to };
    case 'set_type':
      return { ...call, type: rule.to };
    case 'set_timestamp':
      return { ...call, timestamp: rule.to === 'received' ? receivedAt.toISOString() : rule.to };
    case 'rename_field': {
      if (!Object.hasOwn(call, rule.from)) return call;
      const { [rule.from]: value, ...rest } = call;
      return { ...rest, [rule.to]: value };
    }
    default:
      return { ...call, ...applyToPart(call, rule) };
  }
};

type PropertyRule = Extract<MendRule, { do: 'rename_property' | 'remove_property' | 'set_property' | 'convert_property' }>;

/** Properties of most calls, traits of identify and group. */
const applyToPart = (call: Call, rule: PropertyRule): Call => {
  const part = call.type === 'identify' || call.type === 'group' ? 'traits' : 'properties';
  const values = isRecord(call[part]) ? call[part] : {};
  if (rule.do === 'set_property') set(values, rule.path, rule.to);
  else {
    const path = rule.do === 'rename_property' ? rule.from : rule.path;
    const found = take(values, path, rule.do !== 'convert_property');
    if (found === undefined) return call;
    if (rule.do === 'rename_property') set(values, rule.to, found);
    if (rule.do === 'convert_property') set(values, path, convert(found, rule.to));
  }
  return { [part]: values };
};

const parentOf = (values: Call, path: string, make: boolean): [Call, string] | null => {
  const keys = path.split('.');
  const last = keys.pop()!;
  let at = values;
  for (const key of keys) {
    if (!Object.hasOwn(at, key) || !isRecord(at[key])) {
      if (!make || key === '__proto__') return null;
      at[key] = {};
    }
    at = at[key] as Call;
  }
  return last === '__proto__' ? null : [at, last];
};

const take = (values: Call, path: string, remove: boolean): unknown => {
  const found = parentOf(values, path, false);
  if (!found || !Object.hasOwn(found[0], found[1])) return undefined;
  const value = found[0][found[1]];
  if (remove) delete found[0][found[1]];
  return value;
};

const set = (values: Call, path: string, value: unknown): void => {
  const found = parentOf(values, path, true);
  if (found) found[0][found[1]] = value;
};

/** What cannot be converted stays as it is. "9,50" and "1.234,50" are read as people write them. */
const convert = (value: unknown, to: 'number' | 'text' | 'boolean'): unknown => {
  if (to === 'text') return typeof value === 'object' ? value : String(value);
  const text = String(value).trim();
  if (to === 'boolean') return /^(true|yes|1)$/i.test(text) ? true : /^(false|no|0)$/i.test(text) ? false : value;
  const plain = text.replace(/[^\d.,-]/g, '');
  const decimal = /,\d{1,2}$/.test(plain) ? plain.replaceAll('.', '').replace(',', '.') : plain.replaceAll(',', '');
  return plain !== '' && Number.isFinite(Number(decimal)) ? Number(decimal) : value;
};
