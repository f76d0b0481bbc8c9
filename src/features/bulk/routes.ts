import { bindRoutes } from '../../platform/http.ts';
import { contract } from './contract.ts';
import { listActions, listChanges, showChange } from './show-changes.ts';
import { startChange, undoChange } from './start-bulk.ts';

export const routes = bindRoutes(contract, {
  listActions: context => listActions(context),
  startChange: (context, { body }) => startChange(context, body),
  listChanges: (context, { query }) => listChanges(context, query),
  showChange: (context, { params }) => showChange(context, params.id),
  undoChange: (context, { params }) => undoChange(context, params.id),
});
