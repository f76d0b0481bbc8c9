/** What consent adds to what is known about a customer. */
import type postgres from 'postgres';
import type { Fact, FactValue, ListFilter, TimelineEntry, TimelineSource } from '../customers/index.ts';
import type { Channel } from './consent.ts';

export const consentChoices = ['subscribed', 'unsubscribed', 'suppressed'] as const;

/** Marketing in general (no topic) on one channel; suppressed beats what was allowed; the strictest brand counts. */
const channelFact = (channel: Channel): Fact => ({
  code: `consent.${channel}`,
  label: `consent.fact.${channel}`,
  type: 'choice',
  choices: consentChoices,
  choiceLabels: 'consent.state.',
  group: null,
  asOf: 'current',
  changedBy: ['consent', 'merge'],
  merged: 'stricter',
  read: async (context, customerIds) => {
    const rows = await context.postgres`
      select customer_id, max(state) as state from consent.current
      where customer_id = any(${customerIds as number[]}::bigint[]) and channel = ${channel} and purpose = 'marketing' and topic = ''
      group by customer_id
      union all
      select distinct customer_id, 'suppressed' from consent.suppression
      where customer_id = any(${customerIds as number[]}::bigint[]) and channel = ${channel} and released_at is null`;
    // Suppressed rows come last and overwrite.
    return new Map<number, FactValue>(rows.map(row => [row.customer_id as number, row.state as string]));
  },
});
export const consentFacts: Fact[] = [channelFact('email'), channelFact('sms')];

export const emailFilter: ListFilter = {
  name: 'consent_email',
  label: 'consent.fact.email',
  group: null,
  values: { kind: 'choice', choices: [...consentChoices, 'unknown'], choiceLabels: 'consent.state.' },
  where: (context, value) => {
    const sql = context.postgres as postgres.Sql;
    const suppressed = sql`exists (select 1 from consent.suppression s where s.customer_id = c.id and s.channel = 'email' and s.released_at is null)`;
    const stated = (state: string) => sql`exists (
      select 1 from consent.current n where n.customer_id = c.id and n.channel = 'email' and n.purpose = 'marketing' and n.topic = '' and n.state = ${state})`;
    if (value === 'suppressed') return suppressed;
    if (value === 'unknown')
      return sql`not ${suppressed} and not exists (select 1 from consent.current n where n.customer_id = c.id and n.channel = 'email' and n.purpose = 'marketing' and n.topic = '')`;
    if (value === 'unsubscribed') return sql`not ${suppressed} and ${stated('unsubscribed')}`;
    return sql`not ${suppressed} and ${stated('subscribed')} and not ${stated('unsubscribed')}`;
  },
};

export const consentTimeline: TimelineSource = {
  kind: 'consent',
  label: 'consent.timeline.kind',
  group: null,
  read: async (context, customerIds, page) => {
    const rows = await context.postgres`
      select * from (
        select id::text as id, at, 'consent.timeline.' || state as title, channel, purpose, topic, source, reason, historical
        from consent.consent where customer_id = any(${customerIds as number[]}::bigint[])
        union all
        select id::text, at, 'consent.timeline.suppressed', channel, class, '', source, reason, import_id is not null
        from consent.suppression where customer_id = any(${customerIds as number[]}::bigint[])
        union all
        select id || '/released', released_at, 'consent.timeline.released', channel, class, '', source, released_reason, false
        from consent.suppression where customer_id = any(${customerIds as number[]}::bigint[]) and released_at is not null) as entries
      where ${page.before === null} or (at, id) < (${page.before?.at ?? new Date(0)}, ${page.before?.id ?? ''})
      order by at desc, id desc limit ${page.limit}`;
    return rows.map(
      (row): TimelineEntry => ({
        id: row.id,
        kind: 'consent',
        at: row.at,
        title: row.title,
        values: { channel: row.channel, purpose: row.purpose },
        body: row.reason,
        details: [{ label: 'consent.timeline.source', value: row.source }],
        historical: row.historical,
      }),
    );
  },
};
