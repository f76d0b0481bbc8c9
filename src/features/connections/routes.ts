import { notFound } from '../../platform/errors.ts';
import { bindRoutes } from '../../platform/http.ts';
import { startJob } from '../../platform/queue.ts';
import { compareJob } from './compare-days.ts';
import { contract } from './contract.ts';
import {
  changeConnection,
  createConnection,
  pauseConnection,
  removeConnection,
  resumeConnection,
  testConnection,
} from './manage-connections.ts';
import { pollSoon } from './poll.ts';
import { findConnection } from './postgres.ts';
import {
  connectionAlerts,
  listConnections,
  listDeliveries,
  listWriteBacks,
  showConnection,
  showDelivery,
  showKinds,
} from './show-connections.ts';
import { startWalk } from './walk.ts';
import { replayDelivery, replayFailed } from './work-deliveries.ts';
import { retryWriteBacks } from './write-back.ts';

export const routes = bindRoutes(contract, {
  listKinds: () => showKinds(),
  listConnections: context => listConnections(context),
  showConnection: (context, { params }) => showConnection(context, params.id),
  createConnection: (context, { body }) => createConnection(context, body),
  changeConnection: async (context, { params, body }) => {
    await changeConnection(context, params.id, body);
    return showConnection(context, params.id);
  },
  removeConnection: (context, { params }) => removeConnection(context, params.id),
  testConnection: async (context, { params }) => {
    const { about, trouble } = await testConnection(context, params.id);
    return {
      ok: trouble === null,
      name: about?.name ?? null,
      missing: about?.missing ?? [],
      trouble: trouble && { code: trouble.code, detail: trouble.message },
    };
  },
  backfillConnection: async (context, { params }) => ({ job_id: await startWalk(context, params.id, 'backfill') }),
  pollConnection: async (context, { params }) => {
    if (!(await findConnection(context, params.id))) throw notFound('connection');
    await pollSoon(context, params.id);
  },
  pauseConnection: (context, { params }) => pauseConnection(context, params.id),
  resumeConnection: (context, { params }) => resumeConnection(context, params.id),
  compareConnection: async (context, { params }) => {
    if (!(await findConnection(context, params.id))) throw notFound('connection');
    return { job_id: await startJob(context, compareJob, { connection_id: params.id }, { key: params.id }) };
  },
  listDeliveries: (context, { params, query }) => listDeliveries(context, params.id, query),
  showDelivery: (context, { params }) => showDelivery(context, params.id),
  replayDelivery: (context, { params }) => replayDelivery(context, params.id),
  replayFailed: async (context, { params }) => ({
    deliveries: await replayFailed(context, params.id),
    write_backs: await retryWriteBacks(context, params.id),
  }),
  listWriteBacks: (context, { params, query }) => listWriteBacks(context, params.id, query),
  connectionAlerts: async context => ({ data: await connectionAlerts(context) }) as never,
});
