import { bindRoutes } from '../../platform/http.ts';
import { contract } from './contract.ts';
import { listScores, presentScore, scoreOfCustomer, showModel } from './list-scores.ts';
import { requestTraining } from './request-training.ts';

export const routes = bindRoutes(contract, {
  listScores: async (context, { query }) => {
    const { rows, run, next, total } = await listScores(context, {
      asOf: query.as_of ?? null,
      slipping: query.slipping === undefined ? null : query.slipping === 'true',
      lapseAtLeast: query.lapse_at_least ?? null,
      sort: query.sort ?? null,
      limit: query.limit,
      cursor: query.cursor,
      count: query.count === 'true',
    });
    const data = run ? await Promise.all(rows.map(row => presentScore(context, row, run))) : [];
    return { data, next_cursor: next, total, as_of: run?.as_of ?? null };
  },
  showCustomerScores: async (context, { params, query }) => {
    const { row, run, absent } = await scoreOfCustomer(context, Number(params.id), query.as_of ?? null);
    return {
      score: row && run ? await presentScore(context, row, run) : null,
      absent,
      as_of: run?.as_of ?? null,
      verdict: run?.report.lapse.verdict ?? null,
    };
  },
  showModel: async (context, { params, query }) => ({ model: await showModel(context, params.name, query.as_of ?? null) }),
  train: async (context, { body }) => ({ job_id: await requestTraining(context, body.as_of ?? null) }),
});
