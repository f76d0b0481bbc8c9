/** Predictions: the own rhythm, the lapse score with its proof, what somebody is worth and what of it is at risk. */
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { type StatusSource, statusSources } from '../../platform/system/index.ts';
import { facts, touchConsumers } from '../customers/index.ts';
import { todayItems } from '../desk/index.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { predictionFacts } from './facts.ts';
import { jobs } from './jobs.ts';
import { reactions } from './reactions.ts';
import { CONSUMER } from './request-training.ts';
import { routes } from './routes.ts';
import { scoreTouched, wantsToScore } from './score-touched.ts';
import { en } from './texts/en.ts';
import { slippingPeople } from './today.ts';

export { requestTraining } from './request-training.ts';
export { type Rhythm, rhythmOf } from './rhythm.ts';

const status: StatusSource = {
  code: 'predictions',
  read: async ({ postgres }) => {
    const [{ waiting }] = await postgres`select count(*)::int as waiting from customers.touched where consumer = ${CONSUMER}`;
    return [
      { code: 'predictions.waiting', label: 'predictions.status.waiting', value: waiting as number, unit: null, state: 'good' },
    ];
  },
};

export const feature = defineFeature({
  name: 'predictions',
  contract,
  routes,
  permissions: [
    { verb: 'predictions:read', label: 'predictions.permission.read', roles: ['marketer', 'support', 'analyst', 'finance'] },
    { verb: 'predictions:train', label: 'predictions.permission.train', roles: ['marketer', 'analyst'] },
  ],
  jobs,
  stages: [{ name: 'predictions.score', step: scoreTouched, idleMs: 2000 }],
  reactions,
  migrations: new URL('./migrations', import.meta.url),
  customerTables,
  fills: [
    ...fill(facts, ...predictionFacts),
    ...fill(touchConsumers, { name: CONSUMER, wants: wantsToScore }),
    ...fill(todayItems, slippingPeople),
    ...fill(statusSources, status),
  ],
  texts: en,
});
