import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { importKinds } from '../imports/index.ts';
import { contract } from './contract.ts';
import { productList } from './import-products.ts';
import { wooProducts } from './import-woocommerce-products.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';

export { type ProductFigures, productFigures } from './figures.ts';
export type { SeenItem } from './product.ts';
export { forgetImportedProducts, type RecordedProduct, recordProducts, unknownSkus } from './record-products.ts';

export const feature = defineFeature({
  name: 'products',
  contract,
  routes,
  permissions: [
    { verb: 'products:read', label: 'products.permission.read', roles: ['marketer', 'support', 'analyst', 'finance'] },
  ],
  migrations: new URL('./migrations', import.meta.url),
  fills: fill(importKinds, productList, wooProducts),
  texts: en,
});
