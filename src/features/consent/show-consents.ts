/** What one person allows, how it came about, and what proves it: each statement with the words that were shown. */
import type { Context } from '../../platform/context.ts';
import { confirmationsOf } from './confirmations.ts';
import type { PageWords } from './page-words.ts';

export const consentsOf = async (context: Context, customerId: number) => {
  const sql = context.postgres;
  const current = await sql`
    select c.channel, c.purpose, c.topic, c.brand, c.state, c.since, s.source, s.reason, s.text_version, s.by_whom
    from consent.current c join consent.consent s on s.id = c.consent_id
    where c.customer_id = ${customerId} order by c.channel, c.purpose, c.topic, c.brand`;
  const history = await sql`
    select s.id, s.channel, s.purpose, s.topic, s.brand_id, s.state, s.at, s.recorded_at, s.source, s.reason, s.text_version, s.by_whom, s.proof, w.words, w.language
    from consent.consent s left join consent.wording w on w.version = s.text_version
    where s.customer_id = ${customerId} order by s.recorded_at desc, s.at desc, s.id desc limit 200`;
  const suppressions = await sql`
    select id, channel, class, reason, at, by_whom, source, released_at, released_by, released_reason
    from consent.suppression where customer_id = ${customerId} order by at desc, id desc limit 100`;
  const pauses = await sql`
    select id, kind, until, gap_days, at, source, by_whom from consent.pause
    where customer_id = ${customerId} and ended_at is null and (until is null or until > ${context.clock.now()}) order by at desc`;
  const topics = await sql`select distinct on (code) code, texts from consent.topic order by code, archived_at nulls first`;
  const [left] = await sql`
    select reason, reason_words, at from consent.page_change where customer_id = ${customerId} and reason is not null order by at desc limit 1`;
  return {
    current,
    history: history.map(({ words, ...row }) => ({ ...row, shown: shownWords(words, row.purpose, row.topic) })),
    suppressions,
    pauses,
    topics: Object.fromEntries(topics.map(row => [row.code, nameOf(row.texts) ?? row.code])),
    waiting: (await confirmationsOf(context, customerId)).map(({ channel, purpose, topic }) => ({ channel, purpose, topic })),
    left: left ?? null,
  };
};

const nameOf = (texts: Record<string, { name: string }>): string | undefined => (texts.en ?? Object.values(texts)[0])?.name;

/** Of a wording only what is about this statement: the name and the sentence beside the box that was ticked. */
const shownWords = (words: (PageWords & { text?: string }) | null, purpose: string, topic: string): string | null => {
  if (!words) return null;
  if (typeof words.text === 'string') return words.text;
  const all = [...(words.choices ?? []), ...(words.uses ?? [])];
  const one =
    all.find(choice => choice.purpose === purpose && choice.topic === topic) ?? all.find(choice => choice.purpose === purpose);
  if (!one) return words.intro ?? null;
  const { name, description, frequency } = one.words;
  return [name, description, frequency].filter(Boolean).join(' · ');
};
