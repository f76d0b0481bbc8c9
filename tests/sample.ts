/** Makes requests out of contracts, so that tests reach every route that exists and none is forgotten. */
import { z } from 'zod';
import type { Route } from '../src/platform/contract.ts';
import type { Feature } from '../src/platform/feature.ts';

export type Door = { feature: string; name: string; route: Route };

/** Every route of every feature. */
export const doorsOf = (features: readonly Feature[]): Door[] =>
  features.flatMap(feature => Object.entries(feature.contract).map(([name, route]) => ({ feature: feature.name, name, route })));

/** As much of JSON Schema as zod writes. */
export type Schema = {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  additionalProperties?: boolean | Schema;
  minItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  pattern?: string;
  format?: string;
};

/** The shape of what a route takes, as JSON Schema. */
export const schemaOf = (type: z.ZodType): Schema => z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as Schema;

/** Fitting texts for what contracts ask of a text; the first that fits is taken. */
const texts = [
  'sample',
  '1',
  '01234567-89ab-7cde-8f01-23456789abcd',
  '2011-12-09',
  '2011-12-09T10:00:00Z',
  'ana@shop.example',
  'EUR',
  'Europe/London',
  'orders.count',
  'customers:read',
  'https://shop.example/',
  'sample-of-something-long-enough',
];
const formats: Record<string, RegExp> = {
  uuid: /^[0-9a-f-]{36}$/,
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT/,
  email: /@/,
  uri: /^https:/,
};

const fits = (text: string, schema: Schema): boolean =>
  text.length >= (schema.minLength ?? 0) &&
  text.length <= (schema.maxLength ?? Number.POSITIVE_INFINITY) &&
  (schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(text)) &&
  (schema.format === undefined || formats[schema.format] === undefined || formats[schema.format].test(text));

const sampleText = (schema: Schema): string =>
  texts.find(text => fits(text, schema)) ?? 'sample'.padEnd(schema.minLength ?? 0, 'x');

type Options = {
  /** Optional properties too. */
  optional?: boolean;
  /** Replaces single texts, e.g. by something hostile; `path` is dotted. */
  text?: (path: string, fitting: string) => string;
};

/** A value that fits the schema as well as can be told. */
export const sampleOf = (schema: Schema, options: Options = {}, path = '', root: Schema = schema, depth = 0): unknown => {
  const deeper = (one: Schema, name: string) => sampleOf(one, options, path === '' ? name : `${path}.${name}`, root, depth + 1);
  if (depth > 12) return null;
  if (schema.$ref) return sampleOf(resolve(schema.$ref, root), options, path, root, depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return sampleOf(choices[0], options, path, root, depth + 1);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(one => sampleOf(one, options, path, root, depth + 1)));
  switch (schema.type) {
    case 'string': {
      const fitting = sampleText(schema);
      return options.text ? options.text(path, fitting) : fitting;
    }
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return (schema.prefixItems ?? Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () => schema.items ?? {})).map(
        (one, index) => deeper(one, String(index)),
      );
    case 'object': {
      const required = new Set(schema.required);
      const own = Object.entries(schema.properties ?? {}).filter(([name]) => options.optional || required.has(name));
      return Object.fromEntries(own.map(([name, one]) => [name, deeper(one, name)]));
    }
    default:
      return options.text ? options.text(path, 'sample') : 'sample';
  }
};

const resolve = (reference: string, root: Schema): Schema =>
  reference === '#'
    ? root
    : (reference
        .replace(/^#\//, '')
        .split('/')
        .reduce((at, key) => (at as Record<string, unknown>)[key] as Schema, root) as Schema);

/** Path with its parameters filled in; `known` goes before samples: { 'customers': '17' } fills /api/customers/:id. */
export const pathOf = (route: Route, values: Record<string, string>): string =>
  route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(values[name] ?? 'sample').toWellFormed()));

export const paramsOf = (route: Route, options: Options = {}): Record<string, string> =>
  (route.params ? sampleOf(schemaOf(route.params), options) : {}) as Record<string, string>;

export const queryText = (query: Record<string, unknown>): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== null && one !== undefined) search.append(name, String(one));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
};
