/** Customers: who the shoppers are. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { customerTables } from './customer-tables.ts';
import texts from './texts/en.ts';

export {
  type Fact,
  type FactProvider,
  type FactQuery,
  type FactType,
  type FactValue,
  facts,
  factTypes,
  findFact,
  listFacts,
  type SqlTime,
} from './facts.ts';
export { type Identifier, type IdentifierKind, identifierKinds, normaliseEmail, normalisePhone } from './identifier.ts';
export type { Trust } from './identity.ts';
export { mergeCustomers, undoMerge } from './merge-customers.ts';
export { ownersOf, originsOf } from './owners.ts';
export { recordAttributes } from './record-attributes.ts';
export { type ResolveInput, type ResolveOptions, resolveCustomers } from './resolve-customers.ts';
export {
  type ListFilter,
  listFilters,
  type OpenIssue,
  type OpenIssueSource,
  openIssues,
  type SearchSource,
  searchSources,
  type TimelineEntry,
  timelineEntries,
  type TimelineSource,
  type TouchConsumer,
  touchConsumers,
} from './slots.ts';
export { takeTouched, type Touched, touchCustomers } from './touch-customers.ts';

export const feature = defineFeature({
  name: 'customers',
  migrations: new URL('./migrations/', import.meta.url),
  customerTables,
  texts,
});
