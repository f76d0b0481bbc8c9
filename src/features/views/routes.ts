import { bindRoutes } from '../../platform/http.ts';
import { contract } from './contract.ts';
import { changeView, deleteView, listViews, makeView } from './manage-views.ts';

export const routes = bindRoutes(contract, {
  listViews: (context, { query }) => listViews(context, query.page),
  makeView: (context, { body }) => makeView(context, body),
  changeView: (context, { params, body }) => changeView(context, params.id, body),
  deleteView: (context, { params }) => deleteView(context, params.id),
});
