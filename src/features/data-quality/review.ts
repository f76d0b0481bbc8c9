/** The monthly review: what changed since the last one, who looks at it, and when it was done. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { readSetting, writeSetting } from '../../platform/settings.ts';
import { dayIn } from '../../platform/time.ts';
import { staffNames } from '../access/index.ts';
import { zoneOf } from '../shops/index.ts';
import { countEverything, readFigures, wholeScore } from './look-at-rules.ts';
import { qualityRules } from './rule.ts';

const ownerKey = 'data-quality.reviewer';

export const readReviewer = async (context: Context): Promise<string | null> =>
  (await readSetting<string | null>(context, ownerKey)) ?? null;

export const changeReviewer = async (context: Context, staffId: string | null): Promise<void> => {
  if (staffId !== null && !(await staffNames(context, [staffId])).has(staffId))
    throw new Refusal(
      'refused',
      'data-quality.reviewer_unknown',
      'There is no such member of the team. Pick somebody from the list.',
      {
        faults: [{ path: 'reviewer_id', reason: 'Pick a member of the team.' }],
      },
    );
  await writeSetting(context, ownerKey, staffId);
  await audit(context, 'data-quality.reviewer_changed', {});
};

export type ReviewLine = { code: string; before: number | null; now: number };
type Stored = {
  id: string;
  month: string;
  at: Date;
  staff_id: string | null;
  summary: ReviewLine[];
  score_before: number | null;
  score: number | null;
  done_at: Date | null;
  done_by: string | null;
};

/** Counts, compares with the last review, and announces that somebody should look. One a month: a second call answers the first. */
export const startReview = (context: Context): Promise<{ id: string; fresh: boolean }> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    const month = `${dayIn(await zoneOf(inside), inside.clock.now()).slice(0, 8)}01`;
    const [there] = await sql`select id from data_quality.review where month = ${month}`;
    if (there) return { id: there.id as string, fresh: false };
    await countEverything(inside);
    const figures = await readFigures(inside, inside.slots.all(qualityRules));
    const [last] = (await sql`select * from data_quality.review order by month desc limit 1`) as unknown as Stored[];
    const before = new Map((last?.summary ?? []).map(line => [line.code, line.now]));
    const summary = figures.flatMap((rule): ReviewLine[] =>
      rule.wrong === null ? [] : [{ code: rule.code, before: before.get(rule.code) ?? null, now: rule.wrong }],
    );
    const staffId = await readReviewer(inside);
    const [{ id }] = await sql`
      insert into data_quality.review (month, at, staff_id, summary, score_before, score)
      values (${month}, ${inside.clock.now()}, ${staffId}::uuid, ${sql.json(summary as never)}, ${last?.score ?? null}::real, ${wholeScore(figures)}::real) returning id`;
    const worse = summary.filter(line => line.before !== null && line.now > line.before).length;
    const open = summary.filter(line => line.now > 0).length;
    await inside.announce('data-quality.review_due', { review_id: id, staff_id: staffId, month, open, worse });
    await inside.live.publish('data-quality', {});
    return { id: id as string, fresh: true };
  });

export const finishReview = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    const [row] = await inside.postgres`
      update data_quality.review set done_at = ${inside.clock.now()}, done_by = ${inside.actor.name} where id = ${id} and done_at is null returning id`;
    if (!row) throw notFound('review');
    await inside.announce('data-quality.review_done', { review_id: id });
    await audit(inside, 'data-quality.review_done', { subject: { kind: 'review', id } });
    await inside.live.publish('data-quality', {});
  });

/** The newest reviews, the open one first. */
export const listReviews = async (context: Context) => {
  const rows = (await context.postgres`select * from data_quality.review order by month desc limit 12`) as unknown as Stored[];
  const names = await staffNames(
    context,
    rows.flatMap(row => row.staff_id ?? []),
  );
  return rows.map(row => ({
    id: row.id,
    month: row.month,
    at: row.at.toISOString(),
    reviewer: row.staff_id === null ? null : (names.get(row.staff_id) ?? null),
    summary: row.summary,
    score_before: row.score_before,
    score: row.score,
    done_at: row.done_at?.toISOString() ?? null,
    done_by: row.done_by,
  }));
};
