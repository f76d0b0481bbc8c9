import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { bindRoutes } from '../../platform/http.ts';
import { startJob } from '../../platform/queue.ts';
import { contract } from './contract.ts';
import { findDemo } from './find-demo.ts';

const customers = 12_000;

/** `now` and the seed go into the job: taken over after a crash, it makes the same shop again. */
export const startLoading = (context: Context): Promise<string> =>
  startJob(context, 'demo.load', { seed: 'regulars', now: context.clock.now().toISOString(), customers }, { key: 'demo' });

export const routes = bindRoutes(contract, {
  showDemo: context => findDemo(context),
  loadDemo: async context => {
    const { state } = await findDemo(context);
    if (state === 'loaded' || state === 'removing')
      throw new Refusal('conflict', 'demo.here', 'The demo shop is here already. Remove it first if you want it anew.');
    return { job_id: await startLoading(context) };
  },
  removeDemo: async context => {
    const { shop_id, state } = await findDemo(context);
    if (!shop_id) throw new Refusal('not_found', 'demo.none', 'There is no demo shop to remove.');
    if (state === 'loading')
      throw new Refusal('conflict', 'demo.loading', 'The demo shop is still coming in. Remove it when it is here.');
    return { job_id: await startJob(context, 'demo.remove', {}, { key: 'demo' }) };
  },
});
