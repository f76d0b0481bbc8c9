/** Tracking: the doors for events, the event log, and its copy in ClickHouse. Front door; see README.md. */
import { copying } from '../../platform/copies.ts';
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { statusSources } from '../../platform/system/index.ts';
import { timelineEntries } from '../customers/index.ts';
import { copies } from './clickhouse.ts';
import { consentProjection } from './consent-projection.ts';
import { contract } from './contract.ts';
import { copyEvents } from './copy-events.ts';
import { customerTables } from './customer-tables.ts';
import { openDoors } from './door.ts';
import { ingestFigures } from './ingest-status.ts';
import { jobs, tidy, tieWhereMissing } from './jobs.ts';
import { projections } from './projections.ts';
import { resolveInbox } from './resolve-inbox.ts';
import { trackingRetention } from './retention.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';
import { eventTimeline } from './timeline.ts';

export { appendEvents, removeEvents } from './append-events.ts';
export { ownerOf, sqlTime } from './clickhouse.ts';
export type { LoggedEvent, NewEvent, ResolvedEvent } from './event.ts';
export { type EventFilter, eventsOf } from './postgres.ts';
export { type Projection, projections, type RefusedEvent } from './projections.ts';
export { cleanValue, type Flat, flattenProperties, parseExact } from './properties.ts';
export { type DictionaryEntry, readDictionary } from './read-dictionary.ts';
export { removeShopEvents } from './remove-shop.ts';
export { resolveInbox } from './resolve-inbox.ts';
export { storeCalls } from './store-calls.ts';
export { createWriteKey } from './write-keys.ts';

export const feature = defineFeature({
  name: 'tracking',
  contract,
  routes,
  doors: openDoors,
  stages: [
    { name: 'tracking.resolve', step: resolveInbox, idleMs: 200 },
    { name: 'tracking.copy', step: copying(copyEvents), idleMs: 300 },
  ],
  jobs,
  permissions: [
    { verb: 'tracking:read', label: 'tracking.permission.read', roles: ['marketer', 'analyst', 'support'] },
    { verb: 'tracking:manage', label: 'tracking.permission.manage', roles: [] },
  ],
  migrations: new URL('./migrations', import.meta.url),
  customerTables,
  copies,
  fills: [
    ...trackingRetention,
    ...fill(projections, consentProjection),
    ...fill(timelineEntries, eventTimeline),
    ...fill(statusSources, { code: 'tracking.ingest', read: ingestFigures }),
  ],
  texts: en,
  start: async context => {
    await tidy.run(context, {}, { jobId: '', report: async () => {} });
    await tieWhereMissing(context);
  },
});
