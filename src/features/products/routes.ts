import { bindRoutes } from '../../platform/http.ts';
import { contract } from './contract.ts';
import { getProduct, listProducts } from './list-products.ts';

export const routes = bindRoutes(contract, {
  listProducts: (context, { query }) => listProducts(context, query),
  getProduct: (context, { params }) => getProduct(context, params.id),
});
