/** The ground floor's own routes: background work, status. Listed before the features, knows none of them. */
import type { Context } from '../context.ts';
import { may } from '../context.ts';
import { notFound, Refusal } from '../errors.ts';
import { defineFeature } from '../feature.ts';
import { bindRoutes } from '../http.ts';
import { cancelJob, findJob, type JobRow } from '../queue.ts';
import { en } from '../texts/en.ts';
import { contract } from './contract.ts';
import { readStatus } from './status.ts';

const secondsLeft = (job: JobRow, now: Date): number | null => {
  if (job.state !== 'running' || !job.started_at || !job.total || job.done === 0) return null;
  const elapsed = (now.getTime() - job.started_at.getTime()) / 1000;
  return Math.max(0, Math.round((elapsed / job.done) * (job.total - job.done)));
};
const jobAnswer = (context: Context, job: JobRow) => ({ ...job, seconds_left: secondsLeft(job, context.clock.now()) }) as never;

/** One's own work, or anybody's with the right to see the system. */
const jobFor = async (context: Context, id: string): Promise<JobRow> => {
  const job = await findJob(context, id);
  if (!job) throw notFound('job');
  const mine = (job as unknown as { created_by: string }).created_by === context.actor.name;
  if (!mine && !may(context.actor, 'system:read')) throw notFound('job');
  return job;
};

const routes = bindRoutes(contract, {
  showJob: async (context, { params }) => jobAnswer(context, await jobFor(context, params.id)),
  listJobs: async (context, { query }) => {
    const rows = await context.postgres`select * from platform.job order by created_at desc limit ${query.limit}`;
    return { data: rows.map(row => jobAnswer(context, row as unknown as JobRow)) };
  },
  cancelJob: async (context, { params }) => {
    const job = await jobFor(context, params.id);
    if (!['queued', 'running'].includes(job.state))
      throw new Refusal('conflict', 'platform.job_over', 'This work has already ended. Look at its result.');
    await cancelJob(context, params.id);
  },
  status: async context => readStatus(context) as never,
});

export { type StatusFigure, type StatusSource, statusSources } from './status.ts';

export const feature = defineFeature({
  name: 'platform',
  contract,
  routes,
  permissions: [{ verb: 'system:read', label: 'system.permission.read', roles: ['analyst', 'marketer'] }],
  migrations: new URL('../migrations', import.meta.url),
  texts: en,
});
