/** Products in the admin: what was sold, with newest name and price. */
import { IconPackage } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens } from '../../../ui/index.ts';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'products',
  texts: { en: () => import('../texts/en.ts') },
  nav: [{ to: '/products', title: 'products.title', icon: IconPackage, order: 50, needs: 'products:read' }],
  routes: [
    { path: '/products', title: 'products.title', needs: 'products:read', load: () => import('./products-page.tsx') },
    { path: '/products/:id', title: 'products.title', needs: 'products:read', load: () => import('./product-page.tsx') },
  ],
});
