/**
 * The nightly look for people who are in here twice. Nobody is compared with everybody: people meet in blocks (the same phone, the same name at
 * the same post code...), and a block that many share tells nothing and is left out; so the work grows with the number of people.
 */
import type { Context } from '../../platform/context.ts';
import type { JobProgress } from '../../platform/feature.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { mailTypos } from './mail-domains.ts';
import { type PairPerson, type PairScore, scorePair } from './score-pair.ts';

/** More people than this under one key are a switchboard, a block of flats or a common name. */
const mostInBlock = 12;
const portion = 2_000;

export type DuplicatesFound = { looked_at: number; pairs: number; certain: number; likely: number; possible: number };

export const findDuplicates = (context: Context, progress?: Pick<JobProgress, 'report'>): Promise<DuplicatesFound> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    const began = inside.clock.now();
    await sql`set local work_mem = '128MB'`;
    await collectKeys(inside);
    const [{ people }] =
      await sql`select count(*)::int as people from customers.customer where known and merged_into is null and erased_at is null`;
    const found: DuplicatesFound = { looked_at: people as number, pairs: 0, certain: 0, likely: 0, possible: 0 };
    await meet(inside);
    const [{ total }] = await sql`select count(*)::int as total from duplicate_pair`;
    let seen = 0;
    // Page by page: a cursor would keep the transaction's one connection to itself while a page is worked on.
    for (let last: readonly [number, number] = [0, 0]; ; ) {
      const rows = await sql`
        select low_id, high_id from duplicate_pair where (low_id, high_id) > (${last[0]}::bigint, ${last[1]}::bigint)
        order by low_id, high_id limit ${portion}`;
      const pairs = rows.map(row => [row.low_id as number, row.high_id as number] as const);
      if (pairs.length === 0) break;
      last = pairs[pairs.length - 1];
      const scored = await scorePairs(inside, pairs);
      await keepScores(inside, scored, began, found);
      await doubt(inside, pairs, scored, began);
      seen += pairs.length;
      await progress?.report(seen, total as number);
    }
    // What nothing speaks for any more, and nobody has decided.
    await sql`
      delete from customers.suggestion
      where found_by = 'finder' and dismissed_at is null and (looked_at is null or looked_at < ${began})`;
    await sql`drop table duplicate_key, duplicate_block, duplicate_pair`;
    await inside.live.publish('suggestions', {}, 'customers:read');
    return found;
  });

/** Words of the name in any order, so that swapped first and last names meet. */
const nameKey = `(select string_agg(word, ' ' order by word) from regexp_split_to_table(c.search_name, '[^[:alnum:]]+') as word where word <> '')`;

/** Each statement is one way of meeting: a short word for it, a dot, and the key. */
const collectKeys = async (context: Context): Promise<void> => {
  const sql = context.postgres;
  const counts = sql`c.known and c.merged_into is null and c.erased_at is null`;
  const name = sql.unsafe(nameKey);
  await sql`create temporary table duplicate_key (customer_id bigint not null, key text not null) on commit drop`;
  await sql`
    insert into duplicate_key
    select c.id, 'phone.' || right(regexp_replace(c.phone, '[^0-9]', '', 'g'), 9) from customers.customer c
    where ${counts} and length(regexp_replace(c.phone, '[^0-9]', '', 'g')) >= 7`;
  await sql`
    with named as (
      select c.id, ${name} as name, c.postal_code, c.country, c.birthday, c.email from customers.customer c
      where ${counts} and c.search_name like '% %')
    insert into duplicate_key
    select id, 'post.' || name || '.' || lower(regexp_replace(postal_code, '[ -]', '', 'g')) from named where length(postal_code) >= 3
    union all
    select id, 'born.' || name || '.' || birthday from named where birthday is not null
    union all
    select id, 'box.' || name || '.' || split_part(email, '@', 1) from named where length(split_part(email, '@', 1)) >= 6
    union all
    -- A rare name is enough to meet by where no post code is known; a common one fills its block and falls out.
    select id, 'name.' || name || '.' || coalesce(country, '') from named where postal_code is null`;
  await sql`
    insert into duplicate_key
    select distinct c.id, 'street.' || ${name} || '.' || customers.fold(a.line1) || '.' || lower(regexp_replace(coalesce(a.postal_code, ''), '[ -]', '', 'g'))
    from customers.address a join customers.customer c on c.id = a.customer_id
    where ${counts} and length(a.line1) >= 5 and c.search_name is not null`;
  const typos = [...mailTypos()];
  await sql`
    with mistyped as (
      select c.id, split_part(c.email, '@', 1) || '@' || t.meant as meant from customers.customer c
      join unnest(${typos.map(one => one[0])}::text[], ${typos.map(one => one[1])}::text[]) as t(typo, meant) on split_part(c.email, '@', 2) = t.typo
      where ${counts})
    insert into duplicate_key
    select id, 'mail.' || meant from mistyped
    union all
    select i.customer_id, 'mail.' || m.meant from mistyped m join customers.identifier i on i.kind = 'email' and i.source = '' and i.value = m.meant`;
  await sql`analyze duplicate_key`;
};

/** Pairs out of blocks of a sensible size, with the open suggestions of others, without those kept apart. */
const meet = async (context: Context): Promise<void> => {
  const sql = context.postgres;
  // A table of its own, so that the planner knows its size: joined blind with itself it would be walked once per row.
  await sql`
    create temporary table duplicate_block on commit drop as
    select key, customer_id from (
      select key, customer_id, count(*) over (partition by key) as size
      from (select distinct key, customer_id from duplicate_key where key is not null) as member) as counted
    where size between 2 and ${mostInBlock}::int`;
  await sql`analyze duplicate_block`;
  await sql`
    create temporary table duplicate_pair on commit drop as
    with pair as (
      select a.customer_id as low_id, b.customer_id as high_id from duplicate_block a join duplicate_block b on b.key = a.key and b.customer_id > a.customer_id
      union
      select least(l, h), greatest(l, h) from (
        select customers.owner_of(low_id) as l, customers.owner_of(high_id) as h from customers.suggestion where dismissed_at is null) as open
      where l <> h),
    apart as (
      select low_id, high_id from customers.suggestion where dismissed_at is not null)
    select low_id, high_id from pair except select low_id, high_id from apart`;
  await sql`create index on duplicate_pair (low_id, high_id)`;
  await sql`analyze duplicate_pair`;
};

/** Loads both sides of each pair and says how alike they are now; pairs without likeness are left out. Owners, smaller id first. */
export const scorePairs = async (
  context: Context,
  pairs: readonly (readonly [low: number, high: number])[],
): Promise<{ low: number; high: number; score: PairScore }[]> => {
  const people = await loadPairPeople(context, [...new Set(pairs.flat())]);
  return pairs.flatMap(([low, high]) => {
    const [a, b] = [people.get(low), people.get(high)];
    const score = a && b ? scorePair(a, b) : null;
    return score ? [{ low, high, score }] : [];
  });
};

export const loadPairPeople = async (context: Context, ids: readonly number[]): Promise<Map<number, PairPerson>> => {
  const sql = context.postgres;
  const rows = await sql`
    select id, search_name, email, phone, birthday, postal_code, city, country from customers.customer
    where id = any(${ids as number[]}::bigint[]) and merged_into is null and erased_at is null`;
  const streets = await sql`
    select customer_id, array_agg(distinct customers.fold(line1) || ' ' || lower(regexp_replace(coalesce(postal_code, ''), '[ -]', '', 'g'))) as streets
    from customers.address where customer_id = any(${ids as number[]}::bigint[]) and length(line1) >= 5 group by customer_id`;
  const own = await sql`
    select customer_id, kind, source, value from customers.identifier
    where customer_id = any(${ids as number[]}::bigint[]) and kind in ('user_id', 'shop_customer_id') and not shared`;
  const streetsOf = new Map(streets.map(row => [row.customer_id as number, row.streets as string[]]));
  const people = new Map<number, Omit<PairPerson, 'ownIds'> & { ownIds: Map<string, Set<string>> }>();
  for (const row of rows) {
    people.set(row.id, {
      id: row.id,
      name: row.search_name,
      email: row.email,
      phone: row.phone,
      birthday: row.birthday,
      postalCode: row.postal_code,
      city: row.city,
      country: row.country,
      streets: streetsOf.get(row.id) ?? [],
      ownIds: new Map(),
    });
  }
  for (const row of own) {
    const mine = people.get(row.customer_id)?.ownIds;
    const key = `${row.kind}\u0001${row.source}`;
    mine?.set(key, (mine.get(key) ?? new Set<string>()).add(row.value));
  }
  return people;
};

/** Pairs that share a key and nothing else (a family's phone) stay open on the page of either person, off the list. */
export const doubtful = 0.2;
const doubt = async (
  context: Context,
  pairs: readonly (readonly [low: number, high: number])[],
  scored: readonly { low: number; high: number }[],
  at: Date,
): Promise<void> => {
  const alike = new Set(scored.map(one => `${one.low}/${one.high}`));
  const rest = pairs.filter(([low, high]) => !alike.has(`${low}/${high}`));
  await context.postgres`
    update customers.suggestion s set score = ${doubtful}, class = 'possible', reasons = '{}', looked_at = ${at}
    from unnest(${rest.map(one => one[0])}::bigint[], ${rest.map(one => one[1])}::bigint[]) as n(low_id, high_id)
    where s.low_id = n.low_id and s.high_id = n.high_id and s.found_by = 'resolve' and s.dismissed_at is null`;
};

const keepScores = async (
  context: Context,
  scored: readonly { low: number; high: number; score: PairScore }[],
  at: Date,
  found: DuplicatesFound,
): Promise<void> => {
  if (scored.length === 0) return;
  for (const { score } of scored) {
    found.pairs += 1;
    found[score.class] += 1;
  }
  await context.postgres`
    insert into customers.suggestion as s (low_id, high_id, reason, at, score, class, reasons, found_by, looked_at)
    select low_id, high_id, reason, ${at}, score, class, string_to_array(reasons, ','), 'finder', ${at}
    from unnest(${scored.map(one => one.low)}::bigint[], ${scored.map(one => one.high)}::bigint[], ${scored.map(one => one.score.reasons[0] as string)}::text[],
      ${scored.map(one => one.score.score)}::real[], ${scored.map(one => one.score.class as string)}::text[], ${scored.map(one => one.score.reasons.join(','))}::text[])
      as n(low_id, high_id, reason, score, class, reasons)
    on conflict (low_id, high_id) do update
    set score = excluded.score, class = excluded.class, reasons = excluded.reasons, looked_at = excluded.looked_at
    where s.dismissed_at is null`;
};
