/** Keeps what is said about customers: one value per person, code and source; the profile shows the best of them. */
import type { Context } from '../../platform/context.ts';
import type { Trust } from './identity.ts';
import { touchCustomers } from './touch-customers.ts';
import {
  type AttributeType,
  type AttributeValue,
  fitType,
  isProfileCode,
  type Misfit,
  profileCodes,
  readTraits,
  type Trait,
  typeOf,
} from './traits.ts';

export type SaidAttributes = { originId: number; traits: Record<string, unknown>; trust: Trust | 'staff' | 'person'; at: Date };
type Row = { originId: number; code: string; value: AttributeValue | null; at: Date; trust: string };
type Issue = Misfit & { originId: number; at: Date };

export const recordAttributes = async (
  context: Context,
  said: readonly SaidAttributes[],
  options: { source: string; importId: string | null; historical: boolean },
): Promise<void> => {
  if (said.length === 0) return;
  const issues: Issue[] = [];
  const read = said.map(one => {
    const { traits, misfits } = readTraits(one.traits);
    issues.push(...misfits.map(misfit => ({ ...misfit, originId: one.originId, at: one.at })));
    return { ...one, traits };
  });
  const types = await holdTypes(context, read, options.source);
  // The newest value per person and code; equal times: the later one in the batch.
  const rows = new Map<string, Row>();
  for (const { originId, traits, at, trust } of read) {
    for (const trait of traits) {
      const type = types.get(trait.code);
      const value = type ? fitType(trait.value, type) : trait.value;
      if (value === undefined) {
        issues.push({
          originId,
          at,
          kind: 'type_misfit',
          code: trait.code,
          value: String(trait.value).slice(0, 300),
          expected: type!,
        });
        continue;
      }
      const key = `${originId} ${trait.code}`;
      const before = rows.get(key);
      if (!before || at >= before.at) rows.set(key, { originId, code: trait.code, value, at, trust });
    }
  }
  const changed = await upsertAttributes(context, [...rows.values()], options);
  await recordIssues(context, issues, options);
  await recomputeProfiles(context, changed);
  await touchCustomers(context, changed, ['attributes'], { historical: options.historical });
};

/** First-seen type holds (decision 7). Returns the types of the custom codes in this batch. */
const holdTypes = async (
  context: Context,
  said: readonly { traits: Trait[]; at: Date }[],
  source: string,
): Promise<Map<string, AttributeType>> => {
  const first = new Map<string, { type: AttributeType; at: Date }>();
  for (const { traits, at } of said) {
    for (const trait of traits) {
      if (!isProfileCode(trait.code) && !first.has(trait.code)) first.set(trait.code, { type: typeOf(trait.value), at });
    }
  }
  const codes = [...first.keys()].sort();
  if (codes.length === 0) return new Map();
  const known = await typesOf(context, codes);
  const fresh = codes.filter(code => !known.has(code));
  if (fresh.length === 0) return known;
  await context.postgres`
    insert into customers.attribute_type (code, type, first_seen_at, source)
    select code, type, at, ${source}
    from unnest(${fresh}::text[], ${fresh.map(code => first.get(code)!.type)}::text[], ${fresh.map(code => first.get(code)!.at.toISOString())}::timestamptz[]) as n(code, type, at)
    on conflict do nothing`;
  return typesOf(context, codes);
};

const typesOf = async (context: Context, codes: readonly string[]): Promise<Map<string, AttributeType>> => {
  const rows =
    await context.postgres`select code, type from customers.attribute_type where code = any(${codes as string[]}::text[])`;
  return new Map(rows.map(row => [row.code as string, row.type as AttributeType]));
};

/** Returns the owners whose values changed. An older time changes nothing. */
const upsertAttributes = async (
  context: Context,
  rows: Row[],
  options: { source: string; importId: string | null },
): Promise<number[]> => {
  if (rows.length === 0) return [];
  rows.sort((a, b) => a.originId - b.originId || (a.code < b.code ? -1 : 1));
  const written = await context.postgres`
    insert into customers.attribute (origin_id, code, source, customer_id, value, at, trust, import_id)
    select origin_id, code, ${options.source}, customers.owner_of(origin_id), value::jsonb, at, trust, ${options.importId}::uuid
    from unnest(${rows.map(row => row.originId)}::bigint[], ${rows.map(row => row.code)}::text[], ${rows.map(row => JSON.stringify(row.value))}::text[],
      ${rows.map(row => row.at.toISOString())}::timestamptz[], ${rows.map(row => row.trust)}::text[]) as n(origin_id, code, value, at, trust)
    on conflict (origin_id, code, source) do update
    set value = excluded.value, at = excluded.at, trust = excluded.trust, import_id = excluded.import_id
    where customers.trust_rank(excluded.trust) < customers.trust_rank(customers.attribute.trust)
      or (excluded.trust = customers.attribute.trust and excluded.at >= customers.attribute.at
        and (excluded.value, excluded.at) is distinct from (customers.attribute.value, customers.attribute.at))
    returning customer_id`;
  return [...new Set(written.map(row => row.customer_id as number))];
};

const recordIssues = async (
  context: Context,
  issues: readonly Issue[],
  options: { source: string; importId: string | null },
): Promise<void> => {
  const once = [...new Map(issues.map(issue => [`${issue.originId} ${issue.kind} ${issue.code}`, issue])).values()];
  if (once.length === 0) return;
  once.sort((a, b) => a.originId - b.originId || (a.code < b.code ? -1 : 1));
  await context.postgres`
    insert into customers.quality_issue (origin_id, customer_id, kind, code, value, expected, source, at, import_id)
    select origin_id, customers.owner_of(origin_id), kind, code, value, expected, ${options.source}, at, ${options.importId}::uuid
    from unnest(${once.map(one => one.originId)}::bigint[], ${once.map(one => one.kind as string)}::text[], ${once.map(one => one.code)}::text[],
      ${once.map(one => one.value)}::text[], ${once.map(one => one.expected)}::text[], ${once.map(one => one.at.toISOString())}::timestamptz[]) as n(origin_id, kind, code, value, expected, at)
    on conflict (origin_id, kind, code) do update
    set value = excluded.value, expected = excluded.expected, source = excluded.source, at = excluded.at, resolved_at = null, resolved_by = null`;
};

/**
 * Writes the profile columns again from the attributes of these owners: staff edits first, then trusted sources before browsers,
 * then the newest. A name that nobody gave is first and last name.
 */
export const recomputeProfiles = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  const ids = [...new Set(customerIds)].sort((a, b) => a - b);
  if (ids.length === 0) return;
  await context.postgres`select id from customers.customer where id = any(${ids}::bigint[]) order by id for update`;
  await context.postgres`
    with best as (
      select distinct on (customer_id, code) customer_id, code, value #>> '{}' as text
      from customers.attribute
      where customer_id = any(${ids}::bigint[]) and code = any(${profileCodes as unknown as string[]}::text[])
      order by customer_id, code, customers.trust_rank(trust), (trust = 'staff' and origin_id <> customer_id), at desc, source desc, origin_id),
    wide as (
      select id,
        max(text) filter (where code = 'name') as name, max(text) filter (where code = 'first_name') as first_name, max(text) filter (where code = 'last_name') as last_name,
        max(text) filter (where code = 'email') as email, max(text) filter (where code = 'phone') as phone, max(text) filter (where code = 'language') as language,
        (max(text) filter (where code = 'birthday'))::date as birthday, max(text) filter (where code = 'zone') as zone, max(text) filter (where code = 'country') as country,
        max(text) filter (where code = 'region') as region, max(text) filter (where code = 'city') as city, max(text) filter (where code = 'postal_code') as postal_code
      from unnest(${ids}::bigint[]) as given(id) left join best on best.customer_id = given.id
      group by id),
    named as (
      select *, coalesce(name, nullif(concat_ws(' ', first_name, last_name), '')) as full_name from wide)
    update customers.customer c
    set name = n.full_name, first_name = n.first_name, last_name = n.last_name, email = n.email, phone = n.phone, language = n.language, birthday = n.birthday,
      zone = n.zone, country = n.country, region = n.region, city = n.city, postal_code = n.postal_code
    from named n
    where c.id = n.id and (c.name, c.first_name, c.last_name, c.email, c.phone, c.language, c.birthday, c.zone, c.country, c.region, c.city, c.postal_code)
      is distinct from (n.full_name, n.first_name, n.last_name, n.email, n.phone, n.language, n.birthday, n.zone, n.country, n.region, n.city, n.postal_code)`;
};
