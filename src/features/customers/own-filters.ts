/** Filters of the customers list over what this feature keeps. */
import type postgres from 'postgres';
import type { Context } from '../../platform/context.ts';
import type { ListFilter, SqlPart } from './slots.ts';

const sqlOf = (context: Context) => context.postgres as postgres.Sql;
const yes = (value: string): boolean => value === 'yes';
const presence = (name: 'email' | 'phone'): ListFilter => ({
  name: `has_${name}`,
  label: `customers.fact.has_${name}`,
  group: null,
  values: { kind: 'choice', choices: ['yes', 'no'], choiceLabels: 'customers.choice.' },
  where: (context, value): SqlPart =>
    yes(value) ? sqlOf(context)`c.${sqlOf(context)(name)} is not null` : sqlOf(context)`c.${sqlOf(context)(name)} is null`,
});

export const ownFilters: ListFilter[] = [
  {
    name: 'country',
    label: 'customers.fact.country',
    group: null,
    values: {
      kind: 'text',
      suggest: async context =>
        (
          await context.postgres`
          select country from customers.customer where known and country is not null and merged_into is null and erased_at is null group by country order by count(*) desc limit 100`
        ).map(row => row.country as string),
    },
    where: (context, value) => sqlOf(context)`c.country = ${value}`,
  },
  {
    name: 'tag',
    label: 'customers.fact.tags',
    group: null,
    values: { kind: 'text', suggest: context => tagsInUse(context) },
    where: (context, value) =>
      sqlOf(context)`exists (select 1 from customers.tag t where t.customer_id = c.id and t.tag = ${value})`,
  },
  presence('email'),
  presence('phone'),
  {
    name: 'not_shopper',
    label: 'customers.fact.not_shopper',
    group: null,
    values: { kind: 'choice', choices: ['wholesale', 'staff', 'test'], choiceLabels: 'customers.not_shopper.' },
    where: (context, value) => sqlOf(context)`c.not_shopper = ${value}`,
  },
  {
    name: 'duplicates',
    label: 'customers.filter.duplicates',
    group: null,
    values: { kind: 'choice', choices: ['yes'], choiceLabels: 'customers.choice.' },
    where: context => sqlOf(context)`exists (
      select 1 from customers.suggestion s where s.dismissed_at is null and c.id in (customers.owner_of(s.low_id), customers.owner_of(s.high_id))
        and customers.owner_of(s.low_id) <> customers.owner_of(s.high_id))`,
  },
];

export const tagsInUse = async (context: Context): Promise<string[]> =>
  (await context.postgres`select tag from customers.tag group by tag order by count(*) desc, tag limit 200`).map(
    row => row.tag as string,
  );
