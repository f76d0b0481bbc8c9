/** Counting what is wrong, keeping the figures by day, and showing the records behind a figure. */
import { type Context, may, maySee } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import type { JobProgress } from '../../platform/feature.ts';
import { refuseShopLimited } from '../../platform/shop-limit.ts';
import { addDays, dayIn } from '../../platform/time.ts';
import { zoneOf } from '../shops/index.ts';
import { type QualityRule, qualityRules, sqlOf } from './rule.ts';

export const visibleRules = (context: Context): QualityRule[] =>
  context.slots.all(qualityRules).filter(rule => may(context.actor, rule.needs));

/** A rule that this reader may look into. Errors: not_found, forbidden. */
export const openRule = (context: Context, code: string): QualityRule => {
  refuseShopLimited(context.actor);
  const rule = visibleRules(context).find(one => one.code === code);
  if (!rule) throw notFound('rule');
  if (maySee(context.actor, rule.group)) return rule;
  throw new Refusal(
    'forbidden',
    'data-quality.group_missing',
    `Your role does not show ${rule.group} data, so it shows how many there are, not which. Ask an owner of this installation to add it.`,
    { values: { group: rule.group ?? '' } },
  );
};

/** The wrong records of a rule that nobody has decided to leave alone. */
const open = (context: Context, rule: QualityRule) => sqlOf(context)`
  select f.* from (${rule.found(context)}) as f
  where not exists (select from data_quality.ignored i where i.rule = ${rule.code} and i.subject = f.subject)`;

// ---- figures ------------------------------------------------------------------------------------------------------

export const countRule = async (context: Context, rule: QualityRule): Promise<void> => {
  const [[found], [of]] = await Promise.all([
    context.postgres`select count(*)::int as wrong, count(proposal)::int as fixable from (${open(context, rule)}) as open`,
    context.postgres`select n from (${rule.of(context)}) as looked`,
  ]);
  const now = context.clock.now();
  await context.postgres`
    insert into data_quality.day (rule, day, wrong, looked_at, fixable, at)
    values (${rule.code}, ${dayIn(await zoneOf(context), now)}, ${found.wrong}, ${of.n}, ${rule.mends ? found.fixable : 0}, ${now})
    on conflict (rule, day) do update set wrong = excluded.wrong, looked_at = excluded.looked_at, fixable = excluded.fixable, at = excluded.at`;
};

/** All rules, one after the other; a rule that cannot be asked is left out and said so in the log. */
export const countEverything = async (context: Context, progress?: Pick<JobProgress, 'report'>): Promise<{ rules: number }> => {
  const rules = context.slots.all(qualityRules);
  let counted = 0;
  for (const rule of rules) {
    try {
      await countRule(context, rule);
      counted += 1;
    } catch (error) {
      context.log.error({ rule: rule.code, err: error }, 'a rule of the data-quality desk could not be counted');
    }
    await progress?.report(counted, rules.length);
  }
  await context.live.publish('data-quality', {});
  return { rules: counted };
};

type Day = { rule: string; day: string; wrong: number; looked_at: number; fixable: number; at: Date };

const scoreOf = (wrong: number, lookedAt: number): number | null =>
  lookedAt === 0 ? null : Math.max(0, Math.floor(1000 * (1 - wrong / lookedAt)) / 10);

/** Share of records that are right, by weight; null while nothing was looked at. */
export const wholeScore = (rules: readonly { weight: number; score: number | null }[]): number | null => {
  const scored = rules.filter((rule): rule is { weight: number; score: number } => rule.score !== null);
  const weight = scored.reduce((sum, rule) => sum + rule.weight, 0);
  return weight === 0 ? null : Math.round((10 * scored.reduce((sum, rule) => sum + rule.weight * rule.score, 0)) / weight) / 10;
};

const shownDays = 90;

/** Every rule with its figures of the last count and the way they went; worst first, what is in order last. */
export const readFigures = async (context: Context, rules: readonly QualityRule[], until?: string) => {
  const today = until ?? dayIn(await zoneOf(context), context.clock.now());
  const days = (await context.postgres`
    select * from data_quality.day where day > ${addDays(today, -shownDays)} and day <= ${today} order by day`) as unknown as Day[];
  const ignored = await context.postgres`select rule, count(*)::int as n from data_quality.ignored group by rule`;
  return rules
    .map(rule => {
      const mine = days.filter(day => day.rule === rule.code);
      const last = mine.at(-1);
      return {
        code: rule.code,
        texts: rule.texts,
        area: rule.area,
        weight: rule.weight,
        mends: rule.mends ?? null,
        wrong: last?.wrong ?? null,
        looked_at: last?.looked_at ?? null,
        fixable: last?.fixable ?? 0,
        score: last ? scoreOf(last.wrong, last.looked_at) : null,
        ignored: (ignored.find(row => row.rule === rule.code)?.n as number | undefined) ?? 0,
        may_look: maySee(context.actor, rule.group),
        trend: mine.map(day => ({ day: day.day, wrong: day.wrong })),
        counted_at: last?.at ?? null,
      };
    })
    .sort((a, b) => harm(b) - harm(a) || (a.code < b.code ? -1 : 1));
};

const harm = (rule: { wrong: number | null; weight: number; score: number | null }): number =>
  rule.wrong ? rule.weight * (100 - (rule.score ?? 100)) + 1e-6 * rule.wrong : -1;

// ---- records ------------------------------------------------------------------------------------------------------

export type Finding = {
  subject: string;
  customer_id: number | null;
  label: string | null;
  value: string;
  proposal: string | null;
};
type FindingsInput = { state: 'open' | 'ignored'; limit: number; cursor?: string };

export const listFindings = async (context: Context, code: string, input: FindingsInput) => {
  const rule = openRule(context, code);
  const sql = context.postgres;
  const rows = (input.state === 'open'
    ? await sql`
          select * from (${open(context, rule)}) as open where subject collate "C" > ${input.cursor ?? ''} order by subject collate "C" limit ${input.limit + 1}`
    : await sql`
          select f.* from (${rule.found(context)}) as f join data_quality.ignored i on i.rule = ${code} and i.subject = f.subject
          where f.subject collate "C" > ${input.cursor ?? ''} order by f.subject collate "C" limit ${input.limit + 1}`) as unknown as Finding[];
  const shown = rows.slice(0, input.limit);
  return {
    data: shown.map(row => ({
      subject: row.subject,
      customer_id: row.customer_id === null ? null : String(row.customer_id),
      label: row.label,
      value: row.value,
      proposal: rule.mends ? row.proposal : null,
      link: row.customer_id === null ? (rule.link?.(row.subject) ?? null) : `/customers/${row.customer_id}`,
    })),
    next_cursor: rows.length > input.limit ? (shown.at(-1)?.subject ?? null) : null,
  };
};

/** Open findings among these subjects, or all that have a proposal. */
export const findingsOf = async (context: Context, rule: QualityRule, subjects: readonly string[] | null): Promise<Finding[]> =>
  (subjects === null
    ? await context.postgres`select * from (${open(context, rule)}) as open where proposal is not null order by subject`
    : await context.postgres`
        select * from (${open(context, rule)}) as open where subject = any(${subjects as string[]}::text[]) order by subject`) as unknown as Finding[];
