/** Consent: what people allowed, and whom we must not write to. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { type Fact, type FactProvider, facts, listFilters, mergeEffects, timelineEntries } from '../customers/index.ts';
import { forgetAttempts } from './attempts.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { openPublicDoors } from './doors.ts';
import { consentFacts, consentTimeline, emailFilter, topicFacts } from './facts.ts';
import { findWhoAsked, forgetLinkRequests } from './link-requests.ts';
import { consentEffects } from './merge-effects.ts';
import { keepAllWordings } from './page-words.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';
import { page } from './texts/page.ts';

export { confirmationsOf } from './confirmations.ts';
export {
  type Basis,
  type Channel,
  type ConsentOptions,
  type ConsentState,
  channels,
  type Speaker,
  type SuppressionClass,
} from './consent.ts';
export { type PreferenceLink, preferenceLinks } from './links.ts';
export { mayWrite, type RefusalReason, refusalReasons, type WriteAnswer, type WriteQuestion } from './may-write.ts';
export { objectToEverything } from './object.ts';
export { type ConsentInput, recordConsents } from './record-consents.ts';
export { type PersonRequestDesk, type PersonRequestKind, personRequests } from './slots.ts';
export { recordSuppressions, release, type SuppressionInput, suppress } from './suppressions.ts';
export { type Purpose, purposesOf, type Topic, topicsOf } from './topics.ts';
export { undoImportedConsents } from './undo-import.ts';

export const feature = defineFeature({
  name: 'consent',
  contract,
  routes,
  doors: openPublicDoors,
  permissions: [
    { verb: 'consents:write', label: 'consent.permission.write', roles: ['marketer', 'support'] },
    { verb: 'consents:manage', label: 'consent.permission.manage', roles: ['marketer'] },
  ],
  jobs: [
    {
      name: 'consent.tidy',
      schedule: '47 3 * * *',
      run: async context => {
        await forgetAttempts(context);
        await forgetLinkRequests(context);
      },
    },
  ],
  reactions: [findWhoAsked],
  migrations: new URL('./migrations/', import.meta.url),
  customerTables,
  fills: [
    ...fill<Fact | FactProvider>(facts, ...consentFacts, topicFacts),
    ...fill(timelineEntries, consentTimeline),
    ...fill(listFilters, emailFilter),
    ...fill(mergeEffects, consentEffects),
  ],
  texts: { ...en, ...page },
  // The words of this version of the product, for every brand: a statement from the first visit on has a version to point to.
  start: keepAllWordings,
});
