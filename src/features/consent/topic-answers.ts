/** Topics as staff see them: with how many people would get them now. */
import type { Context } from '../../platform/context.ts';
import type { TopicAnswer } from './contract.ts';
import { type Topic, topicsOf } from './topics.ts';

/**
 * People by topic and channel: one scan of what holds now. A "no" or a waiting sign-up that no narrower, later "yes" lifts leaves somebody
 * out; the same rule as consent.why_not, without pauses.
 */
const allowedByTopic = async (context: Context, topics: readonly Topic[]): Promise<Map<string, Record<string, number>>> => {
  if (topics.length === 0) return new Map();
  const rows = await context.postgres`
    with asked as (
      select id, purpose, code, brand_id::text as brand from consent.topic where id = any(${topics.map(topic => topic.id)}::uuid[])),
    stated as (
      select a.id, n.customer_id, n.channel, n.topic, n.brand, n.state, n.since, n.origin_id, n.lifts_all
      from asked a join consent.current n on n.purpose = a.purpose and n.topic in ('', a.code) and n.brand in ('', a.brand)),
    said_yes as (select distinct id, customer_id, channel from stated where state = 'subscribed'),
    said_no as (
      select distinct n.id, n.customer_id, n.channel from stated n
      where n.state <> 'subscribed' and not exists (
        select 1 from stated y
        where y.id = n.id and y.customer_id = n.customer_id and y.channel = n.channel and y.state = 'subscribed' and y.since > n.since
          and (n.topic = '' or y.topic = n.topic) and (n.brand = '' or y.brand = n.brand) and (y.lifts_all or y.origin_id = n.origin_id)))
    select y.id, y.channel, count(*)::int as people from said_yes y
    left join said_no n on n.id = y.id and n.customer_id = y.customer_id and n.channel = y.channel
    where n.id is null and not exists (
      select 1 from consent.suppression s where s.customer_id = y.customer_id and s.channel = y.channel and s.released_at is null)
    group by y.id, y.channel`;
  const found = new Map<string, Record<string, number>>();
  for (const row of rows) found.set(row.id, { ...found.get(row.id), [row.channel as string]: row.people as number });
  return found;
};

export const topicAnswers = async (context: Context, brandId: string, archived = false): Promise<TopicAnswer[]> => {
  const topics = await topicsOf(context, brandId, archived);
  const allowed = await allowedByTopic(context, topics);
  return topics.map(topic => ({
    id: topic.id,
    purpose: topic.purpose,
    code: topic.code,
    texts: topic.texts,
    channels: topic.channels,
    double_opt_in: topic.doubleOptIn,
    archived: topic.archivedAt !== null,
    allowed: Object.fromEntries(topic.channels.map(channel => [channel, allowed.get(topic.id)?.[channel] ?? 0])),
    version: topic.version,
  }));
};

export const topicAnswer = async (context: Context, brandId: string, id: string): Promise<TopicAnswer> =>
  (await topicAnswers(context, brandId, true)).find(topic => topic.id === id)!;
