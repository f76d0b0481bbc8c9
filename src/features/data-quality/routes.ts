import { bindRoutes } from '../../platform/http.ts';
import { startJob } from '../../platform/queue.ts';
import { contract } from './contract.ts';
import { listFindings, readFigures, visibleRules, wholeScore } from './look-at-rules.ts';
import { leaveAlone, listFixes, lookAgain, mendSome, startMendingAll, undoFix } from './mend.ts';
import { changeReviewer, finishReview, listReviews, readReviewer, startReview } from './review.ts';

export const countJob = 'data-quality.count';

export const routes = bindRoutes(contract, {
  showQuality: async context => {
    const rules = await readFigures(context, visibleRules(context));
    const counted = rules.flatMap(rule => rule.counted_at ?? []).sort((a, b) => a.getTime() - b.getTime());
    return {
      score: wholeScore(rules),
      counted_at: counted.at(-1)?.toISOString() ?? null,
      rules: rules.map(rule => ({ ...rule, counted_at: rule.counted_at?.toISOString() ?? null })),
      reviews: await listReviews(context),
      fixes: await listFixes(context),
    };
  },
  countQuality: async context => ({ job_id: await startJob(context, countJob, {}, { key: 'now' }) }),
  listFindings: (context, { params, query }) => listFindings(context, params.code, query),
  mendSome: (context, { params, body }) => mendSome(context, params.code, body.items),
  mendAll: (context, { params }) => startMendingAll(context, params.code),
  undoFix: (context, { params }) => undoFix(context, params.id),
  leaveAlone: (context, { params, body }) => leaveAlone(context, params.code, body.subjects),
  lookAgain: (context, { params, body }) => lookAgain(context, params.code, body.subjects),
  startReview: context => startReview(context),
  finishReview: (context, { params }) => finishReview(context, params.id),
  showQualitySettings: async context => ({ reviewer_id: await readReviewer(context) }),
  changeQualitySettings: async (context, { body }) => {
    await changeReviewer(context, body.reviewer_id);
    return { reviewer_id: body.reviewer_id };
  },
});
