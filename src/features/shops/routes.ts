import { bindRoutes } from '../../platform/http.ts';
import { contract } from './contract.ts';
import { changeOrganisation, organisationOf } from './organisation.ts';
import { changeShop, createShop, shopsOf } from './shop.ts';

export const routes = bindRoutes(contract, {
  showOrganisation: context => organisationOf(context),
  changeOrganisation: (context, { body }) => changeOrganisation(context, body),
  listShops: async context => ({ data: await shopsOf(context) }),
  createShop: (context, { body }) => createShop(context, body),
  changeShop: (context, { params, body }) => changeShop(context, { id: params.id, ...body }),
});
