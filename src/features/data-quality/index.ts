/** Data quality: what is wrong with the data, what it costs, mending it in place. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { countEverything } from './look-at-rules.ts';
import { mendAll, mendAllJob } from './mend.ts';
import { startReview } from './review.ts';
import { countJob, routes } from './routes.ts';
import { qualityRules } from './rule.ts';
import { ownRules } from './rules.ts';
import { en } from './texts/en.ts';

export { counts, everybody, peopleRule, type QualityRule, qualityRules } from './rule.ts';

export const feature = defineFeature({
  name: 'data-quality',
  contract,
  routes,
  permissions: [
    { verb: 'data-quality:read', label: 'data-quality.permission.read', roles: ['marketer', 'support', 'analyst'] },
    { verb: 'data-quality:write', label: 'data-quality.permission.write', roles: ['marketer', 'support'] },
  ],
  jobs: [
    { name: countJob, schedule: '10 3 * * *', run: (context, _payload, progress) => countEverything(context, progress) },
    { name: mendAllJob, run: mendAll },
    { name: 'data-quality.review', schedule: '0 6 1 * *', run: async context => ({ ...(await startReview(context)) }) },
  ],
  migrations: new URL('./migrations/', import.meta.url),
  customerTables,
  fills: fill(qualityRules, ...ownRules),
  texts: en,
});
