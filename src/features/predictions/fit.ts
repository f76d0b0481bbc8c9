/** Everything a shop's models need, as plain data: so that the fit can run in a thread of its own and the server goes on answering. */
import { Worker } from 'node:worker_threads';
import type { PurchaseSummaries } from './beta-geometric.ts';
import { fitGammaGamma, type SpendSummaries } from './gamma-gamma.ts';
import type { History } from './history.ts';
import type { Models } from './score.ts';
import { fitPurchases, type LapseTraining, trainLapse } from './track-record.ts';

export type FitInput = {
  /** A fair sample of the people (all of them in most shops). */
  sample: readonly History[];
  asOfDay: number;
  horizonDays: number;
  /** Of everybody. */
  summaries: PurchaseSummaries;
  spend: SpendSummaries;
};
export type Fit = { models: Models; lapse: LapseTraining; rhythm: LapseTraining };

export const fitModels = ({ sample, asOfDay, horizonDays, summaries, spend }: FitInput): Fit => {
  const lapse = trainLapse({ histories: sample, asOfDay, horizonDays, people: 'everybody' });
  const rhythm = trainLapse({ histories: sample, asOfDay, horizonDays, people: 'with-rhythm' });
  return {
    models: { lapse: lapse.model, rhythm: rhythm.model, purchases: fitPurchases(summaries), spend: fitGammaGamma(spend) },
    lapse,
    rhythm,
  };
};

/** The same beside the event loop: on 20,000 people it would stop every answer for seconds. */
export const fitModelsInThread = (input: FitInput): Promise<Fit> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./fit-thread.ts', import.meta.url), { workerData: input });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`The thread that fits the models ended with code ${code}.`)));
  });
