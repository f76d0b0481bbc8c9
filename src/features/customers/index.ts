/** Customers: who the shoppers are. Front door; see README.md. */
import type { Context } from '../../platform/context.ts';
import { copying } from '../../platform/copies.ts';
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { copies, copyCustomers } from './clickhouse.ts';
import { contract } from './contract.ts';
import { customerTables } from './customer-tables.ts';
import { eraseCustomer, finishErasure, finishErasureJob } from './erase-customer.ts';
import { replayJournal, writeErasureJournal } from './erasure-journal.ts';
import { facts } from './facts.ts';
import { forgetAllVisitors } from './forget-visitors.ts';
import { suggestionJobs } from './manage-suggestions.ts';
import { attributeFacts, ownFacts } from './own-facts.ts';
import { ownFilters } from './own-filters.ts';
import { customersRetention } from './retention.ts';
import { routes } from './routes.ts';
import { listFilters, timelineEntries } from './slots.ts';
import { columns } from './texts/columns.ts';
import { en } from './texts/en.ts';
import { mergeTimeline, noteTimeline } from './timeline.ts';

export { resolveQualityIssue, tagCustomers, untagCustomers } from './change-customer.ts';
export { type Correction, correctCustomers } from './correct-customers.ts';
export { type CustomerSettings, customerSettings } from './customer-settings.ts';
export { type EraseInput, type ErasureReceipt, eraseCustomer } from './erase-customer.ts';
export { exportCustomer, type PersonExport, readablePage } from './export-customer.ts';
export {
  type Fact,
  type FactProvider,
  type FactQuery,
  type FactType,
  type FactValue,
  facts,
  factTypes,
  findFact,
  type KnownAttribute,
  knownAttributes,
  listFacts,
  type SqlTime,
} from './facts.ts';
export { type Identifier, type IdentifierKind, identifierKinds, normaliseEmail, normalisePhone } from './identifier.ts';
export type { Trust } from './identity.ts';
export { type Conditions, type ListInput, readConditions } from './list-query.ts';
export { correctedEmail, mailTypos } from './mail-domains.ts';
export { markNotShoppers } from './mark-not-shoppers.ts';
export { mergeCustomers, undoMerge } from './merge-customers.ts';
export { originsOf, ownersOf } from './owners.ts';
export { recordAddresses, type SaidAddress } from './record-addresses.ts';
export { recordAttributes } from './record-attributes.ts';
export { type ResolveInput, type ResolveOptions, resolveCustomers } from './resolve-customers.ts';
export { restoreSeen, type SeenSpan } from './restore-seen.ts';
export { forgetPeople } from './retention.ts';
export { customersOfShops, customersOnlyOfShops, refuseOtherShops, refuseSharedWithOthers, tieToShops } from './shop-ties.ts';
export { findOwner, namesOf } from './show-customer.ts';
export {
  type ListFilter,
  listFilters,
  type MergeEffect,
  type MergeEffectSource,
  mergeEffects,
  type OpenIssue,
  type OpenIssueSource,
  openIssues,
  type SearchSource,
  type SqlPart,
  searchSources,
  type TimelineEntry,
  type TimelineSource,
  type TouchConsumer,
  timelineEntries,
  touchConsumers,
} from './slots.ts';
export { type Touched, takeTouched, touchCustomers } from './touch-customers.ts';
export { undoImportedCustomers } from './undo-import.ts';

/** After a restore: erases again whom the backup has brought back. Returns how many people. */
export const replayErasures = (context: Context): Promise<number> =>
  replayJournal(context, input => eraseCustomer(context, input));

export const feature = defineFeature({
  name: 'customers',
  contract,
  routes,
  permissions: [
    { verb: 'customers:read', label: 'customers.permission.read', roles: ['marketer', 'support', 'analyst', 'finance'] },
    { verb: 'customers:write', label: 'customers.permission.write', roles: ['marketer', 'support'] },
    { verb: 'customers:merge', label: 'customers.permission.merge', roles: ['support'] },
    { verb: 'customers:export', label: 'customers.permission.export', roles: ['marketer'] },
    { verb: 'customers:erase', label: 'customers.permission.erase', roles: [] },
  ],
  jobs: [
    { name: finishErasureJob, run: finishErasure },
    ...suggestionJobs,
    { name: 'customers.forget-visitors', schedule: '20 4 * * *', run: forgetAllVisitors },
  ],
  stages: [{ name: 'customers.copy', step: copying(copyCustomers), idleMs: 500 }],
  migrations: new URL('./migrations/', import.meta.url),
  customerTables,
  copies,
  fills: [
    ...customersRetention,
    ...fill(facts, ...ownFacts, attributeFacts),
    ...fill(timelineEntries, noteTimeline, mergeTimeline),
    ...fill(listFilters, ...ownFilters),
  ],
  texts: { ...en, ...columns },
  // An erasure whose process died before the journal was written.
  start: writeErasureJournal,
});
