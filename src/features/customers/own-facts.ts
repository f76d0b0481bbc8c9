/** What this feature itself knows about customers, as facts. */
import type { Context } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { dayIn } from '../../platform/time.ts';
import { zoneOf } from '../shops/index.ts';
import { type Fact, type FactProvider, type FactType, type FactValue, type KnownAttribute, knownAttributes } from './facts.ts';
import type { AttributeType } from './traits.ts';

type Column = 'name' | 'country' | 'region' | 'city' | 'postal_code' | 'language' | 'birthday' | 'not_shopper' | 'known';

const column = (code: string, name: Column, type: FactType, group: FieldGroup | null, more: Partial<Fact> = {}): Fact => ({
  code: `customers.${code}`,
  label: `customers.fact.${code}`,
  type,
  group,
  asOf: 'current',
  changedBy: ['attributes', 'base', 'merge'],
  read: async (context, ids) => {
    const sql = context.postgres;
    const rows =
      await sql`select id, ${sql(name)} as value from customers.customer where id = any(${ids as number[]}::bigint[]) and ${sql(name)} is not null`;
    return new Map(rows.map(row => [row.id as number, row.value as FactValue]));
  },
  ...more,
});

const present = (code: string, name: 'email' | 'phone'): Fact => ({
  code: `customers.${code}`,
  label: `customers.fact.${code}`,
  type: 'boolean',
  group: null,
  asOf: 'current',
  changedBy: ['attributes', 'base', 'merge'],
  read: async (context, ids) => {
    const sql = context.postgres;
    const rows =
      await sql`select id, ${sql(name)} is not null as value from customers.customer where id = any(${ids as number[]}::bigint[])`;
    return new Map(rows.map(row => [row.id as number, row.value as boolean]));
  },
});

const dayOf = (
  code: string,
  group: FieldGroup | null,
  changedBy: string[],
  ask: (context: Context, ids: readonly number[]) => Promise<readonly Record<string, unknown>[]>,
): Fact => ({
  code: `customers.${code}`,
  label: `customers.fact.${code}`,
  type: 'date',
  group,
  asOf: 'current',
  changedBy,
  read: async (context, ids) => {
    const zone = await zoneOf(context);
    return new Map((await ask(context, ids)).map(row => [row.id as number, dayIn(zone, row.at as Date)]));
  },
});

export const ownFacts: Fact[] = [
  column('name', 'name', 'text', 'contact'),
  present('has_email', 'email'),
  present('has_phone', 'phone'),
  column('country', 'country', 'text', null),
  column('region', 'region', 'text', 'address'),
  column('city', 'city', 'text', 'address'),
  column('postal_code', 'postal_code', 'text', 'address'),
  column('language', 'language', 'text', null),
  column('birthday', 'birthday', 'date', 'contact'),
  column('known', 'known', 'boolean', null),
  column('not_shopper', 'not_shopper', 'choice', null, {
    choices: ['wholesale', 'staff', 'test'],
    choiceLabels: 'customers.not_shopper.',
  }),
  {
    code: 'customers.tags',
    label: 'customers.fact.tags',
    type: 'set',
    group: null,
    asOf: 'current',
    changedBy: ['tags', 'merge'],
    read: async (context, ids) => {
      const rows = await context.postgres`
        select customer_id, array_agg(distinct tag) as tags from customers.tag where customer_id = any(${ids as number[]}::bigint[]) group by customer_id`;
      return new Map(rows.map(row => [row.customer_id as number, row.tags as string[]]));
    },
  },
  {
    code: 'customers.identifiers',
    label: 'customers.fact.identifiers',
    type: 'set',
    choices: ['email', 'phone', 'user_id', 'shop_customer_id', 'anonymous_id', 'push_endpoint'],
    choiceLabels: 'customers.identifier.',
    group: null,
    asOf: 'current',
    changedBy: ['base', 'attributes', 'merge'],
    read: async (context, ids) => {
      const rows = await context.postgres`
        select customer_id, array_agg(distinct kind) as kinds from customers.identifier where customer_id = any(${ids as number[]}::bigint[]) group by customer_id`;
      return new Map(rows.map(row => [row.customer_id as number, row.kinds as string[]]));
    },
  },
  dayOf(
    'known_since',
    // The dates of the record itself stand on every page; only the last visit tells of behaviour.
    null,
    ['base', 'merge'],
    (context, ids) => context.postgres`
    select id, known_since as at from customers.customer where id = any(${ids as number[]}::bigint[]) and known_since is not null`,
  ),
  dayOf(
    'first_seen',
    null,
    ['base', 'merge'],
    (context, ids) => context.postgres`
    select customer_id as id, min(first_at) as at from customers.seen where customer_id = any(${ids as number[]}::bigint[]) group by 1`,
  ),
  dayOf(
    'last_seen',
    'behaviour',
    ['*', 'merge'],
    (context, ids) => context.postgres`
    select customer_id as id, max(last_at) as at from customers.seen where customer_id = any(${ids as number[]}::bigint[]) group by 1`,
  ),
];

const factTypeOf: Record<AttributeType, FactType> = {
  text: 'text',
  number: 'number',
  boolean: 'boolean',
  date: 'date',
  set: 'set',
};
const prefix = 'attribute.';

/** Attributes that people made up: one fact each, with the type it was first seen with. */
export const attributeFacts: FactProvider = {
  prefix,
  list: async context => {
    const rows = await context.postgres`select code, type from customers.attribute_type order by code limit 1000`;
    const known = context.slots.all(knownAttributes);
    const met = new Set(rows.map(row => row.code as string));
    return [
      ...rows.map(row => attributeFact(row.code as string, row.type as AttributeType)),
      ...known.filter(one => !met.has(one.code)).map(one => attributeFact(one.code, 'text')),
    ].map(fact => withWords(fact, known));
  },
};

const withWords = (fact: Fact, known: readonly KnownAttribute[]): Fact => {
  const words = known.find(one => prefix + one.code === fact.code);
  if (!words || fact.type !== 'text') return fact;
  const { labelText: _, ...rest } = fact;
  const choices = words.choices && { type: 'choice' as const, choices: words.choices, choiceLabels: words.choiceLabels };
  return { ...rest, label: words.label, ...choices };
};

const attributeFact = (code: string, type: AttributeType): Fact => ({
  code: prefix + code,
  label: 'customers.fact.attribute',
  labelText: code,
  type: factTypeOf[type],
  group: 'behaviour',
  asOf: 'current',
  changedBy: ['attributes', 'merge'],
  read: async (context, ids) => {
    const rows = await context.postgres`
      select distinct on (customer_id) customer_id, value from customers.attribute
      where customer_id = any(${ids as number[]}::bigint[]) and code = ${code}
      order by customer_id, customers.trust_rank(trust), (trust = 'staff' and origin_id <> customer_id), at desc, source desc, origin_id`;
    return new Map(rows.filter(row => row.value !== null).map(row => [row.customer_id as number, row.value as FactValue]));
  },
});
