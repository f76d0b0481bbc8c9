/** What consent adds to what is known about a customer. */
import type postgres from 'postgres';
import type { Fact, FactProvider, FactValue, ListFilter, TimelineEntry, TimelineSource } from '../customers/index.ts';
import { type Channel, type Standing, standingOf } from './consent.ts';
import { en } from './texts/en.ts';
import { allTopics, type Topic } from './topics.ts';

/** The stricter the later: a merge preview shows the later one. */
export const consentChoices = ['subscribed', 'pending', 'unsubscribed', 'suppressed'] as const;

const common = {
  type: 'choice',
  choices: consentChoices,
  choiceLabels: 'consent.state.',
  group: null,
  asOf: 'current',
  changedBy: ['consent', 'merge'],
  merged: 'stricter',
} as const;

/** Marketing in general (no topic) on one channel; suppressed beats what was allowed; the strictest brand counts. */
const channelFact = (channel: Channel): Fact => ({
  ...common,
  code: `consent.${channel}`,
  label: `consent.fact.${channel}`,
  read: async (context, customerIds) => {
    const rows = await context.postgres`
      select customer_id, (array_agg(state order by consent.strictness(state) desc))[1] as state from consent.current
      where customer_id = any(${customerIds as number[]}::bigint[]) and channel = ${channel} and purpose = 'marketing' and topic = ''
      group by customer_id
      union all
      select distinct customer_id, 'suppressed' from consent.suppression
      where customer_id = any(${customerIds as number[]}::bigint[]) and channel = ${channel} and released_at is null`;
    // Suppressed rows come last and overwrite.
    return new Map<number, FactValue>(rows.map(row => [row.customer_id as number, row.state as string]));
  },
});

/** A browser's Global Privacy Control, or the same said on the preference page (CCPA: do not sell or share). */
const saleFact: Fact = {
  code: 'consent.sale',
  label: 'consent.fact.sale',
  type: 'boolean',
  group: null,
  asOf: 'current',
  changedBy: ['consent', 'merge'],
  read: async (context, customerIds) => {
    const rows = await context.postgres`
      select distinct customer_id from consent.current
      where customer_id = any(${customerIds as number[]}::bigint[]) and purpose = 'sale' and channel = 'web' and state = 'unsubscribed'`;
    return new Map<number, FactValue>(rows.map(row => [row.customer_id as number, true]));
  },
};
export const consentFacts: Fact[] = [channelFact('email'), channelFact('sms'), saleFact];

/** One fact per topic and channel that exist: "consent.email.newsletter"; statements about all topics count for each. */
export const topicFacts: FactProvider = {
  prefix: 'consent.',
  list: async context => {
    const facts = new Map<string, Fact>();
    for (const topic of await allTopics(context))
      for (const channel of topic.channels) {
        const fact = topicFact(topic, channel);
        if (!facts.has(fact.code)) facts.set(fact.code, fact);
      }
    return [...facts.values()];
  },
};

const topicFact = (topic: Topic, channel: Channel): Fact => ({
  ...common,
  code: `consent.${channel}.${topic.code}`,
  label: 'consent.fact.topic',
  // The name is the shop's own word, so the whole label is shown as it is.
  labelText: `${en[`consent.channel.${channel}`]}: ${topic.texts.en?.name ?? Object.values(topic.texts)[0]?.name ?? topic.code}`,
  read: async (context, customerIds) => {
    const ids = customerIds as number[];
    const rows = (await context.postgres`
      select customer_id as "customerId", topic, brand, state, since, origin_id as "originId", lifts_all as "liftsAll" from consent.current
      where customer_id = any(${ids}::bigint[]) and channel = ${channel} and purpose = ${topic.purpose} and topic in ('', ${topic.code})`) as unknown as (Standing & {
      customerId: number;
    })[];
    const values = new Map<number, FactValue>();
    for (const [id, stated] of Map.groupBy(rows, row => row.customerId)) {
      const state = standingOf(stated, topic.code, topic.brandId);
      if (state !== null) values.set(id, state);
    }
    const suppressed = await context.postgres`
      select distinct customer_id from consent.suppression where customer_id = any(${ids}::bigint[]) and channel = ${channel} and released_at is null`;
    for (const row of suppressed) values.set(row.customer_id as number, 'suppressed');
    return values;
  },
});

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
    if (value === 'pending') return sql`not ${suppressed} and ${stated('pending')} and not ${stated('unsubscribed')}`;
    return sql`not ${suppressed} and ${stated('subscribed')} and not ${stated('unsubscribed')} and not ${stated('pending')}`;
  },
};

export const consentTimeline: TimelineSource = {
  kind: 'consent',
  label: 'consent.timeline.kind',
  group: null,
  read: async (context, customerIds, page) => {
    const rows = await context.postgres`
      select * from (
        select id::text as id, at, 'consent.timeline.' || state as title, channel, purpose || case when topic = '' then '' else ' (' || topic || ')' end as purpose, topic, source, reason, historical
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
