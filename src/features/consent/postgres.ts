/** The questions consent asks of PostgreSQL. */
import type { Context } from '../../platform/context.ts';
import type { ConsentOptions, ConsentState } from './consent.ts';

/** What holds now, by "customer, channel, purpose, topic, brand" joined with \u0001. */
export const currentStates = async (context: Context, customerIds: readonly number[]): Promise<Map<string, ConsentState>> => {
  const ids = [...customerIds].sort((a, b) => a - b);
  // Two statements about one person at a time, so that the later one sees the earlier.
  await context.postgres`select id from customers.customer where id = any(${ids}::bigint[]) order by id for no key update`;
  const rows =
    await context.postgres`select customer_id, channel, purpose, topic, brand, state from consent.current where customer_id = any(${ids}::bigint[])`;
  return new Map(
    rows.map(row => [
      [row.customer_id, row.channel, row.purpose, row.topic, row.brand].join('\u0001'),
      row.state as ConsentState,
    ]),
  );
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
};

/** Returns the customers who got a row. */
export const insertConsents = async (context: Context, rows: readonly Row[], options: ConsentOptions): Promise<number[]> => {
  if (rows.length === 0) return [];
  const texts = (read: (row: Row) => string | null | undefined) => rows.map(row => read(row) ?? '');
  await context.postgres`
    insert into consent.consent (origin_id, customer_id, brand_id, purpose, channel, topic, state, at, recorded_at, source, text_version, reason, by_whom, import_id, historical)
    select origin_id, customer_id, nullif(brand, '')::uuid, purpose, channel, topic, state, at, ${context.clock.now()}, ${options.source}, nullif(text_version, ''), nullif(reason, ''),
      ${context.actor.name}, ${options.importId ?? null}::uuid, ${options.historical ?? false}
    from unnest(${rows.map(row => row.originId)}::bigint[], ${rows.map(row => row.customerId)}::bigint[], ${texts(row => row.brandId)}::text[], ${texts(row => row.purpose)}::text[],
      ${texts(row => row.channel)}::text[], ${texts(row => row.topic)}::text[], ${texts(row => row.state)}::text[], ${rows.map(row => row.at.toISOString())}::timestamptz[],
      ${texts(row => row.textVersion)}::text[], ${texts(row => row.reason)}::text[])
      as n(origin_id, customer_id, brand, purpose, channel, topic, state, at, text_version, reason)`;
  return [...new Set(rows.map(row => row.customerId))];
};

/**
 * Derives what holds from the rows. For one person the newest statement wins, equal times the stricter. Where people were merged the
 * stricter of them wins, until somebody speaks after the merge: that was said by the person they are now.
 */
export const recomputeCurrent = async (context: Context, customerIds: readonly number[]): Promise<void> => {
  const ids = [...new Set(customerIds)].sort((a, b) => a - b);
  if (ids.length === 0) return;
  await context.postgres`delete from consent.current where customer_id = any(${ids}::bigint[])`;
  await context.postgres`
    with said as (
      select *, coalesce(brand_id::text, '') as brand from consent.consent where customer_id = any(${ids}::bigint[])),
    merged as (
      select customers.owner_of(loser_id) as customer_id, max(at) as at from customers.merge
      where undone_at is null and loser_id in (select origin_id from customers.owner where customer_id = any(${ids}::bigint[]))
      group by 1),
    of_each as (
      select distinct on (customer_id, origin_id, channel, purpose, topic, brand) * from said
      order by customer_id, origin_id, channel, purpose, topic, brand, at desc, state desc, recorded_at desc, id desc),
    strictest as (
      select distinct on (customer_id, channel, purpose, topic, brand) * from of_each
      order by customer_id, channel, purpose, topic, brand, state desc, at desc, id desc),
    since_merge as (
      select distinct on (said.customer_id, channel, purpose, topic, brand) said.*
      from said join merged on merged.customer_id = said.customer_id and said.recorded_at > merged.at
      order by said.customer_id, channel, purpose, topic, brand, said.at desc, state desc, recorded_at desc, said.id desc)
    insert into consent.current (customer_id, channel, purpose, topic, brand, state, since, consent_id)
    select s.customer_id, s.channel, s.purpose, s.topic, s.brand, coalesce(f.state, s.state), coalesce(f.at, s.at), coalesce(f.id, s.id)
    from strictest s left join since_merge f using (customer_id, channel, purpose, topic, brand)
    order by s.customer_id`;
};

/** 'unsubscribed' sorts after 'subscribed': the stricter one first in every `state desc` above. */
export const consentsOf = async (context: Context, customerId: number) => {
  const current = await context.postgres`
    select c.channel, c.purpose, c.topic, c.brand, c.state, c.since, s.source, s.reason, s.text_version, s.by_whom
    from consent.current c join consent.consent s on s.id = c.consent_id
    where c.customer_id = ${customerId} order by c.channel, c.purpose, c.topic, c.brand`;
  const history = await context.postgres`
    select id, channel, purpose, topic, brand_id, state, at, recorded_at, source, reason, text_version, by_whom
    from consent.consent where customer_id = ${customerId} order by recorded_at desc, at desc, id desc limit 200`;
  const suppressions = await context.postgres`
    select id, channel, class, reason, at, by_whom, source, released_at, released_by, released_reason
    from consent.suppression where customer_id = ${customerId} order by at desc, id desc limit 100`;
  return { current, history, suppressions };
};
