/** What the form has brought: how many answered, what they said. */
import type { Context } from '../../platform/context.ts';
import { addDays, dayIn, startOfDay } from '../../platform/time.ts';
import { zoneOf } from '../shops/index.ts';
import { concerns } from './questions.ts';

const shownDays = 30;

export const readResults = async (context: Context) => {
  const zone = await zoneOf(context);
  const today = dayIn(zone, context.clock.now());
  const from = startOfDay(zone, addDays(today, 1 - shownDays));
  // One answer of each person counts: what they said themselves before what somebody claimed, then the newest.
  const latest = context.postgres`
    select distinct on (customer_id) * from welcome.answer where main_concern is not null order by customer_id, (via = 'link') desc, at desc`;
  const [said, second, [totals], [links], days] = await Promise.all([
    context.postgres`select main_concern as code, count(*)::int as people from (${latest}) as latest group by 1`,
    context.postgres`
      select second_question as question, second_answer as answer, count(*)::int as people from (
        select distinct on (customer_id, second_question) * from welcome.answer where second_question is not null order by customer_id, second_question, (via = 'link') desc, at desc) as latest
      group by 1, 2 order by 1, 3 desc, 2 limit 60`,
    context.postgres`select count(*)::int as answers, count(distinct customer_id)::int as people, count(*) filter (where via = 'open')::int as open from welcome.answer`,
    context.postgres`select count(*)::int as made, count(answered_at)::int as answered from welcome.link`,
    context.postgres`select at from welcome.answer where at >= ${from} order by at`,
  ]);
  const byDay = new Map(Array.from({ length: shownDays }, (_, i) => [addDays(today, i + 1 - shownDays), 0]));
  for (const row of days) {
    const day = dayIn(zone, row.at as Date);
    byDay.set(day, (byDay.get(day) ?? 0) + 1);
  }
  return {
    answers: totals.answers as number,
    people: totals.people as number,
    open: totals.open as number,
    links_made: links.made as number,
    links_answered: links.answered as number,
    concerns: concerns.map(code => ({ code, people: (said.find(row => row.code === code)?.people as number | undefined) ?? 0 })),
    second: second.map(row => ({ question: row.question as string, answer: row.answer as string, people: row.people as number })),
    days: [...byDay].map(([day, answers]) => ({ day, answers })),
  };
};
