/** People who may be written to, and nobody knows which words they agreed to. */
import { counts, peopleRule, sqlOf } from '../rule.ts';

const subscribed = (context: Parameters<typeof counts>[0]) => sqlOf(context)`
  consent.current n join consent.consent s on s.id = n.consent_id join customers.customer c on c.id = n.customer_id
  where n.state = 'subscribed' and ${counts(context)}`;

export const consentNoProof = peopleRule(
  'consent_no_proof',
  3,
  context => sqlOf(context)`
    select n.customer_id || '/' || n.channel || '/' || n.purpose || '/' || n.topic || '/' || n.brand as subject, c.id as customer_id, coalesce(c.name, c.email) as label,
      n.channel || ': ' || s.source as value, null::text as proposal
    from ${subscribed(context)} and s.text_version is null and s.reason is null`,
  { area: 'consent', group: null, of: context => sqlOf(context)`select count(*)::int as n from ${subscribed(context)}` },
);
