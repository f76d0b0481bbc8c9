/** May we write to them? The one question every sender asks, at the moment of handing over. */
import type { Context } from '../../platform/context.ts';
import type { Channel } from './consent.ts';
import { defaultBrand } from './topics.ts';

export type WriteQuestion = {
  /** Origin or owner. */
  customerId: number;
  channel: Channel;
  /** Code of a topic; '' or left out = about none in particular: then only consent for all topics counts. */
  topic?: string | null;
  purpose: string;
  /** Default: the default brand. */
  brandId?: string | null;
  /** Default: now. Pauses are looked at for this moment; statements as they are now. */
  at?: Date;
};

/**
 * nobody: no such customer, or erased. suppressed: the address must not be used. paused: until a day. unsubscribed / topic_unsubscribed:
 * they said no. pending: not confirmed yet. never_asked: the purpose needs a yes and there is none.
 */
export const refusalReasons = [
  'nobody',
  'suppressed',
  'paused',
  'unsubscribed',
  'topic_unsubscribed',
  'pending',
  'never_asked',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** `leastGapDays`: they asked for at most one message in so many days; whoever sends keeps count. */
export type WriteAnswer = { may: true; leastGapDays: number | null } | { may: false; reason: RefusalReason };

/**
 * Answers for many at once, in one statement, in the order asked. A sender that takes a lease asks in the same transaction (or uses the
 * SQL function consent.why_not in its own statement), so that an unsubscribe that came first always wins.
 */
export const mayWrite = async (context: Context, questions: readonly WriteQuestion[]): Promise<WriteAnswer[]> => {
  if (questions.length === 0) return [];
  const brand = questions.some(one => !one.brandId) ? (await defaultBrand(context)).id : '';
  const now = context.clock.now();
  const rows = await context.postgres`
    with asked as (
      select place, customers.owner_of(id) as customer_id, channel, topic, purpose, brand, at
      from unnest(${questions.map(one => one.customerId)}::bigint[], ${questions.map(one => one.channel as string)}::text[], ${questions.map(one => one.topic ?? '')}::text[],
        ${questions.map(one => one.purpose)}::text[], ${questions.map(one => one.brandId ?? brand)}::text[], ${questions.map(one => (one.at ?? now).toISOString())}::timestamptz[])
        with ordinality as given (id, channel, topic, purpose, brand, at, place)),
    gaps as (
      select a.place, max(p.gap_days) as days from asked a join consent.pause p on p.customer_id = a.customer_id
      where p.kind = 'less_often' and p.ended_at is null and (p.brand_id is null or p.brand_id::text = a.brand) group by a.place)
    select consent.why_not(a.customer_id, a.purpose, a.channel, a.topic, a.brand, a.at) as reason,
      case when coalesce((select p.basis from consent.purpose p where p.code = a.purpose), 'consent') <> 'contract' then g.days end as gap
    from asked a left join gaps g on g.place = a.place order by a.place`;
  return rows.map(row =>
    row.reason === null
      ? { may: true, leastGapDays: row.gap as number | null }
      : { may: false, reason: row.reason as RefusalReason },
  );
};
