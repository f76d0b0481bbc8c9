/** One customer with everything that is theirs, as far as the reader may see it. */
import { type Context, maySee } from '../../platform/context.ts';
import { type FieldGroup, fieldGroups } from '../../platform/contract.ts';
import { notFound } from '../../platform/errors.ts';
import type { CustomerDetail } from './contract.ts';
import { type FactValue, listFacts } from './facts.ts';
import { asOfEnd } from './list-rows.ts';
import { customersOfShops } from './shop-ties.ts';
import { openIssues } from './slots.ts';
import { type ProfileCode, profileCodes } from './traits.ts';

/** The owner now of an id in a path; erased and unknown ones are 404, and those of whom nothing happened in the reader's shops. */
export const findOwner = async (context: Context, id: string): Promise<number> => {
  const [row] = await context.postgres`
    select c.id from customers.customer c where c.id = customers.owner_of(${id}::bigint) and c.erased_at is null and c.merged_into is null and ${customersOfShops(context, 'c.id')}`;
  if (!row) throw notFound('customer');
  return row.id as number;
};

export const showCustomer = async (context: Context, id: number): Promise<CustomerDetail> => {
  const sql = context.postgres;
  const sees = (group: FieldGroup) => maySee(context.actor, group);
  const [[row], identifiers, attributes, tags, addresses, issues, open] = await Promise.all([
    sql`
      select c.*, (select max(last_at) from customers.seen where customer_id = c.id) as last_seen_at, (select min(first_at) from customers.seen where customer_id = c.id) as first_at,
        (select count(*)::int from customers.owner where customer_id = c.id) as parts
      from customers.customer c where c.id = ${id}`,
    sql`select kind, source, value, trust, shared, first_seen_at as since from customers.identifier where customer_id = ${id} order by kind, first_seen_at, value limit 200`,
    readAttributes(context, id),
    sql`select distinct tag from customers.tag where customer_id = ${id} order by tag`,
    sees('address')
      ? sql`select id, kind, recipient, line1, line2, postal_code, city, region, country, phone from customers.address where customer_id = ${id} order by at desc limit 50`
      : [],
    sql`select id, kind, code, value, expected, source, at from customers.quality_issue where customer_id = ${id} and resolved_at is null order by at desc limit 50`,
    readOpenIssues(context, id),
  ]);
  const contact = sees('contact');
  const shownIdentifiers = identifiers.filter(one => contact || !['email', 'phone'].includes(one.kind));
  const outside = identifiers.find(one => one.kind === 'shop_customer_id') ?? identifiers.find(one => one.kind === 'user_id');
  return {
    ...(Object.fromEntries(profileCodes.map(code => [code, maySeeField(context, code) ? row[code] : null])) as Pick<
      CustomerDetail,
      ProfileCode
    >),
    id: String(id),
    outside_id: outside?.value ?? null,
    version: row.version,
    known: row.known,
    not_shopper: row.not_shopper,
    known_since: row.known_since?.toISOString() ?? null,
    first_seen_at: (row.first_at ?? row.first_seen_at).toISOString(),
    last_seen_at: sees('behaviour') ? (row.last_seen_at?.toISOString() ?? null) : null,
    parts: row.parts,
    tags: tags.map(one => one.tag as string),
    identifiers: shownIdentifiers.map(one => ({ ...one, since: one.since.toISOString() })) as never,
    attributes: sees('behaviour') ? attributes : [],
    addresses: addresses as never,
    quality_issues: (contact ? issues : []).map(one => ({ ...one, at: one.at.toISOString() })) as never,
    open_issues: open,
    hidden: fieldGroups.filter(group => !sees(group)),
  };
};

/** Which group a profile field belongs to. */
const groupOfField = (field: string): FieldGroup | null => {
  if (['country', 'language', 'zone'].includes(field)) return null;
  return ['region', 'city', 'postal_code'].includes(field) ? 'address' : 'contact';
};
export const maySeeField = (context: Context, field: string): boolean => maySee(context.actor, groupOfField(field));

/** The attributes that people made up: the value that counts, and where it came from. */
const readAttributes = async (context: Context, id: number): Promise<CustomerDetail['attributes']> => {
  const rows = await context.postgres`
    select distinct on (a.code) a.code, t.type, a.value, a.source, a.at, a.trust = 'staff' as pinned
    from customers.attribute a join customers.attribute_type t using (code)
    where a.customer_id = ${id}
    order by a.code, customers.trust_rank(a.trust), (a.trust = 'staff' and a.origin_id <> a.customer_id), a.at desc, a.source desc, a.origin_id limit 500`;
  return rows.filter(row => row.value !== null).map(row => ({ ...row, at: row.at.toISOString() })) as never;
};

const readOpenIssues = async (context: Context, id: number): Promise<CustomerDetail['open_issues']> => {
  const sources = context.slots.all(openIssues).filter(source => maySee(context.actor, source.group));
  const found = await Promise.all(sources.map(source => source.read(context, [id])));
  return found
    .flatMap(one => one.get(id) ?? [])
    .sort((a, b) => b.since.getTime() - a.since.getTime())
    .map(issue => ({
      kind: issue.kind,
      since: issue.since.toISOString(),
      title: issue.title,
      values: issue.values ?? {},
      link: issue.link ?? null,
    }));
};

/** Every fact the reader may see; one that cannot be read now is left out rather than failing the page. */
export const showFacts = async (
  context: Context,
  id: number,
  asOf: string | undefined,
): Promise<{ facts: Record<string, FactValue>; current_only: string[] }> => {
  const visible = (await listFacts(context)).filter(fact => maySee(context.actor, fact.group));
  const end = await asOfEnd(context, asOf);
  const read = await Promise.all(
    visible.map(async fact => {
      const values = await fact.read(context, [id], end).catch(error => {
        context.log.warn({ fact: fact.code, err: error }, 'a fact could not be read');
        return new Map<number, FactValue>();
      });
      return [fact.code, values.get(id)] as const;
    }),
  );
  return {
    facts: Object.fromEntries(read.filter((one): one is [string, FactValue] => one[1] !== undefined)),
    current_only: asOf === undefined ? [] : visible.filter(fact => fact.asOf === 'current').map(fact => fact.code),
  };
};

/** What to call people where only a line fits: name, else e-mail, else what their shop calls them. Contact data only for those who may see it. */
export const namesOf = async (context: Context, customerIds: readonly number[]): Promise<Map<number, string>> => {
  const contact = maySee(context.actor, 'contact');
  const rows = await context.postgres`
    select c.id, c.name, c.email, c.known,
      (select value from customers.identifier i where i.customer_id = c.id and kind in ('shop_customer_id', 'user_id') order by kind, first_seen_at, value limit 1) as outside_id
    from customers.customer c where c.id = any(${customerIds as number[]}::bigint[])`;
  return new Map(rows.map(row => [row.id as number, ((contact && (row.name ?? row.email)) || row.outside_id) ?? `#${row.id}`]));
};
