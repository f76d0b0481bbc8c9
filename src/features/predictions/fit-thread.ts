/** The thread of `fitModelsInThread`. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FitInput, fitModels } from './fit.ts';

parentPort!.postMessage(fitModels(workerData as FitInput));
