/** Bulk: one change for many customers at once, and back. Front door; see README.md. */
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { bulkActions } from './action.ts';
import { markAs } from './actions/mark.ts';
import { addTag, removeTag } from './actions/tags.ts';
import { makeTask } from './actions/task.ts';
import { contract } from './contract.ts';
import { jobs } from './jobs.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';

export { type BulkAction, bulkActions, type Changed } from './action.ts';

export const feature = defineFeature({
  name: 'bulk',
  contract,
  routes,
  jobs,
  migrations: new URL('./migrations/', import.meta.url),
  customerTables: [{ table: 'bulk.item', label: 'bulk.export', merge: 'move', export: null, erase: 'delete' }],
  fills: fill(bulkActions, addTag, removeTag, markAs, makeTask),
  texts: en,
});
