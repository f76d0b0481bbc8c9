/** The questions consent asks of PostgreSQL. */
import type { Context } from '../../platform/context.ts';
import type { ConsentOptions, Standing } from './consent.ts';

/** What holds now, by "customer, channel, purpose" joined with \u0001; statements of every topic and brand. */
export const standings = async (context: Context, customerIds: readonly number[]): Promise<Map<string, Standing[]>> => {
  const ids = [...customerIds].sort((a, b) => a - b);
  // Two statements about one person at a time, so that the later one sees the earlier.
  await context.postgres`select id from customers.customer where id = any(${ids}::bigint[]) order by id for no key update`;
  const rows = await context.postgres`
    select customer_id, channel, purpose, topic, brand, state, since, origin_id as "originId", lifts_all as "liftsAll" from consent.current
    where customer_id = any(${ids}::bigint[])`;
  const found = new Map<string, Standing[]>();
  for (const { customer_id, channel, purpose, ...one } of rows) {
    const key = [customer_id, channel, purpose].join('\u0001');
    found.set(key, [...(found.get(key) ?? []), one as Standing]);
  }
  return found;
};

type Row = {
  originId: number;
  customerId: number;
  brandId: string | null;
  purpose: string;
  channel: string;
  topic: string;
  state: string;
  at: Date;
  textVersion?: string | null;
  reason?: string | null;
  proof?: Record<string, string>;
};

/** Returns the ids of the rows, in the order given. */
export const insertConsents = async (context: Context, rows: readonly Row[], options: ConsentOptions): Promise<string[]> => {
  if (rows.length === 0) return [];
  const texts = (read: (row: Row) => string | null | undefined) => rows.map(row => read(row) ?? '');
  const inserted = await context.postgres`
    with n as (
      select uuidv7() as id, * from unnest(${rows.map(row => row.originId)}::bigint[], ${rows.map(row => row.customerId)}::bigint[], ${texts(row => row.brandId)}::text[],
        ${texts(row => row.purpose)}::text[], ${texts(row => row.channel)}::text[], ${texts(row => row.topic)}::text[], ${texts(row => row.state)}::text[],
        ${rows.map(row => row.at.toISOString())}::timestamptz[], ${texts(row => row.textVersion)}::text[], ${texts(row => row.reason)}::text[],
        ${rows.map(row => JSON.stringify(row.proof ?? {}))}::text[])
        with ordinality as given(origin_id, customer_id, brand, purpose, channel, topic, state, at, text_version, reason, proof, place)),
    written as (
      insert into consent.consent (id, origin_id, customer_id, brand_id, purpose, channel, topic, state, at, recorded_at, source, text_version, reason, by_whom, import_id, historical, proof)
      select id, origin_id, customer_id, nullif(brand, '')::uuid, purpose, channel, topic, state, at, ${context.clock.now()}, ${options.source}, nullif(text_version, ''), nullif(reason, ''),
        ${context.actor.name}, ${options.importId ?? null}::uuid, ${options.historical ?? false}, proof::jsonb
      from n)
    select id from n order by place`;
  return inserted.map(row => row.id as string);
};

/**
 * Derives what holds from the rows. For one person the newest statement wins, equal times the stricter. Where people were merged the
 * stricter of them wins, and a "yes" of one lifts no wider "no" of the other, until somebody speaks after the merge: that was said by the
 * person they are now.
 */
export const recomputeCurrent = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  const ids = [...new Set(customerIds)].sort((a, b) => a - b);
  if (ids.length === 0) return;
  await context.postgres`delete from consent.current where customer_id = any(${ids}::bigint[])`;
  await context.postgres`
    with said as (
      select *, coalesce(brand_id::text, '') as brand, consent.strictness(state) as strict from consent.consent where customer_id = any(${ids}::bigint[])),
    merged as (
      select customers.owner_of(loser_id) as customer_id, max(at) as at from customers.merge
      where undone_at is null and loser_id in (select origin_id from customers.owner where customer_id = any(${ids}::bigint[]))
      group by 1),
    of_each as (
      select distinct on (customer_id, origin_id, channel, purpose, topic, brand) * from said
      order by customer_id, origin_id, channel, purpose, topic, brand, at desc, strict desc, recorded_at desc, id desc),
    strictest as (
      select distinct on (customer_id, channel, purpose, topic, brand) * from of_each
      order by customer_id, channel, purpose, topic, brand, strict desc, at desc, id desc),
    since_merge as (
      select distinct on (said.customer_id, channel, purpose, topic, brand) said.*
      from said join merged on merged.customer_id = said.customer_id and said.recorded_at > merged.at
      order by said.customer_id, channel, purpose, topic, brand, said.at desc, strict desc, recorded_at desc, said.id desc)
    insert into consent.current (customer_id, channel, purpose, topic, brand, state, since, consent_id, origin_id, lifts_all)
    select s.customer_id, s.channel, s.purpose, s.topic, s.brand, coalesce(f.state, s.state), coalesce(f.at, s.at), coalesce(f.id, s.id), coalesce(f.origin_id, s.origin_id),
      m.customer_id is null or f.id is not null
    from strictest s left join since_merge f using (customer_id, channel, purpose, topic, brand) left join merged m on m.customer_id = s.customer_id
    order by s.customer_id`;
};
