/** Consent: what people allowed, and whom we must not write to. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { facts, listFilters, mergeEffects, timelineEntries } from '../customers/index.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { consentFacts, consentTimeline, emailFilter } from './facts.ts';
import { consentEffects } from './merge-effects.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';

export {
  type Channel,
  type ConsentOptions,
  type ConsentState,
  channels,
  type Speaker,
  type SuppressionClass,
} from './consent.ts';
export { objectToEverything } from './object.ts';
export { type ConsentInput, recordConsents } from './record-consents.ts';
export { recordSuppressions, release, type SuppressionInput, suppress } from './suppressions.ts';
export { undoImportedConsents } from './undo-import.ts';

export const feature = defineFeature({
  name: 'consent',
  contract,
  routes,
  permissions: [{ verb: 'consents:write', label: 'consent.permission.write', roles: ['marketer', 'support'] }],
  migrations: new URL('./migrations/', import.meta.url),
  customerTables,
  fills: [
    ...fill(facts, ...consentFacts),
    ...fill(timelineEntries, consentTimeline),
    ...fill(listFilters, emailFilter),
    ...fill(mergeEffects, consentEffects),
  ],
  texts: en,
});
