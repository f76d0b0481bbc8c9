/** Segments: saved definitions of customers, and who is in them. Front door; see README.md. */
import { copying } from '../../platform/copies.ts';
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { listFilters, mergeEffects, touchConsumers } from '../customers/index.ts';
import { copies } from './clickhouse.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { consumer, evaluateTouched } from './evaluate-touched.ts';
import { jobs } from './jobs.ts';
import { segmentFilter } from './list-filter.ts';
import { segmentEffects } from './merge-effects.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';

export type { Definition } from './definition.ts';
export { explainCustomer, segmentsOfCustomer } from './list-members.ts';
export { previewSegment } from './preview-segment.ts';
export { refreshSegments } from './refresh-segments.ts';

export const feature = defineFeature({
  name: 'segments',
  contract,
  routes,
  permissions: [
    { verb: 'segments:read', label: 'segments.permission.read', roles: ['marketer', 'support', 'analyst', 'finance'] },
    { verb: 'segments:write', label: 'segments.permission.write', roles: ['marketer', 'analyst'] },
  ],
  stages: [{ name: 'segments.evaluate', step: copying(evaluateTouched), idleMs: 500 }],
  jobs,
  migrations: new URL('./migrations', import.meta.url),
  customerTables,
  copies,
  fills: [
    ...fill(touchConsumers, { name: consumer }),
    ...fill(listFilters, segmentFilter),
    ...fill(mergeEffects, segmentEffects),
  ],
  texts: en,
});
